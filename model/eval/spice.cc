#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "model/eval/child_process.h"
#include "model/eval/java_metrics.h"
#include "model/eval/ptb_tokens.h"

namespace stillwatch::model {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string Joined(const std::string& caption) {
  std::string text;
  for (const std::string& token : PtbTokens(caption)) text += (text.empty() ? "" : " ") + token;
  return text;
}

// A folder that is gone at the end.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string name = (fs::temp_directory_path() / "stillwatch-spice-XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ~ScratchFolder() {
    std::error_code error;
    if (!path_.empty()) fs::remove_all(path_, error);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

Result<JavaScores> ReadScores(const fs::path& file, std::size_t count) {
  std::ifstream in(file);
  std::stringstream text;
  text << in.rdbuf();
  const json rows = json::parse(text.str(), nullptr, /*allow_exceptions=*/false);
  if (!rows.is_array() || rows.size() != count) {
    return Unavailable("SPICE: its output does not hold a score for each pair");
  }
  JavaScores scores;
  scores.each.resize(count);
  std::vector<bool> seen(count, false);
  for (const json& row : rows) {
    const json id = row.is_object() ? row.value("image_id", json()) : json();
    const auto f =
        row.contains("/scores/All/f"_json_pointer) ? row["/scores/All/f"_json_pointer] : json();
    if (!id.is_number_integer() || !f.is_number() || id.get<std::size_t>() >= count) {
      return Unavailable("SPICE: a row of its output is not understood: " + row.dump());
    }
    const auto place = id.get<std::size_t>();
    seen[place] = true;
    scores.each[place] = f.get<double>();
    scores.corpus += scores.each[place] / static_cast<double>(count);
  }
  for (const bool one : seen) {
    if (!one) return Unavailable("SPICE: a pair has no score in its output");
  }
  return scores;
}

}  // namespace

Result<JavaScores> ScoreSpice(std::span<const CaptionCase> cases, const JavaOptions& options) {
  std::error_code error;
  const fs::path jar = fs::absolute(options.jar, error);
  if (!fs::is_regular_file(jar, error)) return NotFound(options.jar + ": no such file");
  const ScratchFolder scratch;
  if (scratch.path().empty()) return Unavailable("SPICE: no folder for temporary files");
  json input = json::array();
  for (std::size_t i = 0; i < cases.size(); ++i) {
    json references = json::array();
    for (const std::string& reference : cases[i].references)
      references.push_back(Joined(reference));
    input.push_back({{"image_id", i}, {"test", Joined(cases[i].hypothesis)}, {"refs", references}});
  }
  const fs::path in = scratch.path() / "in.json";
  const fs::path out = scratch.path() / "out.json";
  std::ofstream(in) << input.dump();
  auto spice =
      ChildProcess::Start({options.java, "-Xmx8G", "-jar", jar.string(), in.string(), "-cache",
                           scratch.path().string(), "-out", out.string(), "-subset", "-silent"},
                          jar.parent_path().string());
  if (!spice) return Failure(spice.error());
  // It says nothing while it works: the end of its output is its end.
  while (const auto line = spice->ReadLine()) {
  }
  const Status last = spice->ReadLine().error();
  if (const int status = spice->Wait(); status != 0) return Failure(last.WithContext("SPICE"));
  return ReadScores(out, cases.size());
}

}  // namespace stillwatch::model
