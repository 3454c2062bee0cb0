// The real material: skipped where it is absent.

#include <algorithm>

#include "model/data/backgrounds.h"
#include "model/data/bank.h"
#include "model/data/cutouts.h"
#include "tests/unit/data/support.h"

namespace stillwatch::data {
namespace {

TEST(MaterialTest, EveryFolderOfCutoutsIsReadAndNamed) {
  if (Shared().empty()) GTEST_SKIP() << "no shared material beside the checkout";
  std::vector<std::string> absent;
  const auto things = LoadCutouts(Shared() / "training", absent);
  ASSERT_TRUE(things) << things.error().message();
  EXPECT_TRUE(absent.empty());
  EXPECT_GT(things->size(), 120U);
  const auto of = [&](const std::string& start) {
    return std::count_if(things->begin(), things->end(),
                         [&](const Thing& thing) { return thing.id.starts_with(start); });
  };
  EXPECT_GT(of("coco_"), 20);
  EXPECT_GT(of("grocery_"), 40);
  EXPECT_GT(of("office_"), 30);
  EXPECT_GT(of("person_"), 10);
  EXPECT_TRUE(std::any_of(things->begin(), things->end(), [](const Thing& t) { return t.test; }));
}

TEST(MaterialTest, DrawsFromTheFurnitureLibraries) {
  const std::filesystem::path libraries = "/usr/share/sweethome3d/furniture";
  if (Shared().empty()) GTEST_SKIP() << "no shared material beside the checkout";
  if (!std::filesystem::exists(libraries)) GTEST_SKIP() << libraries << " is not installed";
  // One small model of the catalogue: the cone.
  const TemporaryFolder folder;
  std::ifstream catalogue(Shared() / "training/models3d/catalog.jsonl");
  std::string cone;
  for (std::string line; std::getline(catalogue, line);) {
    if (line.find("\"name\": \"Cone\"") != std::string::npos) cone += line + "\n";
  }
  ASSERT_FALSE(cone.empty());
  WriteText(folder.path() / "catalog.jsonl", cone);
  const auto report = Render({.catalogue = folder.path() / "catalog.jsonl",
                              .libraries = libraries,
                              .out = folder.path() / "bank",
                              .size_px = 48,
                              .variety = 0.01},
                             nullptr);
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_TRUE(report->left_out.empty());
  const auto things = LoadBank(folder.path() / "bank");
  ASSERT_TRUE(things) << things.error().message();
  const auto thing = std::find_if(things->begin(), things->end(),
                                  [](const Thing& t) { return t.noun == "traffic cone"; });
  ASSERT_NE(thing, things->end());
  EXPECT_FALSE(thing->licence.empty());
  const ThingView& view = thing->views.at(0);
  EXPECT_GT(view.y1 - view.y0, view.x1 - view.x0) << "a cone stands upright";
}

}  // namespace
}  // namespace stillwatch::data
