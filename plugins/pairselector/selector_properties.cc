#include "plugins/pairselector/selector_properties.h"

#include <chrono>
#include <string>

#include "plugins/common/gst_raii.h"

namespace stillwatch::gst {
namespace {

enum Property : guint {
  PROP_0,
  PROP_CAMERA,
  PROP_START_TIME,
  PROP_STATE_FILE,
  PROP_AWAIT_ACK,
  PROP_INTERVAL_MS,
  PROP_SETTLE_MS,
  PROP_MIN_AREA,
  PROP_SENSITIVITY,
  PROP_STATS,
};

constexpr guint kDayMs = 24 * 3600 * 1000;
constexpr auto kSetting =
    static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY);

std::string Text(const GValue* value) {
  const char* text = g_value_get_string(value);
  return text != nullptr ? text : "";
}

GstStructure* StatsStructure(const select::PairSelector::Stats& stats) {
  GstStructure* structure =
      gst_structure_new("stillwatch-selector-stats", "pushed", G_TYPE_UINT64, guint64{stats.pushed},
                        "ignored", G_TYPE_UINT64, guint64{stats.ignored}, "selected", G_TYPE_UINT64,
                        guint64{stats.selected}, nullptr);
  for (int i = 0; i < kSuppressionReasonCount; ++i) {
    const std::string field = "suppressed-" + std::string(Name(static_cast<SuppressionReason>(i)));
    gst_structure_set(structure, field.c_str(), G_TYPE_UINT64, guint64{stats.suppressed[i]},
                      nullptr);
  }
  return structure;
}

}  // namespace

void InstallSelectorProperties(GObjectClass* object_class) {
  const PairStreamSettings defaults;
  const auto ms = [](std::chrono::milliseconds time) { return static_cast<guint>(time.count()); };
  g_object_class_install_property(
      object_class, PROP_CAMERA,
      g_param_spec_string("camera", "Camera",
                          "Name of the camera, in every event; with the time it makes event ids",
                          defaults.camera.c_str(), kSetting));
  g_object_class_install_property(
      object_class, PROP_START_TIME,
      g_param_spec_string("start-time", "Start time",
                          "When the stream was captured: RFC 3339 time of running time 0; empty: "
                          "the wall clock when the first frame comes",
                          nullptr, kSetting));
  g_object_class_install_property(
      object_class, PROP_STATE_FILE,
      g_param_spec_string("state-file", "State file",
                          "Where references, open changes and ids survive a restart; empty: "
                          "nowhere.  One for each camera",
                          nullptr, kSetting));
  g_object_class_install_property(
      object_class, PROP_AWAIT_ACK,
      g_param_spec_boolean("await-ack", "Await acknowledgement",
                           "With state-file: the saved reference moves on once a sink downstream "
                           "(zmqeventsink) says that the event is stored; false: when it leaves "
                           "this element",
                           static_cast<gboolean>(defaults.await_ack), kSetting));
  g_object_class_install_property(
      object_class, PROP_INTERVAL_MS,
      g_param_spec_uint("interval-ms", "Interval",
                        "Milliseconds between the frames that come in; set it as framesampler's", 1,
                        kDayMs, ms(defaults.policy.interval), kSetting));
  g_object_class_install_property(
      object_class, PROP_SETTLE_MS,
      g_param_spec_uint("settle-ms", "Settle time",
                        "Milliseconds that a change must be still before it is reported", 1, kDayMs,
                        ms(defaults.policy.settle), kSetting));
  g_object_class_install_property(
      object_class, PROP_MIN_AREA,
      g_param_spec_double("min-area", "Smallest area",
                          "Smallest change that is reported, fraction of the picture", 0, 1,
                          defaults.policy.min_area, kSetting));
  g_object_class_install_property(
      object_class, PROP_SENSITIVITY,
      g_param_spec_int("sensitivity", "Sensitivity",
                       "How faint a change may be: 1 (only the obvious) to 100", 1, 100,
                       defaults.policy.sensitivity, kSetting));
  g_object_class_install_property(
      object_class, PROP_STATS,
      g_param_spec_boxed("stats", "Statistics",
                         "Frames pushed and ignored, pairs selected, candidates suppressed by "
                         "reason, since start",
                         GST_TYPE_STRUCTURE,
                         static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)));
}

bool SetSelectorProperty(PairStreamSettings& settings, guint id, const GValue* value) {
  using std::chrono::milliseconds;
  switch (id) {
    case PROP_CAMERA:
      settings.camera = Text(value);
      return true;
    case PROP_START_TIME:
      settings.start_time = Text(value);
      return true;
    case PROP_STATE_FILE:
      settings.state_file = Text(value);
      return true;
    case PROP_AWAIT_ACK:
      settings.await_ack = g_value_get_boolean(value) != FALSE;
      return true;
    case PROP_INTERVAL_MS:
      settings.policy.interval = milliseconds(g_value_get_uint(value));
      return true;
    case PROP_SETTLE_MS:
      settings.policy.settle = milliseconds(g_value_get_uint(value));
      return true;
    case PROP_MIN_AREA:
      settings.policy.min_area = g_value_get_double(value);
      return true;
    case PROP_SENSITIVITY:
      settings.policy.sensitivity = g_value_get_int(value);
      return true;
    default:
      return false;
  }
}

bool GetSelectorProperty(const PairStreamSettings& settings,
                         const select::PairSelector::Stats& stats, guint id, GValue* value) {
  switch (id) {
    case PROP_CAMERA:
      g_value_set_string(value, settings.camera.c_str());
      return true;
    case PROP_START_TIME:
      g_value_set_string(value,
                         settings.start_time.empty() ? nullptr : settings.start_time.c_str());
      return true;
    case PROP_STATE_FILE:
      g_value_set_string(value,
                         settings.state_file.empty() ? nullptr : settings.state_file.c_str());
      return true;
    case PROP_AWAIT_ACK:
      g_value_set_boolean(value, static_cast<gboolean>(settings.await_ack));
      return true;
    case PROP_INTERVAL_MS:
      g_value_set_uint(value, static_cast<guint>(settings.policy.interval.count()));
      return true;
    case PROP_SETTLE_MS:
      g_value_set_uint(value, static_cast<guint>(settings.policy.settle.count()));
      return true;
    case PROP_MIN_AREA:
      g_value_set_double(value, settings.policy.min_area);
      return true;
    case PROP_SENSITIVITY:
      g_value_set_int(value, settings.policy.sensitivity);
      return true;
    case PROP_STATS:
      g_value_take_boxed(value, StatsStructure(stats));
      return true;
    default:
      return false;
  }
}

}  // namespace stillwatch::gst
