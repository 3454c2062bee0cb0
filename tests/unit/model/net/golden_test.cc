#include "model/golden/golden.h"

#include <cstdio>

#include <gtest/gtest.h>

#include "tests/unit/model/text/shared_folder.h"

namespace stillwatch::model {
namespace {

TEST(GoldenTest, EqualsTheReferencesInEveryNamingAndLayout) {
  const auto folder = SharedFolder() / "fixtures";
  if (!std::filesystem::exists(folder / "onevision_tiny")) {
    GTEST_SKIP() << folder << " is not there";
  }
  const auto report = RunGolden(folder);
  ASSERT_TRUE(report) << report.error().message();
  std::printf("%s", report->ToText().c_str());
  // 4 folders, 3 presets, 2 pairs; at least ids and logits of each.
  EXPECT_GT(report->checks.size(), 4u * 3 * 2 * 3);
  for (const GoldenCheck& check : report->checks) {
    EXPECT_LE(check.difference, check.allowed) << check.name;
  }
}

TEST(GoldenTest, SaysWhereItLooked) {
  const auto report = RunGolden("/nowhere");
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code(), StatusCode::kNotFound);
  EXPECT_NE(report.error().message().find("/nowhere"), std::string::npos);
}

}  // namespace
}  // namespace stillwatch::model
