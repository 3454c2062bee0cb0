#include "pipeline/bus/event_subscriber.h"

#include <gtest/gtest.h>

#include "pipeline/bus/event_publisher.h"
#include "tests/unit/bus/made_events.h"

namespace stillwatch::bus {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 30s;

ChangeEvent Numbered(std::uint64_t seq, const std::string& camera = "dock_door") {
  ChangeEvent event = MadeEvent();
  event.seq = seq;
  event.camera = camera;
  return event;
}

// A publisher and a subscriber that are known to be connected: PUB drops what comes earlier.
class EventSubscriberTest : public testing::Test {
 protected:
  void Connect(const std::vector<std::string>& cameras = {}) {
    subscriber_ = EventSubscriber::Connect(
                      {.endpoint = publisher_.endpoint(), .cameras = cameras, .high_water = 10})
                      .value();
    for (int i = 0; i < 10'000; ++i) {
      ASSERT_TRUE(publisher_.Publish(Numbered(++seq_)).ok());
      if (subscriber_->Receive(10ms).value()) break;
    }
    while (Next(0ms)) {
    }
  }
  std::optional<PublishedEvent> Next(std::chrono::milliseconds timeout = kPatience) {
    return subscriber_->Receive(timeout).value();
  }

  EventPublisher publisher_ =
      EventPublisher::Bind({.endpoint = "tcp://127.0.0.1:*", .high_water = 10}).value();
  std::optional<EventSubscriber> subscriber_{};
  std::uint64_t seq_ = 0;
};

TEST_F(EventSubscriberTest, HearsEventsInOrderWithoutGaps) {
  Connect();
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(publisher_.Publish(Numbered(++seq_)).ok());
    const auto got = Next();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->event.seq, seq_);
    EXPECT_EQ(got->last_seen, seq_ - 1);
    EXPECT_FALSE(got->gap);
    EXPECT_NE(got->json.find("org.stillwatch.change.detected.v1"), std::string::npos);
  }
}

// Both ends queue 10 messages and TCP some megabytes: of 5,000 with 3 kB each the publisher drops
// most, and never waits.
TEST_F(EventSubscriberTest, ASlowSubscriberSeesThatItMissedSomethingAndSinceWhen) {
  Connect();
  const std::uint64_t last_before = seq_;
  for (int i = 0; i < 5000; ++i) {
    ChangeEvent event = Numbered(++seq_);
    event.caption.assign(2000, 'x');
    ASSERT_TRUE(publisher_.Publish(event).ok());
  }
  std::uint64_t last = last_before;
  bool gap = false;
  for (int i = 0; i < 5000 && !gap; ++i) {
    auto got = Next(100ms);
    if (!got) {  // All that got through is read; the next one shows the gap.
      ASSERT_TRUE(publisher_.Publish(Numbered(++seq_)).ok());
      got = Next();
    }
    ASSERT_TRUE(got);
    EXPECT_EQ(got->last_seen, last);
    EXPECT_EQ(got->gap, got->event.seq != last + 1);
    gap = got->gap;
    last = got->event.seq;
  }
  EXPECT_TRUE(gap);
  EXPECT_GT(last, last_before);
}

TEST_F(EventSubscriberTest, ARestartedPublisherIsTakenForAGap) {
  Connect();
  const std::string endpoint = publisher_.endpoint();
  // Through an address that takes its place at once; the old socket lets go of its own in the
  // background.
  publisher_ = EventPublisher::Bind({.endpoint = "tcp://127.0.0.1:*"}).value();
  Result<EventPublisher> again = EventPublisher::Bind({.endpoint = endpoint});
  for (int i = 0; i < 10'000 && !again; ++i) again = EventPublisher::Bind({.endpoint = endpoint});
  ASSERT_TRUE(again) << again.error().message();
  const std::uint64_t last = seq_;
  std::optional<PublishedEvent> got;
  for (int i = 0; i < 10'000 && !got; ++i) {
    ASSERT_TRUE(again->Publish(Numbered(++seq_)).ok());
    got = Next(10ms);
  }
  ASSERT_TRUE(got);
  EXPECT_TRUE(got->gap);
  EXPECT_EQ(got->last_seen, last);
}

TEST_F(EventSubscriberTest, OtherCamerasMakeNoGapAndANamesakeIsNotHeard) {
  Connect({"dock_door"});
  ASSERT_TRUE(publisher_.Publish(Numbered(++seq_, "yard")).ok());
  ASSERT_TRUE(publisher_.Publish(Numbered(++seq_, "dock_door_2")).ok());
  ASSERT_TRUE(publisher_.Publish(Numbered(++seq_)).ok());
  const auto got = Next();
  ASSERT_TRUE(got);
  EXPECT_EQ(got->event.camera, "dock_door");
  EXPECT_EQ(got->event.seq, seq_);
  EXPECT_FALSE(got->gap);
}

}  // namespace
}  // namespace stillwatch::bus
