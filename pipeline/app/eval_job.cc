#include "pipeline/app/eval_job.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <system_error>

#include <nlohmann/json.hpp>

#include "model/eval/constant_caption.h"
#include "model/eval/html_report.h"
#include "model/eval/java_metrics.h"
#include "model/eval/summary.h"
#include "model/train/text_file.h"
#include "pipeline/app/eval_source.h"

namespace stillwatch::app {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using model::EvalCase;
using model::ReportRow;
using model::Summary;

Result<Summary> SummariseAll(const std::vector<EvalCase>& cases, const EvalOptions& options) {
  auto summary = model::Summarise(cases);
  if (!summary || !summary->captions) return summary;
  const model::CaptionCases captioned = model::CaptionCasesOf(cases);
  if (!options.meteor_jar.empty()) {
    const auto meteor =
        model::ScoreMeteor(captioned.cases, {.jar = options.meteor_jar, .java = options.java});
    if (!meteor) return Failure(meteor.error());
    summary->meteor = meteor->corpus;
  }
  if (!options.spice_jar.empty()) {
    const auto spice =
        model::ScoreSpice(captioned.cases, {.jar = options.spice_jar, .java = options.java});
    if (!spice) return Failure(spice.error());
    summary->spice = spice->corpus;
  }
  return summary;
}

// The row of the best single sentence; nothing where no case has references.
struct Constant {
  std::string caption{};
  bool from_training = false;
  ReportRow row{};
};
Result<std::optional<Constant>> ConstantRow(const EvalSource& source, const EvalOptions& options) {
  std::vector<std::vector<std::string>> own;
  for (const EvalCase& c : source.cases) {
    if (!c.references.empty()) own.push_back(c.references);
  }
  if (own.empty()) return std::optional<Constant>();
  Constant constant{.from_training = !source.training.empty()};
  const auto best = model::BestConstantCaption(constant.from_training ? source.training : own);
  if (!best) return Failure(best.error());
  constant.caption = *best;
  std::vector<EvalCase> cases = source.cases;
  for (EvalCase& c : cases) {
    c.caption = constant.caption;
    c.changed_probability.reset();
    c.said_kind.clear();
  }
  const auto summary = SummariseAll(cases, options);
  if (!summary) return Failure(summary.error());
  constant.row = {.name = "always the same sentence", .summary = *summary};
  return std::optional(std::move(constant));
}

std::string Number(double value, int digits = 3) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

std::string Percent(const model::Share& share) {
  if (share.of == 0) return "-";
  return Number(100 * share.value(), 1) + "% (" + std::to_string(share.right) + "/" +
         std::to_string(share.of) + ")";
}

// Figures down, systems across: names and shares are long, systems are few.
void PrintTable(const std::vector<ReportRow>& rows) {
  std::vector<std::string> header = {"figure"};
  for (const ReportRow& row : rows) header.push_back(row.name);
  Table table(header);
  const auto add = [&](const std::string& name, auto value) {
    std::vector<std::string> cells = {name};
    bool any = false;
    for (const ReportRow& row : rows) {
      cells.push_back(value(row.summary));
      any = any || cells.back() != "-";
    }
    if (any) table.Add(cells);
  };
  const std::string none = "-";
  add("pairs", [](const Summary& s) { return std::to_string(s.pairs); });
  for (std::size_t n = 0; n < 4; ++n) {
    add("BLEU-" + std::to_string(n + 1),
        [&](const Summary& s) { return s.captions ? Number(s.captions->bleu[n]) : none; });
  }
  add("METEOR", [&](const Summary& s) { return s.meteor ? Number(*s.meteor) : none; });
  add("ROUGE-L", [&](const Summary& s) { return s.captions ? Number(s.captions->rouge_l) : none; });
  add("CIDEr-D", [&](const Summary& s) { return s.captions ? Number(s.captions->cider) : none; });
  add("SPICE", [&](const Summary& s) { return s.spice ? Number(*s.spice) : none; });
  const auto verdict = [&](auto field) {
    return [&none, field](const Summary& s) {
      return s.verdict ? std::string(field(*s.verdict)) : none;
    };
  };
  using model::VerdictFigures;
  add("changed: AUC", verdict([](const VerdictFigures& v) { return Number(v.auc); }));
  for (std::size_t i = 0; i < model::kFalseAlarmRates.size(); ++i) {
    add("  found at " + Number(100 * model::kFalseAlarmRates[i], 0) + "% false alarms",
        verdict([i](const VerdictFigures& v) { return Number(100 * v.recall[i], 1) + "%"; }));
  }
  add("  changed, called so", verdict([](const auto& v) { return Percent(v.called_changed); }));
  add("  unchanged, called so", verdict([](const auto& v) { return Percent(v.called_unchanged); }));
  add("  calibration error",
      verdict([](const auto& v) { return Number(100 * v.calibration_error, 1) + "%"; }));
  add("kind, of the changed", [](const Summary& s) { return Percent(s.words.kind); });
  add("  if told it changed", [](const Summary& s) { return Percent(s.words.kind_if_told); });
  add("noun", [](const Summary& s) { return Percent(s.words.noun); });
  add("  or a fair synonym", [](const Summary& s) { return Percent(s.words.noun_fair); });
  add("colour, of those named", [](const Summary& s) { return Percent(s.words.color); });
  std::fputs(table.Format().c_str(), stdout);
}

// Which part of the set goes well: verdicts, group by group.
void PrintGroups(const std::vector<EvalCase>& cases) {
  struct Group {
    std::int64_t pairs = 0;
    model::Share verdict{}, kind{}, noun{};
  };
  std::map<std::string, std::vector<EvalCase>> groups;
  for (const EvalCase& c : cases) {
    if (!c.group.empty()) groups[c.group].push_back(c);
  }
  if (groups.empty()) return;
  Table table({"group", "pairs", "verdict right", "kind right", "noun or synonym"});
  for (const auto& [name, members] : groups) {
    const auto summary = model::Summarise(members);
    if (!summary || !summary->verdict) continue;
    const bool changed = members.front().changed();
    table.Add(
        {name, std::to_string(members.size()),
         Percent(changed ? summary->verdict->called_changed : summary->verdict->called_unchanged),
         Percent(summary->words.kind), Percent(summary->words.noun_fair)});
  }
  std::printf("\n%s", table.Format().c_str());
}

// A line for each pair: truth, answer, scores.
std::string SampleLines(const std::vector<EvalCase>& cases, const Summary& summary) {
  const model::CaptionCases captioned = model::CaptionCasesOf(cases);
  std::vector<const model::CaptionScore*> scores(cases.size(), nullptr);
  for (std::size_t i = 0; summary.captions && i < captioned.places.size(); ++i) {
    scores[captioned.places[i]] = &summary.captions->each[i];
  }
  std::string lines;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const EvalCase& c = cases[i];
    Json line = {{"id", c.id}};
    if (!c.group.empty()) line["group"] = c.group;
    if (c.told()) line["kind"] = c.kind;
    line["references"] = c.references;
    if (!c.thing.empty()) line["thing"] = c.thing;
    if (!c.color.empty()) line["color"] = c.color;
    if (c.caption) line["caption"] = *c.caption;
    if (c.changed_probability) {
      line["changed_probability"] = *c.changed_probability;
      line["said_kind"] = c.said_changed() ? c.said_kind : model::kSameWord;
    }
    if (scores[i] != nullptr) {
      line["bleu_4"] = scores[i]->bleu_4;
      line["rouge_l"] = scores[i]->rouge_l;
      line["cider_d"] = scores[i]->cider;
    }
    lines += line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  }
  return lines;
}

Status WriteFiles(const EvalSource& source, const std::vector<ReportRow>& rows,
                  const std::string& notes, const EvalOptions& options) {
  std::error_code error;
  fs::create_directories(options.out, error);
  if (error) return Unavailable(options.out + ": " + error.message());
  const Summary& summary = rows.front().summary;
  Json json = {{"set", source.set}, {"notes", notes}};
  for (const ReportRow& row : rows) json["rows"][row.name] = Json::parse(ToJson(row.summary));
  const std::string html = model::HtmlReport({.title = source.name + " on " + source.set,
                                              .notes = notes,
                                              .rows = rows,
                                              .cases = source.cases,
                                              .worst = static_cast<std::size_t>(options.worst),
                                              .pictures = source.pictures});
  std::vector<std::pair<std::string, std::string>> files = {
      {"summary.json", json.dump(1) + "\n"},
      {"samples.jsonl", SampleLines(source.cases, summary)},
      {"report.html", html}};
  if (summary.verdict) files.emplace_back("reliability.svg", ReliabilitySvg(*summary.verdict));
  for (const auto& [name, text] : files) {
    const std::string path = (fs::path(options.out) / name).string();
    if (Status s = model::WriteTextFile(path, text); !s.ok()) return s;
    std::fprintf(stderr, "wrote %s\n", path.c_str());
  }
  return {};
}

}  // namespace

Result<Outcome> RunEval(const EvalOptions& options) {
  if (options.set.empty() == options.predictions.empty()) {
    return InvalidArgument("eval: name a SET of pairs, or --predictions with --references");
  }
  const auto source = AnswerSet(options);
  if (!source) return Failure(source.error());
  const auto summary = SummariseAll(source->cases, options);
  if (!summary) return Failure(summary.error());
  std::vector<ReportRow> rows = {{.name = source->name, .summary = *summary}};
  const auto constant = ConstantRow(*source, options);
  if (!constant) return Failure(constant.error());
  std::string notes;
  if (*constant) {
    rows.push_back((*constant)->row);
    notes = "always the same sentence: \"" + (*constant)->caption + "\", which scores best on " +
            ((*constant)->from_training
                 ? "the references of the training pairs."
                 : "these references themselves (no training pairs were given): its row is an "
                   "upper bound.");
  }
  if (Resolve(options.output) == OutputFormat::kJsonl) {
    for (const ReportRow& row : rows) {
      Json line = {{"set", source->set}, {"system", row.name}};
      line.update(Json::parse(ToJson(row.summary)));
      std::puts(line.dump().c_str());
    }
  } else {
    PrintTable(rows);
    PrintGroups(source->cases);
  }
  if (!notes.empty()) std::fprintf(stderr, "%s\n", notes.c_str());
  if (!options.out.empty()) {
    if (Status s = WriteFiles(*source, rows, notes, options); !s.ok()) return Failure(s);
  }
  return Outcome::kFound;
}

}  // namespace stillwatch::app
