// stillwatch store: care of the event store.

#include <cstdio>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "pipeline/app/command.h"
#include "pipeline/app/output.h"
#include "pipeline/app/paths.h"
#include "storage/store/event_store.h"

namespace stillwatch::app {
namespace {

Result<Outcome> Check(const std::string& path) {
  const auto report = store::CheckStore(path);
  // A store that cannot be looked at is no usage error: exit code 3.
  if (!report) return Unavailable(report.error().message());
  std::printf("%s: %s, %s, %s (%.1f MB)\n", path.c_str(), Count(report->events, "event").c_str(),
              Count(report->messages, "message").c_str(),
              Count(report->pictures, "picture").c_str(),
              static_cast<double>(report->picture_bytes) / 1e6);
  for (const std::string& note : report->notes) std::printf("note: %s\n", note.c_str());
  for (const std::string& problem : report->problems) std::printf("PROBLEM: %s\n", problem.c_str());
  if (!report->problems.empty()) return Outcome::kNothing;
  std::puts("ok");
  return Outcome::kFound;
}

}  // namespace

std::vector<Command> AddStore(CLI::App& root) {
  CLI::App* group = root.add_subcommand("store", "Care of the event store");
  group->require_subcommand(1);
  const auto path = std::make_shared<std::string>(DefaultStore());
  CLI::App* check = group->add_subcommand(
      "check", "Database integrity, every picture present and unaltered, orphans");
  check->add_option("--store,STORE", *path, "The event store")->capture_default_str();
  check->footer("\nExit code 0 if all is well, 1 if there are problems, 3 if it could not look.");
  return {{check, [path] { return Check(*path); }}};
}

}  // namespace stillwatch::app
