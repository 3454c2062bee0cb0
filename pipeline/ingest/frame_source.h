// FrameSource: the sampled frames of a video file or of a folder of pictures.

#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/core/frame.h"
#include "pipeline/core/polygon.h"
#include "pipeline/core/status.h"

namespace stillwatch::ingest {

struct IngestOptions {
  std::chrono::milliseconds interval{2000};  // At most one frame per interval is given.
  std::string camera{};                      // Goes into every frame.

  // When the first picture was taken.  Absent: read from the pictures' names, else taken from the
  // file (a recorder closes its file when the recording ends: modification time less duration).
  std::optional<TimePoint> start{};

  // Folders of pictures: the time from one picture to the next.  Absent: read from the names.
  std::optional<std::chrono::nanoseconds> frame_interval{};

  // Blackened as soon as a frame is decoded: nobody downstream sees what is inside.
  std::vector<Polygon> privacy_masks{};
};

// What is known when the source is opened.
struct SourceInfo {
  int width = 0;   // Pixels, of the first frame.  A video may change its size midway.
  int height = 0;  //
  double fps = 0;  // 0: unknown, or not constant.
  std::optional<std::chrono::nanoseconds> duration{};
  std::optional<std::int64_t> frames{};  // Exact for a folder; absent for a video.
  TimePoint start{};                     // The capture time of stream time 0.
};

struct Progress {
  double fraction = 0;            // 0..1; 0 where the length is not known.
  std::chrono::nanoseconds at{};  // Stream time of the latest frame given.
  std::int64_t decoded = 0;       // Frames or pictures read so far.
  std::int64_t delivered = 0;     // Frames given by Next().
  std::int64_t skipped = 0;       // Pictures that could not be read.
};

// Frames in the order of capture, thinned to one per interval, masked, RGB.
//
// Decodes ahead by a few frames at most: memory is bounded by the frame size, and a slow caller
// slows the decoder down.  Nothing is dropped.
//
// Not thread-safe but for Stop(): belongs to the thread that calls Next().
class FrameSource {
 public:
  virtual ~FrameSource() = default;

  // The next frame; a null pointer at the end.  kCancelled after Stop().  Any other failure names
  // the file and ends the source.
  [[nodiscard]] virtual Result<FramePtr> Next() = 0;

  // Ends Next() within about 50 ms.  Thread-safe, and safe to call twice.
  virtual void Stop() = 0;

  virtual const SourceInfo& info() const = 0;
  virtual Progress progress() const = 0;

  // What went wrong without ending the source, one line each: skipped pictures (the first eight
  // by name), a file that is cut off.  Complete once Next() has given its end.
  virtual const std::vector<std::string>& warnings() const = 0;
};

// Opens a folder of pictures, a video file, or a URI (file://, http://).
// kNotFound: nothing there.  kInvalidArgument: something else than pictures or video, or an option
// is missing; the message says which.  kUnavailable: not readable, or no decoder is installed.
// kDataLoss: damaged before its first frame.
[[nodiscard]] Result<std::unique_ptr<FrameSource>> OpenFrameSource(const std::string& path_or_uri,
                                                                   const IngestOptions& options);

}  // namespace stillwatch::ingest
