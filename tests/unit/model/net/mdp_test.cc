#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "model/m3diff/m3diff_torch.h"
#include "model/m3diff/mdp_torch.h"
#include "tests/unit/model/text/shared_folder.h"

namespace stillwatch::model {
namespace {

using torch::Tensor;

MdpConfig Tiny(const std::string& preset, int layers = 2) {
  return {.preset = preset, .width = 16, .heads = 2, .hidden = 24, .layers = layers};
}

std::vector<Tensor> RandomMaps(int width = 16) {
  std::vector<Tensor> maps;
  for (int i = 0; i < 4; ++i) maps.push_back(torch::randn({3, 9, width}));
  return maps;
}

// Moves every parameter away from its start, zeros included.
void Shake(torch::nn::Module& module) {
  const torch::NoGradGuard no_grad;
  for (Tensor& parameter : module.parameters()) parameter.add_(0.2 * torch::randn_like(parameter));
}

double Gap(const Tensor& a, const Tensor& b) { return (a - b).abs().max().item<double>(); }

TEST(MdpTest, PresetCcexpertEqualsThePublicModule) {
  const auto path = SharedFolder() / "fixtures" / "ccexpert_mdp" / "mdp.safetensors";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not there";
  const auto fixture = Checkpoint::Open(path);
  ASSERT_TRUE(fixture) << fixture.error().message();
  const auto get = [&](const std::string& name) {
    return ToTensor(*fixture->Find(name), name).value();
  };
  const torch::NoGradGuard no_grad;
  Mdp mdp(MdpConfig{.preset = "ccexpert", .width = 256, .heads = 2, .hidden = 1024});
  const Status loaded = LoadWeights(*mdp, *fixture);
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  std::vector<Tensor> a;
  std::vector<Tensor> b;
  for (int i = 0; i < 4; ++i) {
    a.push_back(get("inputs.a." + std::to_string(i)));
    b.push_back(get("inputs.b." + std::to_string(i)));
  }
  EXPECT_LT(Gap(SinePosition(5, 256), get("intermediate.position_embedding")), 2e-5);
  const MdpOutput out = mdp(a, b);
  const double worst = std::max(
      {Gap(out.reference, get("outputs.a")), Gap(out.current, get("outputs.b")),
       Gap(out.change, get("outputs.queries")), Gap(out.gates, get("intermediate.gates"))});
  std::printf("largest difference %.2e\n", worst);
  EXPECT_LT(worst, 2e-5);
}

TEST(MdpTest, PresetM3diffPassesTheLastScaleThroughAtFirst) {
  torch::manual_seed(1);
  Mdp mdp(Tiny("m3diff"));
  const auto a = RandomMaps();
  const auto b = RandomMaps();
  const MdpOutput out = mdp(a, b);
  EXPECT_EQ(Gap(out.reference, a.back()), 0);
  EXPECT_EQ(Gap(out.current, b.back()), 0);
  Shake(*mdp);
  EXPECT_GT(Gap(mdp(a, b).reference, a.back()), 1e-3);
}

TEST(MdpTest, SwappedPicturesGiveSwappedFeaturesWhereNothingTellsThemApart) {
  for (const char* preset : {"m3diff", "paper", "ccexpert"}) {
    torch::manual_seed(2);
    Mdp mdp(Tiny(preset));
    Shake(*mdp);
    {
      // What knows which picture is first: the halves of W_p and of the gate, and the flags.
      const torch::NoGradGuard no_grad;
      for (auto& item : mdp->named_parameters()) {
        Tensor& p = item.value();
        const std::string& key = item.key();
        if (key.find("image_b_flag") != std::string::npos) p.zero_();
        if (key.find("image_a_flag") != std::string::npos) p.zero_();
        if (key.ends_with("extractor_model.proj.weight")) {
          p.slice(1, 16, 32).copy_(p.slice(1, 0, 16));
          p.slice(1, 32, 48).zero_();
        }
        if (key.ends_with("feature_map_level_gate.0.weight")) {
          p.slice(1, 16, 32).copy_(p.slice(1, 0, 16));
        }
      }
    }
    const auto a = RandomMaps();
    const auto b = RandomMaps();
    const MdpOutput out = mdp(a, b);
    const MdpOutput swapped = mdp(b, a);
    EXPECT_LT(Gap(out.reference, swapped.current), 1e-4) << preset;
    EXPECT_LT(Gap(out.current, swapped.reference), 1e-4) << preset;
    EXPECT_LT(Gap(out.change, swapped.change), 1e-4) << preset;
    EXPECT_GT(Gap(out.reference, out.current), 1e-2) << preset;
  }
}

// Equations 1 to 8 once more, number by number in loops, with nothing of the module's code.
class PaperByLoops {
 public:
  using Rows = std::vector<std::vector<double>>;

  explicit PaperByLoops(const Mdp& mdp) {
    for (const auto& item : mdp->named_parameters()) weights_[item.key()] = item.value();
  }

  Rows Linear(const std::string& name, const Rows& x) const {
    const Tensor& weight = weights_.at(name + ".weight");
    const Tensor& bias = weights_.at(name + ".bias");
    Rows y;
    for (const auto& row : x) {
      y.emplace_back();
      for (std::int64_t o = 0; o < weight.size(0); ++o) {
        double sum = bias[o].item<double>();
        for (std::size_t i = 0; i < row.size(); ++i) {
          sum += weight[o][static_cast<std::int64_t>(i)].item<double>() * row[i];
        }
        y.back().push_back(sum);
      }
    }
    return y;
  }

  Rows Attention(const std::string& name, const Rows& from, const Rows& to,
                 std::size_t heads) const {
    const Rows q = Linear(name + ".q_proj", from);
    const Rows k = Linear(name + ".k_proj", to);
    const Rows v = Linear(name + ".v_proj", to);
    const std::size_t width = q[0].size() / heads;
    Rows mixed(q.size(), std::vector<double>(q[0].size(), 0));
    for (std::size_t h = 0; h < heads; ++h) {
      for (std::size_t i = 0; i < q.size(); ++i) {
        std::vector<double> scores;
        double total = 0;
        for (const auto& key : k) {
          double dot = 0;
          for (std::size_t c = h * width; c < (h + 1) * width; ++c) dot += q[i][c] * key[c];
          scores.push_back(std::exp(dot / std::sqrt(static_cast<double>(width))));
          total += scores.back();
        }
        for (std::size_t j = 0; j < v.size(); ++j) {
          for (std::size_t c = h * width; c < (h + 1) * width; ++c) {
            mixed[i][c] += scores[j] / total * v[j][c];
          }
        }
      }
    }
    return Linear(name + ".out_proj", mixed);
  }

  static Rows Tokens(const Rows& a, const Rows& b) {  // || of equations 5 and 6.
    Rows both = a;
    both.insert(both.end(), b.begin(), b.end());
    return both;
  }
  static Rows Channels(const Rows& a, const Rows& b) {  // || of equations 1, 3 and 7.
    Rows both = a;
    for (std::size_t i = 0; i < both.size(); ++i) {
      both[i].insert(both[i].end(), b[i].begin(), b[i].end());
    }
    return both;
  }
  static Rows Each(Rows x, const Rows& y, double (*f)(double, double)) {
    for (std::size_t i = 0; i < x.size(); ++i) {
      for (std::size_t c = 0; c < x[i].size(); ++c) x[i][c] = f(x[i][c], y[i][c]);
    }
    return x;
  }
  static double Gated(double x, double gate) { return x / (1 + std::exp(-gate)); }
  static double Minus(double x, double y) { return x - y; }
  static double Gelu(double x, double) { return x * 0.5 * (1 + std::erf(x / std::sqrt(2.0))); }

 private:
  std::map<std::string, Tensor> weights_;
};

TEST(MdpTest, PresetPaperIsEquationsOneToEight) {
  torch::manual_seed(3);
  const torch::NoGradGuard no_grad;
  Mdp mdp(Tiny("paper", 1));
  Shake(*mdp);
  const PaperByLoops loops(mdp);
  using Rows = PaperByLoops::Rows;
  std::vector<Tensor> a;
  std::vector<Tensor> b;
  for (int i = 0; i < 4; ++i) {
    a.push_back(torch::randn({1, 4, 16}));
    b.push_back(torch::randn({1, 4, 16}));
  }
  Rows sum_a(4, std::vector<double>(16, 0));
  Rows sum_b = sum_a;
  for (std::size_t scale = 0; scale < 4; ++scale) {
    const auto rows = [&](const Tensor& map) {
      Rows out(4);
      for (std::int64_t i = 0; i < 4; ++i) {
        for (std::int64_t c = 0; c < 16; ++c) {
          out[static_cast<std::size_t>(i)].push_back(map[0][i][c].item<double>());
        }
      }
      return out;
    };
    const Rows f1 = rows(a[scale]);
    const Rows f2 = rows(b[scale]);
    const std::string extractor = "expert_change_feature_extractor_model.";
    const Rows g1 = PaperByLoops::Each(
        f1, loops.Linear(extractor + "linear_mapping", PaperByLoops::Channels(f1, f2)),
        PaperByLoops::Gated);
    const Rows g2 = PaperByLoops::Each(
        f2, loops.Linear(extractor + "linear_mapping", PaperByLoops::Channels(f2, f1)),
        PaperByLoops::Gated);
    const Rows difference =
        loops.Linear(extractor + "proj",
                     PaperByLoops::Channels(PaperByLoops::Channels(g1, g2),
                                            PaperByLoops::Each(g1, g2, PaperByLoops::Minus)));
    const Rows attended = loops.Attention("layers.0.change_self_attn", difference, difference, 2);
    const Rows all = PaperByLoops::Tokens(PaperByLoops::Tokens(f1, f2), attended);
    const Rows crossed =
        loops.Attention("layers.0.cross_attn_change_to_imageABC", attended, all, 2);
    const Rows inner = loops.Linear("layers.0.mlp.lin1", crossed);
    const Rows change =
        loops.Linear("layers.0.mlp.lin2", PaperByLoops::Each(inner, inner, PaperByLoops::Gelu));
    const Rows r1 = loops.Attention("layers.0.cross_attn_imageAB_to_change", f1,
                                    PaperByLoops::Tokens(f1, change), 2);
    const Rows r2 = loops.Attention("layers.0.cross_attn_imageAB_to_change", f2,
                                    PaperByLoops::Tokens(f2, change), 2);
    Rows mean(1, std::vector<double>(48, 0));
    const Rows joined = PaperByLoops::Channels(PaperByLoops::Channels(r1, r2), difference);
    for (const auto& row : joined) {
      for (std::size_t c = 0; c < 48; ++c) mean[0][c] += row[c] / 4;
    }
    const std::string gate = "ChangeAwareTokenReduce.feature_map_level_gate.";
    const Rows hidden = loops.Linear(gate + "0", mean);
    const double score =
        1 / (1 + std::exp(-loops.Linear(
                     gate + "2", PaperByLoops::Each(hidden, hidden, PaperByLoops::Gelu))[0][0]));
    for (std::size_t i = 0; i < 4; ++i) {
      for (std::size_t c = 0; c < 16; ++c) {
        sum_a[i][c] += score * r1[i][c];
        sum_b[i][c] += score * r2[i][c];
      }
    }
  }
  const MdpOutput out = mdp(a, b);
  for (std::int64_t i = 0; i < 4; ++i) {
    for (std::int64_t c = 0; c < 16; ++c) {
      const auto row = static_cast<std::size_t>(i);
      const auto column = static_cast<std::size_t>(c);
      EXPECT_NEAR(out.reference[0][i][c].item<double>(), sum_a[row][column], 1e-4);
      EXPECT_NEAR(out.current[0][i][c].item<double>(), sum_b[row][column], 1e-4);
    }
  }
}

}  // namespace
}  // namespace stillwatch::model
