#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "model/m3diff/m3diff_torch.h"
#include "tests/unit/model/net/tiny_model.h"

namespace stillwatch::model {
namespace {

using torch::Tensor;

double Gap(const Tensor& a, const Tensor& b) { return (a - b).abs().max().item<double>(); }

struct Input {
  Tensor reference = torch::rand({3, 3, 64, 64}) * 255;
  Tensor current = torch::rand({3, 3, 64, 64}) * 255;
  Tensor geometry = torch::tensor({0.F, 0.F, 1.F, 1.F, 0.2F, 0.2F, 0.5F, 0.5F}).expand({3, 8});
};

TEST(M3DiffTest, PresetM3diffEqualsANetworkWithoutMdpAtFirst) {
  const torch::NoGradGuard no_grad;
  M3DiffConfig config = TinyConfig();
  torch::manual_seed(5);
  M3Diff with(config);
  config.mdp.preset = "none";
  M3Diff without(config);
  // The same weights wherever both have them.
  auto from = with->named_parameters();
  for (auto& item : without->named_parameters()) item.value().copy_(from[item.key()]);
  const Input input;
  const Observation a = with->Observe(input.reference, input.current, input.geometry);
  const Observation b = without->Observe(input.reference, input.current, input.geometry);
  EXPECT_EQ(Gap(a.reference, b.reference), 0);
  EXPECT_EQ(Gap(a.current, b.current), 0);
}

TEST(M3DiffTest, WritesOneByOneWhatTrainingWouldSayIsLikeliest) {
  const torch::NoGradGuard no_grad;
  torch::manual_seed(6);
  M3Diff network(TinyConfig());
  for (Tensor& parameter : network->decoder()->parameters()) {
    parameter.add_(0.3 * torch::randn_like(parameter));
  }
  const Input input;
  const Observation seen = network->Observe(input.reference, input.current, input.geometry);
  const Tensor prompt =
      network->Prompt(seen, input.geometry, torch::tensor({0, 4, kSameKind}, torch::kInt64));
  // begin, 4 + separator + 4 + separator + 4 picture tokens, geometry, focus, kind.
  EXPECT_EQ(prompt.size(1), 1 + 4 + 1 + 4 + 1 + 4 + 1 + 2 + 1);
  const auto written = network->Write(prompt, 9);
  ASSERT_EQ(written.size(), 3U);
  for (std::int64_t row = 0; row < 3; ++row) {
    const auto& ids = written[static_cast<std::size_t>(row)];
    ASSERT_FALSE(ids.empty());
    std::vector<std::int64_t> wide(ids.begin(), ids.end());
    const Tensor logits = network->CaptionLogits(prompt.slice(0, row, row + 1),
                                                 torch::tensor(wide, torch::kInt64).unsqueeze(0));
    const Tensor best = logits[0].argmax(-1);
    for (std::size_t i = 0; i < ids.size(); ++i) {
      EXPECT_EQ(best[static_cast<std::int64_t>(i)].item<std::int64_t>(), ids[i]);
    }
  }
}

TEST(M3DiffTest, FrozenStagesGetNoGradient) {
  M3Diff network(TinyConfig());
  network->tower().Freeze(5);
  const Input input;
  network->Observe(input.reference, input.current, input.geometry).changed_logit.sum().backward();
  int frozen = 0;
  for (const auto& item : network->named_parameters()) {
    const bool early =
        item.key().starts_with("vision_tower.stem") ||
        (item.key().starts_with("vision_tower.blocks.") && std::stoi(item.key().substr(20)) < 5);
    EXPECT_EQ(item.value().requires_grad(), !early) << item.key();
    EXPECT_FALSE(early && item.value().grad().defined()) << item.key();
    frozen += early ? 1 : 0;
  }
  EXPECT_EQ(frozen, 2 + 4 + 4 * 6);
  // The first trained depthwise kernel learns through our own backward pass.
  const Tensor grad = network->named_parameters()["vision_tower.blocks.5.depthwise.weight"].grad();
  ASSERT_TRUE(grad.defined());
  EXPECT_GT(grad.abs().max().item<double>(), 0);
}

// What changes when a tensor of a good checkpoint is left out or has another shape.
class WeightsTest : public testing::Test {
 protected:
  std::string Load(const std::function<void(std::vector<TensorEntry>&)>& harm) {
    const auto folder = TestFolder();
    M3Diff network(TinyConfig());
    std::vector<TensorEntry> entries;
    for (const auto& item : network->named_parameters()) {
      entries.push_back({item.key(), item.value()});
    }
    harm(entries);
    EXPECT_TRUE(SaveTensors((folder / "model.safetensors").string(), entries, Dtype::kF16).ok());
    const auto checkpoint = Checkpoint::Open(folder);
    if (!checkpoint) return checkpoint.error().message();
    M3Diff other(TinyConfig());
    return LoadWeights(*other, *checkpoint).message();
  }
};

TEST_F(WeightsTest, LoadBackWhatWasSaved) {
  EXPECT_EQ(Load([](auto&) {}), "");
}

TEST_F(WeightsTest, AMissingTensorIsNamed) {
  const std::string message = Load([](auto& entries) {
    std::erase_if(entries, [](const auto& e) { return e.name == "mdp.layers.1.norm2.weight"; });
  });
  EXPECT_NE(message.find("mdp.layers.1.norm2.weight"), std::string::npos) << message;
}

TEST_F(WeightsTest, AWrongShapeIsNamedWithBothShapes) {
  const std::string message = Load([](auto& entries) {
    for (auto& e : entries) {
      if (e.name == "verdict.changed.weight") e.tensor = torch::zeros({2, 7});
    }
  });
  EXPECT_NE(message.find("verdict.changed.weight"), std::string::npos) << message;
  EXPECT_NE(message.find("[2, 7]"), std::string::npos) << message;
  EXPECT_NE(message.find("[1, 256]"), std::string::npos) << message;
}

TEST_F(WeightsTest, IntegersAreNoWeights) {
  const std::string message = Load([](auto& entries) {
    for (auto& e : entries) {
      if (e.name == "marks") e.tensor = torch::zeros({2, 32}, torch::kInt64);
    }
  });
  EXPECT_NE(message.find("marks"), std::string::npos) << message;
}

}  // namespace
}  // namespace stillwatch::model
