// Files for the tests of config/.

#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>

#include <unistd.h>

#include "config/load.h"

namespace stillwatch::config {

// A folder that goes with the test.
class TempFolder {
 public:
  TempFolder() {
    std::string name = std::filesystem::temp_directory_path() / "stillwatch_config_XXXXXX";
    path_ = mkdtemp(name.data());
  }
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::string Write(const std::string& name, std::string_view text) const {
    // A new file each time: ext4 flushes one that is truncated and written again.
    std::filesystem::remove(path_ / name);
    std::ofstream(path_ / name, std::ios::binary) << text;
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

inline std::string ReadAll(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

inline Environment FakeEnvironment(std::map<std::string, std::string> values) {
  return [values = std::move(values)](const std::string& name) -> std::optional<std::string> {
    const auto value = values.find(name);
    return value == values.end() ? std::nullopt : std::optional(value->second);
  };
}

inline LoadResult LoadText(std::string_view text, const Environment& environment) {
  const TempFolder folder;
  return Load(folder.Write("t.yaml", text), environment);
}

// All mistakes of a text, a line each, its file called t.yaml.
inline std::string MistakesOf(std::string_view text,
                              const Environment& environment = FakeEnvironment({})) {
  const LoadResult result = LoadText(text, environment);
  if (result) return "";
  std::string all;
  for (ConfigError error : result.error()) {
    error.file = std::filesystem::path(error.file).filename();
    all += error.Format() + "\n";
  }
  return all;
}

}  // namespace stillwatch::config
