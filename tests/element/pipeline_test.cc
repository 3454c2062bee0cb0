// All four elements in one pipeline on the sample clip, as plugins/README.md shows them; the model
// is a fake.

#include <filesystem>

#include "plugins/m3diff/gst_m3diff.h"
#include "tests/element/harness.h"
#include "tests/element/recorder.h"

namespace stillwatch::gst {
namespace {

class FakeCaptioner final : public model::Captioner {
 public:
  Result<model::CaptionResult> Caption(const model::CaptionRequest&) override {
    return model::CaptionResult{.caption = "something has changed",
                                .changed = true,
                                .changed_probability = 0.8,
                                .confidence = 0.8};
  }
  const ModelName& name() const override { return name_; }

 private:
  ModelName name_{.name = "fake", .fingerprint = "sha256:0"};
};

class PipelineTest : public ElementTest {};

TEST_F(PipelineTest, BringsTheChangesOfTheSampleClipToTheRecorder) {
  const std::string clip = STILLWATCH_SOURCE_DIR "/samples/loading_bay.mp4";
  if (!std::filesystem::exists(clip)) GTEST_SKIP() << "no sample clip at " << clip;
  SetCaptionerFactory([](const model::CaptionerOptions&) {
    return Result<std::unique_ptr<model::Captioner>>(std::make_unique<FakeCaptioner>());
  });
  Recorder recorder;
  const std::string line =
      "filesrc location=" + clip +
      " ! decodebin ! framesampler interval-ms=250 ! videoconvert ! video/x-raw,format=RGB ! "
      "pairselector camera=dock interval-ms=250 settle-ms=1000 start-time=2026-01-01T08:00:00Z ! "
      "m3diff model=fake ! zmqeventsink endpoint=" +
      recorder.endpoint();
  GError* raw = nullptr;
  GstElement* parsed = gst_parse_launch(line.c_str(), &raw);
  const ErrorPtr error(raw);
  ASSERT_EQ(error, nullptr) << error->message;
  const ElementPtr pipeline(GST_ELEMENT(gst_object_ref_sink(parsed)));
  bus_.reset(gst_element_get_bus(pipeline.get()));
  gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
  const MessagePtr end =
      Message(static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR), 100 * GST_SECOND);
  ASSERT_TRUE(end);
  EXPECT_EQ(GST_MESSAGE_TYPE(end.get()), GST_MESSAGE_EOS);
  gst_element_set_state(pipeline.get(), GST_STATE_NULL);

  const auto events = recorder.Finish();
  ASSERT_GE(events.size(), 2u);  // Three things change in the clip.
  for (const bus::EventMessage& message : events) {
    const ChangeEvent& event = message.event;
    EXPECT_EQ(event.camera, "dock");
    ASSERT_TRUE(event.reference.frame && event.current.frame);
    EXPECT_LT(*event.reference.frame, *event.current.frame);
    EXPECT_LT(*event.current.frame, 1100);
    // 15 frames a second: index, stream time and capture time tell the same, up to the
    // milliseconds of the wire.
    const double seconds = std::chrono::duration<double>(*event.current.pts).count();
    EXPECT_NEAR(seconds, static_cast<double>(*event.current.frame) / 15, 0.001);
    const auto since = event.current.time - ParseTime("2026-01-01T08:00:00Z").value();
    EXPECT_NEAR(std::chrono::duration<double>(since).count(), seconds, 0.001);
    EXPECT_FALSE(message.reference_jpeg.empty());
    EXPECT_FALSE(message.current_jpeg.empty());
    if (event.type == EventType::kChangeDetected) {
      EXPECT_EQ(event.caption, "something has changed");
    }
  }
}

}  // namespace
}  // namespace stillwatch::gst
