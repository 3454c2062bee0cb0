#include "pipeline/bench/clip_set.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <system_error>

#include <nlohmann/json.hpp>

#include "pipeline/core/time.h"

namespace stillwatch::bench {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kLabels = "occupancy.json";
constexpr const char* kTruth = "truth.json";
constexpr const char* kTruthEnding = ".truth.json";

bool EndsWith(const std::string& text, const std::string& ending) {
  return text.size() >= ending.size() &&
         text.compare(text.size() - ending.size(), ending.size(), ending) == 0;
}

Result<std::string> ReadText(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (!in && !in.eof()) return Unavailable(file.string() + ": cannot be read");
  return text;
}

bool HoldsPictures(const fs::path& folder) {
  static const std::set<std::string> kPictures = {".jpg", ".jpeg", ".png", ".bmp", ".ppm"};
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (kPictures.contains(entry.path().extension().string())) return true;
  }
  return false;
}

// What a truth file without `media` is about: the one folder of pictures beside it, or its own.
Result<fs::path> PicturesBeside(const fs::path& truth_file) {
  const fs::path folder = truth_file.parent_path();
  std::vector<fs::path> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.is_directory() && HoldsPictures(entry.path())) found.push_back(entry.path());
  }
  if (HoldsPictures(folder)) found.push_back(folder);
  if (found.size() == 1) return found.front();
  return NotFound(truth_file.string() +
                  ": names no `media`, and beside it is not exactly one folder of pictures");
}

[[nodiscard]] Status AddBays(const fs::path& labels, Clip* clip) {
  const auto text = ReadText(labels);
  if (!text) return text.error();
  std::string corrections;
  if (const fs::path beside = labels.parent_path() / kTruth; fs::exists(beside)) {
    const auto read = ReadText(beside);
    if (!read) return read.error();
    corrections = *read;
  }
  auto bays = score::ParseBays(*text, corrections, labels.string());
  if (!bays) return bays.error();
  clip->bays = *std::move(bays);
  return {};
}

[[nodiscard]] Status AddTruth(const fs::path& file, Clip* clip) {
  auto truth = score::LoadTruth(file.string());
  if (!truth) return truth.error();
  clip->settings = truth->settings;
  clip->truth = *std::move(truth);
  return {};
}

std::string NameOf(const fs::path& media, const fs::path& root) {
  fs::path name = media.lexically_relative(root);
  if (name.empty() || name == ".") name = media.filename();
  return fs::is_directory(media) ? name.string() : name.replace_extension().string();
}

[[nodiscard]] Result<ClipSet> LoadFolder(const fs::path& root) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::recursive_directory_iterator(root, error)) {
    const std::string name = entry.path().filename().string();
    if (name == kLabels || name == kTruth || EndsWith(name, kTruthEnding)) {
      files.push_back(entry.path());
    }
  }
  if (error) return Unavailable(root.string() + ": " + error.message());
  std::sort(files.begin(), files.end());
  ClipSet set{.name = root.filename().string()};
  for (const fs::path& file : files) {
    const fs::path folder = file.parent_path();
    Clip clip;
    if (file.filename() == kLabels) {
      clip.media = folder;
      if (Status status = AddBays(file, &clip); !status.ok()) return Failure(status);
    } else if (file.filename() == kTruth && fs::exists(folder / kLabels)) {
      continue;  // Corrections of the labels.
    } else {
      if (Status status = AddTruth(file, &clip); !status.ok()) return Failure(status);
      if (clip.truth->media.empty()) {
        const auto pictures = PicturesBeside(file);
        if (!pictures) return Failure(pictures.error());
        clip.media = *pictures;
      } else {
        clip.media = folder / clip.truth->media;
      }
      if (!fs::exists(clip.media)) {
        return NotFound(file.string() + ": is about " + clip.truth->media + ", which is not there");
      }
    }
    clip.name = NameOf(clip.media, root);
    const fs::path above = folder.lexically_relative(root);
    clip.suite = above == "." ? "" : above.begin()->string();
    set.clips.push_back(std::move(clip));
  }
  if (set.clips.empty()) {
    return InvalidArgument(root.string() +
                           ": no truth file in it (NAME.truth.json, truth.json, occupancy.json)");
  }
  return set;
}

// A duration of the list file goes before the one of the truth file.
template <typename Duration>
[[nodiscard]] Status ReadDuration(const json& from, const char* key, std::optional<Duration>* to) {
  if (!from.contains(key)) return {};
  const auto parsed = ParseDuration(from.at(key).get<std::string>());
  if (!parsed) return parsed.error().WithContext(key);
  *to = std::chrono::duration_cast<Duration>(*parsed);
  return {};
}

[[nodiscard]] Status ReadClip(const json& from, const fs::path& base, Clip* clip) {
  clip->media = base / from.at("media").get<std::string>();
  clip->name = from.value("name", fs::path(clip->media).replace_extension().filename().string());
  clip->suite = from.value("suite", "");
  if (!fs::exists(clip->media)) {
    return NotFound(clip->media.string() + ": the set names it, and it is not there");
  }
  if (from.contains("truth")) {
    const fs::path file = base / from.at("truth").get<std::string>();
    const Status read = file.filename() == kLabels ? AddBays(file, clip) : AddTruth(file, clip);
    if (!read.ok()) return read;
  } else if (from.value("unchanged", false)) {
    clip->truth = score::Truth{};  // Nothing is listed: every event is a false alarm.
  }
  for (const Status& status :
       {ReadDuration(from, "interval", &clip->settings.interval),
        ReadDuration(from, "settle", &clip->settings.settle),
        ReadDuration(from, "frame_interval", &clip->settings.frame_interval)}) {
    if (!status.ok()) return status.WithContext(clip->name);
  }
  return {};
}

[[nodiscard]] Result<ClipSet> LoadList(const fs::path& file) {
  const auto text = ReadText(file);
  if (!text) return Failure(text.error());
  try {
    const json root = json::parse(*text);
    const fs::path base =
        (file.parent_path() / root.value("base", std::string("."))).lexically_normal();
    ClipSet set{.name = root.value("name", file.stem().string())};
    for (const json& each : root.at("clips")) {
      Clip clip;
      if (Status status = ReadClip(each, base, &clip); !status.ok()) {
        return Failure(status.WithContext(file.string()));
      }
      set.clips.push_back(std::move(clip));
    }
    if (set.clips.empty()) return InvalidArgument(file.string() + ": clips: there is none");
    return set;
  } catch (const json::exception& error) {
    return DataLoss(file.string() + ": not a list of clips: " + error.what());
  }
}

}  // namespace

Result<ClipSet> LoadClipSet(const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path, error)) {
    return NotFound(path.string() + ": no such set; give a folder of clips or a list file");
  }
  // "clips/" and "clips" are the same folder.
  const fs::path whole = path.has_filename() ? path : path.parent_path();
  return fs::is_directory(path, error) ? LoadFolder(whole) : LoadList(path);
}

}  // namespace stillwatch::bench
