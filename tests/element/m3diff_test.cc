#include <stdexcept>

#include "plugins/m3diff/gst_m3diff.h"
#include "tests/element/harness.h"

namespace stillwatch::gst {
namespace {

constexpr const char* kCaps = "video/x-raw,format=RGB,width=4,height=4,framerate=1/1";

// Says how bright both pictures are; fails or throws for events named so.
class FakeCaptioner final : public model::Captioner {
 public:
  explicit FakeCaptioner(model::CaptionerOptions options) : options_(std::move(options)) {}

  Result<model::CaptionResult> Caption(const model::CaptionRequest& request) override {
    if (options_.model_folder == "fails") return Internal("out of memory");
    if (options_.model_folder == "throws") throw std::runtime_error("a bug");
    return model::CaptionResult{
        .caption = std::to_string(request.reference.rgb[0]) + " became " +
                   std::to_string(request.current.rgb[0]) + " with " +
                   std::to_string(request.regions.size()) + " region, tokens " +
                   std::to_string(options_.max_tokens),
        .changed = true,
        .changed_probability = 0.9,
        .confidence = 0.9,
        .kind = ChangeKind::kRecolored,
    };
  }
  const ModelName& name() const override { return name_; }

 private:
  model::CaptionerOptions options_;
  ModelName name_{.name = "fake", .fingerprint = "sha256:0"};
};

class M3DiffElementTest : public ElementTest {
 protected:
  void SetUp() override {
    SetCaptionerFactory(
        [](const model::CaptionerOptions& options) -> Result<std::unique_ptr<model::Captioner>> {
          if (options.model_folder == "missing") return NotFound("no such folder");
          return std::make_unique<FakeCaptioner>(options);
        });
  }

  static GstBuffer* Buffer(GstHarness* h, const std::vector<PairMeta::Ptr>& pairs) {
    GstBuffer* buffer = gst_harness_create_buffer(h, 4 * 4 * 3);
    GST_BUFFER_PTS(buffer) = 0;
    for (const auto& pair : pairs) PairMeta::Add(buffer, pair);
    return buffer;
  }
};

TEST_F(M3DiffElementTest, CaptionsEveryPairOfAFrame) {
  GstHarness* h = Parse("m3diff model=good max-tokens=7", kCaps);
  const BufferPtr out(gst_harness_push_and_pull(h, Buffer(h, {MadePair("A"), MadePair("B")})));
  ASSERT_TRUE(out);
  const auto captions = CaptionMeta::Of(out.get());
  ASSERT_EQ(captions.size(), 2u);
  EXPECT_EQ(captions[0]->event_id, "A");
  EXPECT_EQ(captions[0]->caption, "40 became 200 with 1 region, tokens 7");
  EXPECT_TRUE(captions[0]->changed);
  EXPECT_EQ(captions[0]->kind, ChangeKind::kRecolored);
  EXPECT_EQ(captions[0]->model.name, "fake");
  EXPECT_EQ(captions[1]->event_id, "B");
  EXPECT_EQ(PairMeta::Of(out.get()).size(), 2u);

  const MessagePtr message = Message(GST_MESSAGE_ELEMENT);
  ASSERT_TRUE(message);
  const GstStructure* structure = gst_message_get_structure(message.get());
  EXPECT_TRUE(gst_structure_has_name(structure, "stillwatch-caption"));
  EXPECT_STREQ(gst_structure_get_string(structure, "event-id"), "A");
  EXPECT_STREQ(gst_structure_get_string(structure, "kind"), "recolored");
}

TEST_F(M3DiffElementTest, LeavesFramesWithoutPairsAndResolvedChangesAlone) {
  GstHarness* h = Parse("m3diff model=good", kCaps);
  const BufferPtr plain(gst_harness_push_and_pull(h, Buffer(h, {})));
  const BufferPtr resolved(
      gst_harness_push_and_pull(h, Buffer(h, {MadePair("A", EventType::kChangeResolved)})));
  EXPECT_TRUE(CaptionMeta::Of(plain.get()).empty());
  EXPECT_TRUE(CaptionMeta::Of(resolved.get()).empty());
  EXPECT_EQ(PairMeta::Of(resolved.get()).size(), 1u);
  EXPECT_FALSE(Message(GST_MESSAGE_ELEMENT));
}

TEST_F(M3DiffElementTest, AFailureOfTheModelIsAWarningAndTheStreamGoesOn) {
  GstHarness* h = Parse("m3diff model=fails", kCaps);
  const BufferPtr out(gst_harness_push_and_pull(h, Buffer(h, {MadePair("A")})));
  ASSERT_TRUE(out);
  EXPECT_TRUE(CaptionMeta::Of(out.get()).empty());
  EXPECT_EQ(PairMeta::Of(out.get()).size(), 1u);
  const std::string warning = Text(GST_MESSAGE_WARNING);
  EXPECT_NE(warning.find("event A"), std::string::npos) << warning;
  EXPECT_NE(warning.find("out of memory"), std::string::npos) << warning;
  EXPECT_FALSE(Message(GST_MESSAGE_ERROR));
}

TEST_F(M3DiffElementTest, WhatTheModelThrowsBecomesAnErrorMessage) {
  GstHarness* h = Parse("m3diff model=throws", kCaps);
  EXPECT_EQ(gst_harness_push(h, Buffer(h, {MadePair("A")})), GST_FLOW_ERROR);
  EXPECT_TRUE(Message(GST_MESSAGE_ERROR));
}

TEST_F(M3DiffElementTest, AModelThatCannotBeOpenedStopsTheStartWithItsReason) {
  for (const char* model : {"", "missing"}) {
    const ElementPtr element = MakeElement("m3diff").value();
    bus_.reset(gst_bus_new());
    gst_element_set_bus(element.get(), bus_.get());
    g_object_set(element.get(), "model", model, nullptr);
    EXPECT_EQ(gst_element_set_state(element.get(), GST_STATE_PAUSED), GST_STATE_CHANGE_FAILURE);
    EXPECT_NE(Text(GST_MESSAGE_ERROR).find("model"), std::string::npos);
    gst_element_set_state(element.get(), GST_STATE_NULL);
    gst_element_set_bus(element.get(), nullptr);
  }
}

TEST_F(M3DiffElementTest, GoesOnAfterFlushNewCapsAndPassesTheEnd) {
  GstHarness* h = Parse("m3diff model=good", kCaps);
  gst_harness_push(h, Buffer(h, {MadePair("A")}));
  Flush(h);
  gst_harness_set_src_caps_str(h, "video/x-raw,format=I420,width=4,height=8,framerate=1/1");
  gst_harness_push(h, Buffer(h, {MadePair("B")}));
  EXPECT_EQ(gst_harness_buffers_received(h), 2u);
  EXPECT_TRUE(gst_harness_push_event(h, gst_event_new_eos()));
}

TEST_F(M3DiffElementTest, SurvivesStateChangesUnderLoad) {
  StressStates(Parse("m3diff model=good", kCaps), kCaps, 4 * 4 * 3);
}

}  // namespace
}  // namespace stillwatch::gst
