#include "plugins/common/gst_raii.h"

#include <stdexcept>

#include "tests/element/harness.h"

namespace stillwatch::gst {
namespace {

class GstRaiiTest : public ElementTest {};

// A callback that fails at the worst moment: frame mapped, object lock held.
GstFlowReturn Failing(GstElement* element, const GstVideoInfo& info, GstBuffer* buffer) noexcept {
  return AtCBoundary(element, GST_FLOW_ERROR, [&]() -> GstFlowReturn {
    const MappedFrame frame(info, buffer, GST_MAP_READ);
    ObjectLock lock(element);
    throw std::runtime_error("out of luck");
  });
}

TEST_F(GstRaiiTest, WhatACallbackThrowsBecomesOneErrorMessageAndNothingStaysHeld) {
  const ElementPtr element = MakeElement("identity").value();
  bus_.reset(gst_bus_new());
  gst_element_set_bus(element.get(), bus_.get());
  GstVideoInfo info;
  ASSERT_TRUE(gst_video_info_set_format(&info, GST_VIDEO_FORMAT_RGB, 4, 4));
  const BufferPtr buffer(gst_buffer_new_allocate(nullptr, info.size, nullptr));

  EXPECT_EQ(Failing(element.get(), info, buffer.get()), GST_FLOW_ERROR);

  EXPECT_TRUE(Message(GST_MESSAGE_ERROR));
  EXPECT_FALSE(Message(GST_MESSAGE_ERROR));
  EXPECT_EQ(GST_MINI_OBJECT_REFCOUNT_VALUE(buffer.get()), 1);  // Unmapped: a map holds one.
  ASSERT_TRUE(g_mutex_trylock(GST_OBJECT_GET_LOCK(element.get())));
  GST_OBJECT_UNLOCK(element.get());
  gst_element_set_bus(element.get(), nullptr);
}

TEST_F(GstRaiiTest, AMissingElementIsNotFoundAndTheMessageSaysWhereToLook) {
  const auto element = MakeElement("no-such-element");
  ASSERT_FALSE(element);
  EXPECT_EQ(element.error().code(), StatusCode::kNotFound);
  EXPECT_NE(element.error().message().find("'no-such-element'"), std::string::npos);
  EXPECT_NE(element.error().message().find("GST_PLUGIN_PATH"), std::string::npos);
}

}  // namespace
}  // namespace stillwatch::gst
