#include "model/data/render.h"

#include <gtest/gtest.h>

#include "model/data/made_meshes.h"
#include "model/data/thing.h"

namespace stillwatch::data {
namespace {

Result<Sprite> RenderMade(MadeMesh made, SpriteView view) {
  auto renderer = MeshRenderer::Create(std::move(made.mesh));
  if (!renderer) return Failure(renderer.error());
  return renderer->Render(view);
}

TEST(RenderTest, ACubeFillsItsSizeAndStandsOnItsAnchor) {
  const auto sprite = RenderMade(MakeCube(3), {.elevation_deg = 20, .size_px = 64});
  ASSERT_TRUE(sprite) << sprite.error().message();
  ThingView view;
  view.sprite = *sprite;
  ASSERT_TRUE(Measure(view));
  EXPECT_NEAR(std::max(view.x1 - view.x0, view.y1 - view.y0), 64, 2);
  // The middle of its foot lies a little above its lowest visible point.
  EXPECT_GT(sprite->anchor_x, view.x0);
  EXPECT_LT(sprite->anchor_x, view.x1);
  EXPECT_LT(sprite->anchor_y, view.y1);
  EXPECT_GT(sprite->anchor_y, view.y1 - 0.3 * (view.y1 - view.y0));
}

TEST(RenderTest, ThrowsItsShadowToTheRight) {
  const auto sprite = RenderMade(MakeCube(3), {.elevation_deg = 30, .size_px = 64, .sun = 1});
  ASSERT_TRUE(sprite);
  double left = 0;
  double right = 0;
  for (int y = 0; y < sprite->shadow.height; ++y) {
    for (int x = 0; x < sprite->shadow.width; ++x) {
      const auto at = static_cast<std::size_t>(y * sprite->shadow.width + x);
      if (sprite->rgba.bytes[at * 4 + 3] > 0) continue;
      (x < sprite->anchor_x ? left : right) += sprite->shadow.bytes[at];
    }
  }
  EXPECT_GT(right, 2 * left);
  EXPECT_GT(right, 0);
}

TEST(RenderTest, ABottleIsHalfTransparentAndItsCapIsNot) {
  const auto sprite = RenderMade(MakeBottle(5), {.elevation_deg = 10, .size_px = 96});
  ASSERT_TRUE(sprite);
  ThingView view;
  view.sprite = *sprite;
  ASSERT_TRUE(Measure(view));
  const auto alpha = [&](double down) {
    const int y = view.y0 + static_cast<int>(down * (view.y1 - view.y0));
    const int x = static_cast<int>(sprite->anchor_x);
    return sprite->rgba.bytes[static_cast<std::size_t>(y * sprite->rgba.width + x) * 4 + 3];
  };
  EXPECT_EQ(alpha(0.05), 255);
  EXPECT_LT(alpha(0.32), 235);
  EXPECT_GT(alpha(0.32), 20);
}

TEST(RenderTest, TheSameSeedGivesTheSameBytes) {
  const SpriteView view{.azimuth_deg = 30, .size_px = 40, .seed = 9};
  const auto a = RenderMade(MakeBag(2), view);
  const auto b = RenderMade(MakeBag(2), view);
  ASSERT_TRUE(a);
  ASSERT_TRUE(b);
  EXPECT_EQ(a->rgba.bytes, b->rgba.bytes);
  EXPECT_EQ(a->shadow.bytes, b->shadow.bytes);
}

TEST(RenderTest, EveryMadeThingCanBeSeen) {
  using Make = MadeMesh (*)(std::uint64_t);
  for (const Make make : {MakeBottle, MakeBag, MakeCardboardBox, MakePlasticBox, MakeUtilityBox,
                          MakeCup, MakeBall, MakeCube, MakeSphere, MakeCylinder}) {
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
      const auto sprite = RenderMade(make(seed), {.size_px = 24, .seed = seed});
      ASSERT_TRUE(sprite) << sprite.error().message();
      ThingView view;
      view.sprite = *sprite;
      EXPECT_TRUE(Measure(view));
    }
  }
}

TEST(RenderTest, RefusesMeshesAndViewsThatCannotBe) {
  EXPECT_FALSE(MeshRenderer::Create({}));
  Mesh beyond = MakeCube(1).mesh;
  beyond.triangles[0][0] = 99999;
  EXPECT_FALSE(MeshRenderer::Create(beyond));
  Mesh bare = MakeCube(1).mesh;
  bare.normals.pop_back();
  EXPECT_FALSE(MeshRenderer::Create(bare));
  Mesh unknown = MakeCube(1).mesh;
  unknown.material_of[0] = 7;
  EXPECT_FALSE(MeshRenderer::Create(unknown));
  auto renderer = MeshRenderer::Create(MakeCube(1).mesh);
  ASSERT_TRUE(renderer);
  EXPECT_FALSE(renderer->Render({.size_px = 4}));
  EXPECT_FALSE(renderer->Render({.elevation_deg = 120}));
}

}  // namespace
}  // namespace stillwatch::data
