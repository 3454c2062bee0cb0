#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "model/runtime/byte_cache.h"
#include "model/runtime/caption_model.h"
#include "tests/unit/model/runtime/fake_model.h"

namespace stillwatch::model {
namespace {

TEST(DirectCaptionerTest, AnswersInOrderAndPassesOverABadPair) {
  auto model = std::make_unique<FakeModel>(3);
  FakeDecoder& decoder = model->fake();
  const auto captioner = MakeCaptioner(std::move(model));
  std::vector<FakePicture> pictures;
  for (int i = 0; i < 9; ++i) {
    pictures.emplace_back(i == 4 ? std::vector<int>{} : std::vector<int>{i % 7, 1});
  }
  std::vector<CaptionRequest> requests;
  for (const FakePicture& picture : pictures) requests.push_back(picture.request());
  std::vector<std::string> shown(9);
  const auto results =
      captioner->CaptionAll(requests, [&](std::size_t pair, std::string_view text) {
        EXPECT_TRUE(text.starts_with(shown[pair]));
        shown[pair] = text;
      });
  ASSERT_EQ(results.size(), 9U);
  for (int i = 0; i < 9; ++i) {
    const auto& result = results[static_cast<std::size_t>(i)];
    if (i == 4) {
      ASSERT_FALSE(result);
      EXPECT_EQ(result.error().code(), StatusCode::kInvalidArgument);
      continue;
    }
    ASSERT_TRUE(result) << result.error().message();
    EXPECT_EQ(result->caption, FakeModel::Expected({i % 7, 1}, 6));
    EXPECT_EQ(shown[static_cast<std::size_t>(i)], result->caption);
  }
  EXPECT_EQ(*std::max_element(decoder.steps.begin(), decoder.steps.end()), 3U);
  const auto one = captioner->Caption(requests[2]);
  ASSERT_TRUE(one);
  EXPECT_EQ(one->caption, results[2]->caption);
}

TEST(DirectCaptionerTest, GoesOnWithFewerWhereMemoryRunsOut) {
  auto model = std::make_unique<FakeModel>(4);
  int encoded = 0;
  // The third encoding fails once: others are being written, so it is tried again later.
  model->on_encode = [&] { return ++encoded == 3 ? Status(ResourceExhausted("x")) : Status(); };
  const auto captioner = MakeCaptioner(std::move(model));
  std::vector<FakePicture> pictures;
  for (int i = 0; i < 5; ++i) pictures.emplace_back(std::vector<int>{i});
  std::vector<CaptionRequest> requests;
  for (const FakePicture& picture : pictures) requests.push_back(picture.request());
  for (const auto& result : captioner->CaptionAll(requests)) EXPECT_TRUE(result);
}

TEST(ByteCacheTest, TheLongestUnusedLeaves) {
  ByteCache<int> cache(100);
  cache.Put("a", 1, 40);
  cache.Put("b", 2, 40);
  ASSERT_NE(cache.Find("a"), nullptr);
  cache.Put("c", 3, 40);  // b was used longest ago.
  EXPECT_EQ(cache.Find("b"), nullptr);
  ASSERT_NE(cache.Find("a"), nullptr);
  EXPECT_EQ(*cache.Find("c"), 3);
  EXPECT_EQ(cache.bytes(), 80);
  cache.Put("huge", 4, 101);
  EXPECT_EQ(cache.Find("huge"), nullptr);
  EXPECT_EQ(cache.bytes(), 80);
  cache.Put("whole", 5, 100);
  EXPECT_EQ(cache.bytes(), 100);
  EXPECT_EQ(cache.Find("a"), nullptr);
  EXPECT_EQ(cache.evicted(), 3U);
  EXPECT_EQ(cache.hits(), 3U);
  EXPECT_EQ(cache.misses(), 3U);
}

}  // namespace
}  // namespace stillwatch::model
