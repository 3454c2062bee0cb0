// GStreamer for programs that link our elements instead of loading them as a module.

#pragma once

namespace stillwatch::ingest {

// Initialises GStreamer and registers `framesampler`, once per process.  Thread-safe.
void EnsureGStreamer();

}  // namespace stillwatch::ingest
