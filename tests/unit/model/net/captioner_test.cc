#include "model/runtime/captioner.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "model/m3diff/m3diff_torch.h"
#include "model/runtime/caption_model.h"
#include "tests/unit/model/net/tiny_model.h"

namespace stillwatch::model {
namespace {

namespace fs = std::filesystem;

// Owns what a Picture borrows.
struct Canvas {
  Canvas(int w, int h, std::uint8_t grey) : width(w), height(h) {
    rgb.assign(static_cast<std::size_t>(w) * static_cast<std::size_t>(h) * 3, grey);
  }
  void Square(int x0, int y0, int side, std::uint8_t red) {
    for (int y = y0; y < y0 + side; ++y) {
      for (int x = x0; x < x0 + side; ++x) {
        rgb[static_cast<std::size_t>(y * width + x) * 3] = red;
      }
    }
  }
  Picture view() const { return {.rgb = rgb, .width = width, .height = height}; }
  int width, height;
  std::vector<std::uint8_t> rgb;
};

fs::path MakeTinyModel() {
  const fs::path folder = TestFolder();
  WriteTinyTokenizer(folder / "tokenizer.json");
  WriteText(folder / "config.json", ToJson(TinyConfig()));
  torch::manual_seed(12);
  M3Diff network(TinyConfig());
  std::vector<TensorEntry> entries;
  for (const auto& item : network->named_parameters())
    entries.push_back({item.key(), item.value()});
  EXPECT_TRUE(SaveTensors((folder / "model.safetensors").string(), entries, Dtype::kF16).ok());
  return folder;
}

TEST(CaptionerTest, AnswersForPicturesOfDifferentSizes) {
  const auto captioner = OpenCaptioner({.model_folder = MakeTinyModel().string(), .threads = 1});
  ASSERT_TRUE(captioner) << captioner.error().message();
  EXPECT_EQ((*captioner)->name().name, "m3diff-tiny");
  EXPECT_TRUE((*captioner)->name().fingerprint.starts_with("sha256:"));
  const Canvas reference(120, 90, 100);
  Canvas current(200, 150, 100);
  current.Square(40, 40, 30, 220);
  const CaptionRequest request = {.reference = reference.view(),
                                  .current = current.view(),
                                  .regions = {{.x = 0.2, .y = 0.26, .w = 0.15, .h = 0.2}}};
  const auto result = (*captioner)->Caption(request);
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_GE(result->confidence, 0.5);
  EXPECT_LE(result->confidence, 1);
  EXPECT_EQ(result->changed, result->changed_probability > 0.5);
  EXPECT_LT(static_cast<int>(result->kind), kSceneKinds);
  EXPECT_EQ(result->prompt_ids, 1 + 4 + 1 + 4 + 1 + 4 + 1 + 2 + 1);
  EXPECT_LE(result->ids.size(), 16U);
  // The same question has the same answer.
  const auto again = (*captioner)->Caption(request);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->caption, result->caption);
  EXPECT_EQ(again->changed_probability, result->changed_probability);
}

TEST(CaptionerTest, RefusesPicturesThatDoNotFitTheirSize) {
  const auto captioner = OpenCaptioner({.model_folder = MakeTinyModel().string(), .threads = 1});
  ASSERT_TRUE(captioner);
  const Canvas good(32, 32, 10);
  Picture bad = good.view();
  const auto code = [&] {
    const auto result = (*captioner)->Caption({.reference = good.view(), .current = bad});
    return result ? StatusCode::kOk : result.error().code();
  };
  EXPECT_EQ(code(), StatusCode::kOk);
  bad.height = 31;
  EXPECT_EQ(code(), StatusCode::kInvalidArgument);
  bad.height = 0;
  EXPECT_EQ(code(), StatusCode::kInvalidArgument);
  bad.height = -32;
  EXPECT_EQ(code(), StatusCode::kInvalidArgument);
  bad = {};
  EXPECT_EQ(code(), StatusCode::kInvalidArgument);
  // Regions that make no sense mean the whole picture.
  const double nan = std::nan("");
  const auto result = (*captioner)
                          ->Caption({.reference = good.view(),
                                     .current = good.view(),
                                     .regions = {{.x = nan, .y = nan, .w = nan, .h = 9}}});
  EXPECT_TRUE(result) << result.error().message();
}

TEST(CaptionerTest, KeptFeaturesAnswerExactlyAsNewOnes) {
  const auto folder = MakeTinyModel().string();
  const auto keeps = OpenCaptionModel({.model_folder = folder, .threads = 1});
  const auto forgets = OpenCaptionModel({.model_folder = folder, .threads = 1, .cache_bytes = 0});
  ASSERT_TRUE(keeps && forgets);
  Canvas reference(60, 60, 90), current(60, 60, 90), other(60, 60, 30);
  current.Square(10, 10, 20, 250);
  for (const Canvas* now : {&current, &other, &current}) {
    const CaptionRequest request = {.reference = reference.view(), .current = now->view()};
    const auto a = (*keeps)->Encode(request);
    const auto b = (*forgets)->Encode(request);
    ASSERT_TRUE(a && b);
    EXPECT_EQ(a->verdict.changed_probability, b->verdict.changed_probability);
  }
  const auto stats = (*keeps)->cache_stats();
  EXPECT_EQ(stats.misses, 3U);  // Three different pictures,
  EXPECT_EQ(stats.hits, 3U);    // looked at six times.
  EXPECT_GT(stats.bytes, 0);
  EXPECT_EQ((*forgets)->cache_stats().hits, 0U);
  EXPECT_EQ((*forgets)->cache_stats().bytes, 0);
}

TEST(CaptionerTest, ManyPairsSideBySideGetTheAnswersOfEachAlone) {
  const auto captioner = OpenCaptioner(
      {.model_folder = MakeTinyModel().string(), .threads = 2, .stop = false, .batch = 3});
  ASSERT_TRUE(captioner) << captioner.error().message();
  std::vector<Canvas> pictures;
  for (int i = 0; i < 7; ++i) {
    pictures.emplace_back(60, 60, static_cast<std::uint8_t>(20 + 30 * i));
    pictures.back().Square(5 * i, 10, 20, 250);
  }
  std::vector<CaptionRequest> requests;
  for (const Canvas& picture : pictures) {
    requests.push_back({.reference = pictures[0].view(), .current = picture.view()});
  }
  std::vector<std::string> shown(requests.size());
  const auto together =
      (*captioner)->CaptionAll(requests, [&](std::size_t pair, std::string_view text) {
        shown[pair] = text;
      });
  for (std::size_t i = 0; i < requests.size(); ++i) {
    ASSERT_TRUE(together[i]) << together[i].error().message();
    const auto alone = (*captioner)->Caption(requests[i]);
    ASSERT_TRUE(alone);
    EXPECT_EQ(together[i]->ids, alone->ids);
    EXPECT_EQ(together[i]->ids.size(), 16U);  // Forced to the length that the config allows.
    EXPECT_EQ(together[i]->log_probabilities.size(), 16U);
    EXPECT_GT(together[i]->caption_confidence, 0);
    EXPECT_LE(together[i]->caption_confidence, 1);
    EXPECT_TRUE(together[i]->caption.starts_with(shown[i]));
  }
}

TEST(CaptionerTest, NamesWhatIsWrongWithAModelFolder) {
  const auto failure = [](const std::function<void(const fs::path&)>& harm) {
    const fs::path folder = MakeTinyModel();
    harm(folder);
    const auto captioner = OpenCaptioner({.model_folder = folder.string(), .threads = 1});
    return captioner ? Status() : captioner.error();
  };
  EXPECT_TRUE(failure([](auto&) {}).ok());
  for (const char* file : {"config.json", "tokenizer.json", "model.safetensors"}) {
    const Status missing = failure([&](const fs::path& folder) { fs::remove(folder / file); });
    EXPECT_EQ(missing.code(), StatusCode::kNotFound) << missing.message();
    const Status cut = failure([&](const fs::path& folder) {
      fs::resize_file(folder / file, fs::file_size(folder / file) / 2);
    });
    EXPECT_EQ(cut.code(), StatusCode::kDataLoss) << cut.message();
    EXPECT_NE(cut.message().find(file), std::string::npos) << cut.message();
  }
  const Status other = failure([](const fs::path& folder) {
    M3DiffConfig config = TinyConfig();
    config.mdp.width = 64;
    WriteText(folder / "config.json", ToJson(config));
  });
  EXPECT_EQ(other.code(), StatusCode::kDataLoss);
  EXPECT_NE(other.message().find("vision_tower.taps.0.weight"), std::string::npos)
      << other.message();
  const Status vocabulary = failure([](const fs::path& folder) {
    M3DiffConfig config = TinyConfig();
    config.text.vocab_size = 302;
    WriteText(folder / "config.json", ToJson(config));
  });
  EXPECT_NE(vocabulary.message().find("text.vocab_size"), std::string::npos)
      << vocabulary.message();
}

TEST(CaptionerTest, TheShippedNanoCaptionsWithinItsTime) {
  const fs::path folder = fs::path(STILLWATCH_SOURCE_DIR) / "model" / "weights" / "nano";
  if (!fs::exists(folder / "model.safetensors")) GTEST_SKIP() << folder << " has no weights";
  EXPECT_LE(fs::file_size(folder / "model.safetensors"), 25U << 20);
  const auto captioner = OpenCaptioner({.model_folder = folder.string()});
  ASSERT_TRUE(captioner) << captioner.error().message();
  const Canvas reference(1280, 720, 120);
  Canvas current(1280, 720, 120);
  current.Square(500, 300, 120, 230);
  const CaptionRequest added = {.reference = reference.view(),
                                .current = current.view(),
                                .regions = {{.x = 0.39, .y = 0.42, .w = 0.1, .h = 0.17}}};
  std::vector<double> times_ms;
  CaptionResult result;
  for (int i = 0; i < 12; ++i) {
    const auto start = std::chrono::steady_clock::now();
    const auto answer = (*captioner)->Caption(added);
    times_ms.push_back(
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
            .count());
    ASSERT_TRUE(answer) << answer.error().message();
    result = *answer;
  }
  std::nth_element(times_ms.begin(), times_ms.begin() + 6, times_ms.end());
  std::printf("median %.1f ms (wanted: 250); \"%s\", changed %.3f\n", times_ms[6],
              result.caption.c_str(), result.changed_probability);
  EXPECT_FALSE(result.caption.empty());
  const auto same =
      (*captioner)->Caption({.reference = reference.view(), .current = reference.view()});
  ASSERT_TRUE(same);
  EXPECT_LT(same->changed_probability, result.changed_probability);
}

}  // namespace
}  // namespace stillwatch::model
