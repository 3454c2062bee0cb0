#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <system_error>

#include <nlohmann/json.hpp>

#include "pipeline/app/eval_set.h"
#include "pipeline/app/pictures.h"
#include "pipeline/ingest/frame_source.h"
#include "pipeline/score/truth.h"

namespace stillwatch::app {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr std::size_t kBays = 4;  // Unchanged bays shown of each pair of pictures.

std::string Text(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

// The clip that a truth file is about: what it names, or the one folder of pictures beside it.
Result<fs::path> MediaOf(const fs::path& file, const std::string& media) {
  if (!media.empty()) return file.parent_path() / media;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(file.parent_path(), error)) {
    if (entry.is_directory()) return entry.path();
  }
  return NotFound(file.string() + ": names no media, and no folder of pictures lies beside it");
}

// The frames of those numbers.
Result<std::map<std::int64_t, FramePtr>> Frames(const fs::path& media,
                                                const std::set<std::int64_t>& wanted) {
  ingest::IngestOptions options{.interval = 1ms};
  if (fs::is_directory(media)) options.frame_interval = 1s;
  const auto source = ingest::OpenFrameSource(media.string(), options);
  if (!source) return Failure(source.error());
  std::map<std::int64_t, FramePtr> frames;
  while (frames.size() < wanted.size()) {
    const auto frame = (*source)->Next();
    if (!frame) return Failure(frame.error());
    if (*frame == nullptr) break;
    if ((*frame)->index && wanted.contains(*(*frame)->index)) frames[*(*frame)->index] = *frame;
  }
  (*source)->Stop();
  for (const std::int64_t number : wanted) {
    if (!frames.contains(number)) {
      return DataLoss(media.string() + ": has no frame " + std::to_string(number));
    }
  }
  return frames;
}

struct ListedPair {
  std::int64_t before = 0, after = 0;
  std::vector<const score::TruthChange*> changes{};
};

Result<std::vector<ListedPair>> ListedPairs(const Json& json, const score::Truth& truth,
                                            const std::string& name) {
  std::vector<ListedPair> pairs;
  for (const Json& entry : json.value("pairs", Json::array())) {
    const std::string where = name + ": pairs[" + std::to_string(pairs.size()) + "]";
    if (!entry.is_object() || !entry.contains("before") || !entry.contains("after") ||
        !entry["before"].is_number_integer() || !entry["after"].is_number_integer() ||
        !entry.contains("changes") || !entry["changes"].is_array()) {
      return DataLoss(where + ": wanted frame numbers before and after, and a list of changes");
    }
    ListedPair pair{.before = entry["before"], .after = entry["after"]};
    for (const Json& id : entry["changes"]) {
      const auto found = std::find_if(truth.changes.begin(), truth.changes.end(),
                                      [&id](const auto& change) { return id == change.id; });
      if (found == truth.changes.end()) return DataLoss(where + ": no change " + id.dump());
      pair.changes.push_back(&*found);
    }
    pairs.push_back(std::move(pair));
  }
  return pairs;
}

EvalPair Changed(const ListedPair& listed) {
  EvalPair pair;
  pair.truth.group = "changed";
  pair.truth.kind = Name(listed.changes.front()->kind);
  pair.truth.thing = listed.changes.front()->object;
  pair.truth.color = pair.truth.thing;  // "black bag": the colour words of it count.
  for (const score::TruthChange* change : listed.changes) {
    if (!change->caption.empty()) pair.truth.references.push_back(change->caption);
    if (change->parts.empty()) pair.regions.push_back(change->box);
    pair.regions.insert(pair.regions.end(), change->parts.begin(), change->parts.end());
  }
  return pair;
}

Result<EvalSet> ReadClip(const fs::path& file, const Json& json) {
  const auto truth = score::LoadTruth(file.string());
  if (!truth) return Failure(truth.error());
  const auto media = MediaOf(file, truth->media);
  if (!media) return Failure(media.error());
  const auto listed = ListedPairs(json, *truth, file.string());
  if (!listed) return Failure(listed.error());
  std::set<std::int64_t> numbers;
  for (const ListedPair& pair : *listed) numbers.insert({pair.before, pair.after});
  const auto frames = Frames(*media, numbers);
  if (!frames) return Failure(frames.error());

  EvalSet set{.name = media->stem().string()};
  const auto add = [&](const ListedPair& from, EvalPair pair, const std::string& view) {
    pair.truth.id =
        set.name + ":" + std::to_string(from.before) + "-" + std::to_string(from.after) + view;
    pair.reference = frames->at(from.before);
    pair.current = frames->at(from.after);
    set.pairs.push_back(std::move(pair));
  };
  for (const ListedPair& pair : *listed) {
    if (!pair.changes.empty()) {
      add(pair, Changed(pair), "");
      continue;
    }
    EvalPair same;
    same.truth.kind = model::kSameWord;
    same.truth.group = "unchanged, whole picture";
    add(pair, same, "");
    same.truth.group = "unchanged, where things change";
    for (const score::TruthChange& change : truth->changes) {
      same.regions = change.parts.empty() ? std::vector<Region>{change.box} : change.parts;
      add(pair, same, " at " + std::to_string(change.id));
    }
  }
  return set;
}

Region InFractions(const Json& box, double width, double height) {
  if (!box.is_array() || box.size() != 4) return {};
  return {.x = box[0].get<double>() / width,
          .y = box[1].get<double>() / height,
          .w = box[2].get<double>() / width,
          .h = box[3].get<double>() / height};
}

// Boxes of the bays whose published label is the same in both pictures, the first few by number.
std::vector<Region> UnchangedBays(const Json& occupancy, const std::string& before,
                                  const std::string& after, double width, double height) {
  Json first, second;
  for (const Json& frame : occupancy.value("frames", Json::array())) {
    if (Text(frame, "file") == before) first = frame.value("occupied", Json::object());
    if (Text(frame, "file") == after) second = frame.value("occupied", Json::object());
  }
  std::vector<Region> bays;
  // Spread over the car park: every ninth bay, starting where the pictures' names say.
  std::vector<std::string> names;
  for (const auto& [name, state] : first.items()) {
    if (second.contains(name) && second[name] == state) names.push_back(name);
  }
  for (std::size_t i = 0; i < kBays && !names.empty(); ++i) {
    const std::string& name = names[(before.back() + 9 * i) % names.size()];
    bays.push_back(InFractions(occupancy["spots"][name]["bbox"], width, height));
  }
  return bays;
}

Result<EvalSet> ReadPictures(const fs::path& file, const Json& json) {
  const fs::path folder = file.parent_path();
  const double width = json.value("width", 1.0);
  const double height = json.value("height", 1.0);
  Json occupancy;
  if (std::ifstream in(folder / "occupancy.json"); in) {
    occupancy = Json::parse(in, nullptr, /*allow_exceptions=*/false);
  }
  EvalSet set{.name = folder.filename().string()};
  std::set<std::pair<std::string, std::string>> seen;
  for (const Json& entry : json["verified_events"]) {
    const std::string before = Text(entry, "before");
    const std::string after = Text(entry, "after");
    const auto reference = ReadPicture((folder / before).string());
    if (!reference) return Failure(reference.error());
    const auto current = ReadPicture((folder / after).string());
    if (!current) return Failure(current.error());
    EvalPair pair{.reference = *reference, .current = *current};
    pair.truth.id = set.name + ":" + before + "-" + after + " bay " +
                    (entry.contains("spot") ? entry["spot"].dump() : "");
    pair.truth.group = "changed";
    pair.truth.kind = Text(entry, "kind");
    pair.truth.thing = Text(entry, "object");
    pair.truth.color = pair.truth.thing;
    pair.truth.references = {Text(entry, "caption")};
    pair.regions = {InFractions(entry.value("bbox", Json()), width, height)};
    set.pairs.push_back(pair);
    if (!seen.insert({before, after}).second || !occupancy.is_object()) continue;
    pair.truth = {.group = "unchanged bays", .kind = model::kSameWord};
    int number = 0;
    for (const Region& bay : UnchangedBays(occupancy, before, after, width, height)) {
      pair.truth.id =
          set.name + ":" + before + "-" + after + " unchanged " + std::to_string(++number);
      pair.regions = {bay};
      set.pairs.push_back(pair);
    }
  }
  return set;
}

}  // namespace

Result<EvalSet> ReadFootageTruth(const fs::path& file) try {
  std::ifstream in(file);
  if (!in) return NotFound(file.string() + ": no such file");
  const Json json = Json::parse(in, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return DataLoss(file.string() + ": not a JSON object");
  if (json.contains("verified_events") && json["verified_events"].is_array()) {
    return ReadPictures(file, json);
  }
  if (json.contains("pairs")) return ReadClip(file, json);
  return DataLoss(file.string() + ": lists no pairs");
} catch (const nlohmann::json::exception& e) {
  return DataLoss(file.string() + ": " + e.what());
}

}  // namespace stillwatch::app
