#include "pipeline/clips/suites.h"

#include <set>

#include <gtest/gtest.h>

#include "pipeline/clips/maker.h"

namespace stillwatch::clips {
namespace {

const Scenery& Drawn() {
  static const Scenery kScenery = *Scenery::Load("");
  return kScenery;
}

TEST(SuitesTest, HoldFortyClipsOrMoreEachByItsOwnName) {
  std::set<std::string> names;
  std::size_t clips = 0;
  for (const std::string& suite : SuiteNames()) {
    const auto scripts = MakeSuite(suite, 1, Drawn());
    ASSERT_TRUE(scripts.has_value()) << scripts.error().message();
    for (const Script& script : *scripts) {
      ++clips;
      names.insert(script.name);
      EXPECT_EQ(script.suite, suite);
      EXPECT_TRUE(ParseScript(ScriptJson(script), script.name).has_value()) << script.name;
    }
  }
  EXPECT_GE(clips, 40U);
  EXPECT_EQ(names.size(), clips);
}

TEST(SuitesTest, ASeedDecidesEverything) {
  const auto one = MakeSuite("repeat", 3, Drawn()), two = MakeSuite("repeat", 3, Drawn());
  const auto other = MakeSuite("repeat", 4, Drawn());
  ASSERT_TRUE(one && two && other);
  for (std::size_t i = 0; i < one->size(); ++i) {
    EXPECT_EQ(ScriptJson((*one)[i]), ScriptJson((*two)[i]));
  }
  EXPECT_NE(ScriptJson(one->front()), ScriptJson(other->front()));
}

TEST(SuitesTest, ChangeClipsHaveChangesAndLightClipsHaveNone) {
  for (const char* suite : {"light", "change"}) {
    const auto scripts = MakeSuite(suite, 2, Drawn());
    ASSERT_TRUE(scripts.has_value());
    for (const Script& script : *scripts) {
      auto maker = ClipMaker::Create(script, Drawn());
      ASSERT_TRUE(maker.has_value()) << maker.error().message();
      const std::string truth = (*maker)->TruthJson("x");
      const bool changes = truth.find("\"kind\"") != std::string::npos;
      EXPECT_EQ(changes, std::string(suite) == "change") << script.name;
    }
  }
}

TEST(SuitesTest, AnUnknownSuiteIsRefused) {
  const auto scripts = MakeSuite("dance", 1, Drawn());
  ASSERT_FALSE(scripts.has_value());
  EXPECT_EQ(scripts.error().code(), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace stillwatch::clips
