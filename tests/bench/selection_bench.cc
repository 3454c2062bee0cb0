// selection_bench: runs the pair selector over a clip and scores it.
//
// Usage: selection_bench CLIP [TRUTH] [--interval 2s] [--settle 8s] [--sensitivity N]
//                        [--min-area F] [--offset 0s] [--frame-interval 5min] [--dump FOLDER]
//                        [--suppressed]
// CLIP is a video file, or a folder of pictures: one a frame, in the order of their names, 1/fps of
// the truth (or --frame-interval) apart.  --offset shifts the samples: a rule that only works for
// some of them is not a rule.  --dump writes reference and current of every event and of
// every suppressed candidate with its regions drawn.  --suppressed lists what was not reported.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/videoio.hpp>
#include <time.h>

#include "pipeline/score/score.h"
#include "pipeline/score/truth.h"
#include "pipeline/select/pair_selector.h"

namespace stillwatch {
namespace {

using std::chrono::nanoseconds;

struct Options {
  std::string clip;
  std::string truth;
  std::string dump;
  bool suppressed = false;
  nanoseconds frame_interval{0};
  nanoseconds offset{0};
  select::PairPolicy policy;
};

nanoseconds DurationOrExit(const std::string& text) {
  const auto duration = ParseDuration(text);
  if (duration) return *duration;
  std::fprintf(stderr, "selection_bench: %s\n", duration.error().message().c_str());
  std::exit(2);
}

Options ParseOptions(int argc, char** argv) {
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const std::string next = i + 1 < argc ? argv[i + 1] : "";
    if (word == "--interval") {
      options.policy.interval = duration_cast<milliseconds>(DurationOrExit(next)), ++i;
    } else if (word == "--settle") {
      options.policy.settle = duration_cast<milliseconds>(DurationOrExit(next)), ++i;
    } else if (word == "--frame-interval") {
      options.frame_interval = DurationOrExit(next), ++i;
    } else if (word == "--offset") {
      options.offset = DurationOrExit(next), ++i;
    } else if (word == "--sensitivity") {
      options.policy.sensitivity = std::atoi(next.c_str()), ++i;
    } else if (word == "--min-area") {
      options.policy.min_area = std::atof(next.c_str()), ++i;
    } else if (word == "--dump") {
      options.dump = next, ++i;
    } else if (word == "--suppressed") {
      options.suppressed = true;
    } else if (options.clip.empty()) {
      options.clip = word;
    } else {
      options.truth = word;
    }
  }
  return options;
}

// Calls visit(index, bgr) for every frame.
bool ForEachFrame(const std::string& clip, const std::function<void(int, const cv::Mat&)>& visit,
                  double* fps) {
  namespace fs = std::filesystem;
  if (fs::is_directory(clip)) {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(clip)) {
      const std::string extension = entry.path().extension().string();
      if (extension == ".png" || extension == ".jpg") names.push_back(entry.path().string());
    }
    std::sort(names.begin(), names.end());
    int index = 0;
    for (const std::string& name : names) {
      const cv::Mat picture = cv::imread(name, cv::IMREAD_COLOR);
      if (!picture.empty()) visit(index, picture);
      ++index;
    }
    return index > 0;
  }
  cv::VideoCapture capture(clip);
  if (!capture.isOpened()) return false;
  *fps = capture.get(cv::CAP_PROP_FPS);
  cv::Mat picture;
  for (int index = 0; capture.read(picture); ++index) visit(index, picture);
  return true;
}

// CPU time of this thread: the decoder has its own.
nanoseconds ThreadTime() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + nanoseconds(now.tv_nsec);
}

void Draw(cv::Mat& picture, const std::vector<Region>& regions, const cv::Scalar& colour) {
  for (const Region& region : regions) {
    cv::rectangle(picture,
                  cv::Rect2d(region.x * picture.cols, region.y * picture.rows,
                             region.w * picture.cols, region.h * picture.rows),
                  colour, 2);
  }
}

cv::Mat Bgr(const FramePtr& frame) {
  const cv::Mat rgb(frame->height, frame->width, CV_8UC3,
                    const_cast<std::uint8_t*>(frame->rgb.data()));
  cv::Mat bgr;
  cv::cvtColor(rgb, bgr, cv::COLOR_RGB2BGR);
  return bgr;
}

std::string Described(const Why& why) {
  char text[160];
  std::snprintf(text, sizeof text,
                "aligned %.1f px, light %.3f, changed %.4f, settled %.2f s, %.2f", why.aligned_px,
                why.illumination_delta, why.changed_ratio, why.settled_s, why.score);
  return text;
}

int Run(const Options& options) {
  std::optional<score::Truth> truth;
  if (!options.truth.empty()) {
    auto loaded = score::LoadTruth(options.truth);
    if (!loaded) {
      std::fprintf(stderr, "selection_bench: %s\n", loaded.error().message().c_str());
      return 3;
    }
    truth = std::move(*loaded);
  }
  auto selector = select::PairSelector::Create(options.policy, "bench");
  if (!selector) {
    std::fprintf(stderr, "selection_bench: %s\n", selector.error().message().c_str());
    return 2;
  }
  if (!options.dump.empty()) std::filesystem::create_directories(options.dump);

  std::vector<ChangeEvent> events;
  double fps = truth && truth->fps > 0 ? truth->fps : 25;
  const double listed_fps = fps;
  nanoseconds next = options.offset, spent{0};
  std::int64_t pushed = 0;
  int width = 0, height = 0;
  FramePtr newest;
  const auto take = [&](const select::Selection& selection) {
    for (const select::SelectedPair& pair : selection.selected) {
      ChangeEvent event;
      event.id = pair.event_id;
      event.type = pair.step;
      event.kind = pair.kind;
      event.regions = pair.regions;
      event.reference = MomentOf(*pair.reference);
      event.current = MomentOf(*pair.current);
      event.why = pair.why;
      std::printf("%-16s %s %-9s frame %lld against %lld, %zu region(s); %s\n",
                  std::string(Name(pair.step)).c_str(), pair.event_id.c_str(),
                  std::string(Name(pair.kind)).c_str(),
                  static_cast<long long>(event.current.frame.value_or(-1)),
                  static_cast<long long>(event.reference.frame.value_or(-1)), pair.regions.size(),
                  Described(pair.why).c_str());
      if (!options.dump.empty()) {
        cv::Mat before = Bgr(pair.reference), after = Bgr(pair.current), both;
        Draw(before, pair.regions, {0, 255, 255});
        Draw(after, pair.regions, {0, 255, 255});
        cv::hconcat(before, after, both);
        char name[96];
        std::snprintf(name, sizeof name, "/event_%06lld_%s_%s.png",
                      static_cast<long long>(event.current.frame.value_or(-1)),
                      std::string(Name(pair.step)).c_str() + 7,
                      std::string(Name(pair.kind)).c_str());
        cv::imwrite(options.dump + name, both);
      }
      events.push_back(std::move(event));
    }
    for (const select::SuppressedPair& pair : selection.suppressed) {
      const auto frame = static_cast<long long>(pair.at.frame.value_or(-1));
      const std::string reason(Name(pair.reason));
      const Region box = BoundingBox(pair.regions);
      if (options.suppressed) {
        std::printf("  suppressed %-12s frame %lld x %.3f y %.3f w %.3f h %.3f; %s\n",
                    reason.c_str(), frame, box.x, box.y, box.w, box.h, Described(pair.why).c_str());
      }
      if (!options.dump.empty() && newest) {
        cv::Mat picture = Bgr(newest);
        Draw(picture, pair.regions, {255, 0, 255});
        char name[96];
        std::snprintf(name, sizeof name, "/suppressed_%06lld_%s.png", frame, reason.c_str());
        cv::imwrite(options.dump + name, picture);
      }
    }
  };

  const bool opened = ForEachFrame(
      options.clip,
      [&](int index, const cv::Mat& bgr) {
        const auto pts = options.frame_interval.count() > 0
                             ? options.frame_interval * index
                             : nanoseconds(static_cast<std::int64_t>(1e9 * index / listed_fps));
        if (pts < next) return;
        while (next <= pts) next += options.policy.interval;
        cv::Mat rgb;
        cv::cvtColor(bgr, rgb, cv::COLOR_BGR2RGB);
        auto frame = std::make_shared<Frame>();
        frame->camera = "bench";
        frame->captured_at = TimePoint(std::chrono::seconds(1767225600)) + pts;  // 2026-01-01.
        frame->index = index;
        frame->pts = pts;
        frame->width = width = rgb.cols;
        frame->height = height = rgb.rows;
        frame->rgb.assign(rgb.datastart, rgb.dataend);
        newest = frame;
        const nanoseconds start = ThreadTime();
        const select::Selection selection = (*selector)->Push(std::move(frame));
        spent += ThreadTime() - start;
        ++pushed;
        take(selection);
      },
      &fps);
  if (!opened || pushed == 0) {
    std::fprintf(stderr, "selection_bench: %s: no video and no pictures\n", options.clip.c_str());
    return 3;
  }
  take((*selector)->Finish());

  if (truth) std::printf("%s", FormatReport(Score(*truth, events, fps, width, height)).c_str());
  const auto& stats = (*selector)->stats();
  std::printf("suppressed:");
  for (int i = 0; i < kSuppressionReasonCount; ++i) {
    if (stats.suppressed[i] > 0) {
      std::printf(" %s %llu", std::string(Name(static_cast<SuppressionReason>(i))).c_str(),
                  static_cast<unsigned long long>(stats.suppressed[i]));
    }
  }
  std::printf("; %lld samples of %dx%d, %.2f ms of CPU each\n", static_cast<long long>(pushed),
              width, height,
              1e-6 * static_cast<double>(spent.count()) / static_cast<double>(pushed));
  return 0;
}

}  // namespace
}  // namespace stillwatch

int main(int argc, char** argv) {
  cv::setNumThreads(1);  // Cost is CPU time: threads would only blur it.
  const stillwatch::Options options = stillwatch::ParseOptions(argc, argv);
  if (options.clip.empty()) {
    std::fprintf(stderr, "usage: selection_bench CLIP [TRUTH] [--interval 2s] [--settle 8s] ...\n");
    return 2;
  }
  return stillwatch::Run(options);
}
