// stillwatch_golden: the golden checks, for machines without GoogleTest.

#include <cstdio>

#include "model/golden/golden.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: stillwatch_golden FIXTURES\n", stderr);
    return 2;
  }
  const auto report = stillwatch::model::RunGolden(argv[1]);
  if (!report) {
    std::fprintf(stderr, "stillwatch_golden: %s\n", report.error().message().c_str());
    return 3;
  }
  std::fputs(report->ToText().c_str(), stdout);
  return report->passed() ? 0 : 1;
}
