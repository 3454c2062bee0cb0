#include "plugins/framesampler/gst_frame_sampler.h"
#include "tests/element/harness.h"

namespace stillwatch::gst {
namespace {

constexpr const char* kCaps = "video/x-raw,format=RGB,width=4,height=4,framerate=25/1";

class FrameSamplerElementTest : public ElementTest {
 protected:
  static GstFlowReturn Push(GstHarness* h, GstClockTime pts) {
    GstBuffer* buffer = gst_harness_create_buffer(h, 4 * 4 * 3);
    GST_BUFFER_PTS(buffer) = pts;
    GST_BUFFER_DURATION(buffer) = 40 * GST_MSECOND;
    return gst_harness_push(h, buffer);
  }

  // The offset of the next frame that came out.
  static guint64 Index(GstHarness* h) {
    const BufferPtr buffer(gst_harness_try_pull(h));
    return buffer ? GST_BUFFER_OFFSET(buffer.get()) : GST_BUFFER_OFFSET_NONE;
  }

  static guint64 Stat(GstHarness* h, const char* field) {
    GstStructure* raw = nullptr;
    gst_harness_get(h, "framesampler", "stats", &raw, nullptr);
    const StructurePtr stats(raw);
    guint64 value = 0;
    EXPECT_TRUE(gst_structure_get_uint64(stats.get(), field, &value)) << field;
    return value;
  }
};

TEST_F(FrameSamplerElementTest, PassesAFrameEveryTwoSecondsByDefault) {
  GstHarness* h = Parse("framesampler", kCaps);
  guint interval = 0;
  gst_harness_get(h, "framesampler", "interval-ms", &interval, nullptr);
  EXPECT_EQ(interval, 2000u);
  for (guint i = 0; i < 150; ++i) EXPECT_EQ(Push(h, i * 40 * GST_MSECOND), GST_FLOW_OK);
  EXPECT_EQ(gst_harness_buffers_received(h), 3u);
}

TEST_F(FrameSamplerElementTest, NumbersWhatPassesAmongAllThatCame) {
  GstHarness* h = Parse("framesampler interval-ms=200", kCaps);
  for (guint i = 0; i < 12; ++i) Push(h, i * 40 * GST_MSECOND);
  EXPECT_EQ(Index(h), 0u);
  EXPECT_EQ(Index(h), 5u);
  EXPECT_EQ(Index(h), 10u);
  EXPECT_EQ(Stat(h, "seen"), 12u);
  EXPECT_EQ(Stat(h, "passed"), 3u);
  EXPECT_EQ(Stat(h, "last-end"), 12 * 40 * GST_MSECOND);
}

TEST_F(FrameSamplerElementTest, DropsFramesWithoutATimeAndWarnsOnce) {
  GstHarness* h = Parse("framesampler", kCaps);
  EXPECT_EQ(Push(h, GST_CLOCK_TIME_NONE), GST_FLOW_OK);
  EXPECT_EQ(Push(h, GST_CLOCK_TIME_NONE), GST_FLOW_OK);
  EXPECT_EQ(Push(h, 0), GST_FLOW_OK);
  EXPECT_EQ(gst_harness_buffers_received(h), 1u);
  EXPECT_EQ(Index(h), 2u);  // Frames without a time count, too: they were decoded.
  EXPECT_EQ(Stat(h, "without-time"), 2u);
  EXPECT_NE(Text(GST_MESSAGE_WARNING).find("time stamp"), std::string::npos);
  EXPECT_EQ(Text(GST_MESSAGE_WARNING), "");
}

TEST_F(FrameSamplerElementTest, TakesTheNextWholeFrameForADamagedOne) {
  GstHarness* h = Parse("framesampler", kCaps);
  GstBuffer* torn = gst_harness_create_buffer(h, 4 * 4 * 3);
  GST_BUFFER_PTS(torn) = 0;
  GST_BUFFER_FLAG_SET(torn, GST_BUFFER_FLAG_CORRUPTED);
  gst_harness_push(h, torn);
  Push(h, 40 * GST_MSECOND);
  EXPECT_EQ(Index(h), 1u);
  EXPECT_EQ(Stat(h, "damaged"), 1u);
}

TEST_F(FrameSamplerElementTest, NeitherCopiesNorChangesTheFramesMemory) {
  GstHarness* h = Parse("framesampler", kCaps);
  GstBuffer* buffer = gst_harness_create_buffer(h, 4 * 4 * 3);
  GST_BUFFER_PTS(buffer) = 0;
  const GstMemory* memory = gst_buffer_peek_memory(buffer, 0);
  const BufferPtr held(gst_buffer_ref(buffer));  // As decoders do: the buffer is not writable.
  gst_harness_push(h, buffer);
  const BufferPtr out(gst_harness_pull(h));
  EXPECT_EQ(gst_buffer_peek_memory(out.get(), 0), memory);
  EXPECT_EQ(GST_BUFFER_OFFSET(out.get()), 0u);
  EXPECT_EQ(GST_BUFFER_OFFSET(held.get()), GST_BUFFER_OFFSET_NONE);
}

TEST_F(FrameSamplerElementTest, TakesAnyRawVideoAndNothingElse) {
  GstHarness* h = Parse("framesampler", nullptr);
  const PadPtr pad(gst_element_get_static_pad(h->element, "sink"));
  for (const char* good : {"video/x-raw,format=NV12,width=64,height=48",
                           "video/x-raw(memory:DMABuf),format=P010_10LE,width=2,height=2"}) {
    const CapsPtr caps(gst_caps_from_string(good));
    EXPECT_TRUE(gst_pad_query_accept_caps(pad.get(), caps.get())) << good;
  }
  for (const char* bad : {"audio/x-raw", "video/x-h264", "image/jpeg"}) {
    const CapsPtr caps(gst_caps_from_string(bad));
    EXPECT_FALSE(gst_pad_query_accept_caps(pad.get(), caps.get())) << bad;
  }
}

TEST_F(FrameSamplerElementTest, AFlushStartsIntervalAndCountAfresh) {
  GstHarness* h = Parse("framesampler interval-ms=60000", kCaps);
  Push(h, 0);
  Push(h, 40 * GST_MSECOND);
  Flush(h);
  Push(h, 80 * GST_MSECOND);
  EXPECT_EQ(Index(h), 0u);
  EXPECT_EQ(Index(h), 0u);
}

TEST_F(FrameSamplerElementTest, CountsOnWhenTheSizeChangesMidway) {
  GstHarness* h = Parse("framesampler interval-ms=40", kCaps);
  Push(h, 0);
  gst_harness_set_src_caps_str(h, "video/x-raw,format=RGB,width=8,height=4,framerate=25/1");
  Push(h, 40 * GST_MSECOND);
  EXPECT_EQ(Index(h), 0u);
  EXPECT_EQ(Index(h), 1u);
  const PadPtr pad(gst_element_get_static_pad(h->element, "src"));
  const CapsPtr caps(gst_pad_get_current_caps(pad.get()));
  gint width = 0;
  gst_structure_get_int(gst_caps_get_structure(caps.get(), 0), "width", &width);
  EXPECT_EQ(width, 8);
}

TEST_F(FrameSamplerElementTest, PassesTheEndOfTheStream) {
  GstHarness* h = Parse("framesampler", kCaps);
  Push(h, 0);
  ASSERT_TRUE(gst_harness_push_event(h, gst_event_new_eos()));
  bool eos = false;
  while (const EventPtr event{gst_harness_try_pull_event(h)}) {
    eos = eos || GST_EVENT_TYPE(event.get()) == GST_EVENT_EOS;
  }
  EXPECT_TRUE(eos);
}

TEST_F(FrameSamplerElementTest, SurvivesStateChangesUnderLoad) {
  StressStates(Parse("framesampler interval-ms=1", kCaps), kCaps, 4 * 4 * 3);
}

}  // namespace
}  // namespace stillwatch::gst
