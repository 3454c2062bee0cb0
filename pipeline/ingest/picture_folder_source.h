// PictureFolderSource: a folder of pictures as a stream of frames.

#pragma once

#include <memory>
#include <string>

#include "pipeline/core/status.h"
#include "pipeline/ingest/frame_source.h"

namespace stillwatch::ingest {

// Pictures (jpg jpeg png bmp tif tiff webp ppm pgm, one folder, not below it) in the natural order
// of their names: 9.jpg before 10.jpg.  Other files are ignored.
//
// A picture that cannot be read is skipped, counted and named; one of another size than the first
// ends the source with kInvalidArgument, since a fixed camera does not change its size.
class PictureFolderSource : public FrameSource {
 public:
  // kInvalidArgument also where neither options.frame_interval nor the names give times.
  [[nodiscard]] static Result<std::unique_ptr<PictureFolderSource>> Open(
      const std::string& folder, const IngestOptions& options);
};

}  // namespace stillwatch::ingest
