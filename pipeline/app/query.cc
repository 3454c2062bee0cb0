// stillwatch query: searches the event store.

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "pipeline/app/command.h"
#include "pipeline/app/open_store.h"
#include "pipeline/app/output.h"
#include "pipeline/app/paths.h"
#include "pipeline/bus/event_json.h"
#include "storage/store/event_store.h"

namespace stillwatch::app {
namespace {

struct QueryOptions {
  std::string store = DefaultStore();
  std::vector<std::string> words{};
  std::string camera{}, kind{}, zone{}, state{}, since{}, until{};
  int limit = 50;
  OutputFormat output = OutputFormat::kAuto;
};

Result<store::EventQuery> ToQuery(const QueryOptions& options) {
  store::EventQuery query;
  for (const std::string& word : options.words) {
    query.words += (query.words.empty() ? "" : " ") + word;
  }
  query.camera = options.camera;
  query.zone = options.zone;
  query.limit = options.limit;
  if (!options.kind.empty()) {
    query.kind = ParseChangeKind(options.kind);
    if (!query.kind) return InvalidArgument("--kind: there is no kind '" + options.kind + "'");
  }
  if (!options.state.empty()) {
    query.state = ParseEventState(options.state);
    if (!query.state) {
      return InvalidArgument("--state: '" + options.state + "' is not open, resolved or accepted");
    }
  }
  for (const auto& [text, time, option] : {std::tuple{&options.since, &query.since, "--since"},
                                           std::tuple{&options.until, &query.until, "--until"}}) {
    if (text->empty()) continue;
    const auto parsed = ParseTime(*text);
    if (!parsed) return Failure(parsed.error().WithContext(option));
    *time = *parsed;
  }
  return query;
}

Result<Outcome> Run(const QueryOptions& options) {
  const auto query = ToQuery(options);
  if (!query) return Failure(query.error());
  const auto store = OpenStore(options.store, store::OpenMode::kRead);
  if (!store) return Failure(store.error());
  const auto events = store->Query(*query);
  if (!events) return Unavailable(events.error().message());

  if (Resolve(options.output) == OutputFormat::kJsonl) {
    for (const ChangeEvent& event : *events) std::puts(bus::EncodeEvent(event).c_str());
  } else if (!events->empty()) {
    std::fputs(EventTable(*events).Format().c_str(), stdout);
  }
  if (events->empty()) {
    std::fputs("No event matches.\n", stderr);
    return Outcome::kNothing;
  }
  if (static_cast<int>(events->size()) == options.limit) {
    std::fprintf(stderr, "The newest %d are shown; --limit shows more.\n", options.limit);
  }
  return Outcome::kFound;
}

}  // namespace

std::vector<Command> AddQuery(CLI::App& root) {
  const auto options = std::make_shared<QueryOptions>();
  CLI::App* app = root.add_subcommand("query", "Search the events, newest first");
  app->add_option("WORDS", options->words, "Words of the caption; every one must occur");
  app->add_option("--store", options->store, "The event store")->capture_default_str();
  app->add_option("--camera", options->camera, "Only this camera");
  app->add_option("--kind", options->kind, "added, removed, moved, replaced, recolored, ...");
  app->add_option("--zone", options->zone, "Only events in this zone");
  app->add_option("--state", options->state, "open, resolved or accepted");
  app->add_option("--since", options->since, "From this time on (RFC 3339, or a date)");
  app->add_option("--until", options->until, "Before this time");
  app->add_option("--limit", options->limit, "At most so many")
      ->check(CLI::Range(1, store::kMaxQueryLimit))
      ->capture_default_str();
  AddOutputOption(app, &options->output);
  app->footer(
      "\nExit code 0 if something was found, 1 if nothing matched, 3 if the store could not be\n"
      "searched.\n\n"
      "  stillwatch query bottle --since 2026-01-01 --state open");
  return {{app, [options] { return Run(*options); }}};
}

}  // namespace stillwatch::app
