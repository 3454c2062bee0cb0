#include "pipeline/app/caption_job.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include <nlohmann/json.hpp>

#include "pipeline/app/interrupt.h"
#include "pipeline/app/model_source.h"
#include "pipeline/app/pictures.h"

namespace stillwatch::app {
namespace {

using Json = nlohmann::json;

model::Picture View(const Frame& frame) {
  return {.rgb = frame.rgb, .width = frame.width, .height = frame.height};
}

struct Answer {
  model::CaptionResult result{};
  std::vector<Region> regions{};
};

Result<Answer> Ask(model::Captioner& captioner, const std::string& reference,
                   const std::string& current) {
  const auto before = ReadPicture(reference);
  if (!before) return Failure(before.error());
  const auto after = ReadPicture(current);
  if (!after) return Failure(after.error());
  Answer answer{.regions = RegionsBetween(**before, **after)};
  auto result = captioner.Caption(
      {.reference = View(**before), .current = View(**after), .regions = answer.regions});
  if (!result) return Failure(result.error());
  answer.result = *std::move(result);
  return answer;
}

Json ToJson(const Answer& answer, bool ids) {
  const model::CaptionResult& result = answer.result;
  Json json = {{"caption", result.caption},
               {"kind", result.changed ? Json(Name(result.kind)) : Json(nullptr)},
               {"changed", result.changed},
               {"confidence", result.confidence},
               {"calibrated", result.calibrated},
               {"regions", Json::array()}};
  for (const Region& r : answer.regions) {
    json["regions"].push_back({{"x", r.x}, {"y", r.y}, {"w", r.w}, {"h", r.h}});
  }
  if (ids) {
    json["ids"] = result.ids;
    json["prompt_ids"] = result.prompt_ids;
  }
  return json;
}

void PrintForPeople(const Answer& answer, bool ids) {
  const model::CaptionResult& result = answer.result;
  std::printf("%s\n", result.caption.c_str());
  std::printf("%s, %.0f%% sure%s",
              result.changed ? std::string(Name(result.kind)).c_str() : "unchanged",
              100 * result.confidence, result.calibrated ? "" : " (not calibrated)");
  for (const Region& r : answer.regions) {
    std::printf("; region at %.0f%%,%.0f%% of %.0f%% x %.0f%%", 100 * r.x, 100 * r.y, 100 * r.w,
                100 * r.h);
  }
  std::printf("\n");
  if (!ids) return;
  std::printf("ids:");
  for (const int id : result.ids) std::printf(" %d", id);
  std::printf(" (after %d prompt ids)\n", result.prompt_ids);
}

Result<Outcome> One(const CaptionOptions& options) {
  const auto captioner = OpenModel(options.model, options.captioner);
  if (!captioner) return Failure(captioner.error());
  const auto answer = Ask(**captioner, options.reference, options.current);
  if (!answer) return Failure(answer.error());
  if (Resolve(options.output) == OutputFormat::kJsonl) {
    std::puts(ToJson(*answer, options.ids).dump().c_str());
  } else {
    PrintForPeople(*answer, options.ids);
  }
  return Outcome::kFound;
}

// One line of the list: pictures are relative to the list's folder.
Json AnswerLine(const std::string& line, const std::filesystem::path& folder, bool ids,
                model::Captioner& captioner) {
  const Json pair = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!pair.is_object()) return {{"id", nullptr}, {"error", "not a JSON object"}};
  const Json id = pair.contains("id") ? pair["id"] : Json(nullptr);
  for (const char* key : {"reference", "current"}) {
    if (!pair.contains(key) || !pair[key].is_string()) {
      return {{"id", id}, {"error", std::string("'") + key + "' is missing or no text"}};
    }
  }
  const auto answer = Ask(captioner, (folder / pair["reference"].get<std::string>()).string(),
                          (folder / pair["current"].get<std::string>()).string());
  if (!answer) return {{"id", id}, {"error", answer.error().message()}};
  Json json = ToJson(*answer, ids);
  json["id"] = id;
  return json;
}

// One bad pair is an error object for its id; the rest go on, in the list's order.
Result<Outcome> Many(const CaptionOptions& options) {
  std::ifstream list(options.pairs);
  if (!list) return Unavailable(options.pairs + ": cannot be read");
  const Interrupt interrupt;
  const auto captioner = OpenModel(options.model, options.captioner);
  if (!captioner) return Failure(captioner.error());
  const std::filesystem::path folder = std::filesystem::path(options.pairs).parent_path();

  Progress progress("caption");
  std::size_t done = 0, failed = 0;
  for (std::string line; std::getline(list, line);) {
    if (interrupt.requested()) return Cancelled("interrupted after " + Count(done, "pair"));
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const Json json = AnswerLine(line, folder, options.ids, **captioner);
    if (json.contains("error")) ++failed;
    progress.Clear();
    std::puts(json.dump(-1, ' ', false, Json::error_handler_t::replace).c_str());
    std::fflush(stdout);
    progress.Show(-1, Count(++done, "pair"));
  }
  progress.Clear();
  if (failed > 0) std::fprintf(stderr, "%s of %zu failed\n", Count(failed, "pair").c_str(), done);
  if (done == 0) return Unavailable(options.pairs + ": holds no pairs");
  return failed == 0 ? Outcome::kFound : Outcome::kNothing;
}

}  // namespace

Result<Outcome> RunCaption(const CaptionOptions& options) {
  if (!options.pairs.empty()) {
    if (!options.reference.empty()) {
      return InvalidArgument("--pairs takes the pictures from its list; name none beside it");
    }
    return Many(options);
  }
  if (options.current.empty()) {
    return InvalidArgument("caption: name the REFERENCE and the CURRENT picture");
  }
  return One(options);
}

}  // namespace stillwatch::app
