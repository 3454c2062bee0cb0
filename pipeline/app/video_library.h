// VideoLibrary: the commands that decode pictures and video, in a library of their own.
//
// GStreamer and OpenCV cost a process 65 ms before its first line [measured: an empty program
// linked with Debian's opencv_imgcodecs].  `stillwatch query` shall not pay for that: so the
// program is light, and loads libstillwatchvideo.so when a command needs it.

#pragma once

#include "model/data/compose.h"
#include "model/data/render_pairs.h"
#include "pipeline/app/bench_job.h"
#include "pipeline/app/caption_job.h"
#include "pipeline/app/command.h"
#include "pipeline/app/eval_job.h"
#include "pipeline/app/import_job.h"
#include "pipeline/app/make_clips_job.h"
#include "pipeline/app/scan_job.h"
#include "pipeline/core/status.h"

namespace stillwatch::app {

// C++ types cross this boundary: program and library are built together, and the version says so.
struct VideoLibrary {
  const char* version = STILLWATCH_VERSION;
  const char* compiler = __VERSION__;
  Result<Outcome> (*scan)(const ScanOptions&) = nullptr;
  Result<Outcome> (*caption)(const CaptionOptions&) = nullptr;
  Result<Outcome> (*eval)(const EvalOptions&) = nullptr;
  Result<Outcome> (*import)(const ImportOptions&) = nullptr;
  Result<data::ComposeReport> (*compose)(const data::ComposeOptions&,
                                         const data::Progress&) = nullptr;
  Result<data::ComposeReport> (*render)(const data::RenderPairsOptions&,
                                        const data::Progress&) = nullptr;
  Result<Outcome> (*bench_selection)(const BenchSelectionOptions&) = nullptr;
  Result<Outcome> (*make_clips)(const MakeClipsOptions&) = nullptr;
};

// Beside the program, or in ../lib/stillwatch from there.  kNotFound names the places;
// kUnavailable: it does not load, or was built for another version.
[[nodiscard]] Result<const VideoLibrary*> LoadVideoLibrary();

}  // namespace stillwatch::app
