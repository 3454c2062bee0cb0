#include "model/train/train.h"

#include <filesystem>
#include <fstream>
#include <stop_token>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "model/checkpoint/safetensors.h"
#include "model/m3diff/m3diff_torch.h"
#include "tests/unit/model/net/tiny_model.h"

namespace stillwatch::model {
namespace {

namespace fs = std::filesystem;

// A tiny network, its tokenizer and 24 made pairs.
class TrainTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = TestFolder();
    MakePairs(folder_ / "data", 24);
    fs::create_directories(folder_ / "start");
    WriteTinyTokenizer(folder_ / "start" / "tokenizer.json");
    WriteText(folder_ / "start" / "config.json", ToJson(TinyConfig()));
    torch::manual_seed(11);
    M3Diff network(TinyConfig());
    std::vector<TensorEntry> entries;
    for (const auto& item : network->named_parameters()) {
      entries.push_back({item.key(), item.value()});
    }
    ASSERT_TRUE(
        SaveTensors((folder_ / "start" / "model.safetensors").string(), entries, Dtype::kF32).ok());
  }

  TrainOptions Options(const std::string& out) const {
    TrainOptions options;
    options.data = (folder_ / "data").string();
    options.out = (folder_ / out).string();
    options.start = (folder_ / "start").string();
    options.tokenizer = (folder_ / "start" / "tokenizer.json").string();
    options.name = "m3diff-tiny";
    options.steps = 24;
    options.batch = 8;
    options.warmup = 4;
    options.learning_rate = 3e-3;
    options.threads = 2;
    options.log_every = 6;
    options.check_every = 12;
    return options;
  }

  std::string Bytes(const fs::path& path) const {
    std::ifstream in(folder_ / path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  fs::path folder_;
};

TEST_F(TrainTest, LowersTheLossAndWritesAModelFolder) {
  std::vector<TrainProgress> lines;
  const auto report =
      Train(Options("out"), [&](const TrainProgress& line) { lines.push_back(line); }, {});
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_EQ(report->steps, 24);
  EXPECT_FALSE(report->stopped);
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_LT(lines.back().loss, 0.8 * lines.front().loss);
  EXPECT_TRUE(lines[1].checked);
  EXPECT_EQ(report->val.pairs, 6);
  EXPECT_EQ(report->test.pairs, 6);
  const auto figures =
      Evaluate((folder_ / "out").string(), (folder_ / "data").string(), "val", 0, 1, {});
  ASSERT_TRUE(figures) << figures.error().message();
  EXPECT_EQ(figures->pairs, 6);
  // The stored weights are fp16: close to what training measured, not equal.
  EXPECT_NEAR(figures->caption_loss, report->val.caption_loss, 0.05);
}

TEST_F(TrainTest, AnInterruptedRunEndsBitForBitAsAnUninterruptedOne) {
  ASSERT_TRUE(Train(Options("whole"), {}, {}));
  std::stop_source stop;
  const auto first = Train(
      Options("parts"),
      [&](const TrainProgress& line) {
        if (line.step == 6) stop.request_stop();
      },
      stop.get_token());
  ASSERT_TRUE(first) << first.error().message();
  EXPECT_TRUE(first->stopped);
  EXPECT_EQ(first->steps, 6);
  const auto second = Train(Options("parts"), {}, {});
  ASSERT_TRUE(second) << second.error().message();
  EXPECT_EQ(second->steps, 24);
  EXPECT_EQ(Bytes("whole/model.safetensors"), Bytes("parts/model.safetensors"));
  EXPECT_EQ(Bytes("whole/config.json"), Bytes("parts/config.json"));
}

TEST_F(TrainTest, StopsWhereTheLossIsNoNumberAndKeepsWhatItHad) {
  TrainOptions options = Options("out");
  ASSERT_TRUE(Train(options, {}, {}));
  const std::string good = Bytes("out/model.safetensors");
  options.steps = 48;
  options.learning_rate = 1e30;
  options.tower_learning_rate = 1e30;
  const auto report = Train(options, {}, {});
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code(), StatusCode::kInternal);
  EXPECT_NE(report.error().message().find("not a number"), std::string::npos);
  EXPECT_EQ(Bytes("out/model.safetensors"), good);
}

TEST_F(TrainTest, BadInputIsNamed) {
  const auto failure = [&](const std::function<void(TrainOptions&)>& change) {
    TrainOptions options = Options("bad");
    change(options);
    const auto report = Train(options, {}, {});
    return report ? Status() : report.error();
  };
  EXPECT_EQ(failure([](auto& o) { o.steps = 0; }).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(failure([](auto& o) { o.data += "/none"; }).code(), StatusCode::kNotFound);
  EXPECT_EQ(failure([](auto& o) { o.tokenizer += ".none"; }).code(), StatusCode::kNotFound);
  EXPECT_EQ(failure([](auto& o) { o.start += "/none"; }).code(), StatusCode::kNotFound);
  const Status tower = failure([this](auto& o) {
    o.tower = o.start + "/model.safetensors";
    o.start.clear();
    // A tower of another network: this one lacks nothing, so take the stem away.
    const auto file = SafetensorsFile::Open(o.tower);
    const auto tensor = ToTensor(*file->Find("marks"), "marks");
    EXPECT_TRUE(
        SaveTensors((folder_ / "tower.safetensors").string(), {{"marks", *tensor}}, Dtype::kF32)
            .ok());
    o.tower = (folder_ / "tower.safetensors").string();
  });
  EXPECT_NE(tower.message().find("vision_tower.stem.weight"), std::string::npos) << tower.message();
  // A state file that was cut short.
  ASSERT_TRUE(Train(Options("cut"), {}, {}));
  fs::resize_file(folder_ / "cut/state/state.safetensors", 5000);
  const auto cut = Train(Options("cut"), {}, {});
  ASSERT_FALSE(cut);
  EXPECT_NE(cut.error().message().find("state.safetensors"), std::string::npos);
}

}  // namespace
}  // namespace stillwatch::model
