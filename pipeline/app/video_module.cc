// libstillwatchvideo.so: see video_library.h.

#include "model/data/compose.h"
#include "pipeline/app/bench_job.h"
#include "pipeline/app/caption_job.h"
#include "pipeline/app/make_clips_job.h"
#include "pipeline/app/scan_job.h"
#include "pipeline/app/video_library.h"

extern "C" __attribute__((visibility("default"))) const stillwatch::app::VideoLibrary*
stillwatch_video_library() noexcept {
  static const stillwatch::app::VideoLibrary library{
      .scan = stillwatch::app::RunScan,
      .caption = stillwatch::app::RunCaption,
      .compose = stillwatch::data::Compose,
      .bench_selection = stillwatch::app::RunBenchSelection,
      .make_clips = stillwatch::app::RunMakeClips};
  return &library;
}
