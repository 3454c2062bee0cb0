// zmqeventsink sends each SwPairMeta of a frame, with its SwCaptionMeta if there is one, as a
// change event with both pictures to a recorder (`stillwatch record`), and waits for the word that
// it is stored.
//
//   stillwatch record --listen tcp://127.0.0.1:5561 --store dock.db &
//   gst-launch-1.0 filesrc location=samples/loading_bay.mp4 ! decodebin !
//     framesampler interval-ms=500 ! videoconvert ! video/x-raw,format=RGB !
//     pairselector camera=dock interval-ms=500 settle-ms=2000 !
//     zmqeventsink endpoint=tcp://127.0.0.1:5561
//
// The stream does not wait for the recorder.  What is not acknowledged is sent again for as long as
// the element runs; `queue-size` bounds what waits, the oldest goes first, and 'stats' counts it.
// An outage is one warning.  The end of the stream waits `drain-timeout-ms`, then an error says how
// many events were not acknowledged.  Each acknowledgement goes upstream as an event, so that
// pairselector moves its saved state on.
//
// A shell: EventOf maps, EventOutbox sends.

#include "plugins/zmqeventsink/gst_zmq_event_sink.h"

#include <memory>
#include <string>
#include <utility>

#include "pipeline/bus/event_sender.h"
#include "pipeline/core/c_boundary.h"
#include "plugins/common/acknowledgement_event.h"
#include "plugins/common/gst_raii.h"
#include "plugins/common/pair_record.h"
#include "plugins/zmqeventsink/event_of.h"
#include "plugins/zmqeventsink/event_outbox.h"
#include "plugins/zmqeventsink/sink_properties.h"

using stillwatch::SetCallback;
using stillwatch::gst::AtCBoundary;
using stillwatch::gst::CaptionMeta;
using stillwatch::gst::EventOutbox;
using stillwatch::gst::MakeAcknowledgement;
using stillwatch::gst::ObjectLock;
using stillwatch::gst::OutgoingEvent;
using stillwatch::gst::OutgoingOf;
using stillwatch::gst::PairMeta;
using stillwatch::gst::SinkSettings;

GST_DEBUG_CATEGORY_STATIC(sw_zmq_event_sink_debug);
#define GST_CAT_DEFAULT sw_zmq_event_sink_debug

namespace {
struct Impl {
  SinkSettings settings;                // Guarded by the object lock.
  std::shared_ptr<EventOutbox> outbox;  // Guarded by the object lock.  Lives from start to stop.
  EventOutbox::Stats last;              // Guarded by the object lock.  Of the outbox that is gone.
};
}  // namespace

struct _SwZmqEventSink {
  GstBaseSink parent_instance;
  Impl* impl;  // Made in init, deleted in finalize; never null between.
};

G_DEFINE_TYPE(SwZmqEventSink, sw_zmq_event_sink, GST_TYPE_BASE_SINK)
GST_ELEMENT_REGISTER_DEFINE(zmqeventsink, "zmqeventsink", GST_RANK_NONE, SW_TYPE_ZMQ_EVENT_SINK)

namespace {

// Any format: the pictures that are sent come with the meta.
GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS,
                                                             GST_STATIC_CAPS("video/x-raw(ANY)"));

// The outbox may be used without the lock: it is thread-safe, and this keeps it alive.
std::shared_ptr<EventOutbox> OutboxOf(gpointer object) {
  ObjectLock lock(object);
  return SW_ZMQ_EVENT_SINK(object)->impl->outbox;
}

void SetProperty(GObject* object, guint id, const GValue* value, GParamSpec* spec) noexcept {
  AtCBoundary(object, [&] {
    ObjectLock lock(object);
    if (SetSinkProperty(SW_ZMQ_EVENT_SINK(object)->impl->settings, id, value)) return;
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  });
}

void GetProperty(GObject* object, guint id, GValue* value, GParamSpec* spec) noexcept {
  AtCBoundary(object, [&] {
    const auto outbox = OutboxOf(object);
    const EventOutbox::Stats current = outbox ? outbox->stats() : EventOutbox::Stats();
    ObjectLock lock(object);
    const Impl& impl = *SW_ZMQ_EVENT_SINK(object)->impl;
    if (GetSinkProperty(impl.settings, outbox ? current : impl.last, id, value)) return;
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  });
}

void ReportOn(GstElement* element, EventOutbox::Report report, const std::string& text) {
  if (report == EventOutbox::Report::kReachable) {
    GST_INFO_OBJECT(element, "%s", text.c_str());
    return;
  }
  GST_ELEMENT_WARNING(element, RESOURCE, WRITE, ("%s", text.c_str()), (nullptr));
}

gboolean Start(GstBaseSink* base) noexcept {
  return AtCBoundary(base, FALSE, [&]() -> gboolean {
    SinkSettings settings;
    {
      ObjectLock lock(base);
      settings = SW_ZMQ_EVENT_SINK(base)->impl->settings;
    }
    auto sender = stillwatch::bus::EventSender::Connect(
        {.endpoint = settings.endpoint, .timeout = settings.ack_timeout});
    if (!sender) {
      GST_ELEMENT_ERROR(base, RESOURCE, SETTINGS,
                        ("endpoint: %s", sender.error().message().c_str()), (nullptr));
      return FALSE;
    }
    // Shared, because std::function copies what it holds.
    auto shared = std::make_shared<stillwatch::bus::EventSender>(*std::move(sender));
    auto outbox = std::make_shared<EventOutbox>(
        settings.outbox,
        [shared](const OutgoingEvent& event, std::stop_token stop) {
          return shared->Send(event.event, event.reference_jpeg, event.current_jpeg,
                              std::move(stop));
        },
        [base](EventOutbox::Report report, const std::string& text) {
          ReportOn(GST_ELEMENT(base), report, text);
        },
        [base](const stillwatch::ChangeEvent& event) {
          gst_pad_push_event(GST_BASE_SINK_PAD(base),
                             MakeAcknowledgement({event.id, event.type}).release());
        });
    ObjectLock lock(base);
    SW_ZMQ_EVENT_SINK(base)->impl->outbox = std::move(outbox);
    SW_ZMQ_EVENT_SINK(base)->impl->last = {};
    return TRUE;
  });
}

gboolean Stop(GstBaseSink* base) noexcept {
  return AtCBoundary(base, FALSE, [&]() -> gboolean {
    std::shared_ptr<EventOutbox> outbox = OutboxOf(base);
    if (!outbox) return TRUE;
    const EventOutbox::Stats stats = outbox->stats();
    {
      ObjectLock lock(base);
      SW_ZMQ_EVENT_SINK(base)->impl->outbox.reset();
      SW_ZMQ_EVENT_SINK(base)->impl->last = stats;
    }
    outbox.reset();  // Joins, without the lock: the thread may be about to post a message.
    if (stats.pending > 0) {
      GST_ELEMENT_WARNING(
          base, RESOURCE, WRITE,
          ("stopped with %" G_GUINT64_FORMAT " events not acknowledged", guint64{stats.pending}),
          (nullptr));
    }
    return TRUE;
  });
}

GstFlowReturn Render(GstBaseSink* base, GstBuffer* buffer) noexcept {
  return AtCBoundary(base, GST_FLOW_ERROR, [&] {
    const auto pairs = PairMeta::Of(buffer);
    if (pairs.empty()) return GST_FLOW_OK;
    const auto captions = CaptionMeta::Of(buffer);
    const auto outbox = OutboxOf(base);
    std::string camera;
    {
      ObjectLock lock(base);
      camera = SW_ZMQ_EVENT_SINK(base)->impl->settings.camera;
    }
    for (const PairMeta::Ptr& pair : pairs) {
      outbox->Push(OutgoingOf(*pair, captions, camera));
    }
    return GST_FLOW_OK;
  });
}

void DrainAtEnd(GstBaseSink* base) {
  const auto outbox = OutboxOf(base);
  if (!outbox) return;
  std::chrono::milliseconds timeout{};
  {
    ObjectLock lock(base);
    timeout = SW_ZMQ_EVENT_SINK(base)->impl->settings.drain_timeout;
  }
  const std::uint64_t left = outbox->Drain(timeout);
  if (left == 0) return;
  GST_ELEMENT_ERROR(base, RESOURCE, WRITE,
                    ("%" G_GUINT64_FORMAT " events were not acknowledged within %" G_GINT64_FORMAT
                     " ms of the end; is the recorder running?",
                     guint64{left}, gint64{timeout.count()}),
                    (nullptr));
}

gboolean Event(GstBaseSink* base, GstEvent* event) noexcept {
  return AtCBoundary(base, FALSE, [&]() -> gboolean {
    if (GST_EVENT_TYPE(event) == GST_EVENT_EOS) DrainAtEnd(base);
    return GST_BASE_SINK_CLASS(sw_zmq_event_sink_parent_class)->event(base, event);
  });
}

gboolean Unlock(GstBaseSink* base) noexcept {
  return AtCBoundary(base, FALSE, [&]() -> gboolean {
    if (const auto outbox = OutboxOf(base)) outbox->Interrupt();
    return TRUE;
  });
}

gboolean UnlockStop(GstBaseSink* base) noexcept {
  return AtCBoundary(base, FALSE, [&]() -> gboolean {
    if (const auto outbox = OutboxOf(base)) outbox->Resume();
    return TRUE;
  });
}

void Finalize(GObject* object) noexcept {
  delete SW_ZMQ_EVENT_SINK(object)->impl;
  G_OBJECT_CLASS(sw_zmq_event_sink_parent_class)->finalize(object);
}

}  // namespace

// G_DEFINE_TYPE declares the two functions below without noexcept, so no compiler checks them.
static void sw_zmq_event_sink_class_init(SwZmqEventSinkClass* klass) {
  GST_DEBUG_CATEGORY_INIT(sw_zmq_event_sink_debug, "zmqeventsink", 0, "ZeroMQ event sink");

  auto* object_class = G_OBJECT_CLASS(klass);
  SetCallback(object_class->set_property, SetProperty);
  SetCallback(object_class->get_property, GetProperty);
  SetCallback(object_class->finalize, Finalize);
  stillwatch::gst::InstallSinkProperties(object_class);

  auto* element_class = GST_ELEMENT_CLASS(klass);
  gst_element_class_add_static_pad_template(element_class, &sink_template);
  gst_element_class_set_static_metadata(element_class, "ZeroMQ event sink", "Sink/Network",
                                        "Sends lasting changes to a Stillwatch recorder",
                                        "The Stillwatch authors");

  auto* base_class = GST_BASE_SINK_CLASS(klass);
  SetCallback(base_class->start, Start);
  SetCallback(base_class->stop, Stop);
  SetCallback(base_class->render, Render);
  SetCallback(base_class->event, Event);
  SetCallback(base_class->unlock, Unlock);
  SetCallback(base_class->unlock_stop, UnlockStop);
}

static void sw_zmq_event_sink_init(SwZmqEventSink* self) {
  AtCBoundary(self, [&] {
    self->impl = new Impl;
    gst_base_sink_set_sync(GST_BASE_SINK(self), FALSE);  // An event is news: never hold it back.
  });
}
