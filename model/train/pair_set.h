// PairSet: the training pairs of one folder.

#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "model/checkpoint/mapped_file.h"
#include "pipeline/core/status.h"

namespace stillwatch::model {

enum class Split : std::uint8_t { kTrain, kVal, kTest };

struct PairEntry {
  std::string id{};
  int kind = 0;  // As ChangeKind's first eleven, or kSameKind.
  bool changed = false;
  std::vector<std::string> captions{};  // At least one.
  std::string noun{};                   // Of the thing that changed; empty if not told.
  std::string color{};                  // As it can be seen in both pictures; empty if not told.
  std::array<float, 4> crop{};          // x, y, w, h: fractions of the full picture.
  std::array<float, 4> region{};        // x, y, w, h: fractions of the crop; zeros: none.
  Split split = Split::kTrain;
};

// Reads manifest.json, pairs.jsonl and pictures.u8 (README.md describes them).  The pictures are
// memory-mapped: a set may be larger than memory.
//
// Not thread-safe: one belongs to one trainer.
class PairSet {
 public:
  // kNotFound: no such folder or file.  kDataLoss: names file and line.
  [[nodiscard]] static Result<PairSet> Open(const std::string& folder);

  // Reads what the manifest lists by now; a folder may grow while it is in use.  Pairs keep their
  // indices.  On failure the set stays as it was.
  [[nodiscard]] Status Refresh();

  int size() const { return size_; }  // Pixels: the side of every picture.
  std::int64_t count() const { return static_cast<std::int64_t>(pairs_.size()); }
  const PairEntry& pair(std::int64_t index) const {
    return pairs_[static_cast<std::size_t>(index)];
  }

  // size * size * 3 bytes, RGB, row-major.
  std::span<const std::byte> Reference(std::int64_t index) const { return Bytes(2 * index); }
  std::span<const std::byte> Current(std::int64_t index) const { return Bytes(2 * index + 1); }

  // Indices of one split, rising.
  std::vector<std::int64_t> Indices(Split split) const;

 private:
  PairSet(std::string folder, MappedFile pictures)
      : folder_(std::move(folder)), pictures_(std::move(pictures)) {}
  std::span<const std::byte> Bytes(std::int64_t picture) const;

  std::string folder_;
  MappedFile pictures_;
  int size_ = 0;
  std::vector<PairEntry> pairs_;
};

}  // namespace stillwatch::model
