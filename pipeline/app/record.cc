// stillwatch record: the recorder alone, for pipelines that end in zmqeventsink.

#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "pipeline/app/command.h"
#include "pipeline/app/interrupt.h"
#include "pipeline/app/log.h"
#include "pipeline/app/paths.h"
#include "storage/recorder/recorder.h"

namespace stillwatch::app {
namespace {

struct RecordOptions {
  std::string store = DefaultStore();
  std::string listen = "tcp://127.0.0.1:5561";
  std::string publish = "tcp://127.0.0.1:5562";
};

void LogHealth(const Status& status) {
  if (status.ok()) {
    Log(LogLevel::kInfo, "storing again");
  } else {
    Log(LogLevel::kError, "not storing, senders will retry: " + status.message());
  }
}

Result<Outcome> Run(const RecordOptions& options) {
  const Interrupt interrupt;
  const auto recorder =
      Recorder::Create({.store = options.store,
                        .listen = bus::ReceiverOptions{.endpoint = options.listen},
                        .publish = bus::PublisherOptions{.endpoint = options.publish},
                        .on_health = LogHealth});
  if (!recorder) return Unavailable(recorder.error().message());
  Log(LogLevel::kInfo, "listening on " + (*recorder)->listen_endpoint() + ", publishing on " +
                           (*recorder)->publish_endpoint() + ", storing in " + options.store);
  if (const Status status = (*recorder)->Run(interrupt.token()); !status.ok()) {
    return Failure(status);
  }
  const Recorder::Stats stats = (*recorder)->stats();
  Log(LogLevel::kInfo, "stopped: " + std::to_string(stats.received) + " received, " +
                           std::to_string(stats.committed) + " stored, " +
                           std::to_string(stats.duplicates) + " known before, " +
                           std::to_string(stats.refused) + " refused, " +
                           std::to_string(stats.retried) + " asked to retry");
  return Outcome::kFound;
}

}  // namespace

std::vector<Command> AddRecord(CLI::App& root) {
  const auto options = std::make_shared<RecordOptions>();
  CLI::App* app =
      root.add_subcommand("record", "Store and publish what zmqeventsink sends, until Ctrl-C");
  app->add_option("--store", options->store, "The event store")->capture_default_str();
  app->add_option("--listen", options->listen, "Where zmqeventsink connects (ZeroMQ endpoint)")
      ->capture_default_str();
  app->add_option("--publish", options->publish, "Where subscribers connect (ZeroMQ endpoint)")
      ->capture_default_str();
  app->footer(
      "\nEvents are acknowledged after they are on disk, then published as CloudEvents JSON on\n"
      "topic stillwatch.v1.CAMERA with rising sequence numbers.  There is no encryption: keep\n"
      "the endpoints on loopback, or tunnel them.");
  return {{app, [options] { return Run(*options); }}};
}

}  // namespace stillwatch::app
