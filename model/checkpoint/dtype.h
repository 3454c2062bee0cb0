// Dtype and TensorView: one tensor of a checkpoint file as bytes, without LibTorch.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stillwatch::model {

// The element types of a safetensors file that we read and write.
enum class Dtype : std::uint8_t {
  kF64,
  kF32,
  kF16,
  kBF16,
  kI64,
  kI32,
  kI16,
  kI8,
  kU8,
  kBool,
  kF8E4M3,
};
inline constexpr int kDtypeCount = 11;

// Dtype <-> its word in the file: "BF16", "F8_E4M3".
std::string_view Name(Dtype dtype);
std::optional<Dtype> ParseDtype(std::string_view name);

// Bytes of one element.
std::size_t ByteSize(Dtype dtype);

// A borrowed tensor, row-major, little-endian, without padding.  `bytes` has exactly
// product(shape) * ByteSize(dtype) bytes; nothing is promised of its alignment, because the format
// promises nothing: copy before reading elements larger than a byte, or check the address.
struct TensorView {
  Dtype dtype = Dtype::kF32;
  std::vector<std::int64_t> shape{};  // Empty: a scalar.
  std::span<const std::byte> bytes{};
};

// "F32 [3, 4]", for messages.
std::string Describe(Dtype dtype, std::span<const std::int64_t> shape);

// product(shape), 1 for a scalar; nothing if a size is negative or the product passes 63 bits.
std::optional<std::int64_t> ElementCount(std::span<const std::int64_t> shape);

// ElementCount * ByteSize; nothing if it passes 63 bits.
std::optional<std::int64_t> ByteCount(Dtype dtype, std::span<const std::int64_t> shape);

}  // namespace stillwatch::model
