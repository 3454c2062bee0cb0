#include "pipeline/ingest/container_check.h"

#include <array>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>

namespace stillwatch::ingest {
namespace {

using Head = std::array<unsigned char, 16>;

std::string_view Name(const Head& head, std::size_t at) {
  return {reinterpret_cast<const char*>(head.data()) + at, 4};
}

std::uint64_t Number(const Head& head, std::size_t at, std::size_t bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < bytes; ++i) number = number << 8U | head.at(at + i);
  return number;
}

// ISO/IEC 14496-12: a row of boxes, each with its size (4 bytes, most significant first) and name;
// size 1: the size follows as 8 bytes; size 0: up to the end of the file.
Container CheckMp4(std::ifstream& file, std::uint64_t file_size) {
  bool index = false;
  std::uint64_t at = 0;
  while (at + 8 <= file_size) {
    Head head{};
    file.clear();
    file.seekg(static_cast<std::streamoff>(at));
    file.read(reinterpret_cast<char*>(head.data()), head.size());
    if (file.gcount() < 8) break;
    std::uint64_t size = Number(head, 0, 4);
    if (size == 1 && file.gcount() == 16) size = Number(head, 8, 8);
    if (size == 0) size = file_size - at;
    if (size < 8) break;  // Not a box: leave it to qtdemux.
    if (size > file_size - at) return index ? Container::kCutOff : Container::kNoIndex;
    index = index || Name(head, 4) == "moov";
    at += size;
  }
  return index ? Container::kWhole : Container::kNoIndex;
}

}  // namespace

Container CheckContainer(const std::string& path) {
  std::error_code error;
  const std::uint64_t file_size = std::filesystem::file_size(path, error);
  std::ifstream file(path, std::ios::binary);
  Head head{};
  if (error || !file.read(reinterpret_cast<char*>(head.data()), head.size())) {
    return Container::kWhole;
  }
  if (Name(head, 4) == "ftyp") return CheckMp4(file, file_size);
  if (Name(head, 0) == "RIFF" && Name(head, 8) == "AVI ") {
    // Least significant byte first.  0 and all ones: written without going back to fill it in.
    std::uint64_t says = 0;
    for (std::size_t i = 4; i-- > 0;) says = says << 8U | head.at(4 + i);
    const bool known = says != 0 && says != 0xFFFFFFFF;
    return known && says + 8 > file_size ? Container::kCutOff : Container::kWhole;
  }
  return Container::kWhole;
}

}  // namespace stillwatch::ingest
