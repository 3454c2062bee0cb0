#include "model/data/render_pairs.h"

#include <string>

#include "model/data/produce.h"
#include "model/data/scene/model.h"
#include "model/data/scene/scene_pair.h"

namespace stillwatch::data {

Result<ComposeReport> RenderPairs(const RenderPairsOptions& options, const Progress& progress) {
  if (options.out.empty()) return Failure(InvalidArgument("render: no folder to write to"));
  if (options.threads < 1) return Failure(InvalidArgument("render: at least one thread"));
  if (options.size < 32 || options.size > 512) {
    return Failure(InvalidArgument("render: size: wanted 32 to 512 pixels, found " +
                                   std::to_string(options.size)));
  }
  if (!(options.solids >= 0 && options.solids <= 1)) {
    return Failure(InvalidArgument("render: solids: wanted a share from 0 to 1"));
  }
  if (!options.split.empty() && options.split != "train" && options.split != "val" &&
      options.split != "test") {
    return Failure(
        InvalidArgument("render: split: wanted train, val or test, found '" + options.split + "'"));
  }
  ComposeReport report;
  auto stock =
      ModelStock::Load(options.catalogue, options.libraries,
                       options.meshes.empty() ? options.out / "meshes" : options.meshes,
                       options.seed, options.threads, options.variety, progress, report.left_out);
  if (!stock) return Failure(stock.error());
  const ScenePairOptions how{.seed = options.seed,
                             .size = options.size,
                             .solids = options.solids,
                             .split = options.split,
                             .long_captions = options.long_captions,
                             .pictures = options.pictures};
  const std::string origin = "rendered, seed " + std::to_string(options.seed) + ", " +
                             std::to_string(stock->models().size()) + " models, solids " +
                             std::to_string(options.solids) +
                             (options.split.empty() ? "" : ", split " + options.split);
  const auto draw = [&](std::uint64_t id) { return DrawScenePair(*stock, how, id); };
  if (auto status = Produce({.out = options.out,
                             .origin = origin,
                             .size = options.size,
                             .count = options.count,
                             .threads = options.threads},
                            draw, progress, report);
      !status.ok()) {
    return Failure(status);
  }
  return report;
}

}  // namespace stillwatch::data
