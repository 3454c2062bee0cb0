// ClipMaker: a script and scenery become pictures and a truth file.

#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "model/data/image.h"
#include "pipeline/clips/scenery.h"
#include "pipeline/clips/script.h"
#include "pipeline/core/status.h"

namespace stillwatch::clips {

// The same script and scenery give the same pictures, on every machine with this OpenCV.  Its
// memory is some twenty pictures.  Not thread-safe: one maker belongs to one clip.
class ClipMaker {
 public:
  // kNotFound: an object or a background that is not there.  Borrows the scenery.
  [[nodiscard]] static Result<std::unique_ptr<ClipMaker>> Create(const Script& script,
                                                                 const Scenery& scenery);
  virtual ~ClipMaker() = default;

  // The next picture, RGB, from frame 0 to script.frames() - 1; empty after the last.
  [[nodiscard]] virtual data::Image Next() = 0;

  // The truth file (pipeline/score/README.md) of a clip called `media`.
  virtual std::string TruthJson(const std::string& media) const = 0;
};

// Makes the clip in `folder`: NAME.mp4 or a folder NAME of pictures, NAME.truth.json, and
// NAME.script.json to make it again.  kUnavailable: it cannot be written, or there is no encoder.
[[nodiscard]] Status MakeClip(const Script& script, const Scenery& scenery,
                              const std::filesystem::path& folder);

}  // namespace stillwatch::clips
