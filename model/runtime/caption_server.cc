#include "model/runtime/caption_server.h"

#include <algorithm>
#include <future>
#include <string>
#include <utility>

#include <pthread.h>

namespace stillwatch::model {

CaptionServer::CaptionServer(std::unique_ptr<CaptionModel> model, const ServerPolicy& policy,
                             Clock clock)
    : policy_(policy),
      clock_(std::move(clock)),
      name_(model->name()),
      model_(std::move(model)),
      batch_(&model_->decoder()),
      most_(static_cast<std::size_t>(model_->decoder().slots())),
      thread_([this](std::stop_token stop) { Run(std::move(stop)); }) {}

CaptionServer::~CaptionServer() { Stop(); }

void CaptionServer::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

Result<std::uint64_t> CaptionServer::Submit(Job job) {
  std::uint64_t id = 0;
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) return Unavailable("captions: the server has been stopped");
    if (queue_.size() >= static_cast<std::size_t>(std::max(policy_.queue, 1))) {
      if (policy_.full == FullQueue::kRefuse) {
        ++stats_.refused;
        return ResourceExhausted("captions: " + std::to_string(queue_.size()) +
                                 " requests are waiting already; try again later");
      }
      dropped_.push_back(std::move(queue_.front()));
      queue_.pop_front();
    }
    id = next_id_++;
    ++stats_.submitted;
    queue_.push_back({.id = id, .job = std::move(job), .since = clock_()});
  }
  changed_.notify_all();
  return id;
}

bool CaptionServer::Cancel(std::uint64_t id) {
  {
    const std::lock_guard lock(mutex_);
    const auto waiting = std::find_if(queue_.begin(), queue_.end(),
                                      [id](const Waiting& other) { return other.id == id; });
    const bool is_written =
        std::find(now_writing_.begin(), now_writing_.end(), id) != now_writing_.end();
    if (waiting == queue_.end() && !is_written) return false;
    if (std::find(to_cancel_.begin(), to_cancel_.end(), id) != to_cancel_.end()) return false;
    to_cancel_.push_back(id);
  }
  changed_.notify_all();
  return true;
}

Result<CaptionResult> CaptionServer::Caption(const CaptionRequest& request) {
  std::promise<Result<CaptionResult>> promise;
  auto future = promise.get_future();
  const auto id = Submit({.request = request, .done = [&promise](Result<CaptionResult> result) {
                            promise.set_value(std::move(result));
                          }});
  if (!id) return Failure(id.error());
  return future.get();
}

CaptionServer::Stats CaptionServer::stats() const {
  const std::lock_guard lock(mutex_);
  Stats stats = stats_;
  stats.waiting = queue_.size();
  stats.writing = now_writing_.size();
  return stats;
}

void CaptionServer::Run(std::stop_token stop) {
  pthread_setname_np(pthread_self(), "infer");
  while (WaitForWork(stop)) {
    EndLate();
    Admit();
    WriteOneStep();
    PublishStats();
  }
  // The end: everything that is left gets its answer.
  std::deque<Waiting> left;
  {
    const std::lock_guard lock(mutex_);
    left.swap(queue_);
    for (Waiting& waiting : dropped_) left.push_back(std::move(waiting));
    dropped_.clear();
  }
  for (auto& [id, writing] : writing_) {
    Give(writing.job, Cancelled("captions: the server was stopped"), Outcome::kCancelled);
  }
  for (Waiting& waiting : left) {
    Give(waiting.job, Cancelled("captions: the server was stopped"), Outcome::kCancelled);
  }
  writing_.clear();
  PublishStats();
}

// False: it is over.
bool CaptionServer::WaitForWork(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  if (writing_.empty()) {
    changed_.wait(lock, stop, [this] { return !queue_.empty() || !dropped_.empty(); });
  }
  return !stop.stop_requested();
}

// Answers those that were dropped, cancelled or have run out of time.
void CaptionServer::EndLate() {
  const auto now = clock_();
  const auto is_late = [&](std::chrono::steady_clock::time_point since) {
    return policy_.timeout.count() > 0 && now - since >= policy_.timeout;
  };
  std::vector<Waiting> dropped, cancelled, late;
  std::vector<std::uint64_t> to_cancel;
  {
    const std::lock_guard lock(mutex_);
    dropped.swap(dropped_);
    to_cancel.swap(to_cancel_);
    std::deque<Waiting> kept;
    for (Waiting& waiting : queue_) {
      if (std::find(to_cancel.begin(), to_cancel.end(), waiting.id) != to_cancel.end()) {
        cancelled.push_back(std::move(waiting));
      } else if (is_late(waiting.since)) {
        late.push_back(std::move(waiting));
      } else {
        kept.push_back(std::move(waiting));
      }
    }
    queue_.swap(kept);
  }
  const auto cancel = [] { return Cancelled("captions: cancelled"); };
  const auto time_out = [&] {
    return Unavailable("captions: no answer within " + std::to_string(policy_.timeout.count()) +
                       " ms");
  };
  for (Waiting& waiting : dropped) {
    Give(waiting.job, ResourceExhausted("captions: dropped for newer requests, the queue is full"),
         Outcome::kDropped);
  }
  for (Waiting& waiting : cancelled) Give(waiting.job, cancel(), Outcome::kCancelled);
  for (Waiting& waiting : late) Give(waiting.job, time_out(), Outcome::kTimedOut);
  for (auto at = writing_.begin(); at != writing_.end();) {
    const bool cancelled_now =
        std::find(to_cancel.begin(), to_cancel.end(), at->first) != to_cancel.end();
    if (!cancelled_now && !is_late(at->second.since)) {
      ++at;
      continue;
    }
    batch_.Leave(at->first);
    Give(at->second.job, cancelled_now ? Result<CaptionResult>(cancel()) : time_out(),
         cancelled_now ? Outcome::kCancelled : Outcome::kTimedOut);
    at = writing_.erase(at);
  }
}

void CaptionServer::Admit() {
  // With nothing to be written nobody is kept waiting by a crowd.
  const int most = writing_.empty() ? model_->decoder().slots() : policy_.newcomers_a_step;
  for (int i = 0; i < most && writing_.size() < most_; ++i) {
    if (!AdmitOne()) return;
  }
}

// Encodes the pair at the head of the queue and reads its prompt.  False: none, or no room.
bool CaptionServer::AdmitOne() {
  if (batch_.free_slots() == 0) return false;
  Waiting waiting;
  {
    const std::lock_guard lock(mutex_);
    if (queue_.empty()) return false;
    waiting = std::move(queue_.front());
    queue_.pop_front();
    now_writing_.push_back(waiting.id);  // From here on Cancel is for EndLate's second half.
  }
  auto pair = model_->Encode(waiting.job.request);
  Status status = pair ? batch_.CanWrite(*pair->prompt, pair->options) : pair.error();
  if (status.ok() && !batch_.HasRoomFor(pair->options)) {
    PutBack(std::move(waiting));  // Its beams need more slots; encoded again, which is rare.
    return false;
  }
  if (status.ok()) {
    const DecodeBatch::Newcomer newcomer = {
        .id = waiting.id, .prompt = pair->prompt.get(), .options = &pair->options};
    status = batch_.Join({&newcomer, 1});
  }
  if (status.code() == StatusCode::kResourceExhausted && !writing_.empty()) {
    most_ = writing_.size();
    ++shrinks_;
    PutBack(std::move(waiting));
    return false;
  }
  if (!status.ok()) {
    {
      const std::lock_guard lock(mutex_);
      std::erase(now_writing_, waiting.id);
    }
    Give(waiting.job, Failure(std::move(status)), Outcome::kFailed);
    return true;
  }
  pair->prompt.reset();  // In the decoder's slots now.
  Writing& writing = writing_[waiting.id];
  writing.since = waiting.since;
  writing.job = std::move(waiting.job);
  writing.pair = *std::move(pair);
  if (writing.job.text) writing.stream = model_->Stream();
  return true;
}

void CaptionServer::PutBack(Waiting waiting) {
  const std::lock_guard lock(mutex_);
  std::erase(now_writing_, waiting.id);
  queue_.push_front(std::move(waiting));
}

void CaptionServer::WriteOneStep() {
  const Status stepped = batch_.Step();
  std::vector<std::uint64_t> gone;
  for (const DecodeBatch::Member& member : batch_.members()) {
    Writing& writing = writing_.at(member.id);
    if (!stepped.ok()) {
      Give(writing.job, Failure(stepped), Outcome::kFailed);
      gone.push_back(member.id);
      continue;
    }
    if (writing.stream != nullptr) {
      const std::string& text = writing.stream->Text(member.generation->settled());
      if (text.size() > writing.shown) {
        writing.shown = text.size();
        writing.job.text(text);
      }
    }
    if (!member.generation->done()) continue;
    auto result = model_->Finish(writing.pair, member.generation->result());
    const Outcome outcome = result ? Outcome::kAnswered : Outcome::kFailed;
    Give(writing.job, std::move(result), outcome);
    gone.push_back(member.id);
  }
  for (const std::uint64_t id : gone) {
    batch_.Leave(id);
    writing_.erase(id);
  }
}

// Counted before it is told: who waits for the answer finds it in the statistics.
void CaptionServer::Give(Job& job, Result<CaptionResult> result, Outcome outcome) {
  {
    const std::lock_guard lock(mutex_);
    switch (outcome) {
      case Outcome::kAnswered:
        ++stats_.answered;
        break;
      case Outcome::kFailed:
        ++stats_.failed;
        break;
      case Outcome::kDropped:
        ++stats_.dropped;
        break;
      case Outcome::kCancelled:
        ++stats_.cancelled;
        break;
      case Outcome::kTimedOut:
        ++stats_.timed_out;
        break;
    }
  }
  if (job.done) job.done(std::move(result));
}

void CaptionServer::PublishStats() {
  const CaptionModel::CacheStats cache = model_->cache_stats();
  const std::lock_guard lock(mutex_);
  stats_.steps = batch_.stats().steps;
  stats_.rows = batch_.stats().rows;
  stats_.shrinks = shrinks_ + batch_.stats().shrinks;
  stats_.cache = cache;
  now_writing_.clear();
  for (const auto& [id, writing] : writing_) now_writing_.push_back(id);
}

}  // namespace stillwatch::model
