// VideoFileSource: the sampled frames of a video file or URI, decoded by GStreamer.

#pragma once

#include <memory>
#include <string>

#include "pipeline/core/status.h"
#include "pipeline/ingest/frame_source.h"

namespace stillwatch::ingest {

// Decodes as fast as the machine can (no clock), in software or hardware, whatever decodebin
// finds.  A file whose end is cut off gives the frames up to there, then its end and a warning.
class VideoFileSource : public FrameSource {
 public:
  // See OpenFrameSource().  Waits until the first frame is decoded, 30 s at most.
  [[nodiscard]] static Result<std::unique_ptr<VideoFileSource>> Open(const std::string& path_or_uri,
                                                                     const IngestOptions& options);
};

}  // namespace stillwatch::ingest
