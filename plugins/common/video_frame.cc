#include "plugins/common/video_frame.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace stillwatch::gst {

Result<std::shared_ptr<Frame>> CopyFrame(const GstVideoInfo& info, GstBuffer* buffer) {
  const MappedFrame mapped(info, buffer, GST_MAP_READ);
  if (!mapped) return Internal("a video frame cannot be mapped");
  auto frame = std::make_shared<Frame>();
  frame->width = info.width;
  frame->height = info.height;
  if (GST_BUFFER_OFFSET_IS_VALID(buffer)) {
    frame->index = static_cast<std::int64_t>(GST_BUFFER_OFFSET(buffer));
  }
  const std::size_t row = static_cast<std::size_t>(info.width) * 3;
  const int stride = GST_VIDEO_FRAME_PLANE_STRIDE(mapped.get(), 0);
  const auto* pixels =
      static_cast<const std::uint8_t*>(GST_VIDEO_FRAME_PLANE_DATA(mapped.get(), 0));
  // Insert and not resize: no pixel is written twice.
  frame->rgb.reserve(row * static_cast<std::size_t>(info.height));
  for (int y = 0; y < info.height; ++y, pixels += stride) {
    frame->rgb.insert(frame->rgb.end(), pixels, pixels + row);
  }
  return frame;
}

BufferPtr MakeBuffer(const GstVideoInfo& info, const Frame& frame) {
  if (frame.width != info.width || frame.height != info.height) return nullptr;
  BufferPtr buffer(gst_buffer_new_allocate(nullptr, info.size, nullptr));
  const MappedFrame mapped(info, buffer.get(), GST_MAP_WRITE);
  if (!mapped) return nullptr;
  const std::size_t row = static_cast<std::size_t>(info.width) * 3;
  const int stride = GST_VIDEO_FRAME_PLANE_STRIDE(mapped.get(), 0);
  auto* pixels = static_cast<std::uint8_t*>(GST_VIDEO_FRAME_PLANE_DATA(mapped.get(), 0));
  for (std::size_t y = 0; y < static_cast<std::size_t>(info.height); ++y, pixels += stride) {
    std::memcpy(pixels, frame.rgb.data() + y * row, row);
  }
  return buffer;
}

}  // namespace stillwatch::gst
