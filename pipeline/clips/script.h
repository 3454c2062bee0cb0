// Script: what happens in a made clip, as its maker reads it.

#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/core/status.h"

namespace stillwatch::clips {

// One thing that happens.  README.md lists the words and what each takes.
struct Act {
  std::string what{};  // "leave", "rain", "bump" ...
  double at = 0;       // Seconds from the start of the clip.
  double length = 0;   // Seconds; endless (kEndless) where the script does not say.
  std::map<std::string, double> numbers{};
  std::map<std::string, std::string> words{};

  static constexpr double kEndless = 1e12;
  double Number(const std::string& key, double otherwise) const;
  std::string Word(const std::string& key, const std::string& otherwise = "") const;
  bool During(double t) const { return t >= at && t < at + length; }
  // 0 before, 1 after `seconds` of it, back to 0 within `seconds` after its end; smooth.
  double Presence(double t, double seconds) const;
};

struct Script {
  std::string name{};
  std::string suite{};
  std::uint64_t seed = 1;
  int width = 640, height = 360;
  double fps = 5;
  double seconds = 120;
  bool pictures = false;     // A folder of JPEGs, one per 1 / fps, instead of a video.
  std::string background{};  // A picture or clip (below the material folder, or by its path), or
                             // "made:NUMBER".
  double margin = 0.04;      // What lies outside the view on each side, fraction of its width.
  double horizon = 0.35;     // Fraction of the height; people's heads reach to it at eye level.
  double person = 0.62;      // Height of a person who stands at the lower edge, of the picture's.
  double noise = 1.6;        // Standard deviation, of 255.
  double exposure = 0.5;     // How much of a change of brightness the camera takes out, 0..1.
  std::string quality = "good";                         // Of the compression: good, usual, poor.
  std::optional<std::chrono::milliseconds> interval{};  // For the truth file's settings.
  std::optional<std::chrono::milliseconds> settle{};
  std::vector<Act> acts{};

  std::int64_t frames() const;
};

// Reads one script.  kInvalidArgument names `name`, the key and what is wanted instead: every key
// is checked.
[[nodiscard]] Result<Script> ParseScript(std::string_view json, std::string_view name);

// The JSON that ParseScript reads.
std::string ScriptJson(const Script& script);

}  // namespace stillwatch::clips
