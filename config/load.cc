#include "config/load.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <tuple>
#include <utility>

#include "config/document.h"
#include "config/section.h"
#include "config/source.h"
#include "config/text.h"
#include "pipeline/core/time.h"

namespace stillwatch::config {
namespace {

// What reading needs beside the document.
struct Context {
  std::filesystem::path folder{};  // Absolute: where relative paths count from.
  const Environment& environment;
};

// A path of the file, made absolute.
std::optional<std::string> ReadPath(Section* section, std::string_view name,
                                    const Context& context) {
  const std::optional<std::string> path = section->Text(name);
  if (!path) return std::nullopt;
  if (path->starts_with("~")) {
    section->Report(name, "'~' is not replaced here; write the path out");
  }
  return ResolvePath(*path, context.folder);
}

ModelConfig ReadModel(Section section, const Context& context) {
  ModelConfig model;
  if (const auto name = section.Text("name")) model.name = *name;
  if (const auto checkpoint = ReadPath(&section, "checkpoint", context)) {
    model.name.clear();
    model.checkpoint = *checkpoint;
  }
  model.max_tokens = section.Integer("max_tokens");
  if (section.Has("name") == section.Has("checkpoint")) {
    section.Report("", section.Has("name") ? "must hold either name or checkpoint, found both"
                                           : "must hold either name or checkpoint, found neither");
  }
  return model;
}

SelectionConfig ReadSelection(Section section, const SelectionConfig& defaults) {
  SelectionConfig selection = defaults;
  const auto interval = section.Duration("interval");
  const auto settle = section.Duration("settle");
  selection.interval = interval.value_or(defaults.interval);
  selection.settle = settle.value_or(defaults.settle);
  selection.min_area = section.Number("min_area").value_or(defaults.min_area);
  selection.sensitivity = section.Integer("sensitivity").value_or(defaults.sensitivity);
  // A value that is wrong by itself is reported already; comparing with its default would puzzle.
  const bool comparable =
      (interval || !section.Has("interval")) && (settle || !section.Has("settle"));
  if (comparable && selection.settle < selection.interval) {
    const std::string settle_text = FormatDuration(selection.settle);
    const std::string interval_text = FormatDuration(selection.interval);
    if (settle) {
      section.Report("settle", "must be at least selection.interval (" + interval_text +
                                   "), found " + settle_text);
    } else if (interval) {
      section.Report("interval", "must be at most selection.settle (" + settle_text + "), found " +
                                     interval_text);
    }
    return defaults;
  }
  return selection;
}

std::vector<MaskConfig> ReadMasks(Section::Named named) {
  std::vector<MaskConfig> masks;
  for (auto& [name, section] : named) {
    masks.push_back(
        {.name = name, .coordinates = section.Coordinates("coordinates").value_or(Polygon{})});
  }
  return masks;
}

std::vector<ZoneConfig> ReadZones(Section::Named named) {
  std::vector<ZoneConfig> zones;
  for (auto& [name, section] : named) {
    const std::optional<std::string> severity = section.Text("severity");
    zones.push_back({.name = name,
                     .friendly_name = section.Text("friendly_name").value_or(name),
                     .coordinates = section.Coordinates("coordinates").value_or(Polygon{}),
                     .severity = ParseSeverity(severity.value_or("")).value_or(Severity::kMedium)});
  }
  return zones;
}

CameraConfig ReadCamera(std::string name, Section section, const SelectionConfig& defaults,
                        const Context& context) {
  CameraConfig camera{.name = std::move(name), .selection = defaults};
  if (const auto text = section.Text("source")) {
    Source source = ResolveSource(*text, context.folder, context.environment);
    for (std::string& problem : source.problems) section.Report("source", std::move(problem));
    camera.source = std::move(source.opened);
    camera.source_shown = std::move(source.shown);
  }
  if (auto selection = section.Child("selection")) {
    camera.selection = ReadSelection(*std::move(selection), defaults);
  }
  camera.zones = ReadZones(section.Children("zones"));
  camera.ignore_masks = ReadMasks(section.Children("ignore_masks"));
  camera.privacy_masks = ReadMasks(section.Children("privacy_masks"));
  return camera;
}

Config ReadConfig(Section root, const Context& context) {
  Config config;
  if (auto store = root.Child("store")) {
    if (auto path = ReadPath(&*store, "path", context)) config.store.path = *std::move(path);
  }
  if (auto model = root.Child("model")) config.model = ReadModel(*std::move(model), context);
  if (auto selection = root.Child("selection")) {
    config.selection = ReadSelection(*std::move(selection), config.selection);
  }
  for (auto& [name, section] : root.Children("cameras")) {
    config.cameras.push_back(ReadCamera(name, std::move(section), config.selection, context));
  }
  return config;
}

}  // namespace

std::string ConfigError::Format() const {
  std::string text = file;
  if (line > 0) text += ":" + std::to_string(line) + ":" + std::to_string(column);
  if (!key.empty()) text += ": " + key;
  return text + ": " + message;
}

std::optional<std::string> ProcessEnvironment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

LoadResult Load(const std::string& path, const Environment& environment) {
  const auto one = [](ConfigError error) {
    return tl::unexpected(std::vector<ConfigError>{std::move(error)});
  };
  const ReadResult text = ReadFile(path);
  if (!text) return one(text.error());
  const ParseResult document = ParseYaml(*text, path);
  if (!document) return one(document.error());
  if (document->kind != Node::Kind::kMap) {
    return one({.file = path,
                .line = document->place.line,
                .column = document->place.column,
                .message = "must be a map of keys and values, such as 'cameras:'"});
  }
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  if (error) return one({.file = path, .message = "has no full path: " + error.message()});

  Errors errors{.file = path};
  Config config = ReadConfig(Section(*document, RootKeys(), "", document->place, &errors),
                             {.folder = absolute.parent_path(), .environment = environment});
  if (errors.list.empty()) return config;
  std::stable_sort(errors.list.begin(), errors.list.end(),
                   [](const ConfigError& a, const ConfigError& b) {
                     return std::tie(a.line, a.column) < std::tie(b.line, b.column);
                   });
  return tl::unexpected(std::move(errors.list));
}

std::string CheckReport(const std::string& path, const LoadResult& result) {
  std::string report;
  if (!result) {
    for (const ConfigError& error : result.error()) report += error.Format() + "\n";
    return report + Count(result.error().size(), "mistake") + "\n";
  }
  std::size_t zones = 0, masks = 0;
  for (const CameraConfig& camera : result->cameras) {
    zones += camera.zones.size();
    masks += camera.ignore_masks.size() + camera.privacy_masks.size();
  }
  return path + ": no mistakes; " + Count(result->cameras.size(), "camera") + ", " +
         Count(zones, "zone") + ", " + Count(masks, "mask") + "\n";
}

Status AsStatus(const std::vector<ConfigError>& errors) {
  std::string text;
  for (const ConfigError& error : errors) text += (text.empty() ? "" : "\n") + error.Format();
  return {StatusCode::kInvalidArgument, text};
}

}  // namespace stillwatch::config
