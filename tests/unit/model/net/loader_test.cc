#include "model/module/loader.h"

#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

namespace stillwatch::model {
namespace {

// In order: a call that fails leaves the way free for one that works.
TEST(LoaderTest, FailsWithReasonsAndThenLoads) {
  setenv("STILLWATCH_MODEL_MODULE", "/nonexistent/libstillwatchmodel.so", 1);
  const auto missing = LoadModelApi();
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), StatusCode::kNotFound);
  EXPECT_NE(missing.error().message().find("/nonexistent/"), std::string::npos);

  setenv("STILLWATCH_MODEL_MODULE", STILLWATCH_SOURCE_DIR "/CMakeLists.txt", 1);
  const auto text = LoadModelApi();
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code(), StatusCode::kUnavailable);

  setenv("STILLWATCH_MODEL_MODULE", STILLWATCH_BINARY_DIR "/libstillwatchmodel.so", 1);
  const auto api = LoadModelApi();
  ASSERT_TRUE(api) << api.error().message();
  EXPECT_EQ((*api)->version, kModelApiVersion);
  const auto again = LoadModelApi();
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, *api);

  // Results and their texts cross the boundary.
  const auto captioner = OpenCaptionerFromLibrary({.model_folder = "/nonexistent"});
  ASSERT_FALSE(captioner);
  EXPECT_EQ(captioner.error().code(), StatusCode::kNotFound);
  EXPECT_EQ((*api)->train({}, {}, {}).error().code(), StatusCode::kInvalidArgument);
}

TEST(LoaderTest, LooksBesideTheProgram) {
  unsetenv("STILLWATCH_MODEL_MODULE");
  const auto places = ModelLibraryPlaces();
  ASSERT_EQ(places.size(), 2U);
  EXPECT_EQ(places[0].filename(), "libstillwatchmodel.so");
  EXPECT_EQ(places[1].parent_path().filename(), "stillwatch");
}

}  // namespace
}  // namespace stillwatch::model
