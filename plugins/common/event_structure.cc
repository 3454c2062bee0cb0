#include "plugins/common/event_structure.h"

#include <cstdint>
#include <string>

namespace stillwatch::gst {
namespace {

void SetRegions(GstStructure* structure, const std::vector<Region>& regions) {
  GValue list = G_VALUE_INIT;
  g_value_init(&list, GST_TYPE_ARRAY);
  for (const Region& region : regions) {
    GValue value = G_VALUE_INIT;
    g_value_init(&value, GST_TYPE_STRUCTURE);
    g_value_take_boxed(&value, gst_structure_new("region", "x", G_TYPE_DOUBLE, region.x, "y",
                                                 G_TYPE_DOUBLE, region.y, "w", G_TYPE_DOUBLE,
                                                 region.w, "h", G_TYPE_DOUBLE, region.h, nullptr));
    gst_value_array_append_and_take_value(&list, &value);
  }
  gst_structure_take_value(structure, "regions", &list);
}

}  // namespace

StructurePtr ToStructure(const PairRecord& pair, const char* name) {
  const Moment current = MomentOf(*pair.current);
  StructurePtr structure(gst_structure_new(
      name, "event-id", G_TYPE_STRING, pair.event_id.c_str(), "camera", G_TYPE_STRING,
      pair.camera.c_str(), "step", G_TYPE_STRING, std::string(Name(pair.step)).c_str(), "kind",
      G_TYPE_STRING, std::string(Name(pair.kind)).c_str(), "time", G_TYPE_STRING,
      FormatTime(current.time).c_str(), "score", G_TYPE_DOUBLE, pair.why.score, nullptr));
  if (current.frame) {
    gst_structure_set(structure.get(), "frame", G_TYPE_INT64, gint64{*current.frame}, nullptr);
  }
  if (current.pts) {
    gst_structure_set(structure.get(), "pts", G_TYPE_UINT64,
                      static_cast<guint64>(current.pts->count()), nullptr);
  }
  SetRegions(structure.get(), pair.regions);
  return structure;
}

StructurePtr ToStructure(const CaptionRecord& caption, const char* name) {
  return StructurePtr(gst_structure_new(
      name, "event-id", G_TYPE_STRING, caption.event_id.c_str(), "caption", G_TYPE_STRING,
      caption.caption.c_str(), "changed", G_TYPE_BOOLEAN, static_cast<gboolean>(caption.changed),
      "changed-probability", G_TYPE_DOUBLE, caption.changed_probability, "confidence",
      G_TYPE_DOUBLE, caption.confidence, "kind", G_TYPE_STRING,
      std::string(Name(caption.kind)).c_str(), "model", G_TYPE_STRING, caption.model.name.c_str(),
      "caption-ms", G_TYPE_DOUBLE, caption.caption_ms, nullptr));
}

}  // namespace stillwatch::gst
