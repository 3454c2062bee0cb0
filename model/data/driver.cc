// The driver: `data render` and `data compose` until the command line has them.

#include <cstdio>
#include <cstdlib>
#include <string>

#include "model/data/compose.h"

int main(int argc, char** argv) {
  using namespace stillwatch::data;
  if (argc == 4 && std::string(argv[1]) == "render") {
    const auto report =
        Render({.catalogue = argv[2], .out = argv[3]}, [](auto done, auto all, const auto& what) {
          if (done % 20 == 0) std::fprintf(stderr, "%zu/%zu %s\n", done, all, what.c_str());
          return true;
        });
    if (!report) {
      std::fprintf(stderr, "%s\n", report.error().message().c_str());
      return 1;
    }
    for (const auto& why : report->left_out) std::printf("left out %s\n", why.c_str());
    std::printf("%zu things\n", report->things);
  }
  if (argc == 7 && std::string(argv[1]) == "compose") {
    const auto report = Compose({.material = argv[2],
                                 .out = argv[4],
                                 .sprites = argv[3],
                                 .count = std::strtoull(argv[5], nullptr, 10),
                                 .seed = std::strtoull(argv[6], nullptr, 10)},
                                [](auto done, auto all, const auto& what) {
                                  if (done % 100 == 0) {
                                    std::fprintf(stderr, "%zu/%zu %s\n", done, all, what.c_str());
                                  }
                                  return true;
                                });
    if (!report) {
      std::fprintf(stderr, "%s\n", report.error().message().c_str());
      return 1;
    }
    for (const auto& name : report->absent) std::printf("absent %s\n", name.c_str());
    for (const auto& [kind, n] : report->kinds) std::printf("%s %lu\n", kind.c_str(), n);
    std::printf("%lu pairs, %.1f/s\n", report->count, report->pairs_per_s);
  }
}
