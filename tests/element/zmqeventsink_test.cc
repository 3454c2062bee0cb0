#include <thread>

#include "pipeline/bus/jpeg.h"
#include "plugins/zmqeventsink/gst_zmq_event_sink.h"
#include "tests/element/harness.h"
#include "tests/element/recorder.h"

namespace stillwatch::gst {
namespace {

constexpr const char* kCaps = "video/x-raw,format=RGB,width=4,height=4,framerate=1/1";
constexpr const char* kId = "01KDVDNHAM0F8AH44JM3T2CQHR";
constexpr const char* kOtherId = "01KDVDNRN8QS1YAENH8VKKN1YN";
// A port where nobody listens: 1 is reserved and needs root to bind.
constexpr const char* kNobody = "tcp://127.0.0.1:1";

class ZmqEventSinkTest : public ElementTest {
 protected:
  static GstFlowReturn Push(GstHarness* h, const std::vector<PairMeta::Ptr>& pairs,
                            const std::vector<CaptionMeta::Ptr>& captions = {}) {
    GstBuffer* buffer = gst_harness_create_buffer(h, 4 * 4 * 3);
    GST_BUFFER_PTS(buffer) = 0;
    for (const auto& pair : pairs) PairMeta::Add(buffer, pair);
    for (const auto& caption : captions) CaptionMeta::Add(buffer, caption);
    return gst_harness_push(h, buffer);
  }

  static guint64 Stat(GstHarness* h, const char* field) {
    GstStructure* raw = nullptr;
    gst_harness_get(h, "zmqeventsink", "stats", &raw, nullptr);
    const StructurePtr stats(raw);
    guint64 value = 0;
    EXPECT_TRUE(gst_structure_get_uint64(stats.get(), field, &value)) << field;
    return value;
  }
};

TEST_F(ZmqEventSinkTest, SendsEachPairWithItsCaptionAndBothPictures) {
  Recorder recorder;
  GstHarness* h = Parse("zmqeventsink endpoint=" + recorder.endpoint(), kCaps);
  const auto caption = std::make_shared<const CaptionRecord>(
      CaptionRecord{.event_id = kId,
                    .caption = "a bag was left",
                    .changed = true,
                    .changed_probability = 0.9,
                    .confidence = 0.9,
                    .kind = ChangeKind::kReplaced,
                    .model = {.name = "fake", .fingerprint = "sha256:0"},
                    .caption_ms = 5});
  EXPECT_EQ(Push(h, {}), GST_FLOW_OK);
  EXPECT_EQ(Push(h, {MadePair(kId), MadePair(kOtherId)}, {caption}), GST_FLOW_OK);
  ASSERT_TRUE(gst_harness_push_event(h, gst_event_new_eos()));
  EXPECT_EQ(Stat(h, "acknowledged"), 2u);
  EXPECT_EQ(Stat(h, "pending"), 0u);
  EXPECT_FALSE(Message(GST_MESSAGE_ERROR));

  const auto events = recorder.Finish();
  ASSERT_EQ(events.size(), 2u);
  const ChangeEvent& first = events[0].event;
  EXPECT_EQ(first.id, kId);
  EXPECT_EQ(first.type, EventType::kChangeDetected);
  EXPECT_EQ(first.state, EventState::kOpen);
  EXPECT_EQ(first.camera, "dock");
  EXPECT_EQ(first.caption, "a bag was left");
  EXPECT_EQ(first.caption_status, CaptionStatus::kReady);
  EXPECT_EQ(first.kind, ChangeKind::kReplaced);
  EXPECT_EQ(first.model.name, "fake");
  EXPECT_EQ(FormatTime(first.time), "2026-01-01T08:00:09.000Z");
  EXPECT_EQ(first.current.frame, 9);
  EXPECT_EQ(first.reference.frame, 1);
  ASSERT_EQ(first.regions.size(), 1u);
  const auto current = bus::DecodeJpeg(events[0].current_jpeg);
  ASSERT_TRUE(current) << current.error().message();
  EXPECT_EQ(current->width, 16);
  EXPECT_NEAR(current->rgb[0], 200, 3);
  EXPECT_NEAR(bus::DecodeJpeg(events[0].reference_jpeg).value().rgb[0], 40, 3);
  EXPECT_EQ(events[1].event.caption_status, CaptionStatus::kPending);
  EXPECT_EQ(events[1].event.kind, ChangeKind::kAdded);
}

TEST_F(ZmqEventSinkTest, AResolvedChangeArrivesAsResolvedAndTheCameraMayBeReplaced) {
  Recorder recorder;
  GstHarness* h = Parse("zmqeventsink camera=yard endpoint=" + recorder.endpoint(), kCaps);
  Push(h, {MadePair(kId, EventType::kChangeResolved)});
  ASSERT_TRUE(gst_harness_push_event(h, gst_event_new_eos()));
  const auto events = recorder.Finish();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].event.state, EventState::kResolved);
  EXPECT_EQ(events[0].event.type, EventType::kChangeResolved);
  EXPECT_EQ(events[0].event.camera, "yard");
}

TEST_F(ZmqEventSinkTest, WithoutARecorderTheStreamGoesOnAndTheEndSaysWhatIsLeft) {
  GstHarness* h = Parse(std::string("zmqeventsink ack-timeout-ms=1 retry-ms=1 drain-timeout-ms=50 "
                                    "queue-size=2 endpoint=") +
                            kNobody,
                        kCaps);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Push(h, {MadePair(kId)}), GST_FLOW_OK);
  gst_harness_push_event(h, gst_event_new_eos());
  const std::string error = Text(GST_MESSAGE_ERROR);
  EXPECT_NE(error.find("not acknowledged"), std::string::npos) << error;
  EXPECT_EQ(Stat(h, "pushed"), 5u);
  EXPECT_GE(Stat(h, "dropped"), 2u);  // One is being sent, two wait.
  EXPECT_EQ(Stat(h, "dropped") + Stat(h, "pending"), 5u);
}

TEST_F(ZmqEventSinkTest, AnOutageIsOneWarning) {
  GstHarness* h = Parse(std::string("zmqeventsink ack-timeout-ms=1 retry-ms=1 drain-timeout-ms=0 "
                                    "endpoint=") +
                            kNobody,
                        kCaps);
  Push(h, {MadePair(kId)});
  EXPECT_NE(Text(GST_MESSAGE_WARNING, 10 * GST_SECOND), "");
  while (Stat(h, "failed-attempts") < 3) std::this_thread::yield();
  EXPECT_EQ(Text(GST_MESSAGE_WARNING), "");
}

TEST_F(ZmqEventSinkTest, StoppingTheElementEndsALongDrain) {
  GstHarness* h =
      Parse(std::string("zmqeventsink drain-timeout-ms=600000 endpoint=") + kNobody, kCaps);
  Push(h, {MadePair(kId)});
  std::jthread end([h] { gst_harness_push_event(h, gst_event_new_eos()); });
  while (Stat(h, "failed-attempts") == 0 && Stat(h, "pending") == 0) std::this_thread::yield();
  EXPECT_EQ(gst_element_set_state(h->element, GST_STATE_NULL), GST_STATE_CHANGE_SUCCESS);
  end.join();
  EXPECT_EQ(Stat(h, "pending"), 1u);
}

TEST_F(ZmqEventSinkTest, AnEndpointThatCannotBeStopsTheStartAndIsNamed) {
  const ElementPtr element = MakeElement("zmqeventsink").value();
  bus_.reset(gst_bus_new());
  gst_element_set_bus(element.get(), bus_.get());
  g_object_set(element.get(), "endpoint", "nonsense", nullptr);
  EXPECT_EQ(gst_element_set_state(element.get(), GST_STATE_PAUSED), GST_STATE_CHANGE_FAILURE);
  const std::string error = Text(GST_MESSAGE_ERROR);
  EXPECT_NE(error.find("endpoint"), std::string::npos) << error;
  EXPECT_NE(error.find("nonsense"), std::string::npos) << error;
  gst_element_set_state(element.get(), GST_STATE_NULL);
  gst_element_set_bus(element.get(), nullptr);
}

TEST_F(ZmqEventSinkTest, HasItsDefaultsAndTakesAnyRawVideoOnly) {
  GstHarness* h = Parse("zmqeventsink", nullptr);
  gchar* raw = nullptr;
  guint ack = 0, queue = 0;
  gboolean sync = TRUE;
  gst_harness_get(h, "zmqeventsink", "endpoint", &raw, "ack-timeout-ms", &ack, "queue-size", &queue,
                  "sync", &sync, nullptr);
  const CStringPtr endpoint(raw);
  EXPECT_STREQ(endpoint.get(), "tcp://127.0.0.1:5561");
  EXPECT_EQ(ack, 5000u);
  EXPECT_EQ(queue, 64u);
  EXPECT_FALSE(sync);
  const PadPtr pad(gst_element_get_static_pad(h->element, "sink"));
  const CapsPtr good(gst_caps_from_string("video/x-raw,format=NV12,width=4,height=4"));
  const CapsPtr bad(gst_caps_from_string("audio/x-raw"));
  EXPECT_TRUE(gst_pad_query_accept_caps(pad.get(), good.get()));
  EXPECT_FALSE(gst_pad_query_accept_caps(pad.get(), bad.get()));
}

TEST_F(ZmqEventSinkTest, GoesOnAfterAFlushAndNewCaps) {
  Recorder recorder;
  GstHarness* h = Parse("zmqeventsink endpoint=" + recorder.endpoint(), kCaps);
  Push(h, {MadePair(kId)});
  Flush(h);
  gst_harness_set_src_caps_str(h, "video/x-raw,format=RGB,width=8,height=4,framerate=1/1");
  Push(h, {MadePair(kOtherId)});
  gst_harness_push_event(h, gst_event_new_eos());
  EXPECT_EQ(recorder.Finish().size(), 2u);
}

TEST_F(ZmqEventSinkTest, SurvivesStateChangesUnderLoad) {
  StressStates(Parse(std::string("zmqeventsink endpoint=") + kNobody, kCaps), kCaps, 4 * 4 * 3);
}

}  // namespace
}  // namespace stillwatch::gst
