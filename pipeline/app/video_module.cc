// libstillwatchvideo.so: see video_library.h.

#include "model/data/compose.h"
#include "model/data/render_pairs.h"
#include "pipeline/app/bench_job.h"
#include "pipeline/app/caption_job.h"
#include "pipeline/app/eval_job.h"
#include "pipeline/app/import_job.h"
#include "pipeline/app/make_clips_job.h"
#include "pipeline/app/scan_job.h"
#include "pipeline/app/video_library.h"

extern "C" __attribute__((visibility("default"))) const stillwatch::app::VideoLibrary*
stillwatch_video_library() noexcept {
  static const stillwatch::app::VideoLibrary library{
      .scan = stillwatch::app::RunScan,
      .caption = stillwatch::app::RunCaption,
      .eval = stillwatch::app::RunEval,
      .import = stillwatch::app::RunImport,
      .compose = stillwatch::data::Compose,
      .render = stillwatch::data::RenderPairs,
      .bench_selection = stillwatch::app::RunBenchSelection,
      .make_clips = stillwatch::app::RunMakeClips};
  return &library;
}
