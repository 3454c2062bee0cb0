#include "storage/recorder/recorder.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <random>
#include <thread>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pipeline/bus/event_json.h"
#include "pipeline/bus/event_sender.h"
#include "pipeline/bus/event_subscriber.h"
#include "pipeline/bus/zmq_socket.h"
#include "tests/unit/storage/made_store.h"

namespace stillwatch {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

// Long enough for a loaded machine; a test that passes never waits for it.
constexpr auto kPatience = 30s;

RecorderOptions Options(const TemporaryFolder& folder) {
  return {.store = folder / "store",
          .listen = bus::ReceiverOptions{.endpoint = "ipc://" + (folder / "events").string()},
          .publish = bus::PublisherOptions{.endpoint = "ipc://" + (folder / "published").string()}};
}

// A recorder that runs on a thread of its own.
class Running {
 public:
  explicit Running(const RecorderOptions& options) {
    Result<std::unique_ptr<Recorder>> recorder = Recorder::Create(options);
    EXPECT_TRUE(recorder) << recorder.error().message();
    recorder_ = *std::move(recorder);
    thread_ = std::jthread([this](std::stop_token stop) {
      const Status ran = recorder_->Run(std::move(stop));
      EXPECT_TRUE(ran.ok()) << ran.message();
    });
  }
  Recorder* operator->() { return recorder_.get(); }

 private:
  std::unique_ptr<Recorder> recorder_;
  std::jthread thread_;
};

bus::EventSender SenderTo(const std::string& endpoint,
                          std::chrono::milliseconds timeout = kPatience) {
  return std::move(bus::EventSender::Connect({.endpoint = endpoint, .timeout = timeout}).value());
}

std::vector<ChangeEvent> StoredIn(const fs::path& path) {
  const Result<store::EventStore> store = store::EventStore::Open(path, store::OpenMode::kRead);
  EXPECT_TRUE(store) << store.error().message();
  return store::Found(*store, {.limit = 100'000});
}

TEST(RecorderTest, AnAcknowledgedEventIsInTheStoreWithItsPictures) {
  TemporaryFolder folder;
  Running recorder(Options(folder));
  bus::EventSender sender = SenderTo(recorder->listen_endpoint());
  const auto answer = sender.Send(MadeEvent(), MadeJpeg("before"), MadeJpeg("after"));
  ASSERT_TRUE(answer) << answer.error().message();
  EXPECT_EQ(answer->verdict, bus::Verdict::kOk);
  EXPECT_EQ(answer->seq, 1);
  EXPECT_EQ(answer->id, MadeEvent().id);
  const auto store = store::EventStore::Open(folder / "store", store::OpenMode::kRead);
  ASSERT_TRUE(store);
  EXPECT_EQ(store->Get(MadeEvent().id)->caption, MadeEvent().caption);
  EXPECT_EQ(store->ReadPicture(MadeEvent().id, store::PictureRole::kCurrent), MadeJpeg("after"));
}

TEST(RecorderTest, RedeliveryIsHarmlessAndNotPublishedAgain) {
  TemporaryFolder folder;
  Running recorder(Options(folder));
  bus::EventSender sender = SenderTo(recorder->listen_endpoint());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(sender.Send(MadeEvent(), "", "")->seq, 1);
  EXPECT_EQ(sender.Send(MadeEvent(1), "", "")->seq, 2);
  EXPECT_EQ(StoredIn(folder / "store").size(), 2);
  const Recorder::Stats stats = recorder->stats();
  EXPECT_EQ(stats.received, 4);
  EXPECT_EQ(stats.committed, 2);
  EXPECT_EQ(stats.duplicates, 2);
}

TEST(RecorderTest, CommittedMessagesArePublishedWithTheirSeq) {
  TemporaryFolder folder;
  Running recorder(Options(folder));
  auto subscriber =
      bus::EventSubscriber::Connect({.endpoint = recorder->publish_endpoint()}).value();
  bus::EventSender sender = SenderTo(recorder->listen_endpoint());
  // PUB drops what comes before the subscription: events until one is heard.
  int number = 0;
  std::optional<bus::PublishedEvent> heard;
  while (!heard && number < 10'000) {
    ASSERT_TRUE(sender.Send(MadeEvent(++number), "", ""));
    heard = subscriber.Receive(10ms).value();
  }
  ASSERT_TRUE(heard);
  ASSERT_TRUE(sender.Send(CaptionUpdate{.id = MadeEvent(number).id, .caption = "a bag"}));
  while (heard && heard->event.caption != "a bag") {
    heard = subscriber.Receive(kPatience).value();
    EXPECT_FALSE(heard && heard->gap);
  }
  ASSERT_TRUE(heard);
  EXPECT_EQ(heard->event.id, MadeEvent(number).id);
  EXPECT_EQ(heard->event.type, EventType::kChangeUpdated);
  EXPECT_EQ(heard->event.seq, static_cast<std::uint64_t>(number) + 1);
  EXPECT_TRUE(heard->event.source.starts_with("urn:stillwatch:"));
  EXPECT_NE(heard->event.source, bus::kLocalSource);
}

TEST(RecorderTest, WhatCanNeverBeStoredIsRefusedWithTheReason) {
  TemporaryFolder folder;
  Running recorder(Options(folder));
  bus::EventSender sender = SenderTo(recorder->listen_endpoint());
  const auto picture = sender.Send(MadeEvent(), "GIF89a", "");
  EXPECT_EQ(picture->verdict, bus::Verdict::kRefused);
  EXPECT_EQ(picture->message, "reference picture is no JPEG");
  const auto caption = sender.Send(CaptionUpdate{.id = MadeEvent().id, .caption = "a bag"});
  EXPECT_EQ(caption->verdict, bus::Verdict::kRefused);
  ChangeEvent broken = MadeEvent();
  broken.id = "not a ULID";
  EXPECT_EQ(sender.Send(broken, "", "")->verdict, bus::Verdict::kRefused);
  // A malformed message is answered a moment before it is counted.
  const auto patience_ends = std::chrono::steady_clock::now() + kPatience;
  while (recorder->stats().refused < 3 && std::chrono::steady_clock::now() < patience_ends) {
    std::this_thread::yield();
  }
  EXPECT_EQ(recorder->stats().refused, 3);
  EXPECT_EQ(recorder->stats().committed, 0);
}

TEST(RecorderTest, AStoreThatIsGoneMeansRetryAndWorksAgainWithoutARestart) {
  TemporaryFolder folder;
  RecorderOptions options = Options(folder);
  std::vector<StatusCode> health;  // Written while this thread waits for answers.
  options.on_health = [&health](const Status& status) { health.push_back(status.code()); };
  Running recorder(options);
  bus::EventSender sender = SenderTo(recorder->listen_endpoint());
  ASSERT_EQ(sender.Send(MadeEvent(1), "", "")->seq, 1);
  fs::rename(folder / "store", folder / "aside");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(sender.Send(MadeEvent(2), "", "")->verdict, bus::Verdict::kRetry);
  }
  EXPECT_FALSE(fs::exists(folder / "store"));
  fs::copy(folder / "aside", folder / "store", fs::copy_options::recursive);  // Another inode.
  const auto answer = sender.Send(MadeEvent(2), "", "");
  EXPECT_EQ(answer->verdict, bus::Verdict::kOk) << answer->message;
  EXPECT_EQ(answer->seq, 2);
  EXPECT_EQ(health, (std::vector{StatusCode::kUnavailable, StatusCode::kOk}));
  EXPECT_EQ(recorder->stats().retried, 3);
}

TEST(RecorderTest, TakesEventsWithoutTheBus) {
  TemporaryFolder folder;
  const auto recorder = Recorder::Create({.store = folder / "events.db"});
  ASSERT_TRUE(recorder) << recorder.error().message();
  EXPECT_EQ((*recorder)->Record(MadeEvent(), MadeJpeg("before"), MadeJpeg("after"))->seq, 1);
  EXPECT_EQ((*recorder)->Record(CaptionUpdate{.id = MadeEvent().id, .caption = "a bag"})->seq, 2);
  EXPECT_EQ((*recorder)->event_store().Get(MadeEvent().id)->caption, "a bag");
  EXPECT_EQ((*recorder)->Run({}).code(), StatusCode::kInvalidArgument);
}

// Takes one event, commits it, and dies before the answer: what a kill at the worst moment does.
[[noreturn]] void CommitAndDie(const RecorderOptions& options) {
  Result<store::EventStore> store =
      store::EventStore::Open(options.store, store::OpenMode::kCreate);
  Result<bus::EventReceiver> receiver = bus::EventReceiver::Bind(*options.listen);
  while (store && receiver) {
    const auto received = receiver->Receive(kPatience);
    if (!received || !*received) break;
    const auto& message = std::get<bus::EventMessage>((*received)->request);
    const bool stored =
        store->Append(message.event, message.reference_jpeg, message.current_jpeg).has_value();
    ::_exit(stored ? 0 : 1);
  }
  ::_exit(2);
}

TEST(RecorderTest, KilledBetweenCommitAndAnswerOneEventIsLeft) {
  TemporaryFolder folder;
  const RecorderOptions options = Options(folder);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) CommitAndDie(options);
  bus::EventSender sender = SenderTo(options.listen->endpoint, 200ms);
  int status = 0;
  while (::waitpid(child, &status, WNOHANG) == 0) {
    ASSERT_FALSE(sender.Send(MadeEvent(), MadeJpeg("before"), ""));  // Never acknowledged.
  }
  ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;

  Running recorder(options);
  sender = SenderTo(options.listen->endpoint);
  const auto answer = sender.Send(MadeEvent(), MadeJpeg("before"), "");
  ASSERT_TRUE(answer) << answer.error().message();
  EXPECT_EQ(answer->seq, 1);
  EXPECT_EQ(recorder->stats().duplicates, 1);
  EXPECT_EQ(StoredIn(folder / "store").size(), 1);
}

// Sends `events` at once and reads acknowledgements until `stop_after` of them are there; their
// numbers are set in `acknowledged`.
void SendBurst(const std::string& endpoint, int events, int stop_after,
               std::vector<bool>* acknowledged) {
  bus::ZmqSocket socket = bus::ZmqSocket::Open({.role = bus::SocketRole::kDealer,
                                                .endpoint = endpoint,
                                                .high_water = 1000,
                                                .max_frame_bytes = 1 << 16})
                              .value();
  const std::string header = bus::EncodeHeader(bus::MessageKind::kEvent);
  ASSERT_TRUE(socket.WaitWritable(kPatience).value());
  for (int i = 0; i < events; ++i) {
    const ChangeEvent event = MadeEvent(i);
    const std::string number = bus::EncodeNumber(static_cast<std::uint64_t>(i));
    const std::string json = bus::EncodeEvent(event);
    const std::string before = MadeJpeg("before " + event.id),
                      after = MadeJpeg("after " + event.id);
    const std::array<std::string_view, 5> frames = {header, number, json, before, after};
    ASSERT_TRUE(socket.Send(frames).value());
  }
  for (int seen = 0; seen < stop_after;) {
    ASSERT_TRUE(socket.WaitReadable(kPatience).value());
    const auto frames = socket.Receive(3).value();
    if (!frames) continue;
    const auto answer = bus::DecodeAcknowledgement((*frames)[2]);
    ASSERT_TRUE(answer);
    ASSERT_EQ(answer->verdict, bus::Verdict::kOk) << answer->message;
    (*acknowledged)[*bus::DecodeNumber((*frames)[1])] = true;
    ++seen;
  }
}

// Seeded.  Each round kills the recorder with -9 at another point of its work.
TEST(RecorderTest, KilledAtAnyMomentNoAcknowledgedEventIsLostOrDoubled) {
  constexpr int kRounds = 12, kEvents = 60;
  std::mt19937 random(20261123);
  TemporaryFolder folder;
  RecorderOptions options = Options(folder);
  options.batch = 4;
  std::vector<bool> acknowledged(kEvents, false);
  for (int round = 0; round < kRounds; ++round) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      const auto recorder = Recorder::Create(options);
      ::_exit(recorder && (*recorder)->Run({}).ok() ? 0 : 1);
    }
    SendBurst(options.listen->endpoint, kEvents, static_cast<int>(random() % kEvents),
              &acknowledged);
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    if (HasFatalFailure()) return;

    const auto report = store::CheckStore(folder / "store");
    ASSERT_TRUE(report) << report.error().message();
    EXPECT_TRUE(report->problems.empty()) << report->problems.front();
    const std::vector<ChangeEvent> stored = StoredIn(folder / "store");
    for (int i = 0; i < kEvents; ++i) {
      const auto copies =
          std::count_if(stored.begin(), stored.end(),
                        [i](const ChangeEvent& event) { return event.id == MadeEvent(i).id; });
      EXPECT_LE(copies, 1);
      EXPECT_GE(copies, acknowledged[static_cast<std::size_t>(i)] ? 1 : 0) << "lost event " << i;
    }
  }
}

}  // namespace
}  // namespace stillwatch
