#include "model/datasets/layout.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace stillwatch::model {
namespace {

namespace fs = std::filesystem;

// A small made-up copy of a published folder.
class LayoutTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::path(testing::TempDir()) / (std::string("layout.") + info->name());
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void Write(const std::string& name, const std::string& text) const {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }
  void Pictures(std::initializer_list<const char*> names) const {
    for (const char* name : names) Write(name, "picture");
  }
  Result<std::vector<LayoutPair>> Read(const char* layout, Protocol protocol = Protocol::kSingle) {
    return ReadLayout(layout, folder_.string(), protocol, problems_);
  }
  std::string Name(const std::string& path) const {
    return fs::relative(path, folder_).generic_string();
  }

  fs::path folder_;
  Problems problems_{10};
};

TEST_F(LayoutTest, SpotTheDiffJoinsTheEntriesOfOneId) {
  Write("annotations/train.json",
        R"([{"img_id":"1","sentences":["a car left"]},{"img_id":"2","sentences":["no difference"]},
            {"img_id":"1","sentences":["a man came.","a dog came"]}])");
  Write("annotations/test.json", R"([{"img_id":"7","sentences":["a bag is gone"]}])");
  Pictures({"resized_images/1.png", "resized_images/1_2.png", "resized_images/2.png",
            "resized_images/2_2.png", "resized_images/7.png", "resized_images/7_2.png"});
  const auto pairs = Read("spot-the-diff");
  ASSERT_TRUE(pairs) << pairs.error().message();
  ASSERT_EQ(pairs->size(), 3U);
  EXPECT_EQ((*pairs)[0].split, "test");
  EXPECT_EQ((*pairs)[1].captions.size(), 3U);
  EXPECT_EQ(Name((*pairs)[1].current), "resized_images/1_2.png");
  EXPECT_EQ((*pairs)[1].kind, "other");
  EXPECT_EQ((*pairs)[2].kind, "same");
  const auto multi = Read("spot-the-diff", Protocol::kMulti);
  ASSERT_TRUE(multi);
  EXPECT_EQ((*multi)[1].captions, (std::vector<std::string>{"a car left. a man came. a dog came"}));
}

TEST_F(LayoutTest, ImageEditingRequest) {
  Write("valid.json", R"([{"img0":"a.jpg","img1":"b.jpg","sents":["make it red"],"uid":"u1"}])");
  Pictures({"images/a.jpg", "images/b.jpg"});
  const auto pairs = Read("image-editing-request");
  ASSERT_TRUE(pairs) << pairs.error().message();
  EXPECT_EQ((*pairs)[0].id, "u1");
  EXPECT_EQ((*pairs)[0].split, "val");
  EXPECT_EQ(Name((*pairs)[0].reference), "images/a.jpg");
}

TEST_F(LayoutTest, BirdsToWordsJoinsTheLinesOfOnePair) {
  const std::string head =
      "img1ObservationURL\timg1ImgURL\timg1Species\timg1Selection\timg2ObservationURL\timg2ImgURL\t"
      "img2Species\timg2Selection\tsplit\tannN\tdescription\n";
  const std::string pair =
      "o\thttps://x/photos/11/original.jpg?1\ts\tbase\to\thttps://x/photos/22/original.jpg\ts\t"
      "visual\ttest\t";
  Write("birds-to-words-v1.0.tsv", head + pair + "1\tAnimal 1 is red.\n" + pair + "2\tBoth fly.\n");
  Pictures({"images/11.jpg", "images/22.jpg"});
  const auto pairs = Read("birds-to-words");
  ASSERT_TRUE(pairs) << pairs.error().message();
  ASSERT_EQ(pairs->size(), 1U);
  EXPECT_EQ((*pairs)[0].captions.size(), 2U);
  EXPECT_EQ(Name((*pairs)[0].current), "images/22.jpg");
  Write("birds-to-words-v1.0.tsv", head + "a\tb\n");
  EXPECT_NE(Read("birds-to-words").error().message().find("tsv:2: 2 columns"), std::string::npos);
}

TEST_F(LayoutTest, ClevrChangeGivesAChangedAndAnUnchangedPairOfEachScene) {
  Write("change_captions.json", R"({"CLEVR_default_000003.png":["the cube turned red"],
                                    "CLEVR_default_000004.png":["the ball moved"],
                                    "CLEVR_default_000009.png":["in no split"]})");
  Write("no_change_captions.json", R"({"CLEVR_default_000003.png":["no change was made"]})");
  Write("splits.json", R"({"train":[4],"val":[],"test":[3]})");
  Write("type_mapping.json", R"({"color":["CLEVR_semantic_000003.png"],
                                 "move":["CLEVR_semantic_000004.png"]})");
  Pictures({"images/CLEVR_default_000003.png", "images/CLEVR_default_000004.png",
            "sc_images/CLEVR_semantic_000003.png", "sc_images/CLEVR_semantic_000004.png",
            "nsc_images/CLEVR_nonsemantic_000003.png"});
  const auto pairs = Read("clevr-change");
  ASSERT_TRUE(pairs) << pairs.error().message();
  ASSERT_EQ(pairs->size(), 3U);
  EXPECT_EQ((*pairs)[0].kind, "recolored");
  EXPECT_EQ((*pairs)[0].split, "test");
  EXPECT_EQ((*pairs)[1].kind, "moved");
  EXPECT_EQ((*pairs)[2].kind, "same");
  EXPECT_EQ(Name((*pairs)[2].current), "nsc_images/CLEVR_nonsemantic_000003.png");
}

TEST_F(LayoutTest, ClevrDcAsPublishedAndAsRenamed) {
  Write("captions.json", R"({"3":["the cube is gone"]})");
  Write("split_dc.json", R"({"train":[],"val":[3],"test":[]})");
  Pictures({"images/3.png", "sc_images/3.png"});
  const auto pairs = Read("clevr-dc");
  ASSERT_TRUE(pairs) << pairs.error().message();
  EXPECT_EQ((*pairs)[0].split, "val");
  fs::remove_all(folder_);
  Write("change_captions.json", R"({"000003.png":["the cube is gone"]})");
  Write("splits.json", R"({"train":[],"val":[3],"test":[]})");
  Pictures({"images/000003.png", "sc_images/000003.png"});
  const auto renamed = Read("clevr-dc");
  ASSERT_TRUE(renamed) << renamed.error().message();
  EXPECT_EQ(Name((*renamed)[0].current), "sc_images/000003.png");
}

TEST_F(LayoutTest, OmniDiffRealAndRender) {
  Write("real/train.json",
        R"([{"id":1,"image":["a.jpg","b.jpg"],"captions":["a cup was added"]}])");
  Write("render/test.json",
        R"([{"id":1,"image":["c.png","d.png"],"conversations":[
             {"from":"human","value":"<image> <image> What changed?"},
             {"from":"gpt","value":"The lamp was turned."}]}])");
  Pictures({"real/a.jpg", "real/b.jpg", "render/c.png", "render/d.png"});
  const auto pairs = Read("omnidiff");
  ASSERT_TRUE(pairs) << pairs.error().message();
  ASSERT_EQ(pairs->size(), 2U);
  EXPECT_EQ((*pairs)[0].id, "real/1");
  EXPECT_EQ((*pairs)[1].captions[0], "The lamp was turned.");
}

TEST_F(LayoutTest, LlavaConversations) {
  Write("train.json", R"([{"id":"x","image":["a.jpg","b.jpg"],"conversations":[
      {"from":"human","value":"?"},{"from":"gpt","value":"a bag was left"}]}])");
  Pictures({"images/a.jpg", "images/b.jpg"});
  const auto pairs = Read("llava");
  ASSERT_TRUE(pairs) << pairs.error().message();
  EXPECT_EQ(Name((*pairs)[0].reference), "images/a.jpg");
  Write("train.json", R"([{"id":"x","image":["a.jpg"]}])");
  EXPECT_NE(Read("llava").error().message().find("train.json[0].image: wanted two pictures"),
            std::string::npos);
}

TEST_F(LayoutTest, UnusablePairsAreCountedAndNamed) {
  Write("train.json",
        "[{\"img0\":\"a.jpg\",\"img1\":\"b.jpg\",\"sents\":[\"x\"],\"uid\":\"good\"},"
        "{\"img0\":\"a.jpg\",\"img1\":\"none.jpg\",\"sents\":[\"x\"],\"uid\":\"missing\"},"
        "{\"img0\":\"a.jpg\",\"img1\":\"b.jpg\",\"sents\":[\" \"],\"uid\":\"blank\"},"
        "{\"img0\":\"a.jpg\",\"img1\":\"b.jpg\",\"sents\":[\"caf\xE9\"],\"uid\":\"latin\"},"
        "{\"img0\":\"a.jpg\",\"img1\":\"b.jpg\",\"sents\":[\"x\"],\"uid\":\"good\"}]");
  Pictures({"images/a.jpg", "images/b.jpg"});
  const auto pairs = Read("image-editing-request");
  ASSERT_TRUE(pairs) << pairs.error().message();
  EXPECT_EQ(pairs->size(), 1U);
  EXPECT_EQ(problems_.count(), 4);
  const std::string report = problems_.Report();
  for (const char* part :
       {"1 x missing picture: ", "none.jpg", "1 x caption that is no UTF-8", "train latin",
        "1 x no caption, or an empty one: train blank", "1 x id that stands twice: train good"}) {
    EXPECT_NE(report.find(part), std::string::npos) << report;
  }
  problems_ = Problems(2);
  const auto stopped = Read("image-editing-request");
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code(), StatusCode::kDataLoss);
  EXPECT_NE(stopped.error().message().find("more than 2 pairs are unusable"), std::string::npos);
}

TEST_F(LayoutTest, WhatIsNotThereIsNamedWithWhatIsWanted) {
  for (const LayoutName& layout : Layouts()) {
    const auto pairs = Read(std::string(layout.word).c_str());
    ASSERT_FALSE(pairs) << layout.word;
    EXPECT_EQ(pairs.error().code(), StatusCode::kNotFound) << pairs.error().message();
    EXPECT_NE(pairs.error().message().find(layout.wants), std::string::npos);
  }
  EXPECT_EQ(Read("no-such").error().code(), StatusCode::kInvalidArgument);
  Write("train.json", "[1]");
  EXPECT_NE(Read("llava").error().message().find("train.json[0]: wanted an object"),
            std::string::npos);
  Write("train.json", "{");
  EXPECT_NE(Read("llava").error().message().find("not JSON"), std::string::npos);
}

}  // namespace
}  // namespace stillwatch::model
