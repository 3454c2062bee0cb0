// ClipWriter: pictures become a video file, or a folder of JPEGs.

#pragma once

#include <filesystem>
#include <memory>

#include "model/data/image.h"
#include "pipeline/clips/script.h"
#include "pipeline/core/status.h"

namespace stillwatch::clips {

// Compressed as hard as the script's `quality` says.  Not thread-safe; writers of several threads
// do not meet.
class ClipWriter {
 public:
  // folder/NAME.mp4 (H.264) or folder/NAME/.  kUnavailable: cannot be written, or no encoder.
  [[nodiscard]] static Result<ClipWriter> Open(const Script& script,
                                               const std::filesystem::path& folder);
  ~ClipWriter();
  ClipWriter(ClipWriter&&) noexcept;

  // REQUIRES: RGB of the script's size.
  Status Write(const data::Image& picture);
  Status Close();

  const std::filesystem::path& media() const;

 private:
  struct Impl;
  explicit ClipWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace stillwatch::clips
