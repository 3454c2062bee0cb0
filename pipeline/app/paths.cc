#include "pipeline/app/paths.h"

#include <cctype>
#include <cstdlib>
#include <system_error>

namespace stillwatch::app {
namespace fs = std::filesystem;

fs::path DefaultStore() {
  const auto variable = [](const char* name) -> std::string {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
  };
  if (const std::string store = variable("STILLWATCH_STORE"); !store.empty()) return store;
  if (const std::string data = variable("XDG_DATA_HOME"); !data.empty()) {
    return fs::path(data) / "stillwatch";
  }
  return fs::path(variable("HOME")) / ".local/share/stillwatch";
}

namespace {

// Where the program is: build/release of a checkout, or bin of an installation.
fs::path ProgramFolder() {
  std::error_code error;
  return fs::read_symlink("/proc/self/exe", error).parent_path();
}

Result<fs::path> FirstThatExists(const fs::path& one, const fs::path& other) {
  std::error_code error;
  for (const fs::path& place : {one, other}) {
    if (fs::exists(place, error)) return place;
  }
  return NotFound("neither " + one.string() + " nor " + other.string() +
                  " exists; is the installation complete?");
}

}  // namespace

Result<fs::path> FindData(const std::string& relative) {
  return FirstThatExists(ProgramFolder().parent_path().parent_path() / relative,
                         ProgramFolder().parent_path() / "share/stillwatch" / relative);
}

Result<fs::path> FindLibrary(const std::string& file) {
  return FirstThatExists(ProgramFolder() / file,
                         ProgramFolder().parent_path() / "lib/stillwatch" / file);
}

std::string CameraNameOf(const std::string& path) {
  fs::path p(path);
  if (p.filename().empty()) p = p.parent_path();  // A folder written with a slash at its end.
  std::string name;
  for (const char c : p.stem().string()) {
    const auto u = static_cast<unsigned char>(c);
    name.push_back(std::isalnum(u) != 0 && u < 128 ? static_cast<char>(std::tolower(u)) : '_');
  }
  name.resize(std::min<std::size_t>(name.size(), 64));
  return name.empty() ? "camera" : name;
}

}  // namespace stillwatch::app
