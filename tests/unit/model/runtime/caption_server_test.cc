#include "model/runtime/caption_server.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <latch>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/model/runtime/fake_model.h"

namespace stillwatch::model {
namespace {

using std::chrono::milliseconds;
using Answer = Result<CaptionResult>;

// Holds the server's thread in Encode until it is opened, so that a test knows what is waiting.
class Gate {
 public:
  void Pass() {
    std::unique_lock lock(mutex_);
    ++arrived_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_ > 0; });
    --open_;
  }
  void WaitForArrivals(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return arrived_ >= count; });
  }
  void Open(int times = 1000000) {
    const std::lock_guard lock(mutex_);
    open_ += times;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int arrived_ = 0;
  int open_ = 0;
};

std::future<Answer> Ask(CaptionServer& server, const FakePicture& picture,
                        std::uint64_t* id = nullptr) {
  auto promise = std::make_shared<std::promise<Answer>>();
  auto future = promise->get_future();
  const auto submitted =
      server.Submit({.request = picture.request(),
                     .done = [promise](Answer answer) { promise->set_value(std::move(answer)); }});
  if (!submitted) promise->set_value(Failure(submitted.error()));
  if (submitted && id != nullptr) *id = *submitted;
  return future;
}

StatusCode CodeOf(std::future<Answer>& future) {
  const Answer answer = future.get();
  return answer ? StatusCode::kOk : answer.error().code();
}

TEST(CaptionServerTest, ManyThreadsGetTheirOwnAnswers) {
  CaptionServer server(std::make_unique<FakeModel>(3), {.queue = 1000});
  std::atomic<int> wrong = 0;
  {
    std::vector<std::jthread> cameras;
    for (int camera = 0; camera < 4; ++camera) {
      cameras.emplace_back([&, camera] {
        for (int i = 0; i < 25; ++i) {
          const FakePicture picture({camera, i % 7, 3});
          const Answer answer = server.Caption(picture.request());
          if (!answer || answer->caption != FakeModel::Expected({camera, i % 7, 3}, 6)) ++wrong;
        }
      });
    }
  }
  EXPECT_EQ(wrong, 0);
  const auto stats = server.stats();
  EXPECT_EQ(stats.submitted, 100U);
  EXPECT_EQ(stats.answered, 100U);
  EXPECT_EQ(stats.waiting, 0U);
}

TEST(CaptionServerTest, NewPairsJoinCaptionsThatAreBeingWritten) {
  auto model = std::make_unique<FakeModel>(4, GenerateOptions{.max_tokens = 40, .no_stop = true});
  FakeDecoder& decoder = model->fake();
  Gate gate;
  model->on_encode = [&] {
    gate.Pass();
    return Status();
  };
  CaptionServer server(std::move(model), {.newcomers_a_step = 1});
  const FakePicture picture({1, 2});
  std::vector<std::future<Answer>> answers;
  answers.push_back(Ask(server, picture));
  gate.WaitForArrivals(1);
  gate.Open(1);
  for (int i = 0; i < 2; ++i) answers.push_back(Ask(server, picture));
  gate.Open();
  for (auto& answer : answers) EXPECT_EQ(CodeOf(answer), StatusCode::kOk);
  server.Stop();
  // All three stood in one batch at some time, and nobody waited for another's end.
  EXPECT_EQ(*std::max_element(decoder.steps.begin(), decoder.steps.end()), 3U);
  EXPECT_LT(decoder.steps.size(), 3U * 39U);
}

TEST(CaptionServerTest, AFullQueueDropsTheOldestAndCountsIt) {
  auto model = std::make_unique<FakeModel>(1);
  Gate gate;
  model->on_encode = [&] {
    gate.Pass();
    return Status();
  };
  CaptionServer server(std::move(model), {.queue = 2});
  const FakePicture picture({1});
  auto first = Ask(server, picture);
  gate.WaitForArrivals(1);  // It waits no longer; the queue is empty.
  auto oldest = Ask(server, picture);
  auto second = Ask(server, picture);
  auto third = Ask(server, picture);
  gate.Open();
  EXPECT_EQ(CodeOf(oldest), StatusCode::kResourceExhausted);
  for (auto* answer : {&first, &second, &third}) EXPECT_EQ(CodeOf(*answer), StatusCode::kOk);
  EXPECT_EQ(server.stats().dropped, 1U);
  EXPECT_EQ(server.stats().answered, 3U);
}

TEST(CaptionServerTest, AFullQueueMayRefuseInstead) {
  auto model = std::make_unique<FakeModel>(1);
  Gate gate;
  model->on_encode = [&] {
    gate.Pass();
    return Status();
  };
  CaptionServer server(std::move(model), {.queue = 1, .full = FullQueue::kRefuse});
  const FakePicture picture({1});
  auto first = Ask(server, picture);
  gate.WaitForArrivals(1);
  auto second = Ask(server, picture);
  const auto refused = server.Submit({.request = picture.request()});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), StatusCode::kResourceExhausted);
  gate.Open();
  EXPECT_EQ(CodeOf(second), StatusCode::kOk);
  EXPECT_EQ(server.stats().refused, 1U);
  EXPECT_EQ(server.stats().submitted, 2U);
}

TEST(CaptionServerTest, CancelsWhatWaitsAndWhatIsBeingWritten) {
  auto model = std::make_unique<FakeModel>(1);
  Gate gate;
  model->on_encode = [&] {
    gate.Pass();
    return Status();
  };
  CaptionServer server(std::move(model), {});
  const FakePicture picture({1});
  auto first = Ask(server, picture);
  gate.WaitForArrivals(1);
  std::uint64_t id = 0;
  auto waiting = Ask(server, picture, &id);
  EXPECT_TRUE(server.Cancel(id));
  EXPECT_FALSE(server.Cancel(id));  // Once is enough.
  EXPECT_FALSE(server.Cancel(999));
  gate.Open();
  EXPECT_EQ(CodeOf(waiting), StatusCode::kCancelled);
  EXPECT_EQ(CodeOf(first), StatusCode::kOk);

  // In the middle of its caption, from a callback on the server's own thread.
  std::promise<Answer> stopped;
  auto answer = stopped.get_future();
  std::atomic<std::uint64_t> own = 0;
  std::latch submitted(1);
  const auto submission = server.Submit({.request = picture.request(),
                                         .done = [&](Answer a) { stopped.set_value(std::move(a)); },
                                         .text =
                                             [&](std::string_view text) {
                                               submitted.wait();
                                               if (text.size() == 3) server.Cancel(own);
                                             }});
  ASSERT_TRUE(submission);
  own = *submission;
  submitted.count_down();
  EXPECT_EQ(CodeOf(answer), StatusCode::kCancelled);
  EXPECT_EQ(server.stats().cancelled, 2U);
  // Its slot is free again.
  EXPECT_TRUE(server.Caption(picture.request()));
}

TEST(CaptionServerTest, RequestsRunOutOfTimeWaitingAndWriting) {
  auto model = std::make_unique<FakeModel>(1);
  std::atomic<std::int64_t> now_ms = 0;
  Gate gate;
  model->on_encode = [&] {
    gate.Pass();
    return Status();
  };
  CaptionServer server(std::move(model), {.timeout = milliseconds(500)},
                       [&] { return std::chrono::steady_clock::time_point(milliseconds(now_ms)); });
  const FakePicture picture({1});
  auto writing = Ask(server, picture);
  gate.WaitForArrivals(1);
  auto waiting = Ask(server, picture);
  now_ms = 499;
  auto fresh = Ask(server, picture);
  now_ms = 500;  // The first two have had their time.
  gate.Open();
  EXPECT_EQ(CodeOf(writing), StatusCode::kUnavailable);
  EXPECT_EQ(CodeOf(waiting), StatusCode::kUnavailable);
  EXPECT_EQ(CodeOf(fresh), StatusCode::kOk);
  EXPECT_EQ(server.stats().timed_out, 2U);
}

TEST(CaptionServerTest, ShowsCaptionsWhileTheyGrow) {
  CaptionServer server(std::make_unique<FakeModel>(2), {});
  const FakePicture picture({4, 2});
  std::vector<std::string> seen;
  std::promise<Answer> done;
  auto answer = done.get_future();
  ASSERT_TRUE(server.Submit({.request = picture.request(),
                             .done = [&](Answer a) { done.set_value(std::move(a)); },
                             .text = [&](std::string_view text) { seen.emplace_back(text); }}));
  const Answer result = answer.get();
  ASSERT_TRUE(result);
  ASSERT_GE(seen.size(), 4U);
  for (std::size_t i = 1; i < seen.size(); ++i) EXPECT_TRUE(seen[i].starts_with(seen[i - 1]));
  EXPECT_EQ(seen.back(), result->caption);
}

TEST(CaptionServerTest, OutOfMemoryShrinksTheBatchAndNobodyLosesAnAnswer) {
  auto model = std::make_unique<FakeModel>(8);
  FakeDecoder& decoder = model->fake();
  std::atomic<int> encoded = 0;
  // Now and then the tower has no memory, and the decoder never for more than two.
  model->on_encode = [&] {
    return ++encoded % 5 == 4 ? Status(ResourceExhausted("tower")) : Status();
  };
  decoder.out_of_memory = [](std::size_t rows) { return rows > 2; };
  CaptionServer server(std::move(model), {.newcomers_a_step = 3});
  std::vector<std::unique_ptr<FakePicture>> pictures;
  std::vector<std::future<Answer>> answers;
  for (int i = 0; i < 20; ++i) {
    pictures.push_back(std::make_unique<FakePicture>(std::vector<int>{i % 7, 2}));
    answers.push_back(Ask(server, *pictures.back()));
  }
  int failed = 0;
  for (int i = 0; i < 20; ++i) {
    const Answer answer = answers[static_cast<std::size_t>(i)].get();
    if (!answer) {
      // Allowed only where the pair was alone and still found no memory.
      EXPECT_EQ(answer.error().code(), StatusCode::kResourceExhausted);
      ++failed;
      continue;
    }
    EXPECT_EQ(answer->caption, FakeModel::Expected({i % 7, 2}, 6));
  }
  const auto stats = server.stats();
  EXPECT_EQ(stats.answered + stats.failed, 20U);
  EXPECT_EQ(stats.failed, static_cast<std::uint64_t>(failed));
  EXPECT_GT(stats.answered, 10U);
  server.Stop();
  EXPECT_GT(server.stats().shrinks, 0U);
  EXPECT_LE(*std::max_element(decoder.steps.begin(), decoder.steps.end()), 2U);
}

TEST(CaptionServerTest, AWrongPairFailsAlone) {
  CaptionServer server(std::make_unique<FakeModel>(4), {});
  const FakePicture good({1}), bad(std::vector<int>{});
  const FakePicture too_long(std::vector<int>(63, 1));
  auto a = Ask(server, good), b = Ask(server, bad), c = Ask(server, too_long),
       d = Ask(server, good);
  EXPECT_EQ(CodeOf(a), StatusCode::kOk);
  EXPECT_EQ(CodeOf(b), StatusCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(c), StatusCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(d), StatusCode::kOk);
  EXPECT_EQ(server.stats().failed, 2U);
}

TEST(CaptionServerTest, TheEndAnswersWhatIsLeft) {
  auto model = std::make_unique<FakeModel>(1);
  Gate gate;
  model->on_encode = [&] {
    gate.Pass();
    return Status();
  };
  CaptionServer server(std::move(model), {});
  const FakePicture picture({1});
  auto first = Ask(server, picture);
  gate.WaitForArrivals(1);
  auto second = Ask(server, picture);
  std::jthread stopping([&] { server.Stop(); });
  while (server.Submit({.request = picture.request()})) {
  }
  gate.Open();
  stopping.join();
  // The first may have been finished or not; each has exactly one answer.
  const StatusCode code = CodeOf(first);
  EXPECT_TRUE(code == StatusCode::kOk || code == StatusCode::kCancelled);
  EXPECT_EQ(CodeOf(second), StatusCode::kCancelled);
  auto late = Ask(server, picture);
  EXPECT_EQ(CodeOf(late), StatusCode::kUnavailable);
  server.Stop();
}

}  // namespace
}  // namespace stillwatch::model
