#include "pipeline/score/camera_score.h"

#include <algorithm>
#include <cmath>

namespace stillwatch::score {
namespace {

constexpr double kWithin_s = 30;  // Wanted by the product: each once, within 30 s.
constexpr std::int64_t kWithinPictures = 3;

bool IsOfType(const TruthCameraEvent& listed, const std::string& type) {
  return listed.type == type ||
         std::find(listed.also.begin(), listed.also.end(), type) != listed.also.end();
}

// Nothing is asked of a camera while it is still being turned.
std::int64_t OnsetOf(const TruthCameraEvent& listed) {
  return listed.type == "moved" ? listed.last_frame : std::max(listed.first_frame, listed.onset);
}

}  // namespace

CameraMessage CameraMessageOf(const ChangeEvent& event, std::int64_t told) {
  constexpr std::string_view kPrefix = "camera.";
  const std::string_view name = Name(event.type);
  CameraMessage message{.change = event.type == EventType::kChangeDetected, .told = told};
  if (name.substr(0, kPrefix.size()) == kPrefix) message.type = name.substr(kPrefix.size());
  return message;
}

CameraReport ScoreCamera(const Truth& truth, const std::vector<CameraMessage>& messages,
                         double fps) {
  const double rate = truth.fps > 0 ? truth.fps : fps;
  const std::int64_t within =
      std::max(kWithinPictures, static_cast<std::int64_t>(std::llround(kWithin_s * rate)));
  CameraReport report;
  report.total = static_cast<int>(truth.camera.size());
  for (const TruthCameraEvent& listed : truth.camera) report.events.push_back({.listed = listed});

  for (std::size_t i = 0; i < messages.size(); ++i) {
    const auto& [type, change, told] = messages[i];
    if ((type.empty() && !change) || type == "recovered") continue;
    CameraEventScore* right = nullptr;  // Not found yet, or told again.
    CameraEventScore* other = nullptr;  // In its time, but of another type.
    for (CameraEventScore& score : report.events) {
      const std::int64_t first = score.listed.first_frame;
      if (told < first || told > score.listed.last_frame + within) continue;
      if (!IsOfType(score.listed, type)) {
        other = &score;
      } else if (right == nullptr || right->message) {
        right = &score;
      }
    }
    if (change) {
      report.changes_meanwhile += other != nullptr;
    } else if (right != nullptr) {
      const std::int64_t onset = OnsetOf(right->listed);
      if (!right->message && told <= onset + within) {
        right->message = i;
        right->delay_s = rate > 0 ? static_cast<double>(told - onset) / rate : 0;
        ++report.found;
      } else if (right->message) {
        ++right->duplicates;
        ++report.duplicates;
      }
    } else if (other != nullptr) {
      other->instead = type;
    } else {
      report.alarms.push_back(i);
    }
  }
  for (CameraEventScore& score : report.events) {
    if (score.message) {
      score.instead.clear();
    } else if (!score.instead.empty()) {
      ++report.wrong_type;
    }
  }
  report.false_alarms = static_cast<int>(report.alarms.size());
  return report;
}

}  // namespace stillwatch::score
