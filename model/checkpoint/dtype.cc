#include "model/checkpoint/dtype.h"

#include <array>

namespace stillwatch::model {
namespace {

struct Row {
  std::string_view name;
  std::size_t bytes;
};

// In the order of Dtype.
constexpr std::array<Row, kDtypeCount> kRows = {{
    {"F64", 8},
    {"F32", 4},
    {"F16", 2},
    {"BF16", 2},
    {"I64", 8},
    {"I32", 4},
    {"I16", 2},
    {"I8", 1},
    {"U8", 1},
    {"BOOL", 1},
    {"F8_E4M3", 1},
}};

}  // namespace

std::string_view Name(Dtype dtype) { return kRows[static_cast<std::size_t>(dtype)].name; }

std::optional<Dtype> ParseDtype(std::string_view name) {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (kRows[i].name == name) return static_cast<Dtype>(i);
  }
  return std::nullopt;
}

std::size_t ByteSize(Dtype dtype) { return kRows[static_cast<std::size_t>(dtype)].bytes; }

std::string Describe(Dtype dtype, std::span<const std::int64_t> shape) {
  std::string text(Name(dtype));
  text += " [";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) text += ", ";
    text += std::to_string(shape[i]);
  }
  return text + "]";
}

std::optional<std::int64_t> ElementCount(std::span<const std::int64_t> shape) {
  std::int64_t count = 1;
  for (const std::int64_t size : shape) {
    if (size < 0 || __builtin_mul_overflow(count, size, &count)) return std::nullopt;
  }
  return count;
}

std::optional<std::int64_t> ByteCount(Dtype dtype, std::span<const std::int64_t> shape) {
  std::int64_t bytes = 0;
  const auto count = ElementCount(shape);
  if (!count ||
      __builtin_mul_overflow(*count, static_cast<std::int64_t>(ByteSize(dtype)), &bytes)) {
    return std::nullopt;
  }
  return bytes;
}

}  // namespace stillwatch::model
