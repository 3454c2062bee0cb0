// stillwatch record: the recorder alone, for pipelines that end in zmqeventsink.

#include <cstdio>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "pipeline/app/command.h"
#include "pipeline/app/interrupt.h"
#include "pipeline/app/paths.h"
#include "storage/recorder/recorder.h"

namespace stillwatch::app {
namespace {

struct RecordOptions {
  std::string store = DefaultStore();
  std::string listen = "tcp://127.0.0.1:5561";
  std::string publish = "tcp://127.0.0.1:5562";
};

void PrintHealth(const Status& status) {
  if (status.ok()) {
    std::fputs("recorder: storing again\n", stderr);
  } else {
    std::fprintf(stderr, "recorder: not storing, senders will retry: %s\n",
                 status.message().c_str());
  }
}

Result<Outcome> Run(const RecordOptions& options) {
  const Interrupt interrupt;
  const auto recorder =
      Recorder::Create({.store = options.store,
                        .listen = bus::ReceiverOptions{.endpoint = options.listen},
                        .publish = bus::PublisherOptions{.endpoint = options.publish},
                        .on_health = PrintHealth});
  if (!recorder) return Unavailable(recorder.error().message());
  std::fprintf(stderr, "recorder: listening on %s, publishing on %s, storing in %s\n",
               (*recorder)->listen_endpoint().c_str(), (*recorder)->publish_endpoint().c_str(),
               options.store.c_str());
  if (const Status status = (*recorder)->Run(interrupt.token()); !status.ok()) {
    return Failure(status);
  }
  const Recorder::Stats stats = (*recorder)->stats();
  std::fprintf(stderr,
               "recorder: %llu received, %llu stored, %llu known before, %llu refused, "
               "%llu asked to retry\n",
               static_cast<unsigned long long>(stats.received),
               static_cast<unsigned long long>(stats.committed),
               static_cast<unsigned long long>(stats.duplicates),
               static_cast<unsigned long long>(stats.refused),
               static_cast<unsigned long long>(stats.retried));
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
