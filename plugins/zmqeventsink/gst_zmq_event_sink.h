// zmqeventsink: the GStreamer element around EventOutbox.

#pragma once

#include <gst/base/gstbasesink.h>
#include <gst/gst.h>

G_BEGIN_DECLS

#define SW_TYPE_ZMQ_EVENT_SINK (sw_zmq_event_sink_get_type())
G_DECLARE_FINAL_TYPE(SwZmqEventSink, sw_zmq_event_sink, SW, ZMQ_EVENT_SINK, GstBaseSink)

GST_ELEMENT_REGISTER_DECLARE(zmqeventsink)

G_END_DECLS
