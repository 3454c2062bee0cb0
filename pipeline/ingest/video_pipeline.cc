#include "pipeline/ingest/video_pipeline.h"

#include <cstdint>
#include <utility>

#include "pipeline/core/c_boundary.h"
#include "pipeline/ingest/gst_setup.h"

namespace stillwatch::ingest {
namespace {

// The first picture stream is the one; a file with several (cover art) has its video first.
void LinkDecoded(GstElement* /*decoder*/, GstPad* pad, gpointer sampler) noexcept {
  const gst::PadPtr sink(gst_element_get_static_pad(GST_ELEMENT(sampler), "sink"));
  if (!gst_pad_is_linked(sink.get())) gst_pad_link(pad, sink.get());
}

}  // namespace

Result<VideoPipeline> VideoPipeline::Create(const std::string& uri,
                                            std::chrono::milliseconds interval) {
  EnsureGStreamer();
  auto pipeline = gst::MakeElement("pipeline");
  auto decoder = gst::MakeElement("uridecodebin");
  auto sampler = gst::MakeElement("framesampler");
  auto convert = gst::MakeElement("videoconvert");
  auto sink = gst::MakeElement("appsink");
  for (const auto* element : {&pipeline, &decoder, &sampler, &convert, &sink}) {
    if (!*element) return Failure(element->error());
  }

  // Other streams are then not even decoded.
  const gst::CapsPtr pictures(gst_caps_from_string("video/x-raw(ANY)"));
  g_object_set(decoder->get(), "uri", uri.c_str(), "caps", pictures.get(), "expose-all-streams",
               FALSE, nullptr);
  g_object_set(sampler->get(), "interval-ms", static_cast<guint>(interval.count()), nullptr);
  const gst::CapsPtr rgb(gst_caps_from_string("video/x-raw,format=RGB"));
  g_object_set(sink->get(), "caps", rgb.get(), "sync", FALSE, "max-buffers", kQueued, "drop", FALSE,
               "wait-on-eos", FALSE, nullptr);

  gst_bin_add_many(GST_BIN(pipeline->get()), decoder->get(), sampler->get(), convert->get(),
                   sink->get(), nullptr);
  if (!gst_element_link_many(sampler->get(), convert->get(), sink->get(), nullptr)) {
    return Internal("framesampler, videoconvert and appsink do not link");
  }
  g_signal_connect_data(decoder->get(), "pad-added", gst::SignalHandler<LinkDecoded>(),
                        sampler->get(), nullptr, GConnectFlags{});

  VideoPipeline built;
  built.bus_.reset(gst_element_get_bus(pipeline->get()));
  built.pipeline_ = *std::move(pipeline);
  built.sampler_ = *std::move(sampler);
  built.sink_ = *std::move(sink);
  return built;
}

VideoPipeline::~VideoPipeline() {
  if (pipeline_) gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
}

VideoPipeline::Decoded VideoPipeline::decoded() const {
  GstStructure* raw = nullptr;
  g_object_get(sampler_.get(), "stats", &raw, nullptr);
  const gst::StructurePtr stats(raw);
  guint64 seen = 0, damaged = 0, end = GST_CLOCK_TIME_NONE;
  gst_structure_get(stats.get(), "seen", G_TYPE_UINT64, &seen, "damaged", G_TYPE_UINT64, &damaged,
                    "last-end", G_TYPE_UINT64, &end, nullptr);
  return {.frames = seen,
          .damaged = damaged,
          .end = std::chrono::nanoseconds(
              GST_CLOCK_TIME_IS_VALID(end) ? static_cast<std::int64_t>(end) : 0)};
}

std::chrono::nanoseconds VideoPipeline::duration() const {
  gint64 duration = 0;
  if (!gst_element_query_duration(pipeline_.get(), GST_FORMAT_TIME, &duration)) return {};
  return std::chrono::nanoseconds(duration);
}

}  // namespace stillwatch::ingest
