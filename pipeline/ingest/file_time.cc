#include "pipeline/ingest/file_time.h"

#include <sys/stat.h>

namespace stillwatch::ingest {

// stat() and not std::filesystem: file_clock has an epoch of its own, and libstdc++ 12 cannot
// convert it (no clock_cast before 13).
TimePoint ModifiedAt(const std::string& path) {
  struct stat about {};
  if (stat(path.c_str(), &about) != 0) return std::chrono::system_clock::now();
  return TimePoint(std::chrono::seconds(about.st_mtim.tv_sec) +
                   std::chrono::nanoseconds(about.st_mtim.tv_nsec));
}

}  // namespace stillwatch::ingest
