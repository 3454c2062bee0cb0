#include "model/data/bank.h"

#include <atomic>
#include <cmath>
#include <fstream>
#include <map>
#include <mutex>
#include <optional>
#include <sstream>
#include <thread>
#include <utility>

#include <nlohmann/json.hpp>

#include "model/data/catalogue.h"
#include "model/data/files.h"
#include "model/data/palette.h"
#include "model/data/random.h"
#include "model/data/render.h"

namespace stillwatch::data {
namespace {

using nlohmann::json;

constexpr int kBankVersion = 1;

// Camera heights a thing is seen from, low and high, degrees above the horizon.
struct Heights {
  double low;
  double high;
};

Heights HeightsOf(const Thing& thing) {
  if (thing.places.find('c') != std::string::npos) return {26, 56};
  if (thing.places.find('s') != std::string::npos) return {18, 44};
  if (thing.places.find('k') != std::string::npos) return {22, 34};
  if (thing.places.find('r') != std::string::npos) return {16, 38};
  return {9, 30};
}

json ToJson(const Thing& thing) {
  json views = json::array();
  for (const ThingView& view : thing.views) {
    views.push_back({{"high", view.high},
                     {"azimuth", view.azimuth},
                     {"anchor_x", view.sprite.anchor_x},
                     {"anchor_y", view.sprite.anchor_y},
                     {"px_per_m", view.sprite.px_per_m}});
  }
  return {{"id", thing.id},           {"noun", thing.noun},       {"places", thing.places},
          {"weight", thing.weight},   {"detail", thing.detail},   {"round", thing.round},
          {"plant", thing.plant},     {"person", thing.person},   {"test", thing.test},
          {"creator", thing.creator}, {"licence", thing.licence}, {"views", views}};
}

Status RenderThing(Listed& job, Libraries& libraries, const RenderOptions& options) {
  std::string color;
  Mesh mesh;
  if (job.make) {
    MadeMesh made = job.make(job.seed);
    mesh = std::move(made.mesh);
    color = made.color;
    job.thing.detail = made.detail;
  } else {
    auto loaded = libraries.Load(job);
    if (!loaded) return loaded.error();
    mesh = std::move(*loaded);
    if (!job.painted.empty()) Paint(mesh, PaletteColor(job.painted));
  }
  auto renderer = MeshRenderer::Create(std::move(mesh));
  if (!renderer) return renderer.error().WithContext(job.thing.id);
  const std::filesystem::path folder = options.out / job.thing.id;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return Unavailable(folder.string() + ": " + error.message());
  Random random(job.seed + 17);
  const Heights heights = HeightsOf(job.thing);
  const int sides = job.thing.round ? 1 : 3;
  const double front = random.Range(-35, 35);
  for (const bool high : {false, true}) {
    for (int side = 0; side < sides; ++side) {
      const double elevation = (high ? heights.high : heights.low) + random.Range(-4, 6);
      auto sprite = renderer->Render({.azimuth_deg = front + 118 * side,
                                      .elevation_deg = std::max(5.0, elevation),
                                      .size_px = options.size_px,
                                      .sun = random.Range(0.35, 1.0),
                                      .seed = random.Bits()});
      if (!sprite) return sprite.error().WithContext(job.thing.id);
      ThingView view;
      view.sprite = *sprite;
      view.high = high;
      view.azimuth = side;
      if (!Measure(view)) return DataLoss(job.thing.id + ": nothing to see");
      const std::string stem = std::to_string(job.thing.views.size());
      if (auto status = WritePng(folder / (stem + ".png"), view.sprite.rgba); !status.ok()) {
        return status;
      }
      if (auto status = WritePng(folder / (stem + "_shadow.png"), view.sprite.shadow);
          !status.ok()) {
        return status;
      }
      view.sprite.rgba = {};
      view.sprite.shadow = {};
      job.thing.views.push_back(std::move(view));
    }
  }
  return WriteWhole(folder / "thing.json", ToJson(job.thing).dump(1));
}

Status CheckOptions(const RenderOptions& options) {
  if (options.out.empty()) return InvalidArgument("render: no folder to write to");
  if (options.threads < 1) return InvalidArgument("render: at least one thread");
  std::error_code error;
  std::filesystem::create_directories(options.out, error);
  if (error) return Unavailable(options.out.string() + ": " + error.message());
  return {};
}

}  // namespace

Result<RenderReport> Render(const RenderOptions& options, const Progress& progress) {
  if (auto status = CheckOptions(options); !status.ok()) return Failure(status);
  auto listed = ListThings({.catalogue = options.catalogue,
                            .libraries = options.libraries,
                            .seed = options.seed,
                            .variety = options.variety,
                            .copies = true});
  if (!listed) return Failure(listed.error());
  std::vector<Listed>& jobs = *listed;

  std::atomic<std::size_t> next{0};
  std::atomic<bool> stop{false};
  std::mutex mutex;  // Guards what follows.
  std::size_t done = 0;
  std::map<std::size_t, std::string> left_out;
  const auto work = [&] {
    Libraries libraries(options.libraries);
    for (std::size_t i = next++; i < jobs.size() && !stop; i = next++) {
      Status status;
      if (!std::filesystem::exists(options.out / jobs[i].thing.id / "thing.json")) {
        status = RenderThing(jobs[i], libraries, options);
      }
      const std::lock_guard lock(mutex);
      if (!status.ok()) left_out[i] = jobs[i].thing.id + ": " + status.message();
      if (progress && !progress(++done, jobs.size(), jobs[i].thing.id)) stop = true;
    }
  };
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < options.threads; ++i) threads.emplace_back(work);
  }
  if (stop) return Cancelled("render: stopped; the same call goes on");

  RenderReport report;
  json ids = json::array();
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    if (const auto found = left_out.find(i); found != left_out.end()) {
      report.left_out.push_back(found->second);
      continue;
    }
    ids.push_back(jobs[i].thing.id);
    ++report.things;
  }
  if (report.things == 0) return DataLoss("render: no thing could be rendered");
  const json bank{{"version", kBankVersion}, {"seed", options.seed}, {"things", ids}};
  if (auto status = WriteWhole(options.out / "bank.json", bank.dump(1)); !status.ok()) {
    return Failure(status);
  }
  return report;
}

namespace {

Result<Thing> LoadThing(const std::filesystem::path& folder) {
  auto text = ReadWhole(folder / "thing.json");
  if (!text) return Failure(text.error());
  try {
    const json entry = json::parse(*text);
    Thing thing{.id = entry.at("id"),
                .noun = entry.at("noun"),
                .places = entry.at("places"),
                .weight = entry.at("weight"),
                .detail = entry.at("detail"),
                .round = entry.at("round"),
                .plant = entry.at("plant"),
                .person = entry.at("person"),
                .test = entry.at("test"),
                .creator = entry.at("creator"),
                .licence = entry.at("licence")};
    for (const json& from : entry.at("views")) {
      ThingView view;
      view.high = from.at("high");
      view.azimuth = from.at("azimuth");
      view.sprite.anchor_x = from.at("anchor_x");
      view.sprite.anchor_y = from.at("anchor_y");
      view.sprite.px_per_m = from.at("px_per_m");
      const std::string stem = std::to_string(thing.views.size());
      auto rgba = ReadImage(folder / (stem + ".png"), 4);
      if (!rgba) return Failure(rgba.error());
      auto shadow = ReadImage(folder / (stem + "_shadow.png"), 1);
      if (!shadow) return Failure(shadow.error());
      if (shadow->width != rgba->width || shadow->height != rgba->height) {
        return DataLoss((folder / (stem + "_shadow.png")).string() + ": not the sprite's size");
      }
      view.sprite.rgba = std::move(*rgba);
      view.sprite.shadow = std::move(*shadow);
      if (!(view.sprite.px_per_m > 0) || !Measure(view)) {
        return DataLoss((folder / (stem + ".png")).string() + ": nothing to see");
      }
      thing.views.push_back(std::move(view));
    }
    if (thing.views.empty()) return DataLoss((folder / "thing.json").string() + ": no views");
    return thing;
  } catch (const json::exception& error) {
    return DataLoss((folder / "thing.json").string() + ": " + error.what());
  }
}

}  // namespace

Result<std::vector<Thing>> LoadBank(const std::filesystem::path& folder) {
  const auto file = folder / "bank.json";
  auto text = ReadWhole(file);
  if (!text) return Failure(text.error().WithContext("no finished bank of sprites"));
  std::vector<Thing> things;
  try {
    const json bank = json::parse(*text);
    if (bank.at("version") != kBankVersion) {
      return DataLoss(file.string() + ": version " + bank.at("version").dump() + ", wanted " +
                      std::to_string(kBankVersion) + "; render into a new folder");
    }
    for (const std::string id : bank.at("things")) {
      if (id.find('/') != std::string::npos) return DataLoss(file.string() + ": odd id " + id);
      auto thing = LoadThing(folder / id);
      if (!thing) return Failure(thing.error());
      things.push_back(std::move(*thing));
    }
  } catch (const json::exception& error) {
    return DataLoss(file.string() + ": " + error.what());
  }
  return things;
}

}  // namespace stillwatch::data
