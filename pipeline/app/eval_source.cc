#include "pipeline/app/eval_source.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <utility>

#include <opencv2/imgproc.hpp>

#include "model/eval/coco_json.h"
#include "model/m3diff/config.h"
#include "model/module/loader.h"
#include "model/train/pair_set.h"
#include "model/train/text_file.h"
#include "pipeline/app/eval_set.h"
#include "pipeline/app/interrupt.h"
#include "pipeline/app/model_source.h"
#include "pipeline/bus/jpeg.h"

namespace stillwatch::app {
namespace {

namespace fs = std::filesystem;

constexpr double kReportWidth_px = 480;
constexpr int kReportQuality = 80;  // JPEG: a report of 48 pairs stays at a few megabytes.

std::string Jpeg(const Frame& frame) {
  const auto jpeg = bus::EncodeJpeg(frame, kReportQuality);
  return jpeg ? *jpeg : "";
}

// A whole picture as the report shows it: small, with the regions marked.
std::string MarkedJpeg(const Frame& frame, const std::vector<Region>& regions) {
  const cv::Mat whole(frame.height, frame.width, CV_8UC3,
                      const_cast<std::uint8_t*>(frame.rgb.data()));
  const double scale = std::min(1.0, kReportWidth_px / static_cast<double>(frame.width));
  cv::Mat small;
  cv::resize(whole, small, {}, scale, scale, cv::INTER_AREA);
  for (const Region& r : regions) {
    const cv::Rect2d box(r.x * small.cols, r.y * small.rows, r.w * small.cols, r.h * small.rows);
    cv::rectangle(small, box, {255, 60, 0}, 2);
  }
  Frame shown{.width = small.cols, .height = small.rows};
  shown.rgb.assign(small.datastart, small.dataend);
  return Jpeg(shown);
}

std::string KindWord(int kind) {
  return kind == model::kSameKind ? model::kSameWord
                                  : std::string(Name(static_cast<ChangeKind>(kind)));
}

// A folder of pairs, as the trainer reads it: the network runs over whole batches.
Result<EvalSource> AnswerPairs(const EvalOptions& options, const std::string& model) {
  if (options.split != "test" && options.split != "val") {
    return InvalidArgument("--split: wanted test or val");
  }
  auto opened = model::PairSet::Open(options.set);
  if (!opened) return Failure(opened.error());
  const auto set = std::make_shared<model::PairSet>(*std::move(opened));
  std::vector<std::int64_t> indices = set->Indices(options.split == "test"  ? model::Split::kTest
                                                   : options.split == "val" ? model::Split::kVal
                                                                            : model::Split::kTrain);
  if (options.limit > 0 && indices.size() > static_cast<std::size_t>(options.limit)) {
    indices.resize(static_cast<std::size_t>(options.limit));
  }
  if (indices.empty()) {
    return NotFound(options.set + ": has no pairs of the split '" + options.split + "'");
  }
  EvalSource source{.set = options.set + ", " + options.split};
  for (const std::int64_t index : indices) {
    const model::PairEntry& pair = set->pair(index);
    source.cases.push_back({.id = pair.id,
                            .kind = KindWord(pair.kind),
                            .references = pair.captions,
                            .thing = pair.noun,
                            .color = pair.color});
  }
  for (const std::int64_t index : set->Indices(model::Split::kTrain)) {
    if (options.split != "train") source.training.push_back(set->pair(index).captions);
  }
  source.pictures = [set, indices](std::size_t place) {
    const auto frame = [&](std::span<const std::byte> bytes) {
      const auto* first = reinterpret_cast<const std::uint8_t*>(bytes.data());
      return Frame{.width = set->size(),
                   .height = set->size(),
                   .rgb = std::vector<std::uint8_t>(first, first + bytes.size())};
    };
    return model::PairJpegs{.reference = Jpeg(frame(set->Reference(indices[place]))),
                            .current = Jpeg(frame(set->Current(indices[place])))};
  };

  const auto api = model::LoadModelApi();
  if (!api) return Failure(api.error());
  Progress progress("eval");
  std::size_t done = 0;
  const auto figures = (*api)->evaluate(
      model, options.set, options.split, options.limit, options.threads,
      [&](const model::Sample& sample) {
        model::EvalCase& c = source.cases[done++];
        c.caption = sample.caption;
        c.changed_probability = sample.changed_probability;
        c.said_kind = sample.likeliest_kind;
        progress.Show(static_cast<double>(done) / static_cast<double>(source.cases.size()),
                      Count(done, "pair"));
      });
  if (!figures) return Failure(figures.error());
  return source;
}

// Whole pictures: as `stillwatch caption` would be asked.
Result<EvalSource> AnswerPictures(const EvalOptions& options, const std::string& model) {
  auto read = ReadEvalSet(options.set);
  if (!read) return Failure(read.error());
  const auto set = std::make_shared<EvalSet>(*std::move(read));
  if (options.limit > 0 && set->pairs.size() > static_cast<std::size_t>(options.limit)) {
    set->pairs.resize(static_cast<std::size_t>(options.limit));
  }
  const Interrupt interrupt;
  const auto captioner =
      model::OpenCaptionerFromLibrary({.model_folder = model, .threads = options.threads});
  if (!captioner) return Failure(captioner.error());
  EvalSource source{.set = set->name};
  Progress progress("eval");
  for (const EvalPair& pair : set->pairs) {
    if (interrupt.requested()) return Cancelled("interrupted");
    const auto view = [](const Frame& frame) {
      return model::Picture{.rgb = frame.rgb, .width = frame.width, .height = frame.height};
    };
    const auto answer = (*captioner)
                            ->Caption({.reference = view(*pair.reference),
                                       .current = view(*pair.current),
                                       .regions = pair.regions});
    if (!answer) return Failure(answer.error().WithContext(pair.truth.id));
    model::EvalCase& c = source.cases.emplace_back(pair.truth);
    c.caption = answer->caption;
    c.changed_probability = answer->changed_probability;
    c.said_kind = Name(answer->kind);
    progress.Show(static_cast<double>(source.cases.size()) / static_cast<double>(set->pairs.size()),
                  Count(source.cases.size(), "pair"));
  }
  source.pictures = [set](std::size_t place) {
    const EvalPair& pair = set->pairs[place];
    return model::PairJpegs{.reference = MarkedJpeg(*pair.reference, pair.regions),
                            .current = MarkedJpeg(*pair.current, pair.regions)};
  };
  return source;
}

Result<EvalSource> ReadPredictions(const EvalOptions& options) {
  if (options.references.empty()) {
    return InvalidArgument("--predictions needs --references FILE to be scored against");
  }
  const auto said = model::ReadTextFile(options.predictions);
  if (!said) return Failure(said.error());
  const auto truth = model::ReadTextFile(options.references);
  if (!truth) return Failure(truth.error());
  const auto cases = model::ParseCocoCaptions(*truth, *said);
  if (!cases) return Failure(cases.error());
  EvalSource source{.name = fs::path(options.predictions).stem().string(),
                    .set = fs::path(options.references).filename().string()};
  for (const model::CaptionCase& c : *cases) {
    source.cases.push_back({.id = c.id, .references = c.references, .caption = c.hypothesis});
  }
  return source;
}

}  // namespace

Result<EvalSource> AnswerSet(const EvalOptions& options) {
  Result<EvalSource> source;
  if (!options.predictions.empty()) {
    source = ReadPredictions(options);
  } else {
    const auto model = ModelFolder(options.model);
    if (!model) return Failure(model.error());
    std::error_code error;
    const bool pairs = fs::exists(fs::path(options.set) / "manifest.json", error);
    source = pairs ? AnswerPairs(options, *model) : AnswerPictures(options, *model);
    if (source) source->name = fs::path(options.model).filename().string();
  }
  if (!source || options.training_references.empty()) return source;
  const auto text = model::ReadTextFile(options.training_references);
  if (!text) return Failure(text.error());
  auto training = model::ParseCocoReferences(*text);
  if (!training) return Failure(training.error().WithContext(options.training_references));
  source->training.clear();
  for (model::CaptionCase& c : *training) source->training.push_back(std::move(c.references));
  return source;
}

}  // namespace stillwatch::app
