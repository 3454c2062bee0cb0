// stillwatch config: checks, explains and shows configuration files.

#include "config/config.h"

#include <cstdio>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "config/load.h"
#include "config/schema.h"
#include "config/show.h"
#include "pipeline/app/command.h"

namespace stillwatch::app {
namespace {

// A configuration that does not load is a mistake of usage: exit code 2, whatever the command.
Result<Outcome> Check(const std::string& path) {
  const config::LoadResult loaded = config::Load(path);
  std::fputs(config::CheckReport(path, loaded).c_str(), stdout);
  if (!loaded) return InvalidArgument(path + ": not a valid configuration");
  return Outcome::kFound;
}

Result<Outcome> Show(const std::string& path) {
  const config::LoadResult loaded = config::Load(path);
  if (!loaded) return Failure(config::AsStatus(loaded.error()));
  std::fputs(config::Show(*loaded).c_str(), stdout);
  return Outcome::kFound;
}

}  // namespace

std::vector<Command> AddConfig(CLI::App& root) {
  CLI::App* group = root.add_subcommand("config", "Check, show and describe configuration files");
  group->require_subcommand(1);
  const auto path = std::make_shared<std::string>();

  CLI::App* check =
      group->add_subcommand("check", "Every mistake in a configuration, with its line");
  check->add_option("FILE", *path, "Configuration (YAML)")->required();
  CLI::App* show =
      group->add_subcommand("show", "The effective configuration: defaults filled in, no secrets");
  show->add_option("FILE", *path, "Configuration (YAML)")->required();
  CLI::App* schema = group->add_subcommand("schema", "The configuration's JSON Schema");

  return {{check, [path] { return Check(*path); }},
          {show, [path] { return Show(*path); }},
          {schema, []() -> Result<Outcome> {
             std::fputs(config::Schema().c_str(), stdout);
             return Outcome::kFound;
           }}};
}

}  // namespace stillwatch::app
