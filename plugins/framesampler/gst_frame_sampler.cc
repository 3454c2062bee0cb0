// framesampler passes at most one frame per interval and drops the rest, before any conversion.
// The offset of a frame that passes is its place among all frames that came in, from 0.
//
//   gst-launch-1.0 filesrc location=samples/loading_bay.mp4 ! decodebin !
//     framesampler interval-ms=500 ! videoconvert ! jpegenc ! multifilesink location=%05d.jpg
//
// A shell: properties, locks and flow returns.  FrameSampler decides what passes.

#include "plugins/framesampler/gst_frame_sampler.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

#include "pipeline/core/c_boundary.h"
#include "plugins/common/gst_raii.h"
#include "plugins/framesampler/frame_sampler.h"

using stillwatch::SetCallback;
using stillwatch::gst::AtCBoundary;
using stillwatch::gst::BufferPtr;
using stillwatch::gst::FrameSampler;
using stillwatch::gst::ObjectLock;
using stillwatch::gst::SamplerPolicy;
using stillwatch::gst::StructurePtr;

GST_DEBUG_CATEGORY_STATIC(sw_frame_sampler_debug);
#define GST_CAT_DEFAULT sw_frame_sampler_debug

namespace {
struct Stats {
  std::uint64_t seen = 0;
  std::uint64_t passed = 0;
  std::uint64_t without_time = 0;
  std::uint64_t damaged = 0;
  GstClockTime last_end = GST_CLOCK_TIME_NONE;  // Where the latest frame ends, stream time.
};
struct Impl {
  SamplerPolicy settings;  // Guarded by the object lock.
  Stats stats;             // Guarded by the object lock.

  std::optional<FrameSampler> sampler;  // Streaming thread.  Lives from start to stop.
  std::uint64_t next_index = 0;         // Streaming thread.
};
enum Property : guint { PROP_0, PROP_INTERVAL_MS, PROP_STATS };
constexpr SamplerPolicy kDefaults;
}  // namespace

struct _SwFrameSampler {
  GstBaseTransform parent_instance;
  Impl* impl;  // Made in init, deleted in finalize; never null between.
};

G_DEFINE_TYPE(SwFrameSampler, sw_frame_sampler, GST_TYPE_BASE_TRANSFORM)
GST_ELEMENT_REGISTER_DEFINE(framesampler, "framesampler", GST_RANK_NONE, SW_TYPE_FRAME_SAMPLER)

namespace {

// ANY: frames in graphics memory pass, too; nobody here looks at the pixels.
constexpr const char* kCaps = "video/x-raw(ANY)";
GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS(kCaps));
GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS(kCaps));

void SetProperty(GObject* object, guint id, const GValue* value, GParamSpec* spec) noexcept {
  AtCBoundary(object, [&] {
    auto* self = SW_FRAME_SAMPLER(object);
    if (id != PROP_INTERVAL_MS) {
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
      return;
    }
    ObjectLock lock(self);
    self->impl->settings.interval = std::chrono::milliseconds(g_value_get_uint(value));
  });
}

void GetProperty(GObject* object, guint id, GValue* value, GParamSpec* spec) noexcept {
  AtCBoundary(object, [&] {
    auto* self = SW_FRAME_SAMPLER(object);
    ObjectLock lock(self);
    const Stats& stats = self->impl->stats;
    switch (id) {
      case PROP_INTERVAL_MS:
        g_value_set_uint(value, static_cast<guint>(self->impl->settings.interval.count()));
        break;
      case PROP_STATS:
        g_value_take_boxed(
            value,
            gst_structure_new("stillwatch-sampler-stats", "seen", G_TYPE_UINT64, stats.seen,
                              "passed", G_TYPE_UINT64, stats.passed, "damaged", G_TYPE_UINT64,
                              stats.damaged, "without-time", G_TYPE_UINT64, stats.without_time,
                              "last-end", G_TYPE_UINT64, stats.last_end, nullptr));
        break;
      default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
  });
}

gboolean Start(GstBaseTransform* base) noexcept {
  return AtCBoundary(base, FALSE, [&]() -> gboolean {
    auto* self = SW_FRAME_SAMPLER(base);
    SamplerPolicy policy;
    {
      ObjectLock lock(self);
      policy = self->impl->settings;
      self->impl->stats = {};
    }
    auto sampler = FrameSampler::Create(policy);
    if (!sampler) {
      GST_ELEMENT_ERROR(self, RESOURCE, SETTINGS, ("%s", sampler.error().message().c_str()),
                        (nullptr));
      return FALSE;
    }
    self->impl->sampler = *std::move(sampler);
    self->impl->next_index = 0;
    return TRUE;
  });
}

gboolean Stop(GstBaseTransform* base) noexcept {
  return AtCBoundary(base, FALSE, [&]() -> gboolean {
    SW_FRAME_SAMPLER(base)->impl->sampler.reset();
    return TRUE;
  });
}

gboolean SinkEvent(GstBaseTransform* base, GstEvent* event) noexcept {
  return AtCBoundary(base, FALSE, [&]() -> gboolean {
    Impl& impl = *SW_FRAME_SAMPLER(base)->impl;
    const GstEventType type = GST_EVENT_TYPE(event);
    // Not on a new segment: the edit list of one MP4 file makes several, and frames go on counting.
    if (type == GST_EVENT_FLUSH_STOP || type == GST_EVENT_STREAM_START) {
      if (impl.sampler) impl.sampler->Reset();
      impl.next_index = 0;
    }
    return GST_BASE_TRANSFORM_CLASS(sw_frame_sampler_parent_class)->sink_event(base, event);
  });
}

// Instead of transform_ip: a frame that is dropped is then never copied to be made writable, and
// passthrough lets the decoder and the element downstream agree on memory between themselves.
GstFlowReturn GenerateOutput(GstBaseTransform* base, GstBuffer** output) noexcept {
  *output = nullptr;
  return AtCBoundary(base, GST_FLOW_ERROR, [&] {
    auto* self = SW_FRAME_SAMPLER(base);
    BufferPtr buffer(std::exchange(base->queued_buf, nullptr));
    if (!buffer) return GST_FLOW_OK;
    const std::uint64_t index = self->impl->next_index++;

    if (!GST_BUFFER_PTS_IS_VALID(buffer.get())) {
      bool first = false;
      {
        ObjectLock lock(self);
        ++self->impl->stats.seen;
        first = self->impl->stats.without_time++ == 0;
      }
      // Once, or a stream without times would flood the bus.
      if (first) {
        GST_ELEMENT_WARNING(self, STREAM, FORMAT,
                            ("A frame without a time stamp was dropped; more are counted in "
                             "'stats'. Put a parser or videorate in front."),
                            ("frame %" G_GUINT64_FORMAT, index));
      }
      return GST_FLOW_OK;
    }

    const GstClockTime pts = GST_BUFFER_PTS(buffer.get());
    const GstClockTime length =
        GST_BUFFER_DURATION_IS_VALID(buffer.get()) ? GST_BUFFER_DURATION(buffer.get()) : 0;
    const GstClockTime at = gst_segment_to_stream_time(&base->segment, GST_FORMAT_TIME, pts);
    // Grey or torn, as decoders give them after a lost packet: the next whole frame is due instead.
    const bool damaged = GST_BUFFER_FLAG_IS_SET(buffer.get(), GST_BUFFER_FLAG_CORRUPTED);
    const bool keep = !damaged && self->impl->sampler.value().Keep(
                                      std::chrono::nanoseconds(static_cast<std::int64_t>(pts)));
    {
      ObjectLock lock(self);
      ++self->impl->stats.seen;
      if (keep) ++self->impl->stats.passed;
      if (damaged) ++self->impl->stats.damaged;
      if (GST_CLOCK_TIME_IS_VALID(at)) self->impl->stats.last_end = at + length;
    }
    if (!keep) return GST_FLOW_OK;
    *output = gst_buffer_make_writable(buffer.release());
    GST_BUFFER_OFFSET(*output) = index;
    GST_BUFFER_OFFSET_END(*output) = index + 1;
    return GST_FLOW_OK;
  });
}

void Finalize(GObject* object) noexcept {
  delete SW_FRAME_SAMPLER(object)->impl;
  G_OBJECT_CLASS(sw_frame_sampler_parent_class)->finalize(object);
}

}  // namespace

// G_DEFINE_TYPE declares the two functions below without noexcept, so no compiler checks them:
// class_init makes C calls only, and init is one AtCBoundary.
static void sw_frame_sampler_class_init(SwFrameSamplerClass* klass) {
  GST_DEBUG_CATEGORY_INIT(sw_frame_sampler_debug, "framesampler", 0, "frame sampler");

  auto* object_class = G_OBJECT_CLASS(klass);
  SetCallback(object_class->set_property, SetProperty);
  SetCallback(object_class->get_property, GetProperty);
  SetCallback(object_class->finalize, Finalize);
  constexpr auto kFlags = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                                   GST_PARAM_MUTABLE_READY);
  g_object_class_install_property(
      object_class, PROP_INTERVAL_MS,
      g_param_spec_uint("interval-ms", "Interval",
                        "Milliseconds of stream time per frame that passes; frames between are "
                        "dropped",
                        1, static_cast<guint>(stillwatch::gst::kMaxSamplingInterval.count()),
                        static_cast<guint>(kDefaults.interval.count()), kFlags));
  g_object_class_install_property(
      object_class, PROP_STATS,
      g_param_spec_boxed("stats", "Statistics",
                         "Frames since start: seen, passed, damaged, without-time; last-end: "
                         "where the latest frame ends, nanoseconds of stream time",
                         GST_TYPE_STRUCTURE,
                         static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)));

  auto* element_class = GST_ELEMENT_CLASS(klass);
  gst_element_class_add_static_pad_template(element_class, &sink_template);
  gst_element_class_add_static_pad_template(element_class, &src_template);
  gst_element_class_set_static_metadata(element_class, "Frame sampler", "Filter/Video",
                                        "Passes at most one frame per interval",
                                        "The Stillwatch authors");

  auto* base_class = GST_BASE_TRANSFORM_CLASS(klass);
  SetCallback(base_class->start, Start);
  SetCallback(base_class->stop, Stop);
  SetCallback(base_class->sink_event, SinkEvent);
  SetCallback(base_class->generate_output, GenerateOutput);
}

static void sw_frame_sampler_init(SwFrameSampler* self) {
  AtCBoundary(self, [&] {
    self->impl = new Impl;
    gst_base_transform_set_passthrough(GST_BASE_TRANSFORM(self), TRUE);
  });
}
