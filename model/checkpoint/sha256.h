// Sha256: the digest that names a set of weights.
// (Ours, because none of the libraries that model/ may see has one.  FIPS 180-4.)

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "pipeline/core/status.h"

namespace stillwatch::model {

// Takes bytes piece by piece.  Not thread-safe: one belongs to one caller.
class Sha256Stream {
 public:
  void Update(std::span<const std::byte> bytes);

  // 64 lower-case hexadecimal digits.  The stream is used up.
  std::string Finish();

 private:
  void Block(const std::byte* block);

  std::array<std::uint32_t, 8> state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<std::byte, 64> pending_{};
  std::size_t pending_bytes_ = 0;
  std::uint64_t total_bytes_ = 0;
};

std::string Sha256(std::span<const std::byte> bytes);

// Fails as MappedFile::Open does.
[[nodiscard]] Result<std::string> Sha256File(const std::filesystem::path& path);

}  // namespace stillwatch::model
