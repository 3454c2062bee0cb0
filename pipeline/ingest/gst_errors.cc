#include "pipeline/ingest/gst_errors.h"

#include <gst/pbutils/missing-plugins.h>

#include "plugins/common/gst_raii.h"

namespace stillwatch::ingest {

std::optional<Status> BusReader::Read(GstMessage* message) {
  if (gst_is_missing_plugin_message(message)) {
    const gst::CStringPtr text(gst_missing_plugin_message_get_description(message));
    missing_ = text.get();
    return std::nullopt;
  }
  if (GST_MESSAGE_TYPE(message) != GST_MESSAGE_ERROR) return std::nullopt;
  GError* raw = nullptr;
  gst_message_parse_error(message, &raw, nullptr);
  const gst::ErrorPtr error(raw);
  return Explain(*error);
}

Status BusReader::Explain(const GError& error) const {
  const std::string says = std::string(" (GStreamer: ") + error.message + ")";
  const auto is = [&error](GQuark domain, auto code) {
    return g_error_matches(&error, domain, static_cast<int>(code)) != FALSE;
  };
  if (!missing_.empty()) {
    return Unavailable(name_ + ": no element for '" + missing_ +
                       "'; install the Debian package gstreamer1.0-libav, or for rarer formats "
                       "gstreamer1.0-plugins-bad and gstreamer1.0-plugins-ugly");
  }
  // decodebin's word for a file whose streams are all of another kind: sound, subtitles.
  if (is(GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN)) {
    return InvalidArgument(name_ +
                           ": no video stream in it; give a video file or a folder of "
                           "pictures" +
                           says);
  }
  if (is(GST_STREAM_ERROR, GST_STREAM_ERROR_TYPE_NOT_FOUND) ||
      is(GST_STREAM_ERROR, GST_STREAM_ERROR_WRONG_TYPE)) {
    return InvalidArgument(name_ + ": not a video; give a video file or a folder of pictures" +
                           says);
  }
  if (is(GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND)) {
    return NotFound(name_ + ": not found" + says);
  }
  if (error.domain == GST_RESOURCE_ERROR) return Unavailable(name_ + ": cannot be read" + says);
  if (error.domain == GST_STREAM_ERROR) {
    return DataLoss(name_ + ": damaged, or cut off before its index; copy or record it again" +
                    says);
  }
  return Status(StatusCode::kInternal, name_ + ": cannot be decoded" + says);
}

}  // namespace stillwatch::ingest
