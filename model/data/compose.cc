#include "model/data/compose.h"

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include <opencv2/core.hpp>

#include "model/data/cutouts.h"
#include "model/data/dataset.h"
#include "model/data/pair.h"

namespace stillwatch::data {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kCommitEvery = 200;
constexpr std::uint64_t kAhead = 64;  // Pairs that may wait for an earlier one.

Result<std::vector<Thing>> LoadThings(const ComposeOptions& options, const Progress& progress,
                                      ComposeReport& report) {
  const fs::path bank = options.sprites.empty() ? options.out / "sprites" : options.sprites;
  std::error_code error;
  if (!fs::exists(bank / "bank.json", error)) {
    RenderOptions render{.out = bank, .seed = options.seed, .threads = options.threads};
    if (!options.material.empty()) render.catalogue = options.material / "models3d/catalog.jsonl";
    auto rendered = Render(render, progress);
    if (!rendered) return Failure(rendered.error());
    report.left_out = std::move(rendered->left_out);
  }
  auto things = LoadBank(bank);
  if (!things) return things;
  if (!options.material.empty()) {
    auto cutouts = LoadCutouts(options.material, report.absent);
    if (!cutouts) return cutouts;
    std::move(cutouts->begin(), cutouts->end(), std::back_inserter(*things));
  }
  return things;
}

// Draws pairs [first, last) on several threads and hands them over in order.
class Line {
 public:
  Line(const Stock& stock, std::uint64_t seed, std::uint64_t first, std::uint64_t last, int threads)
      : stock_(stock), seed_(seed), next_(first), due_(first), last_(last) {
    for (int i = 0; i < threads; ++i) {
      threads_.emplace_back([this](const std::stop_token& stop) { Work(stop); });
    }
  }

  // REQUIRES: called less often than there are pairs.
  Result<Pair> Take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return done_.contains(due_); });
    auto node = done_.extract(due_);
    ++due_;
    changed_.notify_all();
    return std::move(node.mapped());
  }

 private:
  void Work(const std::stop_token& stop) {
    for (;;) {
      std::uint64_t id = 0;
      {
        std::unique_lock lock(mutex_);
        if (!changed_.wait(lock, stop, [&] { return next_ >= last_ || next_ < due_ + kAhead; })) {
          return;
        }
        if (next_ >= last_) return;
        id = next_++;
      }
      auto pair = DrawPair(stock_, seed_, id);
      const std::lock_guard lock(mutex_);
      done_.emplace(id, std::move(pair));
      changed_.notify_all();
    }
  }

  const Stock& stock_;
  const std::uint64_t seed_;
  std::mutex mutex_;  // Guards what follows.
  std::condition_variable_any changed_;
  std::uint64_t next_;
  std::uint64_t due_;
  const std::uint64_t last_;
  std::map<std::uint64_t, Result<Pair>> done_;
  std::vector<std::jthread> threads_;  // Last: joined before the rest goes.
};

// OpenCV's own threads would fight with ours.
class OneThreadInOpenCv {
 public:
  OneThreadInOpenCv() : before_(cv::getNumThreads()) { cv::setNumThreads(1); }
  ~OneThreadInOpenCv() { cv::setNumThreads(before_); }
  OneThreadInOpenCv(const OneThreadInOpenCv&) = delete;
  OneThreadInOpenCv& operator=(const OneThreadInOpenCv&) = delete;

 private:
  int before_;
};

}  // namespace

Result<ComposeReport> Compose(const ComposeOptions& options, const Progress& progress) {
  if (options.out.empty()) return InvalidArgument("compose: no folder to write to");
  if (options.threads < 1) return InvalidArgument("compose: at least one thread");
  std::error_code error;
  if (!options.material.empty() && !fs::is_directory(options.material, error)) {
    return NotFound(options.material.string() + ": no such folder of training material");
  }
  const OneThreadInOpenCv one_thread;
  ComposeReport report;
  auto things = LoadThings(options, progress, report);
  if (!things) return Failure(things.error());
  auto backgrounds = Backgrounds::Load(options.material, options.seed, report.absent);
  if (!backgrounds) return Failure(backgrounds.error());
  const std::string origin = "seed " + std::to_string(options.seed) + ", " +
                             std::to_string(things->size()) + " things, " +
                             std::to_string(backgrounds->photographs()) + " photographs";
  Pool train(*things, false);
  Pool test(*things, true);
  // The pools point into the vector's storage, which a move keeps.
  const Stock stock{.things = std::move(*things),
                    .backgrounds = std::move(*backgrounds),
                    .train = std::move(train),
                    .test = std::move(test)};

  auto writer = DatasetWriter::Open(options.out, origin);
  if (!writer) return Failure(writer.error());
  const auto start = std::chrono::steady_clock::now();
  const std::uint64_t first = writer->count();
  bool stopped = false;
  if (first < options.count) {
    Line line(stock, options.seed, first, options.count, options.threads);
    while (writer->count() < options.count && !stopped) {
      const auto pair = line.Take();
      if (!pair) return Failure(pair.error());
      if (auto status = writer->Append(*pair); !status.ok()) return Failure(status);
      ++report.made;
      ++report.kinds[pair->kind ? std::string(Name(*pair->kind)) : "same"];
      if (writer->count() % kCommitEvery == 0) {
        if (auto status = writer->Commit(); !status.ok()) return Failure(status);
      }
      stopped = progress && !progress(writer->count(), options.count, pair->captions.front());
    }
  }
  if (auto status = writer->Commit(); !status.ok()) return Failure(status);
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
  report.count = writer->count();
  report.pairs_per_s = spent.count() > 0 ? static_cast<double>(report.made) / spent.count() : 0;
  if (stopped) return Cancelled("compose: stopped at " + std::to_string(report.count) + " pairs");
  return report;
}

}  // namespace stillwatch::data
