// make_sample: renders the sample clip and writes its truth file.
//
// Usage: make_sample OUTPUT_FOLDER [--stills]
//   writes loading_bay.mp4 and loading_bay.truth.json; with --stills one PNG per second in place of
//   the clip
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <opencv2/imgcodecs.hpp>
#include <opencv2/videoio.hpp>

#include "samples/maker/props.h"
#include "samples/maker/render.h"
#include "samples/maker/sensor.h"
#include "samples/maker/truth.h"

namespace stillwatch::sample {
namespace {

constexpr std::uint32_t kSeed = 20260101;
constexpr std::uint32_t kSamplesPerPixel = 48;

// The scene of one resting state.
class Stage {
 public:
  Scene Build(const State& state) const {
    std::vector<Instance> things{{&bay_, {}, 0},
                                 {&sign_, {{3.90F, 5.795F, 1.62F}, 0}, 0},
                                 {&blue_box_, {{1.72F, 3.78F, 0}, 0.08F}, 0}};
    const auto put = [&](const std::optional<Placement>& at, Thing thing) {
      if (at) things.push_back({&ModelOf(thing), *at, static_cast<int>(thing) + 1});
    };
    put(state.bag, Thing::kBag);
    put(state.extinguisher, Thing::kExtinguisher);
    put(state.box, Thing::kBox);
    return Scene(std::move(things));
  }

  Scene Build(const Actor& actor) const {
    std::vector<Instance> things{{&actor.person, {}, 0}};
    if (actor.thing) things.push_back({&ModelOf(*actor.thing), actor.placement, 0});
    return Scene(std::move(things));
  }

 private:
  const Model& ModelOf(Thing thing) const {
    switch (thing) {
      case Thing::kBag:
        return bag_;
      case Thing::kExtinguisher:
        return extinguisher_;
      case Thing::kBox:
        break;
    }
    return box_;
  }

  Model bay_ = Bay();
  Model sign_ = ExtinguisherSign();
  Model blue_box_ = BlueBox();
  Model bag_ = BlackBag();
  Model extinguisher_ = FireExtinguisher();
  Model box_ = CardboardBox();
};

// The bounds of the pixels that a thing covers by half or more.
std::optional<Box> BoundsOf(const std::vector<std::uint8_t>& coverage) {
  int left = kWidth;
  int right = -1;
  int top = kHeight;
  int bottom = -1;
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      if (coverage[static_cast<std::size_t>(y * kWidth + x)] * 2U < kSubsamples) continue;
      left = std::min(left, x);
      right = std::max(right, x);
      top = std::min(top, y);
      bottom = std::max(bottom, y);
    }
  }
  if (right < 0) return std::nullopt;
  return Box{left, top, right - left + 1, bottom - top + 1};
}

bool Same(const std::optional<Placement>& a, const std::optional<Placement>& b) {
  return a.has_value() == b.has_value() &&
         (!a || Length(a->position - b->position) + std::abs(a->yaw - b->yaw) < 1e-6F);
}

bool Same(const State& a, const State& b) {
  return Same(a.bag, b.bag) && Same(a.extinguisher, b.extinguisher) && Same(a.box, b.box);
}

// The camera's automatic exposure: follows the light half-way, within about a second.
class Exposure {
 public:
  float Next(const Lights& lights) {
    const float light = lights.ceiling + 0.35F * lights.lamp;
    const float wanted = 1.30F / std::sqrt(light);
    gain_ += (wanted - gain_) * (gain_ == 0 ? 1.0F : 0.12F);
    return gain_;
  }

 private:
  float gain_ = 0;
};

int Make(const std::filesystem::path& folder, bool stills) {
  const std::string clip = (folder / "loading_bay.mp4").string();
  cv::VideoWriter writer;
  if (!stills) {
    // Read by OpenCV's FFmpeg writer.  No B-frames: every decoder then counts frames the same way.
    setenv("OPENCV_FFMPEG_WRITER_OPTIONS", "vcodec;libx264|crf;26|preset;slow|g;30|bf;0|threads;1",
           1);
    writer.open(clip, cv::CAP_FFMPEG, cv::VideoWriter::fourcc('a', 'v', 'c', '1'), kFps,
                {kWidth, kHeight});
    if (!writer.isOpened()) {
      std::fprintf(stderr, "cannot write %s: is the folder there, and FFmpeg's H.264 encoder?\n",
                   clip.c_str());
      return 3;
    }
  }
  const Stage stage;
  std::vector<Seen> seen(States().size());
  std::optional<State> shown;
  std::optional<Scene> scene;
  Plate plate;
  Exposure exposure;
  for (int frame = 0; frame < kFrames; ++frame) {
    const Lights lights = LightsAt(frame);
    const float gain = exposure.Next(lights);
    if (stills && frame % kFps != 0) continue;
    const State state = RestingAt(frame);
    if (!shown || !Same(*shown, state)) {
      shown = state;
      scene = stage.Build(state);
      plate = RenderPlate(*scene, stills ? 9 : kSamplesPerPixel);
      for (std::size_t i = 0; i < seen.size(); ++i) {
        if (!Same(States()[i], state)) continue;
        for (std::size_t t = 0; t < seen[i].things.size(); ++t) {
          seen[i].things[t] = BoundsOf(plate.coverage[t]);
        }
      }
    }
    std::optional<Scene> actor_scene;
    const auto actor = ActorAt(frame);
    if (actor) actor_scene = stage.Build(*actor);
    const Picture picture = RenderFrame(plate, *scene, lights, actor ? &*actor_scene : nullptr,
                                        actor ? actor->ground : Vec3{});
    std::vector<std::uint8_t> bytes = Develop(picture, frame, gain, kSeed);
    const cv::Mat developed(kHeight, kWidth, CV_8UC3, bytes.data());
    if (stills) {
      char name[32];
      std::snprintf(name, sizeof name, "still_%03d.png", frame / kFps);
      cv::imwrite((folder / name).string(), developed);
    } else {
      writer.write(developed);
    }
    if (frame % (5 * kFps) == 0) std::fprintf(stderr, "\r%d of %d frames", frame, kFrames);
  }
  std::fprintf(stderr, "\r%d frames\n", kFrames);
  writer.release();
  std::ofstream truth(folder / "loading_bay.truth.json");
  truth << TruthJson("loading_bay.mp4", seen);
  if (!truth.flush()) {
    std::fprintf(stderr, "cannot write the truth file beside %s\n", clip.c_str());
    return 3;
  }
  return 0;
}

}  // namespace
}  // namespace stillwatch::sample

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3 || (argc == 3 && std::string_view(argv[2]) != "--stills")) {
    std::fprintf(stderr, "Usage: make_sample OUTPUT_FOLDER [--stills]\n");
    return 2;
  }
  try {
    return stillwatch::sample::Make(argv[1], argc == 3);
  } catch (const std::exception& e) {  // Embree, OpenCV and the JSON library throw.
    std::fprintf(stderr, "make_sample: %s\n", e.what());
    return 3;
  }
}
