#include "pipeline/clips/script.h"

#include <gtest/gtest.h>

namespace stillwatch::clips {
namespace {

TEST(ScriptTest, ReadsWhatScriptJsonWrites) {
  const auto script = ParseScript(R"({"name": "a", "seed": 7, "fps": 4, "seconds": "2min",
    "interval": "500ms", "acts": [
      {"do": "leave", "at": 10, "id": 1, "object": "drawn_box", "x": 0.3, "by": "any"},
      {"do": "rain", "at": "20s", "for": 30, "strength": 0.5}]})",
                                  "a.json");
  ASSERT_TRUE(script.has_value()) << script.error().message();
  EXPECT_EQ(script->frames(), 480);
  ASSERT_EQ(script->acts.size(), 2U);
  EXPECT_EQ(script->acts[0].Word("by"), "any");
  EXPECT_DOUBLE_EQ(script->acts[1].at, 20);
  EXPECT_DOUBLE_EQ(script->acts[1].length, 30);

  const auto again = ParseScript(ScriptJson(*script), "again");
  ASSERT_TRUE(again.has_value()) << again.error().message();
  EXPECT_EQ(ScriptJson(*again), ScriptJson(*script));
}

TEST(ScriptTest, NamesTheKeyThatIsWrong) {
  const struct {
    const char* text;
    const char* named;
  } kCases[] = {
      {"[]", "must be an object"},
      {"{", "not a script"},
      {R"({"nosie": 3})", "nosie"},
      {R"({"width": 641})", "even"},
      {R"({"fps": 5, "seconds": 1e9})", "frames"},
      {R"({"quality": "best"})", "quality"},
      {R"({"acts": [{"do": "dance"}]})", "acts[0].do"},
      {R"({"acts": [{"do": "rain", "wetness": 1}]})", "acts[0].wetness"},
      {R"({"acts": [{"do": "rain", "at": "soon"}]})", "acts[0].at"},
      {R"({"acts": [{"do": "take", "id": 4, "at": 3}]})", "id 4"},
      {R"({"acts": [{"do": "leave", "id": 4}]})", "needs an object"},
  };
  for (const auto& each : kCases) {
    const auto script = ParseScript(each.text, "s.json");
    ASSERT_FALSE(script.has_value()) << each.text;
    EXPECT_EQ(script.error().code(), StatusCode::kInvalidArgument);
    EXPECT_NE(script.error().message().find(each.named), std::string::npos)
        << script.error().message();
  }
}

TEST(ScriptTest, AnActIsThereForItsTimeAndFadesInAndOut) {
  const Act act{.what = "lamp", .at = 10, .length = 20};
  EXPECT_FALSE(act.During(9.9));
  EXPECT_TRUE(act.During(10));
  EXPECT_FALSE(act.During(30));
  EXPECT_DOUBLE_EQ(act.Presence(9, 2), 0);
  EXPECT_DOUBLE_EQ(act.Presence(11, 2), 0.5);
  EXPECT_DOUBLE_EQ(act.Presence(20, 2), 1);
  EXPECT_DOUBLE_EQ(act.Presence(33, 2), 0);
}

}  // namespace
}  // namespace stillwatch::clips
