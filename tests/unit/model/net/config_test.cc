#include "model/m3diff/config.h"

#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace stillwatch::model {
namespace {

using nlohmann::json;

TEST(M3DiffConfigTest, ReadsBackWhatItWrites) {
  M3DiffConfig config;
  config.name = "m3diff-other";
  config.mdp.preset = "ccexpert";
  config.text.tie_word_embeddings = false;
  config.calibration.changed_temperature = 1.75;
  const auto again = ParseM3DiffConfig(ToJson(config));
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(ToJson(*again), ToJson(config));
  EXPECT_EQ(again->mdp.preset, "ccexpert");
  EXPECT_EQ(again->calibration.changed_temperature, 1.75);
}

struct Bad {
  const char* pointer;  // The key that is set ...
  json value;           // ... to this; null erases it.
  const char* message;
};

TEST(M3DiffConfigTest, NamesTheKeyThatIsWrong) {
  const Bad cases[] = {
      {"/version", 2, "version: wanted 1"},
      {"/mdp/width", nullptr, "mdp.width: missing"},
      {"/mdp/width", "wide", "mdp.width: wanted a whole number"},
      {"/mdp/width", 1e300, "mdp.width: wanted a whole number"},
      {"/mdp/width", std::uint64_t{1} << 63, "mdp.width: wanted a whole number"},
      {"/mdp/preset", "m3dif", "mdp.preset: wanted one of m3diff, paper, ccexpert, none"},
      {"/mdp/heads", 5, "mdp.heads: must divide"},
      {"/mdp/wdith", 5, "mdp.wdith: unknown key"},
      {"/extra", 5, "extra: unknown key"},
      {"/mdp", 5, "mdp: wanted an object"},
      {"/vision/image_size", 100, "vision.image_size: must be a multiple of 32"},
      {"/vision/grid", 8, "vision.grid: must be"},
      {"/text/num_key_value_heads", 3, "text.num_key_value_heads: must divide"},
      {"/text/rms_norm_eps", -1, "text.rms_norm_eps: wanted a number"},
      {"/prompt/merge", 3, "prompt.merge: must divide"},
      {"/prompt/eos_token_id", 100000, "prompt.eos_token_id: must be below"},
      {"/prompt/change_tokens", 1, "prompt.change_tokens: wanted true or false"},
      {"/calibration/changed_temperature", 0, "calibration.changed_temperature: wanted a number"},
  };
  for (const Bad& bad : cases) {
    json root = json::parse(ToJson(M3DiffConfig{}));
    const json::json_pointer pointer(bad.pointer);
    if (bad.value.is_null()) {
      root.at(pointer.parent_pointer()).erase(pointer.back());
    } else {
      root[pointer] = bad.value;
    }
    const auto parsed = ParseM3DiffConfig(root.dump());
    ASSERT_FALSE(parsed) << bad.pointer;
    EXPECT_EQ(parsed.error().code(), StatusCode::kDataLoss);
    EXPECT_NE(parsed.error().message().find(bad.message), std::string::npos)
        << parsed.error().message();
  }
}

TEST(M3DiffConfigTest, RefusesWhatIsNoJsonObject) {
  for (const char* text : {"", "[]", "{", "null", "\"x\"", "{\"version\":1"}) {
    EXPECT_FALSE(ParseM3DiffConfig(text)) << text;
  }
}

}  // namespace
}  // namespace stillwatch::model
