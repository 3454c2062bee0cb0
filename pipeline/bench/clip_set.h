// ClipSet: which clips and picture series a benchmark runs over, each with its truth.

#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/core/status.h"
#include "pipeline/score/bays.h"
#include "pipeline/score/truth.h"

namespace stillwatch::bench {

struct Clip {
  std::string name{};             // For people; unique in its set.
  std::string suite{};            // Clips of one suite get a total of their own; may be empty.
  std::filesystem::path media{};  // A video file or a folder of pictures.
  // One of the two, or none: then events are listed and judged by nobody.
  std::optional<score::Truth> truth{};
  std::optional<score::BaySeries> bays{};
  score::TruthSettings settings{};  // Of the set file, else of the truth file.
};

struct ClipSet {
  std::string name{};
  std::vector<Clip> clips{};
};

// Reads a set: a list file (JSON, see README.md), or a folder, in which every truth file is looked
// for at any depth: NAME.truth.json and truth.json (for the file or folder it names as `media`, or
// the one folder of pictures beside it), occupancy.json (for the folder it lies in).
//
// kNotFound: no such file, or a clip that the set names is not there.  kInvalidArgument: no clip in
// it.  kDataLoss: a file that does not parse; the message names file and key.
[[nodiscard]] Result<ClipSet> LoadClipSet(const std::filesystem::path& path);

}  // namespace stillwatch::bench
