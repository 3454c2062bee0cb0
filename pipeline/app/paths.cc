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

Result<fs::path> FindData(const std::string& relative) {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  // build/release/stillwatch of a checkout; bin/stillwatch of an installation.
  const fs::path places[] = {program.parent_path().parent_path().parent_path() / relative,
                             program.parent_path().parent_path() / "share/stillwatch" / relative};
  for (const fs::path& place : places) {
    if (fs::exists(place, error)) return place;
  }
  return NotFound("'" + relative + "' is neither at " + places[0].string() + " nor at " +
                  places[1].string() + "; is the installation complete?");
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
