#include "model/data/files.h"

#include <fstream>
#include <iterator>

namespace stillwatch::data {

Result<std::string> ReadWhole(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::exists(file, error)) return NotFound(file.string() + ": no such file");
  std::ifstream in(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in) return Unavailable(file.string() + ": cannot be read");
  return text;
}

Status WriteWhole(const std::filesystem::path& file, std::string_view text) {
  std::filesystem::path beside = file;
  beside += ".new";
  {
    std::ofstream out(beside, std::ios::binary | std::ios::trunc);
    out << text;
    out.flush();
    if (!out) return Unavailable(beside.string() + ": cannot be written");
  }
  std::error_code error;
  std::filesystem::rename(beside, file, error);
  if (error) return Unavailable(file.string() + ": " + error.message());
  return {};
}

}  // namespace stillwatch::data
