#include <algorithm>
#include <chrono>
#include <cstdio>
#include <deque>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "storage/store/event_store.h"
#include "tests/unit/storage/made_store.h"

namespace stillwatch::store {
namespace {

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Fsyncs of a growing file per second: what bounds every durable store here.
double FsyncsPerSecond(const TemporaryFolder& folder) {
  const int fd = ::open((folder / "probe").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  EXPECT_GE(fd, 0);
  const std::string block(4096, 'x');
  constexpr int kTimes = 200;
  const auto start = Clock::now();
  for (int i = 0; i < kTimes; ++i) {
    EXPECT_EQ(::write(fd, block.data(), block.size()), 4096);
    EXPECT_EQ(::fsync(fd), 0);
  }
  const double seconds = SecondsSince(start);
  ::close(fd);
  return kTimes / seconds;
}

// Figures, not limits: a busy disk must not fail the build.
TEST(StoreSpeedTest, PrintsAppendsPerSecondBesideTheDisksFsyncs) {
  TemporaryFolder folder(Where::kDisk);
  EventStore store = NewStore(folder);
  const std::string pixels(30'000, 'p');
  const auto picture = [&](int i) { return MadeJpeg(pixels + std::to_string(i)); };

  constexpr int kSingle = 20;
  auto start = Clock::now();
  for (int i = 0; i < kSingle; ++i) {
    ASSERT_TRUE(store.Append(MadeEvent(i), picture(2 * i), picture(2 * i + 1)));
  }
  const double single = kSingle / SecondsSince(start);

  constexpr int kBatches = 3, kBatch = 32;
  start = Clock::now();
  for (int b = 1; b <= kBatches; ++b) {
    std::deque<std::string> pictures;
    std::vector<Delivery> deliveries;
    for (int i = b * 1000; i < b * 1000 + kBatch; ++i) {
      const std::string& before = pictures.emplace_back(picture(2 * i));
      const std::string& after = pictures.emplace_back(picture(2 * i + 1));
      deliveries.push_back(
          {.message = MadeEvent(i), .reference_jpeg = before, .current_jpeg = after});
    }
    for (const auto& answer : store.AppendBatch(deliveries)) ASSERT_TRUE(answer);
  }
  const double batched = kBatches * kBatch / SecondsSince(start);
  std::printf(
      "two pictures of 30 kB each: %.0f appends/s one by one, %.0f in batches of %d; "
      "this disk: %.0f fsyncs/s\n",
      single, batched, kBatch, FsyncsPerSecond(folder));
  EXPECT_EQ(store.LastSeq(), kSingle + kBatches * kBatch);
}

TEST(StoreSpeedTest, PrintsTheTimeOfQueriesOverTenThousandEvents) {
  TemporaryFolder folder(Where::kDisk);
  {
    EventStore store = NewStore(folder);
    constexpr std::array<const char*, 5> kThings = {"bag", "bottle", "ladder", "chair", "bicycle"};
    for (int b = 0; b < 10; ++b) {
      std::vector<Delivery> deliveries;
      for (int i = b * 1000; i < (b + 1) * 1000; ++i) {
        ChangeEvent event = MadeEvent(i * 60);
        event.camera = "camera_" + std::to_string(i % 20);
        event.caption = std::string("a ") + kThings[static_cast<std::size_t>(i) % kThings.size()] +
                        " has been left beside box " + std::to_string(i);
        deliveries.push_back({.message = event});
      }
      for (const auto& answer : store.AppendBatch(deliveries)) ASSERT_TRUE(answer);
    }
  }
  const EventQuery kQueries[] = {{},
                                 {.words = "bottles"},
                                 {.words = "box 7777"},
                                 {.words = "ladder", .camera = "camera_7"},
                                 {.zone = "gate", .since = MadeTime(300'000)},
                                 {.words = "unicorn"}};
  for (const EventQuery& query : kQueries) {
    std::vector<double> times;
    std::size_t found = 0;
    for (int i = 0; i < 5; ++i) {
      const auto start = Clock::now();
      const auto store = EventStore::Open(folder / "store", OpenMode::kRead);
      ASSERT_TRUE(store);
      found = Found(*store, query).size();
      times.push_back(SecondsSince(start) * 1000);
    }
    std::sort(times.begin(), times.end());
    std::printf("query '%s' camera '%s' zone '%s': %zu events, %.1f ms with opening (median)\n",
                query.words.c_str(), query.camera.c_str(), query.zone.c_str(), found, times[2]);
    EXPECT_EQ(found == 0, query.words == "unicorn");
  }
}

}  // namespace
}  // namespace stillwatch::store
