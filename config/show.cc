#include "config/show.h"

#include <yaml-cpp/emitter.h>
#include <yaml-cpp/emittermanip.h>

#include "config/text.h"
#include "pipeline/core/time.h"

namespace stillwatch::config {
namespace {

// Free text is always quoted: "{NAME}" or "yes" would read back as something else.
void EmitText(YAML::Emitter& out, const char* key, const std::string& text) {
  out << YAML::Key << key << YAML::Value << YAML::DoubleQuoted << text;
}

void EmitSelection(YAML::Emitter& out, const SelectionConfig& selection) {
  out << YAML::Key << "selection" << YAML::Value << YAML::BeginMap;
  out << YAML::Key << "interval" << YAML::Value << FormatDuration(selection.interval);
  out << YAML::Key << "settle" << YAML::Value << FormatDuration(selection.settle);
  out << YAML::Key << "min_area" << YAML::Value << FormatNumber(selection.min_area);
  out << YAML::Key << "sensitivity" << YAML::Value << selection.sensitivity;
  out << YAML::EndMap;
}

void EmitCoordinates(YAML::Emitter& out, const Polygon& polygon) {
  out << YAML::Key << "coordinates" << YAML::Value << YAML::Flow << YAML::BeginSeq;
  for (const Point& point : polygon) out << FormatNumber(point.x) << FormatNumber(point.y);
  out << YAML::EndSeq;
}

void EmitMasks(YAML::Emitter& out, const char* key, const std::vector<MaskConfig>& masks) {
  if (masks.empty()) return;
  out << YAML::Key << key << YAML::Value << YAML::BeginMap;
  for (const MaskConfig& mask : masks) {
    out << YAML::Key << mask.name << YAML::Value << YAML::BeginMap;
    EmitCoordinates(out, mask.coordinates);
    out << YAML::EndMap;
  }
  out << YAML::EndMap;
}

void EmitZones(YAML::Emitter& out, const std::vector<ZoneConfig>& zones) {
  if (zones.empty()) return;
  out << YAML::Key << "zones" << YAML::Value << YAML::BeginMap;
  for (const ZoneConfig& zone : zones) {
    out << YAML::Key << zone.name << YAML::Value << YAML::BeginMap;
    EmitText(out, "friendly_name", zone.friendly_name);
    EmitCoordinates(out, zone.coordinates);
    out << YAML::Key << "severity" << YAML::Value << std::string(Name(zone.severity));
    out << YAML::EndMap;
  }
  out << YAML::EndMap;
}

void EmitCamera(YAML::Emitter& out, const CameraConfig& camera) {
  out << YAML::Key << camera.name << YAML::Value << YAML::BeginMap;
  EmitText(out, "source", camera.source_shown);
  EmitSelection(out, camera.selection);
  EmitZones(out, camera.zones);
  EmitMasks(out, "ignore_masks", camera.ignore_masks);
  EmitMasks(out, "privacy_masks", camera.privacy_masks);
  out << YAML::EndMap;
}

}  // namespace

std::string Show(const Config& config) {
  YAML::Emitter out;
  out << YAML::BeginMap;
  out << YAML::Key << "store" << YAML::Value << YAML::BeginMap;
  EmitText(out, "path", config.store.path);
  out << YAML::EndMap;
  out << YAML::Key << "model" << YAML::Value << YAML::BeginMap;
  if (config.model.checkpoint.empty()) {
    out << YAML::Key << "name" << YAML::Value << config.model.name;
  } else {
    EmitText(out, "checkpoint", config.model.checkpoint);
  }
  if (config.model.max_tokens) {
    out << YAML::Key << "max_tokens" << YAML::Value << *config.model.max_tokens;
  }
  out << YAML::EndMap;
  EmitSelection(out, config.selection);
  out << YAML::Key << "cameras" << YAML::Value << YAML::BeginMap;
  for (const CameraConfig& camera : config.cameras) EmitCamera(out, camera);
  out << YAML::EndMap << YAML::EndMap;
  return std::string(out.c_str()) + "\n";
}

}  // namespace stillwatch::config
