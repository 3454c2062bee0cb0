#include "pipeline/bench/decode_only.h"

#include <ctime>
#include <string>

#include <gst/gst.h>

#include "pipeline/core/c_boundary.h"
#include "pipeline/ingest/gst_setup.h"
#include "plugins/common/gst_raii.h"

namespace stillwatch::bench {
namespace {

double Seconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

void LinkDecoded(GstElement* /*decoder*/, GstPad* pad, gpointer sink_element) noexcept {
  const gst::PadPtr sink(gst_element_get_static_pad(GST_ELEMENT(sink_element), "sink"));
  if (!gst_pad_is_linked(sink.get())) gst_pad_link(pad, sink.get());
}

}  // namespace

double ProcessCpuSeconds() { return Seconds(CLOCK_PROCESS_CPUTIME_ID); }
double ThreadCpuSeconds() { return Seconds(CLOCK_THREAD_CPUTIME_ID); }

Result<double> DecodeOnly(const std::filesystem::path& video) {
  ingest::EnsureGStreamer();
  auto pipeline = gst::MakeElement("pipeline");
  auto decoder = gst::MakeElement("uridecodebin");
  auto sink = gst::MakeElement("fakesink");
  for (const auto* element : {&pipeline, &decoder, &sink}) {
    if (!*element) return Failure(element->error());
  }
  GError* raw = nullptr;
  const gst::CStringPtr uri(gst_filename_to_uri(std::filesystem::absolute(video).c_str(), &raw));
  const gst::ErrorPtr failure(raw);
  if (!uri) return Unavailable(video.string() + ": no URI for it");
  const gst::CapsPtr pictures(gst_caps_from_string("video/x-raw(ANY)"));
  g_object_set(decoder->get(), "uri", uri.get(), "caps", pictures.get(), "expose-all-streams",
               FALSE, nullptr);
  g_object_set(sink->get(), "sync", FALSE, nullptr);
  gst_bin_add_many(GST_BIN(pipeline->get()), decoder->get(), sink->get(), nullptr);
  g_signal_connect_data(decoder->get(), "pad-added", gst::SignalHandler<LinkDecoded>(), sink->get(),
                        nullptr, GConnectFlags{});

  const double start = ProcessCpuSeconds();
  gst_element_set_state(pipeline->get(), GST_STATE_PLAYING);
  const gst::BusPtr bus(gst_element_get_bus(pipeline->get()));
  const gst::MessagePtr last(
      gst_bus_timed_pop_filtered(bus.get(), GST_CLOCK_TIME_NONE,
                                 static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR)));
  gst_element_set_state(pipeline->get(), GST_STATE_NULL);
  if (GST_MESSAGE_TYPE(last.get()) == GST_MESSAGE_ERROR) {
    return Unavailable(video.string() + ": cannot be decoded");
  }
  return ProcessCpuSeconds() - start;
}

}  // namespace stillwatch::bench
