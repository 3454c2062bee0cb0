// Frames out of GstBuffers, and back.

#pragma once

#include <memory>

#include "pipeline/core/frame.h"
#include "pipeline/core/status.h"
#include "plugins/common/gst_raii.h"

namespace stillwatch::gst {

// A copy of the buffer's pixels with its size and, where the buffer has an offset (framesampler
// sets it), its index.  Camera and times are the caller's.  kInternal: it cannot be mapped.
// REQUIRES: info is of format RGB.
[[nodiscard]] Result<std::shared_ptr<Frame>> CopyFrame(const GstVideoInfo& info, GstBuffer* buffer);

// A new buffer with the frame's pixels, laid out as `info` says; no times.  Null if the frame has
// another size than `info`.
BufferPtr MakeBuffer(const GstVideoInfo& info, const Frame& frame);

}  // namespace stillwatch::gst
