#include "plugins/zmqeventsink/event_outbox.h"

#include <future>
#include <vector>

#include <gtest/gtest.h>

namespace stillwatch::gst {
namespace {

using bus::Acknowledgement;
using bus::Verdict;
using std::chrono::milliseconds;
using std::chrono::seconds;

// A recorder that answers what the test tells it to; thread-safe.
class FakeRecorder {
 public:
  EventOutbox::Sender Sender() {
    return [this](const OutgoingEvent& event, std::stop_token stop) -> Result<Acknowledgement> {
      std::unique_lock lock(mu_);
      changed_.wait(lock, stop, [this] { return !held_; });
      if (stop.stop_requested()) return Cancelled("stopped");
      ++attempts_;
      if (failures_ > 0) {
        --failures_;
        return Unavailable("nobody there");
      }
      if (verdict_ == Verdict::kOk) taken_.push_back(event.event.id);
      return Acknowledgement{.id = event.event.id, .verdict = verdict_, .message = "because"};
    };
  }
  EventOutbox::Reporter Reporter() {
    return [this](EventOutbox::Report report, const std::string&) {
      const std::lock_guard lock(mu_);
      reports_.push_back(report);
    };
  }
  void Hold(bool held) {
    {
      const std::lock_guard lock(mu_);
      held_ = held;
    }
    changed_.notify_all();
  }
  void FailNext(int failures) {
    const std::lock_guard lock(mu_);
    failures_ = failures;
  }
  void Answer(Verdict verdict) {
    const std::lock_guard lock(mu_);
    verdict_ = verdict;
  }
  std::vector<std::string> taken() const {
    const std::lock_guard lock(mu_);
    return taken_;
  }
  std::vector<EventOutbox::Report> reports() const {
    const std::lock_guard lock(mu_);
    return reports_;
  }

 private:
  mutable std::mutex mu_;
  std::condition_variable_any changed_;
  bool held_ = false;
  int failures_ = 0;
  int attempts_ = 0;
  Verdict verdict_ = Verdict::kOk;
  std::vector<std::string> taken_;
  std::vector<EventOutbox::Report> reports_;
};

OutgoingEvent Named(const std::string& id) { return {.event = {.id = id}}; }
constexpr OutboxPolicy kQuick = {.capacity = 3, .retry_after = milliseconds(1)};
using Report = EventOutbox::Report;

TEST(EventOutboxTest, DeliversInOrder) {
  FakeRecorder recorder;
  EventOutbox outbox({}, recorder.Sender(), recorder.Reporter());
  for (const char* id : {"a", "b", "c"}) outbox.Push(Named(id));
  EXPECT_EQ(outbox.Drain(seconds(10)), 0u);
  EXPECT_EQ(recorder.taken(), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(outbox.stats().acknowledged, 3u);
  EXPECT_TRUE(recorder.reports().empty());
}

TEST(EventOutboxTest, TriesAgainAndReportsAnOutageOnce) {
  FakeRecorder recorder;
  recorder.FailNext(5);
  EventOutbox outbox(kQuick, recorder.Sender(), recorder.Reporter());
  outbox.Push(Named("a"));
  outbox.Push(Named("b"));
  EXPECT_EQ(outbox.Drain(seconds(10)), 0u);
  EXPECT_EQ(recorder.taken(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(outbox.stats().failed_attempts, 5u);
  EXPECT_EQ(recorder.reports(), (std::vector<Report>{Report::kUnreachable, Report::kReachable}));
}

TEST(EventOutboxTest, AFullQueueDropsTheOldestThatWaitsAndCountsIt) {
  FakeRecorder recorder;
  recorder.Hold(true);
  EventOutbox outbox(kQuick, recorder.Sender(), recorder.Reporter());
  outbox.Push(Named("sent first"));
  // Whether the thread has taken the first already decides how many of these fit.
  for (int i = 0; i < 8; ++i) outbox.Push(Named(std::to_string(i)));
  EXPECT_LE(outbox.stats().pending, 4u);
  recorder.Hold(false);
  EXPECT_EQ(outbox.Drain(seconds(10)), 0u);
  const auto taken = recorder.taken();
  ASSERT_GE(taken.size(), 3u);
  EXPECT_EQ(std::vector<std::string>(taken.end() - 3, taken.end()),
            (std::vector<std::string>{"5", "6", "7"}));
  const auto stats = outbox.stats();
  EXPECT_EQ(stats.dropped + stats.acknowledged, 9u);
  EXPECT_EQ(recorder.reports(), std::vector<Report>{Report::kDropped});
}

TEST(EventOutboxTest, ARefusedEventIsDroppedAndReported) {
  FakeRecorder recorder;
  recorder.Answer(Verdict::kRefused);
  EventOutbox outbox(kQuick, recorder.Sender(), recorder.Reporter());
  outbox.Push(Named("a"));
  EXPECT_EQ(outbox.Drain(seconds(10)), 0u);
  EXPECT_EQ(outbox.stats().refused, 1u);
  EXPECT_EQ(recorder.reports(), std::vector<Report>{Report::kRefused});
}

TEST(EventOutboxTest, DrainGivesUpAfterItsTimeAndSaysHowManyAreLeft) {
  FakeRecorder recorder;
  recorder.Answer(Verdict::kRetry);
  EventOutbox outbox(kQuick, recorder.Sender(), recorder.Reporter());
  outbox.Push(Named("a"));
  outbox.Push(Named("b"));
  EXPECT_EQ(outbox.Drain(milliseconds(20)), 2u);
}

TEST(EventOutboxTest, InterruptEndsADrain) {
  FakeRecorder recorder;
  recorder.Hold(true);
  EventOutbox outbox({}, recorder.Sender(), recorder.Reporter());
  outbox.Push(Named("a"));
  auto left = std::async(std::launch::async, [&] { return outbox.Drain(std::chrono::hours(1)); });
  outbox.Interrupt();
  EXPECT_EQ(left.get(), 1u);
}

TEST(EventOutboxTest, TheDestructorDoesNotWaitForTheRecorder) {
  FakeRecorder recorder;
  recorder.Hold(true);
  {
    EventOutbox outbox({.retry_after = std::chrono::hours(1)}, recorder.Sender(),
                       recorder.Reporter());
    outbox.Push(Named("a"));
  }
  EXPECT_TRUE(recorder.taken().empty());
}

}  // namespace
}  // namespace stillwatch::gst
