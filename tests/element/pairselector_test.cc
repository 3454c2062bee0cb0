#include <random>

#include <gst/video/gstvideometa.h>

#include "pipeline/select/pair_selector.h"
#include "plugins/pairselector/gst_pair_selector.h"
#include "tests/element/harness.h"
#include "tests/element/scene.h"

namespace stillwatch::gst {
namespace {

constexpr const char* kCaps = kSceneCaps;
constexpr const char* kElement =
    "pairselector camera=dock interval-ms=1000 settle-ms=4000 start-time=2026-01-01T08:00:00Z";
constexpr std::size_t kBytes = kSceneBytes;

class PairSelectorElementTest : public ElementTest {
 protected:
  static std::vector<BufferPtr> PullAll(GstHarness* h) {
    std::vector<BufferPtr> buffers;
    while (GstBuffer* buffer = gst_harness_try_pull(h)) buffers.emplace_back(buffer);
    return buffers;
  }

  static guint64 Stat(GstHarness* h, const char* field) {
    GstStructure* raw = nullptr;
    gst_harness_get(h, "pairselector", "stats", &raw, nullptr);
    const StructurePtr stats(raw);
    guint64 value = 0;
    EXPECT_TRUE(gst_structure_get_uint64(stats.get(), field, &value)) << field;
    return value;
  }
};

TEST_F(PairSelectorElementTest, HasTheDefaultsOfItsPolicy) {
  GstHarness* h = Parse("pairselector", kCaps);
  guint interval = 0, settle = 0;
  gint sensitivity = 0;
  gdouble area = 0;
  gst_harness_get(h, "pairselector", "interval-ms", &interval, "settle-ms", &settle, "min-area",
                  &area, "sensitivity", &sensitivity, nullptr);
  const select::PairPolicy policy;
  EXPECT_EQ(interval, policy.interval.count());
  EXPECT_EQ(settle, policy.settle.count());
  EXPECT_DOUBLE_EQ(area, policy.min_area);
  EXPECT_EQ(sensitivity, policy.sensitivity);
}

TEST_F(PairSelectorElementTest, PassesEveryFrameAndPutsAChangeOnTheOneThatCompletesIt) {
  GstHarness* h = Parse(kElement, kCaps);
  PushScene(h, 20, 20);
  const auto buffers = PullAll(h);
  ASSERT_EQ(buffers.size(), 40u);
  const PairRecord* pair = nullptr;
  std::size_t at = 0;
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    const auto pairs = PairMeta::Of(buffers[i].get());
    if (pairs.empty()) continue;
    ASSERT_EQ(pair, nullptr) << "a second change at frame " << i;
    ASSERT_EQ(pairs.size(), 1u);
    pair = pairs[0].get();
    at = i;
  }
  ASSERT_NE(pair, nullptr);
  EXPECT_GE(at, 22u);
  EXPECT_EQ(pair->camera, "dock");
  EXPECT_EQ(pair->step, EventType::kChangeDetected);
  EXPECT_EQ(pair->event_id.size(), 26u);
  EXPECT_LT(pair->reference->pts, std::chrono::seconds(20));
  EXPECT_GE(pair->current->pts, std::chrono::seconds(20));
  const std::int64_t second = *pair->current->index / 25;
  EXPECT_EQ(FormatTime(pair->current->captured_at),
            "2026-01-01T08:00:" + std::to_string(second) + ".000Z");

  auto* roi = gst_buffer_get_video_region_of_interest_meta(buffers[at].get());
  ASSERT_NE(roi, nullptr);
  EXPECT_STREQ(g_quark_to_string(roi->roi_type), "change");
  EXPECT_NEAR(roi->x, 120, 24);
  EXPECT_NEAR(roi->y, 100, 24);
  EXPECT_NEAR(roi->w, 80, 48);
  const GstStructure* param = gst_video_region_of_interest_meta_get_param(roi, "stillwatch-change");
  ASSERT_NE(param, nullptr);
  EXPECT_EQ(gst_structure_get_string(param, "event-id"), pair->event_id);

  const MessagePtr message = Message(GST_MESSAGE_ELEMENT);
  ASSERT_TRUE(message);
  const GstStructure* change = gst_message_get_structure(message.get());
  EXPECT_TRUE(gst_structure_has_name(change, "stillwatch-change"));
  EXPECT_EQ(gst_structure_get_string(change, "event-id"), pair->event_id);
  EXPECT_EQ(Stat(h, "pushed"), 40u);
  EXPECT_EQ(Stat(h, "selected"), 1u);
}

TEST_F(PairSelectorElementTest, WhatTheEndDecidesRidesOnARepetitionOfTheLastFrame) {
  GstHarness* h = Parse(kElement, kCaps);
  PushScene(h, 20, 3);  // The box has not been still for the settle time.
  EXPECT_EQ(Stat(h, "selected"), 0u);
  ASSERT_TRUE(gst_harness_push_event(h, gst_event_new_eos()));
  const auto buffers = PullAll(h);
  ASSERT_EQ(buffers.size(), 24u);
  EXPECT_EQ(PairMeta::Of(buffers.back().get()).size(), 1u);
  EXPECT_EQ(GST_BUFFER_PTS(buffers.back().get()), 23 * GST_SECOND);
  GstMapInfo last, repeated;
  ASSERT_TRUE(gst_buffer_map(buffers[22].get(), &last, GST_MAP_READ));
  ASSERT_TRUE(gst_buffer_map(buffers[23].get(), &repeated, GST_MAP_READ));
  EXPECT_EQ(std::memcmp(last.data, repeated.data, kBytes), 0);
  gst_buffer_unmap(buffers[22].get(), &last);
  gst_buffer_unmap(buffers[23].get(), &repeated);
}

TEST_F(PairSelectorElementTest, AFlushForgetsTheScene) {
  GstHarness* h = Parse(kElement, kCaps);
  PushScene(h, 20, 0);
  Flush(h);
  for (int i = 0; i < 20; ++i) gst_harness_push(h, Picture(h, i, true));
  EXPECT_EQ(Stat(h, "selected"), 0u);
}

TEST_F(PairSelectorElementTest, ANewSizeMidwayIsANewSceneAndNoChange) {
  GstHarness* h = Parse(kElement, kCaps);
  PushScene(h, 10, 0);
  gst_harness_set_src_caps_str(h, "video/x-raw,format=RGB,width=160,height=120,framerate=1/1");
  for (guint i = 10; i < 20; ++i) {
    GstBuffer* buffer = gst_harness_create_buffer(h, 160 * 120 * 3);
    gst_buffer_memset(buffer, 0, 200, 160 * 120 * 3);
    GST_BUFFER_PTS(buffer) = i * GST_SECOND;
    ASSERT_EQ(gst_harness_push(h, buffer), GST_FLOW_OK);
  }
  EXPECT_EQ(Stat(h, "pushed"), 20u);
  EXPECT_EQ(Stat(h, "selected"), 0u);
}

TEST_F(PairSelectorElementTest, TakesRgbOnly) {
  GstHarness* h = Parse("pairselector", nullptr);
  const PadPtr pad(gst_element_get_static_pad(h->element, "sink"));
  const CapsPtr rgb(gst_caps_from_string(kCaps));
  EXPECT_TRUE(gst_pad_query_accept_caps(pad.get(), rgb.get()));
  for (const char* bad : {"video/x-raw,format=I420,width=4,height=4", "audio/x-raw"}) {
    const CapsPtr caps(gst_caps_from_string(bad));
    EXPECT_FALSE(gst_pad_query_accept_caps(pad.get(), caps.get())) << bad;
  }
}

TEST_F(PairSelectorElementTest, SettingsThatCannotWorkBecomeAnErrorMessageThatNamesThem) {
  const struct {
    const char* settings;
    const char* says;
  } kCases[] = {{"camera=", "camera"}, {"start-time=yesterday", "start-time"}};
  for (const auto& c : kCases) {
    const ElementPtr element = MakeElement("pairselector").value();
    bus_.reset(gst_bus_new());
    gst_element_set_bus(element.get(), bus_.get());
    const std::string setting = c.settings;
    const auto equals = setting.find('=');
    gst_util_set_object_arg(G_OBJECT(element.get()), setting.substr(0, equals).c_str(),
                            setting.substr(equals + 1).c_str());
    EXPECT_EQ(gst_element_set_state(element.get(), GST_STATE_PAUSED), GST_STATE_CHANGE_FAILURE);
    EXPECT_NE(Text(GST_MESSAGE_ERROR).find(c.says), std::string::npos) << c.settings;
    gst_element_set_state(element.get(), GST_STATE_NULL);
    gst_element_set_bus(element.get(), nullptr);
  }
}

TEST_F(PairSelectorElementTest, SurvivesStateChangesUnderLoad) {
  StressStates(Parse(kElement, kCaps), kCaps, kBytes);
}

}  // namespace
}  // namespace stillwatch::gst
