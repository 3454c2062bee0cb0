// Load: reads a configuration file and reports every mistake in it.

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "pipeline/core/status.h"

namespace stillwatch::config {

// One mistake in the file, and where it is.
struct ConfigError {
  std::string file{};     // As given to Load.
  int line = 0;           // From 1; 0: the file as a whole (missing, not readable, empty).
  int column = 0;         // From 1, in bytes.
  std::string key{};      // Dotted path, "cameras.door.zones"; empty at the top of the file.
  std::string message{};  // What is wanted and what was found.  Never holds a secret.

  // "stillwatch.yaml:41:12: selection.settle: must be at least ..."
  std::string Format() const;
};

// A checked configuration, or all its mistakes: at least one, in the file's order.
using LoadResult = tl::expected<Config, std::vector<ConfigError>>;

// Looks up an environment variable.
using Environment = std::function<std::optional<std::string>(const std::string&)>;
std::optional<std::string> ProcessEnvironment(const std::string& name);

// Reads the YAML file `path`.  Relative paths in it count from the file's own folder.  Opens
// nothing that it names: a missing video or model folder is for its user to report.
//
// Thread-safe as far as `environment` is; ProcessEnvironment is, as long as nobody calls setenv.
[[nodiscard]] LoadResult Load(const std::string& path,
                              const Environment& environment = ProcessEnvironment);

// What `stillwatch config check` prints: each mistake on a line and then their number, or one line
// that sums up the configuration.  Ends with a newline.
std::string CheckReport(const std::string& path, const LoadResult& result);

// The same for callers that pass failures on: kInvalidArgument with every mistake, a line each.
Status AsStatus(const std::vector<ConfigError>& errors);

}  // namespace stillwatch::config
