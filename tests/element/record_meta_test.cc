#include "plugins/common/record_meta.h"

#include "plugins/common/event_structure.h"
#include "tests/element/harness.h"

namespace stillwatch::gst {
namespace {

class RecordMetaTest : public ElementTest {};

BufferPtr MadeBuffer() { return BufferPtr(gst_buffer_new_allocate(nullptr, 16, nullptr)); }

TEST_F(RecordMetaTest, ABufferCarriesRecordsOfBothKindsInTheirOrder) {
  const BufferPtr buffer = MadeBuffer();
  const auto a = MadePair("A"), b = MadePair("B");
  const auto caption = std::make_shared<const CaptionRecord>(CaptionRecord{.event_id = "A"});
  PairMeta::Add(buffer.get(), a);
  CaptionMeta::Add(buffer.get(), caption);
  PairMeta::Add(buffer.get(), b);
  EXPECT_EQ(PairMeta::Of(buffer.get()), (std::vector<PairMeta::Ptr>{a, b}));
  EXPECT_EQ(CaptionMeta::Of(buffer.get()), std::vector<CaptionMeta::Ptr>{caption});
}

TEST_F(RecordMetaTest, ACopySharesTheRecordAndOutlivesTheOriginal) {
  auto record = MadePair("A");
  const std::weak_ptr<const PairRecord> watch = record;
  BufferPtr buffer = MadeBuffer();
  PairMeta::Add(buffer.get(), std::move(record));
  BufferPtr copy(gst_buffer_copy_deep(buffer.get()));
  buffer.reset();
  EXPECT_EQ(PairMeta::Of(copy.get()), std::vector<PairMeta::Ptr>{watch.lock()});
  copy.reset();
  EXPECT_TRUE(watch.expired());
}

TEST_F(RecordMetaTest, RecordsSurviveConversionAndScaling) {
  GstHarness* h =
      Parse("videoconvert ! videoscale ! capsfilter caps=video/x-raw,format=I420,width=8",
            "video/x-raw,format=RGB,width=16,height=8,framerate=25/1");
  GstBuffer* buffer = gst_harness_create_buffer(h, 16 * 8 * 3);
  const auto record = MadePair("A");
  PairMeta::Add(buffer, record);
  const BufferPtr out(gst_harness_push_and_pull(h, buffer));
  ASSERT_TRUE(out);
  EXPECT_EQ(PairMeta::Of(out.get()), std::vector<PairMeta::Ptr>{record});
}

TEST_F(RecordMetaTest, APairAsAStructureHasWhatAnApplicationNeeds) {
  const StructurePtr structure = ToStructure(*MadePair("A"), "stillwatch-change");
  EXPECT_STREQ(gst_structure_get_string(structure.get(), "event-id"), "A");
  EXPECT_STREQ(gst_structure_get_string(structure.get(), "camera"), "dock");
  EXPECT_STREQ(gst_structure_get_string(structure.get(), "step"), "change.detected");
  EXPECT_STREQ(gst_structure_get_string(structure.get(), "kind"), "added");
  EXPECT_STREQ(gst_structure_get_string(structure.get(), "time"), "2026-01-01T08:00:09.000Z");
  guint64 pts = 0;
  EXPECT_TRUE(gst_structure_get_uint64(structure.get(), "pts", &pts));
  EXPECT_EQ(pts, 9 * GST_SECOND);
  const GValue* regions = gst_structure_get_value(structure.get(), "regions");
  ASSERT_EQ(gst_value_array_get_size(regions), 1u);
  double w = 0;
  gst_structure_get_double(gst_value_get_structure(gst_value_array_get_value(regions, 0)), "w", &w);
  EXPECT_DOUBLE_EQ(w, 0.25);
}

}  // namespace
}  // namespace stillwatch::gst
