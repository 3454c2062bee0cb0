// Damaged files: whatever stands in one, Load says something sensible about it.

#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "config/load.h"
#include "config/show.h"
#include "tests/unit/config/temp_file.h"

namespace stillwatch::config {
namespace {

constexpr int kMutations = 2000;
constexpr std::string_view kSecret = "hunter2";

class Mutator {
 public:
  explicit Mutator(unsigned seed) : random_(seed) {}

  std::string Mutate(std::string text) {
    for (std::size_t n = 1 + Below(4); n > 0 && !text.empty(); --n) Damage(&text);
    return text;
  }

 private:
  // std::uniform_int_distribution differs between libraries; a test should not.
  std::size_t Below(std::size_t limit) { return random_() % limit; }

  void Damage(std::string* text) {
    static const std::vector<std::string> kPieces = {
        "{", "}",  "[",    "]",  ":",    ": ",  "- ",  "&a ", "*a",   "!!int ", "? ",  "|\n", ">\n",
        "'", "\"", "\\",   "#",  "\n",   "\t",  "  ",  "~",   "---",  "...",    "%",   "@",   "`",
        ",", "<<", "null", "-1", "1e99", "{A}", "://", "é",   "\r\n", "*a *a",  "nan", "0x1"};
    const std::size_t at = Below(text->size());
    const std::size_t line = text->rfind('\n', at) + 1;
    const std::size_t line_end = std::min(text->find('\n', at), text->size() - 1) + 1;
    switch (Below(7)) {
      case 0:
        (*text)[at] = static_cast<char>(random_());
        break;
      case 1:
        text->insert(at, kPieces[Below(kPieces.size())]);
        break;
      case 2:
        text->erase(at, 1 + Below(8));
        break;
      case 3:
        text->insert(line, text->substr(line, line_end - line));
        break;
      case 4:
        text->erase(line, line_end - line);
        break;
      case 5:
        if (Below(4) == 0) text->resize(at);
        break;
      default:
        text->insert(line, std::string(1 + Below(4), ' '));
    }
  }

  std::mt19937 random_;
};

TEST(LoadTest, SurvivesDamagedFilesAndTellsNoSecret) {
  // The example without most of its comments, so that damage hits what counts.
  std::string example;
  std::istringstream lines(ReadAll(STILLWATCH_SOURCE_DIR "/config/stillwatch.yaml"));
  for (std::string line; std::getline(lines, line);) {
    const std::size_t text = line.find_first_not_of(' ');
    if (text != std::string::npos && line[text] != '#') example += line + "\n";
  }
  const std::string plain = "source: loading_bay.mp4";
  const std::size_t source = example.find(plain);
  ASSERT_NE(source, std::string::npos);
  example.replace(source, plain.size(), "source: rtsp://{BAY_USER}:{BAY_PASSWORD}@cam:554/1?a=b");
  // Every variable there is, since damage renames them.
  const Environment environment = [](const std::string&) {
    return std::optional<std::string>(kSecret);
  };

  const TempFolder folder;
  Mutator mutator(20261123);
  int accepted = 0;
  for (int i = 0; i < kMutations; ++i) {
    const std::string text = mutator.Mutate(example);
    SCOPED_TRACE("mutation " + std::to_string(i) + ":\n" + text);
    const LoadResult result = Load(folder.Write("t.yaml", text), environment);
    ASSERT_EQ(CheckReport("t.yaml", result).find(kSecret), std::string::npos);
    if (!result) {
      ASSERT_FALSE(result.error().empty());
      for (const ConfigError& error : result.error()) {
        ASSERT_FALSE(error.message.empty());
        ASSERT_EQ(error.Format().find('\n'), std::string::npos);
        ASSERT_TRUE(error.line > 0 ? error.column > 0 : error.key.empty()) << error.Format();
      }
      continue;
    }
    ++accepted;
    const std::string shown = Show(*result);
    ASSERT_EQ(shown.find(kSecret), std::string::npos) << shown;
    const LoadResult again = Load(folder.Write("shown.yaml", shown), environment);
    ASSERT_TRUE(again) << shown << CheckReport("shown.yaml", again);
    ASSERT_EQ(*again, *result) << shown;
  }
  // Both happen: else the damage is too small, or too large, to show anything.
  EXPECT_GT(accepted, kMutations / 20);
  EXPECT_LT(accepted, kMutations / 2);
  RecordProperty("accepted", accepted);
}

}  // namespace
}  // namespace stillwatch::config
