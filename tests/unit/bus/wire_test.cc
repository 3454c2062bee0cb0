#include "pipeline/bus/wire.h"

#include <random>

#include <gtest/gtest.h>

#include "pipeline/bus/event_json.h"
#include "tests/unit/bus/made_events.h"

namespace stillwatch::bus {
namespace {

std::vector<std::string> EventFrames() {
  return {EncodeHeader(MessageKind::kEvent), EncodeNumber(7), EncodeEvent(MadeEvent()),
          MadeJpeg("before"), MadeJpeg("after")};
}

TEST(WireTest, TheHeaderIsFourBytesWithTheVersion) {
  EXPECT_EQ(EncodeHeader(MessageKind::kEvent), std::string("SW\x01\x01"));
  EXPECT_EQ(EncodeHeader(MessageKind::kCaption), std::string("SW\x01\x02"));
  EXPECT_EQ(EncodeHeader(MessageKind::kAcknowledgement), std::string("SW\x01\x03"));
  EXPECT_EQ(EncodeNumber(0x0102030405060708), std::string("\x01\x02\x03\x04\x05\x06\x07\x08"));
}

TEST(WireTest, AnEventReadsBackWithItsPictures) {
  std::vector<std::string> frames = EventFrames();
  const Result<Request> got = DecodeRequest(frames);
  ASSERT_TRUE(got) << got.error().message();
  const auto& message = std::get<EventMessage>(*got);
  EXPECT_EQ(message.event.id, MadeEvent().id);
  EXPECT_EQ(message.reference_jpeg, MadeJpeg("before"));
  EXPECT_EQ(message.current_jpeg, MadeJpeg("after"));
}

TEST(WireTest, ANewerVersionIsNamed) {
  const Result<MessageKind> kind = DecodeHeader("SW\x02\x01");
  ASSERT_FALSE(kind);
  EXPECT_NE(kind.error().message().find("version 2"), std::string::npos);
}

TEST(WireTest, MissingExtraAndForeignFramesAreRefused) {
  std::vector<std::string> frames = EventFrames();
  frames.pop_back();
  EXPECT_FALSE(DecodeRequest(frames));
  frames = EventFrames();
  frames.emplace_back("more");
  EXPECT_FALSE(DecodeRequest(frames));
  frames = EventFrames();
  frames[1] = "seven";
  EXPECT_FALSE(DecodeRequest(frames));
  frames = {EncodeHeader(MessageKind::kAcknowledgement), EncodeNumber(1), "{}"};
  EXPECT_FALSE(DecodeRequest(frames));
  EXPECT_FALSE(DecodeRequest({}));
}

// Seeded: a failure can be repeated.
TEST(WireTest, RandomMutationsOfMessagesNeverCrash) {
  std::mt19937 random(20261123);
  int accepted = 0;
  for (int i = 0; i < 2000; ++i) {
    std::vector<std::string> frames = EventFrames();
    switch (random() % 5) {
      case 0:
        frames.erase(frames.begin() + static_cast<std::ptrdiff_t>(random() % frames.size()));
        break;
      case 1:
        frames.insert(frames.begin() + static_cast<std::ptrdiff_t>(random() % frames.size()),
                      std::string(random() % 40, static_cast<char>(random())));
        break;
      case 2:
        std::swap(frames[random() % frames.size()], frames[random() % frames.size()]);
        break;
      default: {
        std::string& frame = frames[random() % frames.size()];
        frame[random() % frame.size()] = static_cast<char>(random());
      }
    }
    accepted += DecodeRequest(frames).has_value() ? 1 : 0;
  }
  EXPECT_GT(accepted, 0);
  EXPECT_LT(accepted, 2000);
}

}  // namespace
}  // namespace stillwatch::bus
