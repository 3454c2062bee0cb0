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

#include "model/data/archive.h"
#include "model/data/files.h"
#include "model/data/made_meshes.h"
#include "model/data/nouns.h"
#include "model/data/palette.h"
#include "model/data/random.h"
#include "model/data/render.h"

namespace stillwatch::data {
namespace {

using nlohmann::json;

constexpr int kBankVersion = 1;

// One thing still to be rendered.
struct Job {
  Thing thing{};
  std::string archive{};  // Empty: a made mesh.
  std::string model{};
  MeshWish wish{};
  std::string paint{};  // Colour of its largest plain part, or empty.
  MadeMesh (*make)(std::uint64_t) = nullptr;
  std::uint64_t seed = 0;
};

struct MadeRow {
  const char* name;
  const char* noun;
  const char* places;
  double weight;
  bool round;
  int train;
  int test;
  MadeMesh (*make)(std::uint64_t);
};

// Weights are per variant: many bottles and bags, because their shapes vary most.
constexpr MadeRow kMade[] = {
    {"bottle", "water bottle", "t", 1.6, true, 26, 4, MakeBottle},
    {"bag", "bag", "rs", 1.6, false, 30, 5, MakeBag},
    {"cardboard", "cardboard box", "rst", 1.0, false, 10, 2, MakeCardboardBox},
    {"plasticbox", "box", "rst", 0.9, false, 16, 3, MakePlasticBox},
    {"utility", "utility box", "s", 0.8, false, 8, 1, MakeUtilityBox},
    {"cup", "cup", "t", 0.4, true, 8, 2, MakeCup},
    {"ball", "ball", "rs", 0.3, true, 6, 1, MakeBall},
    {"cube", "cube", "k", 1, false, 14, 2, MakeCube},
    {"sphere", "sphere", "k", 1, true, 14, 2, MakeSphere},
    {"cylinder", "cylinder", "k", 1, true, 14, 2, MakeCylinder},
};

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

void AddMade(const RenderOptions& options, std::vector<Job>& jobs) {
  for (const MadeRow& row : kMade) {
    for (const bool test : {false, true}) {
      const int all = test ? row.test : row.train;
      const int count = std::max(1, static_cast<int>(std::lround(all * options.variety)));
      for (int i = 0; i < count; ++i) {
        Job job;
        job.thing = {
            .id = "made_" + std::string(row.name) + (test ? "_test_" : "_") + std::to_string(i),
            .noun = row.noun,
            .places = row.places,
            .weight = row.weight,
            .round = row.round,
            .test = test,
            .creator = "Stillwatch",
            .licence = "of this project"};
        job.make = row.make;
        job.seed = options.seed * 1000003 + static_cast<std::uint64_t>(i) * 7919 +
                   (test ? 500000 : 0) + static_cast<std::uint64_t>(&row - kMade) * 31;
        jobs.push_back(std::move(job));
      }
    }
  }
}

double Number(const json& entry, const char* key) {
  return std::stod(entry.at(key).get<std::string>());
}

// The models of the catalogue that nouns.tsv lists.  Throws what nlohmann-json throws.
Status AddCatalogueLine(const json& entry, const std::vector<Noun>& nouns,
                        std::map<std::string, int>& seen, const RenderOptions& options,
                        std::vector<Job>& jobs) {
  const std::string name = entry.at("name");
  for (const Noun& noun : nouns) {
    if (noun.catalogue_name != name) continue;
    std::string library = entry.at("library");
    const std::string stem = library.substr(0, library.find('.'));
    const int copies = noun.paint ? 3 : 1;
    // Ten chairs should not be ten times as frequent as one extinguisher.
    const int rank = seen[noun.noun]++;
    for (int copy = 0; copy < copies; ++copy) {
      Job job;
      job.thing = {.id = stem + "_" + std::to_string(entry.at("id").get<int>()) +
                         (copies > 1 ? "_" + std::to_string(copy) : ""),
                   .noun = noun.noun,
                   .places = noun.places,
                   .weight = noun.weight / copies / (1 + 0.35 * rank),
                   .round = noun.round,
                   .plant = noun.plant,
                   .person = noun.person,
                   .test = entry.at("split") == "test",
                   .creator = entry.value("creator", ""),
                   .licence = entry.value("library_licence", "")};
      job.archive = library;
      job.model = entry.at("model");
      job.wish.size_m = {Number(entry, "width_cm") / 100, Number(entry, "height_cm") / 100,
                         Number(entry, "depth_cm") / 100};
      job.seed = options.seed * 1000003 + jobs.size();
      if (noun.paint) {
        static const std::vector<std::string> kPaints{"white", "white", "grey", "grey",   "black",
                                                      "red",   "red",   "blue", "yellow", "green"};
        Random random(job.seed);
        job.paint = random.Pick(kPaints);
      }
      jobs.push_back(std::move(job));
    }
    return {};
  }
  return {};
}

Status AddCatalogue(const RenderOptions& options, std::vector<Job>& jobs) {
  if (options.catalogue.empty()) return {};
  const auto nouns = BuiltInNouns();
  if (!nouns) return nouns.error();
  std::ifstream in(options.catalogue);
  if (!in) return NotFound(options.catalogue.string() + ": cannot be opened");
  std::map<std::string, int> seen;
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    if (line.empty()) continue;
    try {
      if (auto status = AddCatalogueLine(json::parse(line), *nouns, seen, options, jobs);
          !status.ok()) {
        return status;
      }
    } catch (const std::exception& error) {
      return DataLoss(options.catalogue.string() + ":" + std::to_string(number) + ": " +
                      error.what());
    }
  }
  // A library that is not installed is one clear error, not two hundred models left out.
  for (const Job& job : jobs) {
    std::error_code error;
    const auto archive = options.libraries / job.archive;
    if (!job.make && !std::filesystem::exists(archive, error)) {
      return NotFound(archive.string() + ": no such library; install sweethome3d-furniture");
    }
  }
  return {};
}

// The turns that a library's own catalogue gives its models ("modelRotation#12=1 0 0 ...").
std::map<std::string, std::array<double, 9>> Rotations(const Archive& archive) {
  std::map<std::string, std::array<double, 9>> turns;
  const auto bytes = archive.Read("PluginFurnitureCatalog.properties");
  if (!bytes) return turns;
  std::istringstream lines(std::string(bytes->begin(), bytes->end()));
  std::map<std::string, std::string> models;
  std::map<std::string, std::array<double, 9>> by_id;
  for (std::string line; std::getline(lines, line);) {
    if (line.ends_with('\r')) line.pop_back();
    const auto hash = line.find('#');
    const auto equals = line.find('=');
    if (hash == std::string::npos || equals == std::string::npos || hash > equals) continue;
    const std::string key = line.substr(0, hash);
    const std::string id = line.substr(hash + 1, equals - hash - 1);
    if (key == "model") models[id] = line.substr(equals + 1);
    if (key == "modelRotation") {
      std::array<double, 9> turn{};
      std::istringstream values(line.substr(equals + 1));
      for (double& value : turn) values >> value;
      if (values) by_id[id] = turn;
    }
  }
  for (const auto& [id, turn] : by_id) {
    std::string model = models[id];
    if (model.starts_with('/')) model.erase(0, 1);
    turns[model] = turn;
  }
  return turns;
}

// The archives one thread has open.
class Libraries {
 public:
  explicit Libraries(std::filesystem::path folder) : folder_(std::move(folder)) {}

  Result<Mesh> Load(const Job& job) {
    auto found = open_.find(job.archive);
    if (found == open_.end()) {
      auto archive = Archive::Open(folder_ / job.archive);
      if (!archive) return Failure(archive.error());
      auto turns = Rotations(*archive);
      found = open_.emplace(job.archive, Library{std::move(*archive), std::move(turns)}).first;
    }
    auto files = found->second.archive.ReadFolderOf(job.model);
    if (!files) return Failure(files.error());
    MeshWish wish = job.wish;
    if (const auto turn = found->second.turns.find(job.model); turn != found->second.turns.end()) {
      wish.rotation = turn->second;
    }
    return LoadMesh(*files, job.model, wish);
  }

 private:
  struct Library {
    Archive archive;
    std::map<std::string, std::array<double, 9>> turns;
  };
  std::filesystem::path folder_;
  std::map<std::string, Library> open_;
};

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

Status RenderThing(Job& job, Libraries& libraries, const RenderOptions& options) {
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
    if (!job.paint.empty()) Paint(mesh, PaletteColor(job.paint));
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
  std::vector<Job> jobs;
  AddMade(options, jobs);
  if (auto status = AddCatalogue(options, jobs); !status.ok()) return Failure(status);

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
