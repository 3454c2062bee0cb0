#include "model/data/produce.h"

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <opencv2/core.hpp>

#include "model/data/dataset.h"

namespace stillwatch::data {
namespace {

constexpr std::uint64_t kCommitEvery = 200;
constexpr std::uint64_t kAhead = 64;  // Pairs that may wait for an earlier one.

// Draws pairs [first, last) on several threads and hands them over in order.
class Line {
 public:
  Line(const PairDrawer& draw, std::uint64_t first, std::uint64_t last, int threads)
      : draw_(draw), next_(first), due_(first), last_(last) {
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
      auto pair = draw_(id);
      const std::lock_guard lock(mutex_);
      done_.emplace(id, std::move(pair));
      changed_.notify_all();
    }
  }

  const PairDrawer& draw_;
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

Status Produce(const ProduceOptions& options, const PairDrawer& draw, const Progress& progress,
               ComposeReport& report) {
  const OneThreadInOpenCv one_thread;
  auto writer = DatasetWriter::Open(options.out, options.origin, options.size);
  if (!writer) return writer.error();
  const auto start = std::chrono::steady_clock::now();
  const std::uint64_t first = writer->count();
  bool stopped = false;
  if (first < options.count) {
    Line line(draw, first, options.count, options.threads);
    while (writer->count() < options.count && !stopped) {
      const auto pair = line.Take();
      if (!pair) return pair.error();
      if (auto status = writer->Append(*pair); !status.ok()) return status;
      ++report.made;
      ++report.kinds[pair->kind ? std::string(Name(*pair->kind)) : "same"];
      if (writer->count() % kCommitEvery == 0) {
        if (auto status = writer->Commit(); !status.ok()) return status;
      }
      stopped = progress && !progress(writer->count(), options.count, pair->captions.front());
    }
  }
  if (auto status = writer->Commit(); !status.ok()) return status;
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
  report.count = writer->count();
  report.pairs_per_s = spent.count() > 0 ? static_cast<double>(report.made) / spent.count() : 0;
  if (stopped) return Cancelled("stopped at " + std::to_string(report.count) + " pairs");
  return {};
}

}  // namespace stillwatch::data
