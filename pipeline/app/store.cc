// stillwatch store: care of the event store.

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <tuple>

#include <CLI/CLI.hpp>

#include "pipeline/app/command.h"
#include "pipeline/app/open_store.h"
#include "pipeline/app/output.h"
#include "pipeline/app/paths.h"
#include "pipeline/core/time.h"
#include "storage/store/event_store.h"
#include "storage/store/store_copy.h"

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

// Backup one way, restore the other: both copy a whole store to where nothing is yet.
Result<Outcome> Copy(const std::string& from, const std::string& to) {
  const auto report = store::CopyStore(from, to);
  if (!report) return Unavailable(report.error().message());
  std::printf("%s: %s, %s copied from %s\n", to.c_str(), Count(report->events, "event").c_str(),
              Count(report->pictures, "picture").c_str(), from.c_str());
  for (const std::string& problem : report->problems) std::printf("PROBLEM: %s\n", problem.c_str());
  return report->problems.empty() ? Outcome::kFound : Outcome::kNothing;
}

struct PruneOptions {
  std::string store = DefaultStore();
  std::string events{}, pictures{};
  double max_gigabytes = 0;
};

Result<Outcome> Prune(const PruneOptions& options) {
  store::PrunePolicy policy;
  for (const auto& [text, age, option] :
       {std::tuple{&options.events, &policy.events, "--events-older-than"},
        std::tuple{&options.pictures, &policy.pictures, "--pictures-older-than"}}) {
    if (text->empty()) continue;
    const auto parsed = ParseDuration(*text);
    if (!parsed) return Failure(parsed.error().WithContext(option));
    *age = *parsed;
  }
  if (options.max_gigabytes > 0) {
    policy.max_picture_bytes = static_cast<std::uint64_t>(options.max_gigabytes * 1e9);
  }
  if (!policy.events && !policy.pictures && !policy.max_picture_bytes) {
    return InvalidArgument("store prune: say what may go (--events-older-than 365d, ...)");
  }
  auto store = OpenStore(options.store, store::OpenMode::kWrite);
  if (!store) return Failure(store.error());
  const auto report = store->Prune(policy, std::chrono::system_clock::now());
  if (!report) return Unavailable(report.error().message());
  std::printf("%s: %s forgotten, %s deleted (%.1f MB), %s quarantined\n", options.store.c_str(),
              Count(report->events, "event").c_str(), Count(report->pictures, "picture").c_str(),
              static_cast<double>(report->picture_bytes) / 1e6,
              Count(report->quarantined.size(), "stray file").c_str());
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

  const auto to = std::make_shared<std::string>();
  CLI::App* backup = group->add_subcommand("backup", "Copy the store, while it is in use");
  backup->add_option("TO", *to, "New folder for the copy")->required();
  backup->add_option("--store", *path, "The event store")->capture_default_str();
  CLI::App* restore = group->add_subcommand("restore", "Copy a backup to where no store is");
  restore->add_option("FROM", *to, "The backup")->required();
  restore->add_option("--store", *path, "The event store to make")->capture_default_str();

  const auto prune_options = std::make_shared<PruneOptions>();
  CLI::App* prune = group->add_subcommand("prune", "Forget what is old; open events stay");
  prune->add_option("--store", prune_options->store, "The event store")->capture_default_str();
  prune->add_option("--events-older-than", prune_options->events, "Such as 365d");
  prune->add_option("--pictures-older-than", prune_options->pictures, "Such as 90d");
  prune->add_option("--max-gigabytes", prune_options->max_gigabytes,
                    "Pictures together; the oldest go first");
  return {{check, [path] { return Check(*path); }},
          {backup, [path, to] { return Copy(*path, *to); }},
          {restore, [path, to] { return Copy(*to, *path); }},
          {prune, [prune_options] { return Prune(*prune_options); }}};
}

}  // namespace stillwatch::app
