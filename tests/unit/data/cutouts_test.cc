#include "model/data/cutouts.h"

#include <algorithm>

#include "tests/unit/data/support.h"

namespace stillwatch::data {
namespace {

// Names whose hash is not held out, so that the tests know the split.
const char* const kName = "a1";

void WriteCoco(const std::filesystem::path& material, const std::string& line) {
  const auto folder = material / "coco128seg/coco128-seg";
  std::filesystem::create_directories(folder / "images/train2017");
  std::filesystem::create_directories(folder / "labels/train2017");
  const auto written =
      WritePng(folder / "images/train2017" / (std::string(kName) + ".png"), Drawn(200, 150, 3));
  ASSERT_TRUE(written.ok()) << written.message();
  std::filesystem::rename(folder / "images/train2017" / (std::string(kName) + ".png"),
                          folder / "images/train2017" / (std::string(kName) + ".jpg"));
  WriteText(folder / "labels/train2017" / (std::string(kName) + ".txt"), line);
}

TEST(CutoutsTest, NamesTheFoldersThatAreAbsent) {
  const TemporaryFolder folder;
  std::vector<std::string> absent;
  const auto things = LoadCutouts(folder.path(), absent);
  ASSERT_TRUE(things) << things.error().message();
  EXPECT_TRUE(things->empty());
  EXPECT_EQ(absent, (std::vector<std::string>{"coco128seg", "grocery_iconic", "office_cutouts",
                                              "humanseg"}));
}

TEST(CutoutsTest, CutsALabelledThingOut) {
  const TemporaryFolder folder;
  WriteCoco(folder.path(),
            "28 0.2 0.2 0.4 0.18 0.6 0.2 0.62 0.4 0.6 0.7 0.4 0.72 0.2 0.7 0.18 0.4\n");
  std::vector<std::string> absent;
  const auto things = LoadCutouts(folder.path(), absent);
  ASSERT_TRUE(things) << things.error().message();
  ASSERT_EQ(things->size(), 1U);
  const Thing& suitcase = things->front();
  EXPECT_EQ(suitcase.noun, "suitcase");
  EXPECT_EQ(suitcase.test, HeldOut(kName));
  const ThingView& view = suitcase.views.at(0);
  EXPECT_NEAR(view.x1 - view.x0, 0.44 * 200, 4);
  EXPECT_NEAR(view.y1 - view.y0, 0.54 * 150, 4);
  const auto& shadow = view.sprite.shadow.bytes;
  EXPECT_GT(*std::max_element(shadow.begin(), shadow.end()), 40);
}

TEST(CutoutsTest, LeavesOutWhatThePictureCutsAndWhatNoCameraWouldSee) {
  const TemporaryFolder folder;
  // A suitcase at the edge, a giraffe, a suitcase of a few pixels.
  WriteCoco(folder.path(),
            "28 0 0.2 0.4 0.18 0.6 0.2 0.62 0.4 0.6 0.7 0.4 0.72 0.2 0.7 0.18 0.4\n"
            "23 0.2 0.2 0.4 0.18 0.6 0.2 0.62 0.4 0.6 0.7 0.4 0.72 0.2 0.7 0.18 0.4\n"
            "28 0.2 0.2 0.22 0.2 0.23 0.2 0.24 0.2 0.24 0.22 0.23 0.23 0.22 0.23 0.2 0.22\n");
  std::vector<std::string> absent;
  const auto things = LoadCutouts(folder.path(), absent);
  ASSERT_TRUE(things) << things.error().message();
  EXPECT_TRUE(things->empty());
}

TEST(CutoutsTest, NamesTheLabelLineThatIsWrong) {
  const TemporaryFolder folder;
  WriteCoco(folder.path(), "28 0.2 0.2 0.4 1.8 0.6 0.2\n");
  std::vector<std::string> absent;
  const auto things = LoadCutouts(folder.path(), absent);
  ASSERT_FALSE(things);
  EXPECT_EQ(things.error().code(), StatusCode::kDataLoss);
  EXPECT_NE(things.error().message().find("a1.txt:1"), std::string::npos);
}

TEST(CutoutsTest, NamesThePictureThatIsBroken) {
  const TemporaryFolder folder;
  WriteCoco(folder.path(),
            "28 0.2 0.2 0.4 0.18 0.6 0.2 0.62 0.4 0.6 0.7 0.4 0.72 0.2 0.7 0.18 0.4\n");
  WriteText(folder.path() / "coco128seg/coco128-seg/images/train2017/a1.jpg", "no picture");
  std::vector<std::string> absent;
  const auto things = LoadCutouts(folder.path(), absent);
  ASSERT_FALSE(things);
  EXPECT_EQ(things.error().code(), StatusCode::kDataLoss);
  EXPECT_NE(things.error().message().find("a1.jpg"), std::string::npos);
}

TEST(CutoutsTest, HoldsOutAboutATenth) {
  int held_out = 0;
  for (int i = 0; i < 2000; ++i) held_out += HeldOut("picture" + std::to_string(i));
  EXPECT_NEAR(held_out, 200, 60);
  EXPECT_EQ(HeldOut("000000000009"), HeldOut("000000000009"));
}

}  // namespace
}  // namespace stillwatch::data
