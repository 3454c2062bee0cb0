// stillwatch demo: the product on the sample clip, from video to search.

#include <cstdio>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "pipeline/app/command.h"
#include "pipeline/app/open_store.h"
#include "pipeline/app/output.h"
#include "pipeline/app/paths.h"
#include "pipeline/app/scan_job.h"
#include "pipeline/app/video_library.h"
#include "storage/store/event_store.h"

namespace stillwatch::app {
namespace {

// A recording of a minute: the defaults are meant for days.
constexpr std::chrono::milliseconds kInterval(500);
constexpr std::chrono::milliseconds kSettle(3000);
// The clip's time, so that every demonstration shows the same events under the same ids.
constexpr const char* kStart = "2026-01-01T08:00:00Z";

Result<Outcome> Run(const std::string& store) {
  const auto clip = FindData("samples/loading_bay.mp4");
  if (!clip) return Failure(clip.error());
  std::printf("1. Scanning %s\n\n", clip->filename().c_str());
  std::fflush(stdout);
  const auto video = LoadVideoLibrary();
  if (!video) return Failure(video.error());
  const auto scanned = (*video)->scan({.inputs = {clip->string()},
                                       .interval = kInterval,
                                       .settle = kSettle,
                                       .start = ParseTime(kStart).value(),
                                       .store = store,
                                       .output = OutputFormat::kTable});
  if (!scanned) return Failure(scanned.error());

  std::printf("\n2. Searching the store for events that are still open\n\n");
  const auto opened = OpenStore(store, store::OpenMode::kRead);
  if (!opened) return Failure(opened.error());
  const auto events =
      opened->Query({.camera = CameraNameOf(clip->string()), .state = EventState::kOpen});
  if (!events) return Failure(events.error());
  std::fputs(EventTable(*events).Format().c_str(), stdout);

  std::printf(R"(
3. What to try next

   stillwatch scan VIDEO --interval 500ms --settle 3s       your own recording
   stillwatch query box --store %s
   stillwatch store check --store %s
   stillwatch caption BEFORE.jpg AFTER.jpg                  one pair of pictures

   The pictures of each event are in the store.  A web page does not exist yet.
)",
              store.c_str(), store.c_str());
  return events->empty() ? Outcome::kNothing : Outcome::kFound;
}

}  // namespace

std::vector<Command> AddDemo(CLI::App& root) {
  const auto store = std::make_shared<std::string>((DefaultStore() / "demo").string());
  CLI::App* app = root.add_subcommand("demo", "The whole product on the sample clip");
  app->add_option("--store", *store, "Where the events go")->capture_default_str();
  return {{app, [store] { return Run(*store); }}};
}

}  // namespace stillwatch::app
