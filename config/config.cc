#include "config/config.h"

namespace stillwatch::config {

const CameraConfig* Find(const Config& config, std::string_view camera) {
  for (const CameraConfig& candidate : config.cameras) {
    if (candidate.name == camera) return &candidate;
  }
  return nullptr;
}

}  // namespace stillwatch::config
