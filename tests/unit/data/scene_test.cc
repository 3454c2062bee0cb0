// The parts of rendered scenes: meshes, cameras, placement.

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "model/data/made_meshes.h"
#include "model/data/scene/mesh_file.h"
#include "model/data/scene/model.h"
#include "model/data/scene/scenery.h"
#include "tests/unit/data/support.h"

namespace stillwatch::data {
namespace {

TEST(MeshFile, GivesBackWhatWasWritten) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "a.mesh";
  Mesh mesh = MakeCardboardBox(3).mesh;
  mesh.textures.push_back(Drawn(8, 4, 4));
  ASSERT_TRUE(WriteMesh(file, mesh).ok());
  const auto read = ReadMesh(file);
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->points, mesh.points);
  EXPECT_EQ(read->triangles, mesh.triangles);
  EXPECT_EQ(read->textures.at(0).bytes, mesh.textures.at(0).bytes);
}

TEST(MeshFile, AFileCutShortIsRefused) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "a.mesh";
  ASSERT_TRUE(WriteMesh(file, MakeCardboardBox(3).mesh).ok());
  const auto size = std::filesystem::file_size(file);
  for (const auto length : {size - 1, size / 2, std::uintmax_t{5}, std::uintmax_t{0}}) {
    std::filesystem::resize_file(file, length);
    EXPECT_EQ(ReadMesh(file).error().code(), StatusCode::kDataLoss) << length;
  }
  EXPECT_EQ(ReadMesh(folder.path() / "b.mesh").error().code(), StatusCode::kNotFound);
}

TEST(Thin, KeepsTheShapeWithFewerTriangles) {
  Mesh mesh = MakeSphere(1).mesh;
  const std::size_t before = mesh.triangles.size();
  const auto height = [&] {
    float high = 0;
    for (const auto& t : mesh.triangles) {
      for (const auto i : t) high = std::max(high, mesh.points[i][1]);
    }
    return high;
  };
  const float tall = height();
  Thin(mesh, before / 2);
  EXPECT_LE(mesh.triangles.size(), before / 2);
  EXPECT_GT(mesh.triangles.size(), before / 20);
  EXPECT_NEAR(height(), tall, 0.1F * tall);
}

TEST(Camera, SeesAPointWhereItsRayGoesThrough) {
  Camera camera = Camera::LookAt({1, 3, 5}, {2, 0, -1}, 0.05);
  camera.barrel = 0.12;
  camera.aspect = 1.5;
  for (const double x : {0.05, 0.5, 0.9}) {
    for (const double y : {0.1, 0.6, 0.95}) {
      const Ray ray = camera.Through(x, y);
      const auto seen = camera.See(ray.from + ray.to * 4.0F);
      ASSERT_TRUE(seen);
      EXPECT_NEAR((*seen)[0], x, 1e-4);
      EXPECT_NEAR((*seen)[1], y, 1e-4);
    }
  }
  EXPECT_FALSE(camera.See(camera.at - camera.ahead));
}

class SceneryTest : public ::testing::TestWithParam<int> {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder;
    std::vector<std::string> left_out;
    auto stock = ModelStock::Load({}, {}, folder_->path(), 1, 2, 0.2, {}, left_out);
    ASSERT_TRUE(stock) << stock.error().message();
    stock_ = new ModelStock(std::move(*stock));
  }
  static void TearDownTestSuite() {
    delete stock_;
    delete folder_;
  }
  static inline TemporaryFolder* folder_ = nullptr;
  static inline ModelStock* stock_ = nullptr;
};

TEST_P(SceneryTest, ThingsStandOnTheirSupportsAndNotInOneAnother) {
  Random random(77);
  std::size_t things = 0;
  for (int i = 0; i < 10; ++i) {
    auto scenery = DrawScenery(*stock_, static_cast<Family>(GetParam()), i % 3 == 0, random);
    if (!scenery) continue;
    const auto& stands = scenery->state.stands;
    for (std::size_t k = 0; k < stands.size(); ++k) {
      const Support& on = scenery->supports[static_cast<std::size_t>(stands[k].support)];
      EXPECT_NEAR(BoundsOf(*scenery, stands[k]).low.y, on.y, 0.02F);
      EXPECT_EQ(stands[k].model->test && scenery->family != Family::kSolids,
                i % 3 == 0 && scenery->family != Family::kSolids);
      if (scenery->family != Family::kSolids) {
        EXPECT_TRUE(Fits(*scenery, scenery->state, stands[k], static_cast<int>(k)));
      }
      ++things;
    }
  }
  EXPECT_GT(things, 5U);
}

INSTANTIATE_TEST_SUITE_P(Families, SceneryTest, ::testing::Range(0, kFamilyCount));

TEST(Scenery, WhatFellLiesOnTheGround) {
  Model model;
  model.low = {-0.2F, 0, -0.3F};
  model.high = {0.2F, 1, 0.3F};
  const Bounds bounds = BoundsOf(model, Lying(model, {1, 0.5F, 2}, 0.7F, 1.5F));
  EXPECT_NEAR(bounds.low.y, 0.5F, 1e-5F);
  EXPECT_NEAR(bounds.high.y, 0.5F + 0.4F * 1.5F, 1e-5F);
  EXPECT_NEAR((bounds.low.x + bounds.high.x) / 2, 1, 1e-4F);
}

}  // namespace
}  // namespace stillwatch::data
