#include "model/data/catalogue.h"

#include <cmath>
#include <fstream>
#include <sstream>
#include <utility>

#include <nlohmann/json.hpp>

#include "model/data/nouns.h"
#include "model/data/palette.h"
#include "model/data/random.h"

namespace stillwatch::data {
namespace {

using nlohmann::json;

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

void AddMade(const CatalogueOptions& options, std::vector<Listed>& jobs) {
  for (const MadeRow& row : kMade) {
    for (const bool test : {false, true}) {
      const int all = test ? row.test : row.train;
      const int count = std::max(1, static_cast<int>(std::lround(all * options.variety)));
      for (int i = 0; i < count; ++i) {
        Listed job;
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
                        std::map<std::string, int>& seen, const CatalogueOptions& options,
                        std::vector<Listed>& jobs) {
  const std::string name = entry.at("name");
  for (const Noun& noun : nouns) {
    if (noun.catalogue_name != name) continue;
    std::string library = entry.at("library");
    const std::string stem = library.substr(0, library.find('.'));
    const int copies = noun.paint && options.copies ? 3 : 1;
    // Ten chairs should not be ten times as frequent as one extinguisher.
    const int rank = seen[noun.noun]++;
    for (int copy = 0; copy < copies; ++copy) {
      Listed job;
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
      job.paint = noun.paint;
      if (noun.paint && options.copies) {
        static const std::vector<std::string> kPaints{"white", "white", "grey", "grey",   "black",
                                                      "red",   "red",   "blue", "yellow", "green"};
        Random random(job.seed);
        job.painted = random.Pick(kPaints);
      }
      jobs.push_back(std::move(job));
    }
    return {};
  }
  return {};
}

Status AddCatalogue(const CatalogueOptions& options, std::vector<Listed>& jobs) {
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
  for (const Listed& job : jobs) {
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

}  // namespace

Result<std::vector<Listed>> ListThings(const CatalogueOptions& options) {
  std::vector<Listed> things;
  AddMade(options, things);
  if (auto status = AddCatalogue(options, things); !status.ok()) return Failure(status);
  return things;
}

Libraries::Libraries(std::filesystem::path folder) : folder_(std::move(folder)) {}

Result<Mesh> Libraries::Load(const Listed& job) {
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

}  // namespace stillwatch::data
