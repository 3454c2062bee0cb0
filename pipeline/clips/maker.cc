#include "pipeline/clips/maker.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <utility>

#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>

#include "pipeline/clips/air.h"
#include "pipeline/clips/clip_writer.h"
#include "pipeline/clips/eye.h"
#include "pipeline/clips/light.h"
#include "pipeline/clips/sensor.h"
#include "pipeline/clips/stage.h"
#include "pipeline/core/time.h"

namespace stillwatch::clips {
namespace {

using json = nlohmann::ordered_json;

class Maker final : public ClipMaker {
 public:
  Maker(const Script& script, Stage stage)
      : script_(script),
        stage_(std::move(stage)),
        light_(script, stage_.width(), stage_.height()),
        air_(script),
        eye_(script),
        sensor_(script) {}

  [[nodiscard]] data::Image Next() override {
    if (frame_ >= script_.frames()) return {};
    const double t = static_cast<double>(frame_) / script_.fps;
    cv::Mat plate;
    data::View(stage_.At(t)).convertTo(plate, CV_32F);
    light_.Apply(t, &plate);
    air_.Stir(t, stage_.margin_x(), stage_.margin_y(), &plate);
    cv::Mat view;
    eye_.Look(t, plate, &view);
    air_.Fall(t, &view);
    eye_.Through(t, &view);
    return sensor_.Expose(frame_++, t, light_.Level(t), eye_.Light(t), &view);
  }

  std::string TruthJson(const std::string& media) const override {
    json root{{"media", media},         {"source", "made by stillwatch bench make-clips"},
              {"width", script_.width}, {"height", script_.height},
              {"fps", script_.fps},     {"frame_count", script_.frames()}};
    json settings = json::object();
    if (script_.interval) settings["interval"] = FormatDuration(*script_.interval);
    if (script_.settle) settings["settle"] = FormatDuration(*script_.settle);
    if (script_.pictures) {
      settings["frame_interval"] = FormatDuration(
          std::chrono::nanoseconds(static_cast<std::int64_t>(std::llround(1e9 / script_.fps))));
    }
    root["settings"] = settings;
    root["changes"] = Changes();
    json camera = json::array();
    for (const CameraTrouble& trouble : eye_.Troubles()) {
      json each{{"type", trouble.type}, {"span", {FrameAt(trouble.first), LastBy(trouble.last)}}};
      if (trouble.onset > trouble.first) each["onset"] = FrameAt(trouble.onset);
      if (!trouble.also.empty()) each["also"] = trouble.also;
      camera.push_back(std::move(each));
    }
    root["camera"] = camera;
    return root.dump(1) + "\n";
  }

 private:
  // The first frame at or after t, and the last before it.
  std::int64_t FrameAt(double t) const {
    return std::clamp<std::int64_t>(static_cast<std::int64_t>(std::ceil(t * script_.fps - 1e-6)), 0,
                                    script_.frames() - 1);
  }
  std::int64_t LastBy(double t) const {
    return std::clamp<std::int64_t>(static_cast<std::int64_t>(std::floor(t * script_.fps + 1e-6)),
                                    0, script_.frames() - 1);
  }

  // A box of the plate in pixels of the view as the camera stands then, cut off at its edges.
  json BoxAt(double t, const data::Box& box) const {
    double x0 = 1e9, y0 = 1e9, x1 = -1e9, y1 = -1e9;
    for (const double x : {box.x0, box.x1}) {
      for (const double y : {box.y0, box.y1}) {
        const auto [vx, vy] = eye_.ToView(t, x, y);
        x0 = std::min(x0, vx), x1 = std::max(x1, vx);
        y0 = std::min(y0, vy), y1 = std::max(y1, vy);
      }
    }
    const auto at = [](double value, double most) {
      return std::clamp(std::floor(value), 0.0, most - 1);
    };
    const double left = at(x0, script_.width), top = at(y0, script_.height);
    const double right = std::clamp(std::ceil(x1), left + 1, static_cast<double>(script_.width));
    const double bottom = std::clamp(std::ceil(y1), top + 1, static_cast<double>(script_.height));
    return {left, top, right - left, bottom - top};
  }

  json Changes() const {
    json changes = json::array();
    int id = 0;
    const double settle =
        script_.settle ? std::chrono::duration<double>(*script_.settle).count() : 8;
    for (const StageChange& change : stage_.changes()) {
      data::Box around = change.places.front();
      for (const data::Box& place : change.places) around = data::Union(around, place);
      json each{{"id", ++id},
                {"kind", Name(change.kind)},
                {"object", change.object},
                {"span", {FrameAt(change.first), FrameAt(change.last)}},
                {"bbox", BoxAt(change.last, around)}};
      if (change.places.size() > 1) {
        for (const data::Box& place : change.places) {
          each["parts"].push_back(BoxAt(change.last, place));
        }
      }
      const double clear = stage_.ClearFrom(change.places, change.last, script_.seconds, settle,
                                            std::max(0.2, 1 / script_.fps));
      if (FrameAt(clear) > FrameAt(change.last)) each["clear_from"] = FrameAt(clear);
      changes.push_back(std::move(each));
    }
    return changes;
  }

  const Script script_;
  Stage stage_;
  Light light_;
  Air air_;
  Eye eye_;
  Sensor sensor_;
  std::int64_t frame_ = 0;
};

[[nodiscard]] Status WriteText(const std::filesystem::path& file, const std::string& text) {
  std::ofstream out(file, std::ios::binary);
  out << text;
  if (!out.flush()) return Unavailable(file.string() + ": cannot be written; is there room?");
  return {};
}

}  // namespace

Result<std::unique_ptr<ClipMaker>> ClipMaker::Create(const Script& script, const Scenery& scenery) {
  try {
    auto stage = Stage::Create(script, scenery);
    if (!stage) return Failure(stage.error());
    return std::make_unique<Maker>(script, *std::move(stage));
  } catch (const cv::Exception& error) {
    return Internal(script.name + ": " + error.what());
  }
}

Status MakeClip(const Script& script, const Scenery& scenery, const std::filesystem::path& folder) {
  auto maker = ClipMaker::Create(script, scenery);
  if (!maker) return maker.error();
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  auto writer = ClipWriter::Open(script, folder);
  if (!writer) return writer.error();
  try {
    for (data::Image picture = (*maker)->Next(); !picture.empty(); picture = (*maker)->Next()) {
      if (Status status = writer->Write(picture); !status.ok()) return status;
    }
  } catch (const cv::Exception& failure) {
    return Internal(script.name + ": " + failure.what());
  }
  if (Status status = writer->Close(); !status.ok()) return status;
  if (Status status = WriteText(folder / (script.name + ".script.json"), ScriptJson(script) + "\n");
      !status.ok()) {
    return status;
  }
  // Last: a clip that was cut off has no truth file, and no benchmark takes it for whole.
  return WriteText(folder / (script.name + ".truth.json"),
                   (*maker)->TruthJson(writer->media().filename().string()));
}

}  // namespace stillwatch::clips
