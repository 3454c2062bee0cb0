#include "model/data/mesh.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace stillwatch::data {
namespace {

std::vector<std::uint8_t> Bytes(const std::string& text) { return {text.begin(), text.end()}; }

// A flat quad of 2 x 4 with a red material.
std::map<std::string, std::vector<std::uint8_t>> Quad() {
  return {{"a/quad.obj", Bytes("mtllib quad.mtl\nv 0 0 0\nv 2 0 0\nv 2 4 0\nv 0 4 0\n"
                               "usemtl red\nf 1 2 3\nf 1 3 4\n")},
          {"a/quad.mtl", Bytes("newmtl red\nKd 0.8 0.1 0.1\nd 0.5\n")}};
}

TEST(MeshTest, LoadsAnObjWithItsMaterialAtItsRealSize) {
  const auto mesh = LoadMesh(Quad(), "a/quad.obj", {.size_m = {1, 3, 0.1}});
  ASSERT_TRUE(mesh) << mesh.error().message();
  ASSERT_EQ(mesh->triangles.size(), 2U);
  const Material& material = mesh->materials.at(static_cast<std::size_t>(mesh->material_of[0]));
  EXPECT_FLOAT_EQ(material.color[0], 0.8F);
  EXPECT_FLOAT_EQ(material.opacity, 0.5F);
  float low = 9;
  float high = -9;
  for (const auto& p : mesh->points) {
    EXPECT_LE(std::abs(p[0]), 0.501F) << "centred";
    low = std::min(low, p[1]);
    high = std::max(high, p[1]);
  }
  EXPECT_NEAR(low, 0, 1e-5) << "stands on the ground";
  EXPECT_NEAR(high, 3, 1e-5);
}

TEST(MeshTest, TurnsAModelAsItsCatalogueSays) {
  // x to y, y to z, z to x: the quad lies down.
  const auto mesh = LoadMesh(Quad(), "a/quad.obj",
                             {.size_m = {1, 2, 4}, .rotation = {0, 0, 1, 1, 0, 0, 0, 1, 0}});
  ASSERT_TRUE(mesh) << mesh.error().message();
  float deepest = 0;
  for (const auto& p : mesh->points) deepest = std::max(deepest, p[2]);
  EXPECT_NEAR(deepest, 2, 1e-5);
}

TEST(MeshTest, NamesTheFileThatIsNoModel) {
  for (const char* text : {"", "v 0 0 0\n", "f 1 2 3\n", "\xFF\xFE garbage \x01"}) {
    const auto mesh = LoadMesh({{"a/b.obj", Bytes(text)}}, "a/b.obj", {});
    ASSERT_FALSE(mesh) << text;
    EXPECT_EQ(mesh.error().code(), StatusCode::kDataLoss);
    EXPECT_NE(mesh.error().message().find("a/b.obj"), std::string::npos);
  }
}

TEST(MeshTest, PaintsTheLargestPlainPart) {
  auto mesh =
      LoadMesh({{"q.obj", Bytes("mtllib q.mtl\nv 0 0 0\nv 1 0 0\nv 1 1 0\nv 9 9 0\nv 0 9 0\n"
                                "usemtl small\nf 1 2 3\nusemtl large\nf 1 4 5\n")},
                {"q.mtl", Bytes("newmtl small\nKd 1 1 1\nnewmtl large\nKd 1 1 1\n")}},
               "q.obj", {});
  ASSERT_TRUE(mesh) << mesh.error().message();
  Paint(*mesh, {0, 0, 1});
  int painted = 0;
  for (const int index : mesh->material_of) {
    painted += mesh->materials[static_cast<std::size_t>(index)].color[0] == 0;
  }
  EXPECT_EQ(painted, 1);
}

}  // namespace
}  // namespace stillwatch::data
