// What GStreamer reports on its bus, as a Status that says what to do.

#pragma once

#include <optional>
#include <string>

#include <gst/gst.h>

#include "pipeline/core/status.h"

namespace stillwatch::ingest {

// Reads the bus of one pipeline.  Not thread-safe: belongs to the thread that reads the bus.
class BusReader {
 public:
  // `name` is the file or URI that messages are about.
  explicit BusReader(std::string name) : name_(std::move(name)) {}

  // Takes one message.  An error becomes the Status to give to the user: a wrong file type, a
  // missing decoder (with the package that has it), damage, or what the element says.
  std::optional<Status> Read(GstMessage* message);

 private:
  Status Explain(const GError& error) const;

  std::string name_;
  std::string missing_;  // What decodebin found no element for: "H.265 (Main Profile) decoder".
};

}  // namespace stillwatch::ingest
