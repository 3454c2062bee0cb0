#include <cstdlib>
#include <filesystem>

#include "model/eval/child_process.h"
#include "model/eval/java_metrics.h"
#include "model/eval/ptb_tokens.h"

namespace stillwatch::model {
namespace {

namespace fs = std::filesystem;

// The protocol parts its fields by "|||"; coco-caption takes that out of the hypothesis.
std::string Field(const std::string& caption) {
  std::string text;
  for (const std::string& token : PtbTokens(caption)) {
    if (token.find("|||") == std::string::npos) text += (text.empty() ? "" : " ") + token;
  }
  return text;
}

Result<double> ReadNumber(ChildProcess& meteor) {
  const auto line = meteor.ReadLine();
  if (!line) return Failure(line.error());
  char* end = nullptr;
  const double number = std::strtod(line->c_str(), &end);
  if (end == line->c_str()) return Unavailable("METEOR: wanted a number, it said: " + *line);
  return number;
}

}  // namespace

Result<JavaScores> ScoreMeteor(std::span<const CaptionCase> cases, const JavaOptions& options) {
  std::error_code error;
  const fs::path jar = fs::absolute(options.jar, error);
  if (!fs::is_regular_file(jar, error)) return NotFound(options.jar + ": no such file");
  auto meteor = ChildProcess::Start(
      {options.java, "-Xmx2G", "-jar", jar.string(), "-", "-", "-stdio", "-l", "en", "-norm"},
      jar.parent_path().string());
  if (!meteor) return Failure(meteor.error());
  // SCORE gives one line of statistics for each pair; EVAL turns those of all pairs into a score
  // for each and one for the set.
  std::string evaluate = "EVAL";
  for (const CaptionCase& c : cases) {
    std::string line = "SCORE";
    for (const std::string& reference : c.references) line += " ||| " + Field(reference);
    line += " ||| " + Field(c.hypothesis) + "\n";
    if (Status s = meteor->Write(line); !s.ok()) return Failure(s.WithContext("METEOR"));
    const auto statistics = meteor->ReadLine();
    if (!statistics) return Failure(statistics.error().WithContext("METEOR"));
    evaluate += " ||| " + *statistics;
  }
  if (Status s = meteor->Write(evaluate + "\n"); !s.ok()) return Failure(s.WithContext("METEOR"));
  JavaScores scores;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const auto score = ReadNumber(*meteor);
    if (!score) return Failure(score.error());
    scores.each.push_back(*score);
  }
  const auto corpus = ReadNumber(*meteor);
  if (!corpus) return Failure(corpus.error());
  scores.corpus = *corpus;
  return scores;
}

}  // namespace stillwatch::model
