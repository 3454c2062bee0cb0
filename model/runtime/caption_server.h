// CaptionServer: one model for many cameras.

#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>
#include <thread>
#include <vector>

#include "model/generate/batch.h"
#include "model/runtime/caption_model.h"
#include "model/runtime/captioner.h"
#include "pipeline/core/status.h"

namespace stillwatch::model {

// What happens to a request that finds the queue full.
enum class FullQueue {
  kDropOldest,  // The one that has waited longest makes room: for live cameras, which want news.
  kRefuse,      // It is not taken: for lists that somebody works through.
};

struct ServerPolicy {
  int queue = 64;  // Requests that wait, at most.  A guess.
  FullQueue full = FullQueue::kDropOldest;
  // From Submit to the answer; a request that takes longer fails with kUnavailable, also in the
  // middle of its caption.  Zero: no limit.
  std::chrono::milliseconds timeout{0};
  // Pairs that may join between two steps of captions that are being written: reading a pair takes
  // as long as many steps, and nobody should wait for a crowd.  A guess.
  int newcomers_a_step = 2;
};

// Captions pairs from any number of threads on one thread of its own, `infer`, which alone touches
// the model.  Requests are answered in the order in which they came, side by side as far as the
// decoder has slots: a new one joins at the next step.  Each gets exactly one answer.
//
// Where memory runs out (kResourceExhausted) the pair goes back to the head of the queue and the
// batch stays as small as it was; only a pair that finds no memory even alone fails.
//
// Thread-safe.  The callbacks run on `infer`, without a lock: they may call Submit and Cancel, must
// not block for long and must not destroy the server.
class CaptionServer {
 public:
  using Clock = std::function<std::chrono::steady_clock::time_point()>;

  struct Job {
    CaptionRequest request{};
    std::shared_ptr<const void> pictures{};  // Keeps alive what `request` borrows.
    std::function<void(Result<CaptionResult>)> done{};
    std::function<void(std::string_view)> text{};  // The caption so far; may be empty.
  };

  struct Stats {
    std::uint64_t submitted = 0;
    std::uint64_t answered = 0;
    std::uint64_t failed = 0;     // By the model or for lack of memory.
    std::uint64_t dropped = 0;    // By kDropOldest.
    std::uint64_t refused = 0;    // By kRefuse; not among `submitted`.
    std::uint64_t cancelled = 0;  // By Cancel or by the end of the server.
    std::uint64_t timed_out = 0;
    std::uint64_t shrinks = 0;  // Times that memory ran out.
    std::size_t waiting = 0;    // Now.
    std::size_t writing = 0;    // Now.
    std::uint64_t steps = 0, rows = 0;
    CaptionModel::CacheStats cache{};
  };

  CaptionServer(std::unique_ptr<CaptionModel> model, const ServerPolicy& policy,
                Clock clock = std::chrono::steady_clock::now);
  // Answers what is left with kCancelled.
  ~CaptionServer();
  CaptionServer(const CaptionServer&) = delete;
  CaptionServer& operator=(const CaptionServer&) = delete;

  // kResourceExhausted: the queue is full (kRefuse).  kUnavailable: Stop was called.  Then `done`
  // is not called.
  [[nodiscard]] Result<std::uint64_t> Submit(Job job);

  // False: it has been answered already, or never was.
  bool Cancel(std::uint64_t id);

  // Submits and waits.  Not from a callback.
  [[nodiscard]] Result<CaptionResult> Caption(const CaptionRequest& request);

  // Takes no more, answers what is left with kCancelled, waits for the thread.  Twice is fine.
  void Stop();

  Stats stats() const;
  const ModelName& name() const { return name_; }

 private:
  struct Waiting {
    std::uint64_t id = 0;
    Job job{};
    std::chrono::steady_clock::time_point since{};
  };
  struct Writing {
    Job job{};
    std::chrono::steady_clock::time_point since{};
    EncodedPair pair{};
    std::unique_ptr<CaptionStream> stream{};
    std::size_t shown = 0;  // Bytes of text.
  };
  enum class Outcome { kAnswered, kFailed, kDropped, kCancelled, kTimedOut };

  void Run(std::stop_token stop);
  bool WaitForWork(std::stop_token stop);
  void EndLate();
  void Admit();
  bool AdmitOne();
  void WriteOneStep();
  void Give(Job& job, Result<CaptionResult> result, Outcome outcome);
  void PutBack(Waiting waiting);
  void PublishStats();

  const ServerPolicy policy_;
  const Clock clock_;
  const ModelName name_;

  // Thread `infer` alone.
  const std::unique_ptr<CaptionModel> model_;
  DecodeBatch batch_;
  std::map<std::uint64_t, Writing> writing_;
  std::size_t most_;  // Pairs written side by side, as far as memory is known to go.
  std::uint64_t shrinks_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  // Guarded by mutex_.
  std::deque<Waiting> queue_;
  std::vector<Waiting> dropped_;          // To be told so by `infer`.
  std::vector<std::uint64_t> to_cancel_;  // Of those that are being written.
  std::vector<std::uint64_t> now_writing_;
  std::uint64_t next_id_ = 1;
  bool stopped_ = false;
  Stats stats_;

  std::jthread thread_;  // Last: it uses what stands above.
};

}  // namespace stillwatch::model
