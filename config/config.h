// Config: what stillwatch.yaml says, checked and complete, in plain structs.

#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/core/event.h"
#include "pipeline/core/polygon.h"

namespace stillwatch::config {

// The defaults below are the ones of a file that leaves the key out; README.md and
// stillwatch.yaml give their reasons.

struct StoreConfig {
  std::string path = "/var/lib/stillwatch";  // Absolute.
  friend bool operator==(const StoreConfig&, const StoreConfig&) = default;
};

struct ModelConfig {
  std::string name = "nano";        // Empty where `checkpoint` is given.
  std::string checkpoint{};         // Folder, absolute; empty where `name` is given.
  std::optional<int> max_tokens{};  // Longest caption; absent: what the model says.
  friend bool operator==(const ModelConfig&, const ModelConfig&) = default;
};

struct SelectionConfig {
  std::chrono::milliseconds interval{2000};  // Between sampled frames.
  std::chrono::milliseconds settle{8000};    // How long a change must be still; >= interval.
  double min_area = 0.0005;                  // Smallest change, fraction of the picture.
  int sensitivity = 50;                      // 1..100, higher finds fainter changes.
  friend bool operator==(const SelectionConfig&, const SelectionConfig&) = default;
};

// Part of the picture with a name and a severity; events that touch it carry both.
struct ZoneConfig {
  std::string name{};           // As in the file: [a-z0-9_]{1,64}.
  std::string friendly_name{};  // For people; the name where the file gives none.
  Polygon coordinates{};
  Severity severity = Severity::kMedium;
  friend bool operator==(const ZoneConfig&, const ZoneConfig&) = default;
};

struct MaskConfig {
  std::string name{};
  Polygon coordinates{};
  friend bool operator==(const MaskConfig&, const MaskConfig&) = default;
};

struct CameraConfig {
  std::string name{};           // [a-z0-9_]{1,64}.
  std::string source{};         // URI or absolute path, secrets filled in: never print or log it.
  std::string source_shown{};   // The same with {ENVIRONMENT_VARIABLE}s left in: for people.
  SelectionConfig selection{};  // Effective: the file's defaults are merged in.
  std::vector<ZoneConfig> zones{};          // These three lists are in the file's order.
  std::vector<MaskConfig> ignore_masks{};   // Changes in one are not reported.
  std::vector<MaskConfig> privacy_masks{};  // Blackened right after decoding.
  friend bool operator==(const CameraConfig&, const CameraConfig&) = default;
};

struct Config {
  StoreConfig store{};
  ModelConfig model{};
  SelectionConfig selection{};          // Defaults of every camera, already merged into each.
  std::vector<CameraConfig> cameras{};  // At least one, in the file's order.
  friend bool operator==(const Config&, const Config&) = default;
};

// The camera of that name, or nullptr.  Borrowed from `config`.
const CameraConfig* Find(const Config& config, std::string_view camera);

}  // namespace stillwatch::config
