#include "samples/maker/props.h"

#include <array>
#include <cmath>
#include <numbers>
#include <vector>

namespace stillwatch::sample {
namespace {

using Profile = std::vector<std::array<float, 2>>;

// A curtain of rounded slats, 8 cm each, in the plane y = 0.
Model Shutter(float width, float height) {
  constexpr float kSlat = 0.08F;
  constexpr int kSteps = 8;
  Model m;
  for (float z = 0; z < height; z += kSlat) {
    for (int i = 0; i < kSteps; ++i) {
      const auto point = [&](int k) {
        const float t = static_cast<float>(k) / kSteps;
        return Vec3{0, -0.018F * std::sin(t * std::numbers::pi_v<float>), z + t * kSlat};
      };
      m.AddQuad(point(i), {width, 0, 0}, point(i + 1) - point(i), Material::kShutter);
    }
  }
  m.AddBox({0, -0.03F, 0}, {width, 0.01F, 0.09F}, Material::kDoorFrame);  // Bottom rail.
  return m;
}

Model Pallet() {
  Model m;
  for (float y : {-0.38F, 0.0F, 0.38F}) {
    m.AddBox({-0.60F, y - 0.05F, 0}, {0.60F, y + 0.05F, 0.022F}, Material::kWood);
    for (float x : {-0.53F, 0.0F, 0.53F}) {
      m.AddBox({x - 0.07F, y - 0.05F, 0.022F}, {x + 0.07F, y + 0.05F, 0.10F}, Material::kWood);
    }
    m.AddBox({-0.60F, y - 0.05F, 0.10F}, {0.60F, y + 0.05F, 0.12F}, Material::kWood);
  }
  for (int i = 0; i < 7; ++i) {
    const float x = -0.55F + static_cast<float>(i) * 0.1833F;
    m.AddBox({x - 0.05F, -0.40F, 0.12F}, {x + 0.05F, 0.40F, 0.14F}, Material::kWood);
  }
  return m;
}

Model Carton(float width, float depth, float height) {
  Model m;
  m.AddBox({-width / 2, -depth / 2, 0}, {width / 2, depth / 2, height}, Material::kCardboard);
  // Tape over the lid and down both ends.
  m.AddBox({-0.03F, -depth / 2 - 0.002F, height}, {0.03F, depth / 2 + 0.002F, height + 0.002F},
           Material::kTape);
  for (float y : {-depth / 2 - 0.002F, depth / 2}) {
    m.AddBox({-0.03F, y, height * 0.72F}, {0.03F, y + 0.002F, height}, Material::kTape);
  }
  m.AddBox({width * 0.12F, -depth / 2 - 0.002F, height * 0.35F},
           {width * 0.38F, -depth / 2, height * 0.65F}, Material::kLabel);
  return m;
}

Model Bin(Material material) {
  Model m;
  m.AddBox({-0.20F, -0.22F, 0}, {0.20F, 0.22F, 0.20F}, material);
  m.AddBox({-0.22F, -0.24F, 0.20F}, {0.22F, 0.24F, 0.24F}, material);
  m.AddBox({-0.06F, -0.245F, 0.10F}, {0.06F, -0.22F, 0.15F}, Material::kLabel);
  return m;
}

Model Rack() {
  Model m;
  constexpr float kWidth = 2.0F;
  constexpr float kDepth = 0.6F;
  for (float x : {0.0F, kWidth}) {
    for (float y : {0.0F, kDepth}) {
      m.AddBox({x - 0.03F, y - 0.03F, 0}, {x + 0.03F, y + 0.03F, 2.3F}, Material::kRackBlue);
    }
  }
  for (float z : {0.18F, 0.92F, 1.66F}) {
    for (float y : {-0.03F, kDepth - 0.02F}) {
      m.AddBox({0, y, z - 0.09F}, {kWidth, y + 0.05F, z}, Material::kRackOrange);
    }
    m.AddBox({0.02F, 0, z}, {kWidth - 0.02F, kDepth, z + 0.02F}, Material::kGalvanized);
  }
  const auto put = [&](const Model& thing, float x, float z, float yaw) {
    m.Add(thing, yaw, {x, 0.30F, z + 0.02F});
  };
  put(Carton(0.50F, 0.40F, 0.42F), 0.38F, 0.18F, 0.05F);
  put(Carton(0.44F, 0.40F, 0.30F), 0.98F, 0.18F, -0.06F);
  put(Bin(Material::kGreyBin), 1.60F, 0.18F, 0.03F);
  put(Bin(Material::kGreenBin), 0.32F, 0.92F, 0);
  put(Bin(Material::kGreenBin), 0.80F, 0.92F, 0.02F);
  put(Carton(0.52F, 0.40F, 0.36F), 1.50F, 0.92F, 0.08F);
  put(Carton(0.60F, 0.44F, 0.38F), 0.50F, 1.66F, -0.04F);
  put(Carton(0.40F, 0.36F, 0.30F), 1.30F, 1.66F, 0.1F);
  return m;
}

Model Bottle() {
  Model m;
  const Profile body{{0, 0.003F},      {0.036F, 0},      {0.038F, 0.02F}, {0.038F, 0.15F},
                     {0.032F, 0.185F}, {0.015F, 0.215F}, {0.014F, 0.235F}};
  const Profile cap{{0.017F, 0.23F}, {0.017F, 0.26F}, {0, 0.26F}};
  m.AddLathe({}, body, Material::kWater);
  m.AddLathe({}, cap, Material::kBottleCap);
  const Profile label{{0.0385F, 0.07F}, {0.0385F, 0.13F}};
  m.AddLathe({}, label, Material::kBottleCap);
  return m;
}

// 1.8 m long (along y), 0.7 m deep.
Model Bench() {
  Model m;
  m.AddBox({-0.35F, -0.9F, 0.84F}, {0.35F, 0.9F, 0.90F}, Material::kBenchTop);
  for (float x : {-0.30F, 0.30F}) {
    for (float y : {-0.84F, 0.84F}) {
      m.AddBox({x - 0.035F, y - 0.035F, 0}, {x + 0.035F, y + 0.035F, 0.84F}, Material::kSteel);
    }
  }
  m.AddBox({-0.32F, -0.86F, 0.22F}, {0.32F, 0.86F, 0.25F}, Material::kSteel);
  m.Add(Bottle(), 0, {-0.20F, 0.02F, 0.90F});
  m.Add(Bottle(), 0.4F, {-0.16F, 0.24F, 0.90F});
  m.AddRounded({0.02F, 0.58F, 1.02F}, {0.13F, 0.24F, 0.12F}, 0.2F, Material::kToolbox);
  const std::array<Vec3, 4> handle{
      {{0.02F, 0.46F, 1.13F}, {0.02F, 0.48F, 1.19F}, {0.02F, 0.68F, 1.19F}, {0.02F, 0.70F, 1.13F}}};
  m.AddTube(handle, 0.012F, Material::kBlackRubber);
  return m;
}

void AddRoom(Model& m) {
  m.AddQuad({-3, -3, 0}, {14, 0, 0}, {0, 9, 0}, Material::kFloor);
  constexpr float kBack = 5.8F;
  constexpr float kTop = 3.7F;
  // Back wall around the shutter (x 0.7 .. 3.1, 2.9 m high).
  m.AddBox({-0.2F, kBack, 0}, {0.7F, kBack + 0.2F, kTop}, Material::kWall);
  m.AddBox({3.1F, kBack, 0}, {8.0F, kBack + 0.2F, kTop}, Material::kWall);
  m.AddBox({0.7F, kBack, 2.9F}, {3.1F, kBack + 0.2F, kTop}, Material::kWall);
  m.Add(Shutter(2.4F, 2.9F), 0, {0.7F, kBack + 0.12F, 0});
  for (float x : {0.62F, 3.10F}) {
    m.AddBox({x, kBack - 0.03F, 0}, {x + 0.08F, kBack + 0.2F, 2.95F}, Material::kHazard);
  }
  for (float x : {0.45F, 3.32F}) {  // Posts that keep lorries off the frame.
    const Profile post{{0.06F, 0}, {0.06F, 0.85F}, {0.03F, 0.90F}, {0, 0.90F}};
    m.AddLathe({x, kBack - 0.25F, 0}, post, Material::kHazard);
  }
  // Left wall with a doorway (y 3.4 .. 4.5, 2.15 m high) into an unlit corridor.
  m.AddBox({-0.2F, -3, 0}, {0, 3.4F, kTop}, Material::kWall);
  m.AddBox({-0.2F, 4.5F, 0}, {0, kBack, kTop}, Material::kWall);
  m.AddBox({-0.2F, 3.4F, 2.15F}, {0, 4.5F, kTop}, Material::kWall);
  for (float y : {3.34F, 4.5F}) {
    m.AddBox({-0.22F, y, 0}, {0.02F, y + 0.06F, 2.2F}, Material::kDoorFrame);
  }
  m.AddBox({-0.22F, 3.34F, 2.15F}, {0.02F, 4.56F, 2.21F}, Material::kDoorFrame);
  m.AddBox({-2.2F, 2.0F, 0}, {-2.0F, 6.0F, 2.4F}, Material::kWall);
  m.AddBox({-2.2F, 2.0F, 2.4F}, {-0.2F, 6.0F, 2.5F}, Material::kWall);
  m.AddBox({-2.2F, 1.8F, 0}, {-0.2F, 2.0F, 2.5F}, Material::kWall);
  m.AddBox({-2.2F, 6.0F, 0}, {-0.2F, 6.2F, 2.5F}, Material::kWall);
  // Right wall; behind the camera; ceiling.
  m.AddBox({7.4F, -3, 0}, {7.6F, kBack, kTop}, Material::kWall);
  m.AddBox({-0.2F, -3.2F, 0}, {7.6F, -3.0F, kTop}, Material::kWall);
  m.AddBox({-0.2F, -3, kTop}, {7.6F, kBack, kTop + 0.1F}, Material::kWall);
}

}  // namespace

Model Bay() {
  Model m;
  AddRoom(m);
  m.Add(Rack(), 0, {4.45F, 5.12F, 0});
  m.Add(Bench(), 0, {6.85F, 4.55F, 0});
  // A pallet of cartons, and empty pallets against the wall.
  m.Add(Pallet(), 0.12F, {5.86F, 3.72F, 0});
  m.Add(Carton(0.52F, 0.40F, 0.36F), 0.14F, {5.59F, 3.70F, 0.14F});
  m.Add(Carton(0.52F, 0.40F, 0.36F), 0.10F, {6.14F, 3.76F, 0.14F});
  m.Add(Carton(0.52F, 0.40F, 0.30F), 0.18F, {5.71F, 3.72F, 0.50F});
  for (int i = 0; i < 5; ++i) {
    const float skew = 0.03F * static_cast<float>(i % 3 - 1);
    m.Add(Pallet(), 1.5708F + skew, {0.52F, 2.55F + skew, 0.14F * static_cast<float>(i)});
  }
  // The extinguisher's bracket stays on the wall.
  m.AddBox({3.86F, 5.775F, 1.22F}, {3.94F, 5.80F, 1.34F}, Material::kSteel);
  // A column heater pipe and a switch box, so that the wall is no blank sheet.
  const std::array<Vec3, 2> pipe{{{4.24F, 5.74F, 0}, {4.24F, 5.74F, 3.7F}}};
  m.AddTube(pipe, 0.03F, Material::kGalvanized);
  m.AddBox({3.42F, 5.70F, 1.25F}, {3.60F, 5.80F, 1.55F}, Material::kGreyBin);
  return m;
}

Model BlueBox() {
  Model m;
  m.AddRounded({0, 0, 0.22F}, {0.35F, 0.24F, 0.22F}, 0.14F, Material::kBlueBox);
  m.AddRounded({0, 0, 0.455F}, {0.37F, 0.26F, 0.035F}, 0.16F, Material::kBlueBoxLid);
  for (float x : {-0.22F, 0.0F, 0.22F}) {
    m.AddBox({x - 0.02F, -0.25F, 0.04F}, {x + 0.02F, -0.236F, 0.41F}, Material::kBlueBoxLid);
  }
  m.AddBox({-0.36F, -0.08F, 0.32F}, {-0.345F, 0.08F, 0.37F}, Material::kBlackRubber);
  m.AddBox({0.345F, -0.08F, 0.32F}, {0.36F, 0.08F, 0.37F}, Material::kBlackRubber);
  return m;
}

Model BlackBag() {
  Model m;
  m.AddRounded({0, 0, 0.155F}, {0.31F, 0.16F, 0.155F}, 0.55F, Material::kBag);
  m.AddRounded({0, 0, 0.045F}, {0.28F, 0.145F, 0.045F}, 0.3F, Material::kBagTrim);
  m.AddBox({-0.21F, -0.006F, 0.303F}, {0.21F, 0.006F, 0.313F}, Material::kBagZip);
  for (float side : {-1.0F, 1.0F}) {
    // Straps run up the body and end in a handle over the zip.
    const float y = 0.163F * side;
    std::vector<Vec3> strap;
    for (int i = 0; i <= 12; ++i) {
      const float u = static_cast<float>(i) / 12 * std::numbers::pi_v<float>;
      strap.push_back({-0.13F * std::cos(u), side * (0.11F - 0.075F * std::sin(u)),
                       0.27F + 0.18F * std::sin(u)});
    }
    m.AddTube(strap, 0.014F, Material::kBagTrim);
    for (float x : {-0.13F, 0.13F}) {
      const std::array<Vec3, 3> down{
          {{x, side * 0.11F, 0.28F}, {x, y, 0.16F}, {x, y * 0.93F, 0.03F}}};
      m.AddTube(down, 0.012F, Material::kBagZip);
    }
  }
  return m;
}

Model FireExtinguisher() {
  Model m;
  const Profile body{{0, 0.005F},      {0.085F, 0},     {0.092F, 0.02F}, {0.092F, 0.40F},
                     {0.084F, 0.445F}, {0.058F, 0.48F}, {0.03F, 0.495F}, {0.028F, 0.53F}};
  m.AddLathe({}, body, Material::kRed);
  const Profile label{{0.0935F, 0.16F}, {0.0935F, 0.32F}};
  m.AddLathe({}, label, Material::kLabel);
  m.AddBox({-0.02F, -0.03F, 0.52F}, {0.02F, 0.03F, 0.56F}, Material::kSteel);
  m.AddBox({-0.014F, -0.13F, 0.56F}, {0.014F, 0.04F, 0.575F}, Material::kBlackRubber);
  m.AddBox({-0.014F, -0.12F, 0.595F}, {0.014F, 0.04F, 0.61F}, Material::kBlackRubber);
  const std::array<Vec3, 6> hose{{{0.02F, 0, 0.54F},
                                  {0.08F, -0.02F, 0.53F},
                                  {0.115F, -0.03F, 0.44F},
                                  {0.118F, -0.04F, 0.28F},
                                  {0.112F, -0.05F, 0.14F},
                                  {0.105F, -0.05F, 0.08F}}};
  m.AddTube(hose, 0.014F, Material::kBlackRubber);
  return m;
}

Model ExtinguisherSign() {
  Model m;
  m.AddBox({-0.10F, -0.004F, 0}, {0.10F, 0, 0.20F}, Material::kSign);
  return m;
}

Model CardboardBox() { return Carton(kCardboardBoxWidth, kCardboardBoxDepth, 0.40F); }

}  // namespace stillwatch::sample
