#include "model/data/compose.h"

#include <utility>

#include "model/data/cutouts.h"
#include "model/data/pair.h"
#include "model/data/produce.h"

namespace stillwatch::data {
namespace {

namespace fs = std::filesystem;

Result<std::vector<Thing>> LoadThings(const ComposeOptions& options, const Progress& progress,
                                      ComposeReport& report) {
  const fs::path bank = options.sprites.empty() ? options.out / "sprites" : options.sprites;
  std::error_code error;
  if (!fs::exists(bank / "bank.json", error)) {
    RenderOptions render{.out = bank, .seed = options.seed, .threads = options.threads};
    if (!options.material.empty()) render.catalogue = options.material / "models3d/catalog.jsonl";
    auto rendered = Render(render, progress);
    if (!rendered) return Failure(rendered.error());
    report.left_out = std::move(rendered->left_out);
  }
  auto things = LoadBank(bank);
  if (!things) return things;
  if (!options.material.empty()) {
    auto cutouts = LoadCutouts(options.material, report.absent);
    if (!cutouts) return cutouts;
    std::move(cutouts->begin(), cutouts->end(), std::back_inserter(*things));
  }
  return things;
}

}  // namespace

Result<ComposeReport> Compose(const ComposeOptions& options, const Progress& progress) {
  if (options.out.empty()) return InvalidArgument("compose: no folder to write to");
  if (options.threads < 1) return InvalidArgument("compose: at least one thread");
  std::error_code error;
  if (!options.material.empty() && !fs::is_directory(options.material, error)) {
    return NotFound(options.material.string() + ": no such folder of training material");
  }
  ComposeReport report;
  auto things = LoadThings(options, progress, report);
  if (!things) return Failure(things.error());
  auto backgrounds = Backgrounds::Load(options.material, options.seed, report.absent);
  if (!backgrounds) return Failure(backgrounds.error());
  const std::string origin = "seed " + std::to_string(options.seed) + ", " +
                             std::to_string(things->size()) + " things, " +
                             std::to_string(backgrounds->photographs()) + " photographs";
  Pool train(*things, false);
  Pool test(*things, true);
  // The pools point into the vector's storage, which a move keeps.
  const Stock stock{.things = std::move(*things),
                    .backgrounds = std::move(*backgrounds),
                    .train = std::move(train),
                    .test = std::move(test)};

  const auto draw = [&](std::uint64_t id) { return DrawPair(stock, options.seed, id); };
  if (auto status = Produce({.out = options.out,
                             .origin = origin,
                             .size = kPairSize_px,
                             .count = options.count,
                             .threads = options.threads},
                            draw, progress, report);
      !status.ok()) {
    return Failure(status);
  }
  return report;
}

}  // namespace stillwatch::data
