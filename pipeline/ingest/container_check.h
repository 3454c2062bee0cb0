// ContainerCheck: is a video file as long as it says?

#pragma once

#include <cstdint>
#include <string>

namespace stillwatch::ingest {

enum class Container : std::uint8_t {
  kWhole,    // Or of a kind that is not looked at: GStreamer will tell.
  kCutOff,   // The end is missing; what is there can be played.
  kNoIndex,  // An MP4 without a whole `moov` box: nothing can be played.
};

// Looks at the sizes that AVI and MP4 files state at their top level.
//
// GStreamer shortens the duration of a cut-off AVI by itself and says nothing.  And decodebin 1.22
// holds back the errors of an element that it is just starting: where qtdemux finds no index
// faster than that, the error is lost and the pipeline waits for ever.
Container CheckContainer(const std::string& path);

}  // namespace stillwatch::ingest
