// Made events: folders, events and pictures for the tests of storage and bus.

#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include "pipeline/core/event.h"
#include "pipeline/core/ulid.h"

namespace stillwatch {

enum class Where { kMemory, kDisk };

// A folder of its own, removed at the end.  In memory, where the system has that: stores sync a
// lot, and a busy disk would make the tests wait.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(Where where = Where::kMemory) {
    const std::filesystem::path memory = "/dev/shm";
    std::string name = (where == Where::kMemory && std::filesystem::is_directory(memory)
                            ? memory
                            : std::filesystem::temp_directory_path()) /
                       "stillwatch.XXXXXX";
    const char* const made = ::mkdtemp(name.data());
    if (made == nullptr) std::abort();
    path_ = made;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

inline TimePoint MadeTime(int seconds) {
  return TimePoint(std::chrono::seconds(1'767'254'400) + std::chrono::seconds(seconds));
}

// A detection with every field set; `number` makes it another event, 1 s later.
inline ChangeEvent MadeEvent(int number = 0) {
  ChangeEvent event;
  event.time = MadeTime(number) + std::chrono::milliseconds(120);
  event.id = UlidOf(event.time, "made " + std::to_string(number));
  event.camera = "dock_door";
  event.zones = {"bay", "gate"};
  event.severity = Severity::kHigh;
  event.kind = ChangeKind::kAdded;
  event.caption = "two blue bottles have been left next to the box";
  event.caption_status = CaptionStatus::kReady;
  event.confidence = 0.8725;
  event.regions = {{.x = 0.41, .y = 0.62, .w = 0.1, .h = 0.1425}, {.x = 0, .y = 0, .w = 1, .h = 1}};
  event.reference = {.time = event.time - std::chrono::seconds(11),
                     .frame = 120,
                     .pts = std::chrono::microseconds(4'020'000)};
  event.current = {.time = event.time, .frame = 455, .pts = std::chrono::microseconds(15'250'033)};
  event.why = {.aligned_px = 1.25,
               .illumination_delta = 0.0625,
               .changed_ratio = 0.014,
               .settled_s = 8.002,
               .score = 0.91};
  event.model = {.name = "m3diff-nano", .fingerprint = "sha256:0123abcd"};
  event.latency = {.select_ms = 41.5, .caption_ms = 93, .store_ms = 6};
  return event;
}

// Bytes that pass as a JPEG for those who do not decode them.
inline std::string MadeJpeg(const std::string& content) { return "\xFF\xD8\xFF\xE0" + content; }

}  // namespace stillwatch
