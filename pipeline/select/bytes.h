// ByteWriter and ByteReader: numbers, texts and planes of a saved state, little endian.

#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace stillwatch::select {

// Not thread-safe: plain values.
class ByteWriter {
 public:
  template <typename T>
  requires std::is_arithmetic_v<T>
  void Number(T value) {
    static_assert(std::endian::native == std::endian::little, "the format is little endian");
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  // At most 64 KiB; `Long` takes 4 GiB.
  void Text(std::string_view text) {
    Number(static_cast<std::uint16_t>(text.size()));
    bytes_.append(text);
  }
  void Long(std::string_view text) {
    Number(static_cast<std::uint32_t>(text.size()));
    bytes_.append(text);
  }
  void Raw(std::string_view bytes) { bytes_.append(bytes); }
  std::string& bytes() { return bytes_; }

 private:
  std::string bytes_;
};

// Reads untrusted bytes: what is not there reads as zero and leaves ok() false.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  template <typename T>
  requires std::is_arithmetic_v<T> T Number() {
    T value{};
    const std::string_view from = Raw(sizeof value);
    if (ok_) std::memcpy(&value, from.data(), sizeof value);
    return value;
  }
  std::string_view Text() { return Raw(Number<std::uint16_t>()); }
  std::string_view Long() { return Raw(Number<std::uint32_t>()); }
  std::string_view Raw(std::size_t size) {
    if (!ok_ || size > rest_.size()) {
      ok_ = false;
      return {};
    }
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  // A rule of the format does not hold.
  void Fail() { ok_ = false; }
  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace stillwatch::select
