#include "pipeline/app/pictures.h"

#include <chrono>
#include <filesystem>
#include <memory>

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "pipeline/select/pair_selector.h"

namespace stillwatch::app {

Result<FramePtr> ReadPicture(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return NotFound(path + ": no such file");
  cv::Mat picture;
  try {
    picture = cv::imread(path, cv::IMREAD_COLOR);
    if (!picture.empty()) cv::cvtColor(picture, picture, cv::COLOR_BGR2RGB);
  } catch (const cv::Exception& e) {
    return DataLoss(path + ": " + e.what());
  }
  if (picture.empty()) return DataLoss(path + ": not a picture (JPEG, PNG, ...)");
  auto frame = std::make_shared<Frame>();
  frame->width = picture.cols;
  frame->height = picture.rows;
  frame->rgb.assign(picture.datastart, picture.dataend);
  return frame;
}

std::vector<Region> RegionsBetween(const Frame& reference, const Frame& current) {
  constexpr std::chrono::seconds kStep(1);
  const select::PairPolicy policy{.interval = kStep, .settle = kStep};
  auto selector = select::PairSelector::Create(policy, "pair");
  if (!selector) return {};
  // Each picture stands still for longer than it takes to settle and to be believed.
  constexpr int kRepeats = 8;
  std::vector<Region> regions;
  std::vector<Region>
      doubtful;  // Differs, but perhaps by its light alone: still the place to look.
  const auto take = [&](const select::Selection& selection) {
    for (const select::SelectedPair& pair : selection.selected) {
      regions.insert(regions.end(), pair.regions.begin(), pair.regions.end());
    }
    for (const select::SuppressedPair& pair : selection.suppressed) {
      if (pair.reason != SuppressionReason::kIllumination) continue;
      doubtful.insert(doubtful.end(), pair.regions.begin(), pair.regions.end());
    }
  };
  for (int i = 0; i < 2 * kRepeats; ++i) {
    auto frame = std::make_shared<Frame>(i < kRepeats ? reference : current);
    frame->pts = i * kStep;
    frame->captured_at = TimePoint(i * kStep);
    take((*selector)->Push(std::move(frame)));
  }
  take((*selector)->Finish());
  return regions.empty() ? doubtful : regions;
}

}  // namespace stillwatch::app
