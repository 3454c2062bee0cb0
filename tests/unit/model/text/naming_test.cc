#include "model/checkpoint/naming.h"

#include <string>

#include <gtest/gtest.h>

namespace stillwatch::model {
namespace {

constexpr Naming kAll[] = {Naming::kLlavaNext, Naming::kHfOld, Naming::kHfOldNoWrap, Naming::kHfNew,
                           Naming::kHfNewNoWrap};

TEST(NamingTest, EveryNamingLeadsBackToOurNames) {
  for (const char* ours :
       {"language_model.model.embed_tokens.weight", "language_model.model.norm.weight",
        "language_model.model.layers.27.self_attn.q_proj.bias", "language_model.lm_head.weight",
        "vision_tower.embeddings.patch_embedding.weight",
        "vision_tower.encoder.layers.25.mlp.fc1.weight", "multi_modal_projector.linear_1.bias",
        "multi_modal_projector.linear_2.weight", "image_newline", "mdp.layers.0.mlp.lin1.weight"}) {
    for (const Naming naming : kAll) {
      const std::string theirs = NameIn(naming, ours);
      EXPECT_EQ(CanonicalName(theirs), ours) << Name(naming) << ": " << theirs;
    }
  }
}

TEST(NamingTest, NamesAreThoseOfTheFiles) {
  const auto in = [](Naming naming, const char* name) { return NameIn(naming, name); };
  EXPECT_EQ(in(Naming::kLlavaNext, "vision_tower.encoder.layers.0.layer_norm1.bias"),
            "model.vision_tower.vision_tower.vision_model.encoder.layers.0.layer_norm1.bias");
  EXPECT_EQ(in(Naming::kLlavaNext, "multi_modal_projector.linear_2.bias"),
            "model.mm_projector.2.bias");
  EXPECT_EQ(in(Naming::kLlavaNext, "mdp.layers.0.norm1.weight"),
            "model.vision_resampler.layers.0.norm1.weight");
  EXPECT_EQ(in(Naming::kHfOld, "language_model.lm_head.weight"), "language_model.lm_head.weight");
  EXPECT_EQ(in(Naming::kHfNew, "language_model.lm_head.weight"), "lm_head.weight");
  EXPECT_EQ(in(Naming::kHfNewNoWrap, "vision_tower.embeddings.patch_embedding.bias"),
            "model.vision_tower.embeddings.patch_embedding.bias");
}

TEST(NamingTest, WhatIsNoPartOfTheNetworkHasNoName) {
  for (const char* name : {"marks", "model.mm_cc_projector.0.weight", "optimizer.step", ""}) {
    EXPECT_EQ(CanonicalName(name), std::nullopt) << name;
  }
  EXPECT_TRUE(IsUnused("vision_tower.post_layernorm.weight"));
  EXPECT_TRUE(IsUnused("mdp.layers.1.norm4.bias"));
  EXPECT_FALSE(IsUnused("mdp.layers.1.norm3.bias"));
}

TEST(NamingTest, WordsReadBack) {
  for (const Naming naming : kAll) EXPECT_EQ(ParseNaming(Name(naming)), naming);
  EXPECT_EQ(ParseNaming("unknown"), std::nullopt);
  EXPECT_EQ(Name(Naming::kUnknown), "unknown");
}

}  // namespace
}  // namespace stillwatch::model
