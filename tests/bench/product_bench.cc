// What users wait for: the answer of `stillwatch query`, one caption, the scan of a minute.
//
//   product_bench                       all
//   product_bench --benchmark_filter=Query
//
// Machines are shared and noisy: compare medians (--benchmark_repetitions=5), and the scan with the
// decoding alone that is measured beside it.

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "model/module/loader.h"
#include "pipeline/core/ulid.h"
#include "pipeline/ingest/frame_source.h"
#include "storage/store/event_store.h"
#include "tests/support/run_program.h"

namespace stillwatch {
namespace {

namespace fs = std::filesystem;

const fs::path kClip = STILLWATCH_SOURCE_DIR "/samples/loading_bay.mp4";
const std::string kProgram = STILLWATCH_BINARY_DIR "/stillwatch";

// A store of 10,000 events with captions and without pictures.
const fs::path& LargeStore() {
  static const fs::path path = [] {
    const fs::path folder = fs::temp_directory_path() / "stillwatch-bench-store";
    fs::remove_all(folder);
    auto store = store::EventStore::Open(folder, store::OpenMode::kCreate).value();
    const std::vector<std::string> things = {"bottle", "black bag", "ladder", "cardboard box",
                                             "fire extinguisher"};
    std::vector<store::Delivery> deliveries;
    for (int i = 0; i < 10'000; ++i) {
      const TimePoint time(std::chrono::seconds(1767225600 + 60 * i));
      deliveries.push_back(
          {.message =
               ChangeEvent{.id = UlidOf(time, std::to_string(i)),
                           .time = time,
                           .camera = "camera_" + std::to_string(i % 16),
                           .kind = ChangeKind::kAdded,
                           .caption = "a " + things[static_cast<std::size_t>(i) % things.size()] +
                                      " has been left by the door",
                           .caption_status = CaptionStatus::kReady,
                           .confidence = 0.9,
                           .regions = {{.x = 0.1, .y = 0.1, .w = 0.2, .h = 0.2}},
                           .reference = {.time = time},
                           .current = {.time = time}}});
      if (deliveries.size() < 500) continue;
      for (const auto& appended : store.AppendBatch(deliveries)) {
        if (!appended) throw std::runtime_error(appended.error().message());
      }
      deliveries.clear();
    }
    return folder;
  }();
  return path;
}

// The whole process, from its start to its end.
void QueryOf10000Events(benchmark::State& state) {
  const std::vector<std::string> command = {
      kProgram, "query", "ladder", "--store", LargeStore().string(), "--output", "jsonl"};
  for (auto _ : state) {
    const RunResult result = RunProgram(command);
    if (result.exit_code != 0) state.SkipWithError(result.err.c_str());
  }
}
BENCHMARK(QueryOf10000Events)->Unit(benchmark::kMillisecond)->UseRealTime();

void NanoCaption(benchmark::State& state) {
  // This program is not where the product is.
  setenv("STILLWATCH_MODEL_MODULE", STILLWATCH_BINARY_DIR "/libstillwatchmodel.so", 1);
  auto captioner = model::OpenCaptionerFromLibrary(
      {.model_folder = STILLWATCH_SOURCE_DIR "/model/weights/nano"});
  if (!captioner) return state.SkipWithError(captioner.error().message().c_str());
  auto source = ingest::OpenFrameSource(kClip.string(),
                                        {.interval = std::chrono::seconds(2), .camera = "bench"});
  if (!source) return state.SkipWithError(source.error().message().c_str());
  std::vector<FramePtr> frames;
  for (auto frame = (*source)->Next(); frame && *frame; frame = (*source)->Next()) {
    frames.push_back(*frame);
  }
  const auto view = [](const FramePtr& frame) {
    return model::Picture{.rgb = frame->rgb, .width = frame->width, .height = frame->height};
  };
  std::size_t i = 0;
  for (auto _ : state) {
    // Another pair each time: nothing is answered from a memory.
    const FramePtr& current = frames[++i % frames.size()];
    const auto result = (*captioner)
                            ->Caption({.reference = view(frames[0]),
                                       .current = view(current),
                                       .regions = {{.x = 0.38, .y = 0.5, .w = 0.1, .h = 0.15}}});
    if (!result) state.SkipWithError(result.error().message().c_str());
  }
}
BENCHMARK(NanoCaption)->Unit(benchmark::kMillisecond)->UseRealTime();

// The floor of a scan: the same frames, decoded and sampled, and nothing else.
void DecodeSampleClip(benchmark::State& state) {
  for (auto _ : state) {
    auto source = ingest::OpenFrameSource(
        kClip.string(), {.interval = std::chrono::milliseconds(500), .camera = "bench"});
    if (!source) return state.SkipWithError(source.error().message().c_str());
    for (auto frame = (*source)->Next(); frame && *frame; frame = (*source)->Next()) {
    }
  }
  state.counters["times_real_time"] =
      benchmark::Counter(73.3, benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(DecodeSampleClip)->Unit(benchmark::kMillisecond)->UseRealTime();

// The whole process with captions, LibTorch's start included.
void ScanSampleClip(benchmark::State& state) {
  for (auto _ : state) {
    const RunResult result = RunProgram({kProgram, "scan", kClip.string(), "--interval", "500ms",
                                         "--settle", "3s", "--output", "jsonl"});
    if (result.exit_code != 0) state.SkipWithError(result.err.c_str());
  }
  state.counters["times_real_time"] =
      benchmark::Counter(73.3, benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(ScanSampleClip)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace stillwatch

BENCHMARK_MAIN();
