#include <future>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "pipeline/bus/event_json.h"
#include "pipeline/bus/event_receiver.h"
#include "pipeline/bus/event_sender.h"
#include "pipeline/bus/zmq_socket.h"
#include "tests/unit/bus/made_events.h"

namespace stillwatch::bus {
namespace {

using namespace std::chrono_literals;

// Long enough for a loaded machine; a test that passes never waits for it.
constexpr auto kPatience = 30s;

EventReceiver Bound() {
  Result<EventReceiver> receiver = EventReceiver::Bind({.endpoint = "tcp://127.0.0.1:*"});
  EXPECT_TRUE(receiver) << receiver.error().message();
  return std::move(receiver.value());
}

EventSender Connected(const std::string& endpoint, std::chrono::milliseconds timeout = kPatience) {
  Result<EventSender> sender = EventSender::Connect({.endpoint = endpoint, .timeout = timeout});
  EXPECT_TRUE(sender) << sender.error().message();
  return std::move(sender.value());
}

TEST(EventChannelTest, AnEventArrivesWithItsPicturesAndTheAnswerComesBack) {
  EventReceiver receiver = Bound();
  auto answer = std::async(std::launch::async, [endpoint = receiver.endpoint()] {
    EventSender sender = Connected(endpoint);
    return sender.Send(MadeEvent(), MadeJpeg("before"), "");
  });
  const auto received = receiver.Receive(kPatience);
  ASSERT_TRUE(received && *received);
  const auto& message = std::get<EventMessage>((*received)->request);
  EXPECT_EQ(message.event.id, MadeEvent().id);
  EXPECT_EQ(message.reference_jpeg, MadeJpeg("before"));
  EXPECT_EQ(message.current_jpeg, "");
  ASSERT_TRUE(receiver
                  .Acknowledge((*received)->reply_to,
                               {.id = message.event.id, .seq = 17, .verdict = Verdict::kOk})
                  .ok());
  const Result<Acknowledgement> got = answer.get();
  ASSERT_TRUE(got) << got.error().message();
  EXPECT_EQ(got->id, MadeEvent().id);
  EXPECT_EQ(got->seq, 17);
  EXPECT_EQ(got->verdict, Verdict::kOk);
}

TEST(EventChannelTest, CaptionsTakeTheSameWay) {
  EventReceiver receiver = Bound();
  auto answer = std::async(std::launch::async, [endpoint = receiver.endpoint()] {
    EventSender sender = Connected(endpoint);
    return sender.Send(CaptionUpdate{.id = MadeEvent().id, .caption = "a bag is gone"});
  });
  const auto received = receiver.Receive(kPatience);
  ASSERT_TRUE(received && *received);
  EXPECT_EQ(std::get<CaptionUpdate>((*received)->request).caption, "a bag is gone");
  ASSERT_TRUE(receiver.Acknowledge((*received)->reply_to, {.verdict = Verdict::kRetry}).ok());
  EXPECT_EQ(answer.get().value().verdict, Verdict::kRetry);
}

TEST(EventChannelTest, NobodyThereIsUnavailableAndSaysWhatToDo) {
  EventSender sender = Connected("tcp://127.0.0.1:1", 50ms);
  const Result<Acknowledgement> got = sender.Send(MadeEvent(), "", "");
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code(), StatusCode::kUnavailable);
  EXPECT_NE(got.error().message().find("running?"), std::string::npos) << got.error().message();
}

TEST(EventChannelTest, AfterAMissingAnswerTheSameMessageCanBeSentAgain) {
  EventReceiver receiver = Bound();
  // Nobody receives while the first Send waits: it fails, whether or not it got through.
  EventSender sender = Connected(receiver.endpoint(), 200ms);
  EXPECT_EQ(sender.Send(MadeEvent(), "", "").error().code(), StatusCode::kUnavailable);
  std::jthread server([&receiver](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      const auto received = receiver.Receive(10ms);
      if (!received || !*received) continue;
      EXPECT_TRUE(
          receiver.Acknowledge((*received)->reply_to, {.seq = 1, .verdict = Verdict::kOk}).ok());
    }
  });
  Result<Acknowledgement> got = sender.Send(MadeEvent(), "", "");
  for (int i = 0; i < 100 && !got; ++i) got = sender.Send(MadeEvent(), "", "");
  ASSERT_TRUE(got) << got.error().message();
  EXPECT_EQ(got->verdict, Verdict::kOk);
}

TEST(EventChannelTest, WaitingEndsWhenAskedToStop) {
  EventReceiver receiver = Bound();
  std::stop_source stop;
  auto answer = std::async(std::launch::async, [&] {
    EventSender sender = Connected(receiver.endpoint());
    return sender.Send(MadeEvent(), "", "", stop.get_token());
  });
  const auto received = receiver.Receive(kPatience);  // It waits for the answer now.
  ASSERT_TRUE(received && *received);
  stop.request_stop();
  EXPECT_EQ(answer.get().error().code(), StatusCode::kCancelled);
}

TEST(EventChannelTest, AnEndpointThatIsNoneIsRefusedByName) {
  const auto receiver = EventReceiver::Bind({.endpoint = "somewhere"});
  ASSERT_FALSE(receiver);
  EXPECT_EQ(receiver.error().code(), StatusCode::kInvalidArgument);
  EXPECT_NE(receiver.error().message().find("'somewhere'"), std::string::npos);
  EXPECT_FALSE(EventSender::Connect({.endpoint = "tcp://"}));
}

TEST(EventChannelTest, AnEndpointInUseIsUnavailable) {
  EventReceiver receiver = Bound();
  const auto second = EventReceiver::Bind({.endpoint = receiver.endpoint()});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), StatusCode::kUnavailable);
}

TEST(EventChannelTest, AMalformedMessageIsCountedAndRefusedWithTheReason) {
  EventReceiver receiver = Bound();
  Result<ZmqSocket> peer = ZmqSocket::Open(
      {.role = SocketRole::kDealer, .endpoint = receiver.endpoint(), .max_frame_bytes = 1 << 16});
  ASSERT_TRUE(peer);
  ASSERT_TRUE(peer->WaitWritable(kPatience).value());
  const std::string header = EncodeHeader(MessageKind::kCaption), number = EncodeNumber(9);
  const std::string_view frames[] = {header, number, "{}"};
  ASSERT_TRUE(peer->Send(frames).value());
  while (receiver.stats().malformed == 0) {
    const auto received = receiver.Receive(100ms);
    ASSERT_TRUE(received && !*received);
  }
  ASSERT_TRUE(peer->WaitReadable(kPatience).value());
  const auto answer = peer->Receive(3);
  ASSERT_TRUE(answer && *answer);
  ASSERT_EQ((*answer)->size(), 3);
  EXPECT_EQ(DecodeNumber((**answer)[1]), 9);
  const auto acknowledgement = DecodeAcknowledgement((**answer)[2]);
  ASSERT_TRUE(acknowledgement);
  EXPECT_EQ(acknowledgement->verdict, Verdict::kRefused);
  EXPECT_EQ(acknowledgement->message, "caption: 'id' is missing");
}

// Seeded.  After 2,000 mutated messages through a real socket the receiver still serves.
TEST(EventChannelTest, RandomMutationsThroughASocketNeitherCrashNorStopTheReceiver) {
  EventReceiver receiver = Bound();
  Result<ZmqSocket> peer = ZmqSocket::Open(
      {.role = SocketRole::kDealer, .endpoint = receiver.endpoint(), .max_frame_bytes = 1 << 16});
  ASSERT_TRUE(peer);
  std::mt19937 random(20261123);
  std::uint64_t seen = 0;
  const auto take = [&](std::chrono::milliseconds timeout) {
    const auto received = receiver.Receive(timeout);
    ASSERT_TRUE(received) << received.error().message();
    seen = receiver.stats().received + receiver.stats().malformed;
  };
  for (int i = 0; i < 2000; ++i) {
    std::vector<std::string> frames = {EncodeHeader(MessageKind::kEvent), EncodeNumber(7),
                                       EncodeEvent(MadeEvent()), MadeJpeg("before"),
                                       MadeJpeg("after")};
    for (auto edits = random() % 3; edits > 0; --edits) {
      std::string& frame = frames[random() % frames.size()];
      if (random() % 4 == 0) {
        frame.resize(random() % 100);
      } else if (!frame.empty()) {
        frame[random() % frame.size()] = static_cast<char>(random());
      }
      if (random() % 8 == 0) frames.resize(1 + random() % 9);
    }
    const std::vector<std::string_view> views(frames.begin(), frames.end());
    ASSERT_TRUE(peer->WaitWritable(kPatience).value());
    ASSERT_TRUE(peer->Send(views).value());
    take(0ms);
    while (peer->Receive(3).value()) {  // Refusals.
    }
  }
  const auto patience_ends = std::chrono::steady_clock::now() + kPatience;
  while (seen < 2000 && std::chrono::steady_clock::now() < patience_ends) take(100ms);
  EXPECT_EQ(seen, 2000);
  EXPECT_GT(receiver.stats().malformed, 500);
  EXPECT_GT(receiver.stats().received, 500);
}

TEST(EventChannelTest, AFrameBeyondTheLimitEndsThePeerAndNotTheReceiver) {
  EventReceiver receiver = Bound();
  Result<ZmqSocket> peer = ZmqSocket::Open(
      {.role = SocketRole::kDealer, .endpoint = receiver.endpoint(), .max_frame_bytes = 1 << 16});
  ASSERT_TRUE(peer && peer->WaitWritable(kPatience).value());
  const std::string header = EncodeHeader(MessageKind::kEvent), number = EncodeNumber(9);
  const std::string huge(kMaxFrameBytes + 1, 'x');
  const std::string_view frames[] = {header, number, "{}", huge, ""};
  ASSERT_TRUE(peer->Send(frames).value());
  auto answer = std::async(std::launch::async, [endpoint = receiver.endpoint()] {
    EventSender sender = Connected(endpoint);
    return sender.Send(MadeEvent(), "", "");
  });
  const auto received = receiver.Receive(kPatience);
  ASSERT_TRUE(received && *received);
  EXPECT_EQ(std::get<EventMessage>((*received)->request).event.id, MadeEvent().id);
  ASSERT_TRUE(receiver.Acknowledge((*received)->reply_to, {.verdict = Verdict::kOk}).ok());
  EXPECT_TRUE(answer.get());
  EXPECT_EQ(receiver.stats().malformed, 0);  // It never got that far.
}

TEST(EventChannelTest, AnAnswerToAPeerThatIsGoneIsCounted) {
  EventReceiver receiver = Bound();
  ASSERT_TRUE(
      receiver.Acknowledge({.peer = "nobody", .request = 1}, {.verdict = Verdict::kOk}).ok());
  EXPECT_EQ(receiver.stats().undeliverable, 1);
}

}  // namespace
}  // namespace stillwatch::bus
