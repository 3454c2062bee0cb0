// Handles for GLib and GStreamer: the only place that frees by hand.

#pragma once

#include <memory>
#include <string>
#include <utility>

#include <gst/gst.h>
#include <gst/video/video.h>

#include "pipeline/core/c_boundary.h"
#include "pipeline/core/status.h"

namespace stillwatch::gst {

struct ObjectUnref {
  void operator()(gpointer object) const noexcept { gst_object_unref(object); }
};
struct MiniObjectUnref {
  template <typename T>
  void operator()(T* object) const noexcept {
    gst_mini_object_unref(GST_MINI_OBJECT_CAST(object));
  }
};
struct StructureFree {
  void operator()(GstStructure* structure) const noexcept { gst_structure_free(structure); }
};
struct ErrorFree {
  void operator()(GError* error) const noexcept { g_error_free(error); }
};
struct GFree {
  void operator()(gpointer memory) const noexcept { g_free(memory); }
};

using ElementPtr = std::unique_ptr<GstElement, ObjectUnref>;
using PadPtr = std::unique_ptr<GstPad, ObjectUnref>;
using BusPtr = std::unique_ptr<GstBus, ObjectUnref>;
using ClockPtr = std::unique_ptr<GstClock, ObjectUnref>;
using FeaturePtr = std::unique_ptr<GstPluginFeature, ObjectUnref>;
using BufferPtr = std::unique_ptr<GstBuffer, MiniObjectUnref>;
using CapsPtr = std::unique_ptr<GstCaps, MiniObjectUnref>;
using SamplePtr = std::unique_ptr<GstSample, MiniObjectUnref>;
using MessagePtr = std::unique_ptr<GstMessage, MiniObjectUnref>;
using EventPtr = std::unique_ptr<GstEvent, MiniObjectUnref>;
using StructurePtr = std::unique_ptr<GstStructure, StructureFree>;
using ErrorPtr = std::unique_ptr<GError, ErrorFree>;
using CStringPtr = std::unique_ptr<char, GFree>;

// A new element that the caller owns: its floating reference is already sunk.
// kNotFound: no plugin offers `factory`.
[[nodiscard]] inline Result<ElementPtr> MakeElement(const char* factory,
                                                    const char* name = nullptr) {
  GstElement* element = gst_element_factory_make(factory, name);
  if (element == nullptr) {
    return NotFound(std::string("no GStreamer element '") + factory +
                    "'; install the Debian packages that scripts/setup.sh lists, or add its "
                    "folder to GST_PLUGIN_PATH");
  }
  return ElementPtr(GST_ELEMENT_CAST(gst_object_ref_sink(element)));
}

// A video frame mapped into memory for as long as this lives.  False if it could not be mapped.
class MappedFrame {
 public:
  // GStreamer only reads `info` but asks for it as non-const.
  MappedFrame(const GstVideoInfo& info, GstBuffer* buffer, GstMapFlags flags) noexcept
      : mapped_(gst_video_frame_map(&frame_, const_cast<GstVideoInfo*>(&info), buffer, flags)) {}
  ~MappedFrame() {
    if (mapped_) gst_video_frame_unmap(&frame_);
  }
  MappedFrame(const MappedFrame&) = delete;
  MappedFrame& operator=(const MappedFrame&) = delete;

  explicit operator bool() const { return mapped_; }
  const GstVideoFrame* get() const { return &frame_; }

 private:
  GstVideoFrame frame_;
  bool mapped_;
};

// Holds the object lock of a GstObject.  Copy the settings and let go: no message, buffer or
// signal may leave while one is alive.
class [[nodiscard]] ObjectLock {
 public:
  explicit ObjectLock(gpointer object) noexcept : object_(GST_OBJECT_CAST(object)) {
    GST_OBJECT_LOCK(object_);
  }
  ~ObjectLock() { GST_OBJECT_UNLOCK(object_); }
  ObjectLock(const ObjectLock&) = delete;
  ObjectLock& operator=(const ObjectLock&) = delete;

 private:
  GstObject* object_;
};

// Runs the body of an element's C callback.  What it throws ends here: the element posts one
// error on the bus and the callback returns `fallback`.
template <typename R, typename Body>
R AtCBoundary(gpointer element, R fallback, Body&& body) noexcept {
  const auto report = [element](const char* what) noexcept {
    GST_ELEMENT_ERROR(element, LIBRARY, FAILED, (nullptr), ("%s", what));
  };
  return CatchAtCBoundary(fallback, report, std::forward<Body>(body));
}

// The same for a callback that returns nothing.
template <typename Body>
void AtCBoundary(gpointer element, Body&& body) noexcept {
  const auto report = [element](const char* what) noexcept {
    GST_ELEMENT_ERROR(element, LIBRARY, FAILED, (nullptr), ("%s", what));
  };
  CatchAtCBoundary(report, std::forward<Body>(body));
}

// A handler for g_signal_connect_data.  G_CALLBACK would cast any function; this one takes those
// that cannot throw.
template <auto Fn>
requires NoexceptFunction<decltype(Fn)> GCallback SignalHandler()
noexcept { return reinterpret_cast<GCallback>(Fn); }

}  // namespace stillwatch::gst
