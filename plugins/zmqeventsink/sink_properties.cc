#include "plugins/zmqeventsink/sink_properties.h"

namespace stillwatch::gst {
namespace {

enum Property : guint {
  PROP_0,
  PROP_ENDPOINT,
  PROP_CAMERA,
  PROP_ACK_TIMEOUT_MS,
  PROP_DRAIN_TIMEOUT_MS,
  PROP_RETRY_MS,
  PROP_QUEUE_SIZE,
  PROP_STATS,
};

constexpr guint kTenMinutesMs = 600'000;
constexpr auto kSetting =
    static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY);

std::string Text(const GValue* value) {
  const char* text = g_value_get_string(value);
  return text != nullptr ? text : "";
}

guint Ms(std::chrono::milliseconds time) { return static_cast<guint>(time.count()); }

}  // namespace

void InstallSinkProperties(GObjectClass* object_class) {
  const SinkSettings defaults;
  g_object_class_install_property(
      object_class, PROP_ENDPOINT,
      g_param_spec_string("endpoint", "Endpoint",
                          "ZeroMQ endpoint of the recorder: tcp://HOST:PORT or ipc://PATH",
                          defaults.endpoint.c_str(), kSetting));
  g_object_class_install_property(
      object_class, PROP_CAMERA,
      g_param_spec_string("camera", "Camera",
                          "Name of the camera in the events; empty: pairselector's", "", kSetting));
  g_object_class_install_property(
      object_class, PROP_ACK_TIMEOUT_MS,
      g_param_spec_uint("ack-timeout-ms", "Acknowledgement timeout",
                        "Milliseconds to wait for the recorder's word on an event before it is "
                        "sent again",
                        1, kTenMinutesMs, Ms(defaults.ack_timeout), kSetting));
  g_object_class_install_property(
      object_class, PROP_DRAIN_TIMEOUT_MS,
      g_param_spec_uint("drain-timeout-ms", "Drain timeout",
                        "Milliseconds that the end of the stream waits for events that are not "
                        "yet acknowledged; an error counts those that are left",
                        0, kTenMinutesMs, Ms(defaults.drain_timeout), kSetting));
  g_object_class_install_property(
      object_class, PROP_RETRY_MS,
      g_param_spec_uint("retry-ms", "Retry",
                        "Milliseconds between attempts while the recorder cannot be reached", 1,
                        kTenMinutesMs, Ms(defaults.outbox.retry_after), kSetting));
  g_object_class_install_property(
      object_class, PROP_QUEUE_SIZE,
      g_param_spec_uint("queue-size", "Queue size",
                        "Events that wait for the recorder at most; one more drops the oldest, "
                        "which is counted in 'stats'",
                        1, 10'000, static_cast<guint>(defaults.outbox.capacity), kSetting));
  g_object_class_install_property(
      object_class, PROP_STATS,
      g_param_spec_boxed("stats", "Statistics",
                         "Events since start: pushed, acknowledged, refused, dropped, pending; "
                         "and failed-attempts to send",
                         GST_TYPE_STRUCTURE,
                         static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)));
}

bool SetSinkProperty(SinkSettings& settings, guint id, const GValue* value) {
  using std::chrono::milliseconds;
  switch (id) {
    case PROP_ENDPOINT:
      settings.endpoint = Text(value);
      return true;
    case PROP_CAMERA:
      settings.camera = Text(value);
      return true;
    case PROP_ACK_TIMEOUT_MS:
      settings.ack_timeout = milliseconds(g_value_get_uint(value));
      return true;
    case PROP_DRAIN_TIMEOUT_MS:
      settings.drain_timeout = milliseconds(g_value_get_uint(value));
      return true;
    case PROP_RETRY_MS:
      settings.outbox.retry_after = milliseconds(g_value_get_uint(value));
      return true;
    case PROP_QUEUE_SIZE:
      settings.outbox.capacity = g_value_get_uint(value);
      return true;
    default:
      return false;
  }
}

bool GetSinkProperty(const SinkSettings& settings, const EventOutbox::Stats& stats, guint id,
                     GValue* value) {
  switch (id) {
    case PROP_ENDPOINT:
      g_value_set_string(value, settings.endpoint.c_str());
      return true;
    case PROP_CAMERA:
      g_value_set_string(value, settings.camera.c_str());
      return true;
    case PROP_ACK_TIMEOUT_MS:
      g_value_set_uint(value, Ms(settings.ack_timeout));
      return true;
    case PROP_DRAIN_TIMEOUT_MS:
      g_value_set_uint(value, Ms(settings.drain_timeout));
      return true;
    case PROP_RETRY_MS:
      g_value_set_uint(value, Ms(settings.outbox.retry_after));
      return true;
    case PROP_QUEUE_SIZE:
      g_value_set_uint(value, static_cast<guint>(settings.outbox.capacity));
      return true;
    case PROP_STATS:
      g_value_take_boxed(
          value, gst_structure_new(
                     "stillwatch-sink-stats", "pushed", G_TYPE_UINT64, guint64{stats.pushed},
                     "acknowledged", G_TYPE_UINT64, guint64{stats.acknowledged}, "refused",
                     G_TYPE_UINT64, guint64{stats.refused}, "dropped", G_TYPE_UINT64,
                     guint64{stats.dropped}, "pending", G_TYPE_UINT64, guint64{stats.pending},
                     "failed-attempts", G_TYPE_UINT64, guint64{stats.failed_attempts}, nullptr));
      return true;
    default:
      return false;
  }
}

}  // namespace stillwatch::gst
