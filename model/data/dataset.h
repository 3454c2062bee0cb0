// DatasetWriter: the folder the trainer reads, grown pair by pair.

#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "model/data/pair.h"
#include "pipeline/core/status.h"

namespace stillwatch::data {

// Appends to pictures.u8 and pairs.jsonl, and says in manifest.json, written last and atomically,
// how many of them count.  What lies behind the manifest's count (a run was killed) is cut off by
// the next Open, so a reader that believes the manifest never sees a half.
//
// Not thread-safe.
class DatasetWriter {
 public:
  // `size`: the side of the pictures, pixels.  `origin` (seed and stock) is kept in the manifest.
  // kInvalidArgument: the folder holds pairs of another origin.  kDataLoss: fewer pairs there than
  // the manifest says, or no manifest JSON.
  [[nodiscard]] static Result<DatasetWriter> Open(const std::filesystem::path& folder,
                                                  const std::string& origin,
                                                  int size = kPairSize_px);

  DatasetWriter(DatasetWriter&&) noexcept;
  ~DatasetWriter();

  std::uint64_t count() const;  // Committed and appended.

  // The pair's id must be count().  kUnavailable: the disk is full or gone.
  [[nodiscard]] Status Append(const Pair& pair);

  // Makes what was appended count.
  [[nodiscard]] Status Commit();

 private:
  struct Impl;
  explicit DatasetWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace stillwatch::data
