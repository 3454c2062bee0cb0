// pairselector finds the lasting changes of a scene.  Every frame passes; the one that completes a
// selection carries it as SwPairMeta, its regions as GstVideoRegionOfInterestMeta, and the element
// posts "stillwatch-change" on the bus.
//
//   gst-launch-1.0 -m filesrc location=samples/loading_bay.mp4 ! decodebin !
//     framesampler interval-ms=500 ! videoconvert ! video/x-raw,format=RGB !
//     pairselector camera=dock interval-ms=500 settle-ms=2000 ! fakesink
//
// At the end of the stream the selector gives what it has not decided yet.  No frame is left to
// carry it, so the last frame is then sent once more, dated at its end; frames need not be held
// back for that, which would delay every event of a live camera by an interval.
//
// A shell: PairStream dates and selects, Annotate attaches.

#include "plugins/pairselector/gst_pair_selector.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/core/c_boundary.h"
#include "plugins/common/acknowledgement_event.h"
#include "plugins/common/gst_raii.h"
#include "plugins/common/video_frame.h"
#include "plugins/pairselector/annotate.h"
#include "plugins/pairselector/pair_stream.h"
#include "plugins/pairselector/selector_properties.h"

using stillwatch::SetCallback;
using stillwatch::gst::Annotate;
using stillwatch::gst::AtCBoundary;
using stillwatch::gst::BufferPtr;
using stillwatch::gst::CopyFrame;
using stillwatch::gst::MakeBuffer;
using stillwatch::gst::ObjectLock;
using stillwatch::gst::PairStream;
using stillwatch::gst::PairStreamSettings;
using stillwatch::gst::PostChanges;

GST_DEBUG_CATEGORY_STATIC(sw_pair_selector_debug);
#define GST_CAT_DEFAULT sw_pair_selector_debug

namespace {
struct Impl {
  PairStreamSettings settings;                    // Guarded by the object lock.
  stillwatch::select::PairSelector::Stats stats;  // Guarded by the object lock.
  // Guarded by the object lock.  From the sink's thread, for the streaming thread.
  std::vector<stillwatch::gst::AcknowledgedStep> acknowledged;

  // Streaming thread.
  std::optional<PairStream> stream;  // Lives from start to stop.
  std::optional<GstVideoInfo> info;  // Of the current caps.
  GstClockTime last_pts = 0;
  GstClockTime last_end = 0;
};
}  // namespace

struct _SwPairSelector {
  GstBaseTransform parent_instance;
  Impl* impl;  // Made in init, deleted in finalize; never null between.
};

G_DEFINE_TYPE(SwPairSelector, sw_pair_selector, GST_TYPE_BASE_TRANSFORM)
GST_ELEMENT_REGISTER_DEFINE(pairselector, "pairselector", GST_RANK_NONE, SW_TYPE_PAIR_SELECTOR)

namespace {

constexpr const char* kCaps = GST_VIDEO_CAPS_MAKE("RGB");
GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS(kCaps));
GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS(kCaps));

void SetProperty(GObject* object, guint id, const GValue* value, GParamSpec* spec) noexcept {
  AtCBoundary(object, [&] {
    ObjectLock lock(object);
    if (SetSelectorProperty(SW_PAIR_SELECTOR(object)->impl->settings, id, value)) return;
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  });
}

void GetProperty(GObject* object, guint id, GValue* value, GParamSpec* spec) noexcept {
  AtCBoundary(object, [&] {
    ObjectLock lock(object);
    const Impl& impl = *SW_PAIR_SELECTOR(object)->impl;
    if (GetSelectorProperty(impl.settings, impl.stats, id, value)) return;
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  });
}

void Warn(GstBaseTransform* base, const std::string& text) {
  if (!text.empty()) GST_ELEMENT_WARNING(base, RESOURCE, WRITE, ("%s", text.c_str()), (nullptr));
}

// Moves the saved state on with what has been acknowledged.
void TakeAcknowledgements(GstBaseTransform* base, Impl& impl) {
  std::vector<stillwatch::gst::AcknowledgedStep> steps;
  {
    ObjectLock lock(base);
    steps.swap(impl.acknowledged);
  }
  if (!impl.stream) return;
  impl.stream->Acknowledge(steps);
  Warn(base, impl.stream->TakeWarning());
}

gboolean Start(GstBaseTransform* base) noexcept {
  return AtCBoundary(base, FALSE, [&]() -> gboolean {
    Impl& impl = *SW_PAIR_SELECTOR(base)->impl;
    PairStreamSettings settings;
    {
      ObjectLock lock(base);
      settings = impl.settings;
      impl.stats = {};
      impl.acknowledged.clear();
    }
    auto stream = PairStream::Create(settings);
    if (!stream) {
      GST_ELEMENT_ERROR(base, RESOURCE, SETTINGS, ("%s", stream.error().message().c_str()),
                        (nullptr));
      return FALSE;
    }
    impl.stream = *std::move(stream);
    Warn(base, impl.stream->TakeWarning());
    return TRUE;
  });
}

gboolean Stop(GstBaseTransform* base) noexcept {
  return AtCBoundary(base, FALSE, [&]() -> gboolean {
    Impl& impl = *SW_PAIR_SELECTOR(base)->impl;
    TakeAcknowledgements(base, impl);
    if (impl.stream && impl.stream->unacknowledged() > 0) {
      Warn(base, std::to_string(impl.stream->unacknowledged()) +
                     " events were not acknowledged: the saved state stays before them, and the "
                     "next start finds them again (await-ack=false if no sink acknowledges)");
    }
    impl.stream.reset();
    impl.info.reset();
    return TRUE;
  });
}

gboolean SetCaps(GstBaseTransform* base, GstCaps* input, GstCaps* /*output*/) noexcept {
  return AtCBoundary(base, FALSE, [&]() -> gboolean {
    GstVideoInfo info;
    if (!gst_video_info_from_caps(&info, input)) return FALSE;
    SW_PAIR_SELECTOR(base)->impl->info = info;  // The selector sees a new size by itself.
    return TRUE;
  });
}

void PublishStats(GstBaseTransform* base, Impl& impl) {
  ObjectLock lock(base);
  impl.stats = impl.stream->stats();
}

GstFlowReturn TransformIp(GstBaseTransform* base, GstBuffer* buffer) noexcept {
  return AtCBoundary(base, GST_FLOW_ERROR, [&] {
    Impl& impl = *SW_PAIR_SELECTOR(base)->impl;
    if (!impl.info) return GST_FLOW_NOT_NEGOTIATED;
    const GstClockTime pts = GST_BUFFER_PTS(buffer);
    const GstClockTime running = gst_segment_to_running_time(&base->segment, GST_FORMAT_TIME, pts);
    if (!GST_CLOCK_TIME_IS_VALID(running)) {
      GST_WARNING_OBJECT(base, "frame without a time, or outside the segment, not looked at");
      return GST_FLOW_OK;
    }
    TakeAcknowledgements(base, impl);
    auto frame = CopyFrame(*impl.info, buffer);
    if (!frame) {
      GST_ELEMENT_ERROR(base, RESOURCE, READ, ("%s", frame.error().message().c_str()), (nullptr));
      return GST_FLOW_ERROR;
    }
    const GstClockTime at = gst_segment_to_stream_time(&base->segment, GST_FORMAT_TIME, pts);
    if (GST_CLOCK_TIME_IS_VALID(at)) {
      (*frame)->pts = std::chrono::nanoseconds(static_cast<std::int64_t>(at));
    }
    impl.last_pts = pts;
    impl.last_end = GST_BUFFER_DURATION_IS_VALID(buffer) ? pts + GST_BUFFER_DURATION(buffer) : pts;
    const auto records = impl.stream->Push(
        *std::move(frame), std::chrono::nanoseconds(static_cast<std::int64_t>(running)),
        std::chrono::system_clock::now());
    PublishStats(base, impl);
    Annotate(buffer, *impl.info, records);
    PostChanges(GST_ELEMENT(base), records);
    Warn(base, impl.stream->TakeWarning());
    return GST_FLOW_OK;
  });
}

// Sends what the selector gives at the end on a repetition of the last frame.
void SendRest(GstBaseTransform* base, Impl& impl) {
  if (!impl.stream || !impl.info) return;
  const auto records = impl.stream->Finish();
  PublishStats(base, impl);
  if (records.empty()) return;
  PostChanges(GST_ELEMENT(base), records);
  BufferPtr buffer = MakeBuffer(*impl.info, *impl.stream->latest());
  if (!buffer) {
    GST_WARNING_OBJECT(base, "caps changed after the last frame: its changes are on the bus only");
    return;
  }
  // A time of its own: muxers refuse two frames of one time.
  GST_BUFFER_PTS(buffer.get()) = impl.last_end > impl.last_pts ? impl.last_end : impl.last_pts + 1;
  if (const auto& index = impl.stream->latest()->index) {
    GST_BUFFER_OFFSET(buffer.get()) = static_cast<guint64>(*index);
  }
  Annotate(buffer.get(), *impl.info, records);
  gst_pad_push(GST_BASE_TRANSFORM_SRC_PAD(base), buffer.release());
}

gboolean SinkEvent(GstBaseTransform* base, GstEvent* event) noexcept {
  return AtCBoundary(base, FALSE, [&]() -> gboolean {
    Impl& impl = *SW_PAIR_SELECTOR(base)->impl;
    const GstEventType type = GST_EVENT_TYPE(event);
    if (type == GST_EVENT_EOS) SendRest(base, impl);
    if (type == GST_EVENT_FLUSH_STOP && impl.stream) impl.stream->Reset();
    const gboolean taken =
        GST_BASE_TRANSFORM_CLASS(sw_pair_selector_parent_class)->sink_event(base, event);
    // The sink has waited for its recorder.
    if (type == GST_EVENT_EOS) TakeAcknowledgements(base, impl);
    return taken;
  });
}

gboolean SrcEvent(GstBaseTransform* base, GstEvent* event) noexcept {
  return AtCBoundary(base, FALSE, [&]() -> gboolean {
    auto step = stillwatch::gst::AcknowledgementOf(event);
    if (!step) {
      return GST_BASE_TRANSFORM_CLASS(sw_pair_selector_parent_class)->src_event(base, event);
    }
    const stillwatch::gst::EventPtr owned(event);
    ObjectLock lock(base);
    SW_PAIR_SELECTOR(base)->impl->acknowledged.push_back(*std::move(step));
    return TRUE;
  });
}

void Finalize(GObject* object) noexcept {
  delete SW_PAIR_SELECTOR(object)->impl;
  G_OBJECT_CLASS(sw_pair_selector_parent_class)->finalize(object);
}

}  // namespace

// G_DEFINE_TYPE declares the two functions below without noexcept, so no compiler checks them.
static void sw_pair_selector_class_init(SwPairSelectorClass* klass) {
  GST_DEBUG_CATEGORY_INIT(sw_pair_selector_debug, "pairselector", 0, "pair selector");

  auto* object_class = G_OBJECT_CLASS(klass);
  SetCallback(object_class->set_property, SetProperty);
  SetCallback(object_class->get_property, GetProperty);
  SetCallback(object_class->finalize, Finalize);
  stillwatch::gst::InstallSelectorProperties(object_class);

  auto* element_class = GST_ELEMENT_CLASS(klass);
  gst_element_class_add_static_pad_template(element_class, &sink_template);
  gst_element_class_add_static_pad_template(element_class, &src_template);
  gst_element_class_set_static_metadata(element_class, "Pair selector", "Filter/Analyzer/Video",
                                        "Finds the lasting changes of a scene",
                                        "The Stillwatch authors");

  auto* base_class = GST_BASE_TRANSFORM_CLASS(klass);
  SetCallback(base_class->start, Start);
  SetCallback(base_class->stop, Stop);
  SetCallback(base_class->set_caps, SetCaps);
  SetCallback(base_class->sink_event, SinkEvent);
  SetCallback(base_class->src_event, SrcEvent);
  SetCallback(base_class->transform_ip, TransformIp);
}

static void sw_pair_selector_init(SwPairSelector* self) {
  AtCBoundary(self, [&] {
    self->impl = new Impl;
    gst_base_transform_set_in_place(GST_BASE_TRANSFORM(self), TRUE);
  });
}
