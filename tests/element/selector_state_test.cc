// pairselector with a state file: what a restart finds again, and what an acknowledgement moves on.

#include <filesystem>
#include <fstream>
#include <thread>

#include "plugins/common/acknowledgement_event.h"
#include "plugins/pairselector/gst_pair_selector.h"
#include "tests/element/harness.h"
#include "tests/element/recorder.h"
#include "tests/element/scene.h"

namespace stillwatch::gst {
namespace {

class SelectorStateElementTest : public ElementTest {
 protected:
  void SetUp() override {
    file_ = std::filesystem::temp_directory_path() /
            (std::string("stillwatch-element-") +
             testing::UnitTest::GetInstance()->current_test_info()->name() + "." +
             std::to_string(getpid()));
  }
  void TearDown() override {
    ElementTest::TearDown();
    harness_.reset();
    for (const char* suffix : {"", ".new", ".unusable"}) {
      std::filesystem::remove(file_.string() + suffix);
    }
  }

  // A fresh element, `minute` minutes into the day.
  GstHarness* Start(int minute, const std::string& more = "") {
    if (harness_) {
      gst_element_set_bus(harness_->element, nullptr);
      harness_.reset();
    }
    char start[64];
    std::snprintf(start, sizeof start, "start-time=2026-01-01T08:%02d:00Z ", minute);
    return Parse("pairselector camera=dock interval-ms=1000 settle-ms=4000 state-file=" +
                     file_.string() + " " + start + more,
                 kSceneCaps);
  }

  // The one change that the element tells in the scene; empty if none.
  static std::string IdOf(GstHarness* h, int before, int after) {
    PushScene(h, before, after);
    std::string id;
    while (GstBuffer* raw = gst_harness_try_pull(h)) {
      const BufferPtr buffer(raw);
      for (const auto& pair : PairMeta::Of(buffer.get())) {
        EXPECT_EQ(id, "") << "a second change";
        id = pair->event_id;
      }
    }
    return id;
  }

  std::filesystem::path file_;
};

TEST_F(SelectorStateElementTest, WhatNobodyAcknowledgedIsFoundAgainUnderItsIdAndThenMovesOn) {
  const std::string id = IdOf(Start(0), 15, 12);
  ASSERT_EQ(id.size(), 26u);
  GstHarness* h = Start(10);
  EXPECT_EQ(IdOf(h, 0, 12), id);
  EXPECT_TRUE(gst_harness_push_upstream_event(
      h, MakeAcknowledgement({id, EventType::kChangeDetected}).release()));
  EXPECT_EQ(IdOf(Start(20), 0, 15), "");
}

TEST_F(SelectorStateElementTest, StoppedWithoutAcknowledgementItWarns) {
  GstHarness* h = Start(0);
  ASSERT_NE(IdOf(h, 15, 12), "");
  gst_element_set_state(h->element, GST_STATE_NULL);
  EXPECT_NE(Text(GST_MESSAGE_WARNING).find("1 events were not acknowledged"), std::string::npos);
}

TEST_F(SelectorStateElementTest, WithoutAwaitingTheEventIsToldOnce) {
  ASSERT_NE(IdOf(Start(0, "await-ack=false"), 15, 12), "");
  EXPECT_EQ(IdOf(Start(10, "await-ack=false"), 0, 15), "");
}

TEST_F(SelectorStateElementTest, FramesFromBeforeTheStateAreNotLookedAtAgain) {
  ASSERT_NE(IdOf(Start(0, "await-ack=false"), 15, 12), "");
  // The same file again, from its start.
  EXPECT_EQ(IdOf(Start(0, "await-ack=false"), 15, 12), "");
}

TEST_F(SelectorStateElementTest, AnUnusableStateIsAWarningAndANewBaseline) {
  std::ofstream(file_) << "something else";
  GstHarness* h = Start(0);
  // The harness gives the bus after the start: start once more.
  gst_element_set_state(h->element, GST_STATE_NULL);
  std::ofstream(file_) << "something else";
  gst_element_set_state(h->element, GST_STATE_PLAYING);
  const std::string warning = Text(GST_MESSAGE_WARNING);
  EXPECT_NE(warning.find("put aside"), std::string::npos) << warning;
}

TEST_F(SelectorStateElementTest, OtherUpstreamEventsPass) {
  GstHarness* h = Start(0);
  EXPECT_TRUE(gst_harness_push_upstream_event(
      h,
      gst_event_new_custom(GST_EVENT_CUSTOM_UPSTREAM, gst_structure_new_empty("somebody-elses"))));
  while (GstEvent* raw = gst_harness_try_pull_upstream_event(h)) {
    const EventPtr event(raw);
    if (GST_EVENT_TYPE(raw) != GST_EVENT_CUSTOM_UPSTREAM) continue;
    EXPECT_TRUE(gst_structure_has_name(gst_event_get_structure(raw), "somebody-elses"));
    return;
  }
  FAIL() << "the event was swallowed";
}

TEST_F(SelectorStateElementTest, TheRecordersWordGoesUpstream) {
  Recorder recorder;
  GstHarness* h = Parse("zmqeventsink endpoint=" + recorder.endpoint(), kSceneCaps);
  GstBuffer* buffer = gst_harness_create_buffer(h, kSceneBytes);
  GST_BUFFER_PTS(buffer) = 0;
  PairMeta::Add(buffer, MadePair("01KDVDNHAM0F8AH44JM3T2CQHR", EventType::kChangeResolved));
  ASSERT_EQ(gst_harness_push(h, buffer), GST_FLOW_OK);
  ASSERT_TRUE(gst_harness_push_event(h, gst_event_new_eos()));
  while (GstEvent* raw = gst_harness_try_pull_upstream_event(h)) {
    const EventPtr event(raw);
    const auto step = AcknowledgementOf(raw);
    if (!step) continue;
    EXPECT_EQ(step->event_id, "01KDVDNHAM0F8AH44JM3T2CQHR");
    EXPECT_EQ(step->step, EventType::kChangeResolved);
    return;
  }
  FAIL() << "no acknowledgement came";
}

TEST_F(SelectorStateElementTest, InOnePipelineTheReferenceMovesOnWithTheRecordersWord) {
  Recorder recorder;
  GstHarness* h = Start(0, "! queue ! zmqeventsink endpoint=" + recorder.endpoint());
  PushScene(h, 15, 12);
  // Nothing is pending once the word has gone upstream; stopping takes it.
  for (guint64 stored = 0, pending = 1; stored == 0 || pending > 0; std::this_thread::yield()) {
    GstStructure* raw = nullptr;
    gst_harness_get(h, "zmqeventsink", "stats", &raw, nullptr);
    const StructurePtr stats(raw);
    ASSERT_TRUE(gst_structure_get_uint64(stats.get(), "acknowledged", &stored));
    ASSERT_TRUE(gst_structure_get_uint64(stats.get(), "pending", &pending));
  }
  EXPECT_EQ(IdOf(Start(10), 0, 15), "");
  EXPECT_EQ(recorder.Finish().size(), 1u);
}

}  // namespace
}  // namespace stillwatch::gst
