#include "model/eval/java_metrics.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include "model/eval/child_process.h"
#include "model/eval/coco_json.h"
#include "tests/unit/model/text/shared_folder.h"

namespace stillwatch::model {
namespace {

namespace fs = std::filesystem;

const std::vector<CaptionCase> kCases = {{"1", "a bag", {"A bag.", "the bag"}}, {"2", "", {"a"}}};

// A program that stands in for java, and a file for the jar.
class JavaMetricsTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::path(testing::TempDir()) / (std::string("java.") + info->name());
    fs::create_directories(folder_);
    std::ofstream(folder_ / "some.jar") << "x";
  }
  JavaOptions Java(const std::string& script) const {
    const fs::path java = folder_ / "java";
    std::ofstream(java) << "#!/bin/sh\n" << script;
    ::chmod(java.c_str(), 0755);
    return {.jar = (folder_ / "some.jar").string(), .java = java.string()};
  }
  fs::path folder_;
};

TEST_F(JavaMetricsTest, SpeaksMeteorsProtocol) {
  const auto scores = ScoreMeteor(kCases, Java("exec python3 -c '\n"
                                               "import sys\n"
                                               "log = open(\"log\", \"w\")\n"
                                               "for line in sys.stdin:\n"
                                               "  log.write(line); log.flush()\n"
                                               "  if line.startswith(\"EVAL\"):\n"
                                               "    print(0.25); print(0.5); print(0.375)\n"
                                               "  else: print(\"1 2 3\")\n"
                                               "  sys.stdout.flush()\n'"));
  ASSERT_TRUE(scores) << scores.error().message();
  EXPECT_EQ(scores->each, (std::vector<double>{0.25, 0.5}));
  EXPECT_EQ(scores->corpus, 0.375);
  std::ifstream log(folder_ / "log");
  const std::string said{std::istreambuf_iterator<char>(log), {}};
  EXPECT_EQ(said,
            "SCORE ||| a bag ||| the bag ||| a bag\nSCORE ||| a ||| \n"
            "EVAL ||| 1 2 3 ||| 1 2 3\n");
}

TEST_F(JavaMetricsTest, AProgramThatEndsIsNamedWithWhatItSaid) {
  const auto scores = ScoreMeteor(kCases, Java("echo no memory left >&2; exit 1\n"));
  ASSERT_FALSE(scores);
  EXPECT_EQ(scores.error().code(), StatusCode::kUnavailable);
  EXPECT_NE(scores.error().message().find("no memory left"), std::string::npos)
      << scores.error().message();
}

TEST_F(JavaMetricsTest, AnswersThatAreNoNumbersAreRefused) {
  const auto scores = ScoreMeteor(kCases, Java("while read line; do echo hello; done\n"));
  ASSERT_FALSE(scores);
  EXPECT_NE(scores.error().message().find("it said: hello"), std::string::npos);
}

TEST_F(JavaMetricsTest, MissingJarsAndProgramsAreNamed) {
  EXPECT_EQ(ScoreMeteor(kCases, {.jar = "none.jar"}).error().code(), StatusCode::kNotFound);
  EXPECT_EQ(ScoreSpice(kCases, {.jar = "none.jar"}).error().code(), StatusCode::kNotFound);
  const auto scores =
      ScoreMeteor(kCases, {.jar = (folder_ / "some.jar").string(), .java = "no-such-java"});
  ASSERT_FALSE(scores);
  EXPECT_NE(scores.error().message().find("no-such-java"), std::string::npos);
}

TEST_F(JavaMetricsTest, ReadsWhatSpiceWrites) {
  const auto java = Java(
      "while [ \"$1\" != -out ]; do shift; done\n"
      "echo '[{\"image_id\":1,\"scores\":{\"All\":{\"f\":0.5}}},"
      "{\"image_id\":0,\"scores\":{\"All\":{\"f\":0.1}}}]' > \"$2\"\n");
  const auto scores = ScoreSpice(kCases, java);
  ASSERT_TRUE(scores) << scores.error().message();
  EXPECT_EQ(scores->each, (std::vector<double>{0.1, 0.5}));
  EXPECT_DOUBLE_EQ(scores->corpus, 0.3);
  EXPECT_FALSE(ScoreSpice(kCases, Java("exit 0\n")));
  EXPECT_FALSE(ScoreSpice(kCases, Java("exit 3\n")));
}

// The real jar: `pip download pycocoevalcap` holds it; its place is told by the environment.
TEST(MeteorReferenceTest, GivesTheFiguresOfPycocoevalcap) {
  const char* jar = std::getenv("STILLWATCH_METEOR_JAR");
  if (jar == nullptr) GTEST_SKIP() << "STILLWATCH_METEOR_JAR names no meteor-1.5.jar";
  if (std::system("java -version > /dev/null 2>&1") != 0) GTEST_SKIP() << "there is no java";
  const fs::path folder = SharedFolder() / "fixtures/caption_metrics";
  if (!fs::exists(folder)) GTEST_SKIP() << folder << " is not there";
  const auto content = [&folder](const char* name) {
    std::ifstream file(folder / name);
    return std::string{std::istreambuf_iterator<char>(file), {}};
  };
  const auto cases = ParseCocoCaptions(content("gt.json"), content("pred.json"));
  ASSERT_TRUE(cases) << cases.error().message();
  const auto scores = ScoreMeteor(*cases, {.jar = jar});
  ASSERT_TRUE(scores) << scores.error().message();
  const auto expected = nlohmann::json::parse(content("expected.json"));
  EXPECT_NEAR(scores->corpus, expected["corpus"]["METEOR"].get<double>(), 1e-4);
  std::size_t i = 0;
  for (const auto& image : expected["per_image_first_50"]) {
    EXPECT_NEAR(scores->each[i++], image["METEOR"].get<double>(), 1e-4) << image["image_id"];
  }
}

}  // namespace
}  // namespace stillwatch::model
