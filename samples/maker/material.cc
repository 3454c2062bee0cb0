#include "samples/maker/material.h"

#include <cmath>

#include "samples/maker/noise.h"

namespace stillwatch::sample {
namespace {

// 1 within `half` of `center`, soft over a few millimetres.
float Band(float x, float center, float half) {
  return 1 - Smooth(half - 0.004F, half + 0.004F, std::abs(x - center));
}

float Box(float x, float x0, float x1, float y, float y0, float y1) {
  return Band(x, (x0 + x1) / 2, (x1 - x0) / 2) * Band(y, (y0 + y1) / 2, (y1 - y0) / 2);
}

// Diagonal stripes, 0 or 1, `width` metres each.
float Stripes(float along, float width) {
  const float phase = along / (2 * width);
  return Smooth(0.48F, 0.52F, std::abs(2 * (phase - std::floor(phase)) - 1));
}

Surface Floor(Vec3 p) {
  const float stain = Fractal(p * 0.9F);
  const float grain = Fractal(p * 14.0F);
  const float worn = Fractal(p * 3.1F + Vec3{7, 1, 0});
  Vec3 color = Vec3{0.40F, 0.39F, 0.37F} * (0.80F + 0.30F * stain + 0.22F * (grain - 0.5F));
  // Saw-cut joints of the slab.
  const float joint = std::max(Band(p.x, 2.05F, 0.006F), Band(p.y, 3.30F, 0.006F));
  color = color * (1 - 0.55F * joint);
  // Dark tyre tracks towards the shutter.
  const float track = std::max(Smooth(0.16F, 0.03F, std::abs(p.x - 1.25F - 0.05F * p.y)),
                               Smooth(0.16F, 0.03F, std::abs(p.x - 2.15F - 0.05F * p.y)));
  color = color * (1 - 0.22F * track * worn);
  // Paint: a walkway across the bay and a keep-clear field in front of the shutter.
  const float kept = Smooth(0.20F, 0.42F, worn + 0.35F * (grain - 0.5F));
  const float lane =
      std::max(Band(p.y, 1.62F, 0.04F), Band(p.y, 2.42F, 0.04F)) * static_cast<float>(p.x > 0.4F);
  const float inside = Box(p.x, 0.70F, 3.10F, p.y, 4.75F, 5.75F);
  const float edge = inside - Box(p.x, 0.77F, 3.03F, p.y, 4.82F, 5.68F);
  const float hatch = inside * Stripes(p.x + p.y, 0.11F) * 0.999F;
  const float paint = std::max({lane, edge, hatch}) * (0.25F + 0.65F * kept);
  color = Mix(color, Vec3{0.72F, 0.50F, 0.06F} * (0.85F + 0.2F * grain), paint);
  return {.albedo = color, .gloss = 0.10F, .sharpness = 18};
}

Surface Wall(Vec3 p) {
  const float stain = Fractal(p * 1.3F + Vec3{3, 3, 3});
  const float grain = Fractal(p * 9.0F);
  Vec3 upper = Vec3{0.62F, 0.62F, 0.58F} * (0.90F + 0.14F * stain + 0.06F * (grain - 0.5F));
  const Vec3 lower = Vec3{0.24F, 0.31F, 0.34F} * (0.90F + 0.18F * stain);
  // Blockwork: courses of 20 cm, blocks of 40 cm, every other course shifted by half a block.
  const float course = std::floor(p.z / 0.2F);
  const float along = p.x + p.y + (std::fmod(course, 2.0F) > 0.5F ? 0.2F : 0.0F);
  const float in_block = along / 0.4F - std::floor(along / 0.4F);
  const float in_course = p.z / 0.2F - course;
  const float mortar = std::max(Smooth(0.05F, 0.02F, in_course), Smooth(0.03F, 0.01F, in_block));
  Vec3 color = Mix(upper, lower, Smooth(1.004F, 0.996F, p.z)) * (1 - 0.13F * mortar);
  color = color * (1 - 0.25F * Smooth(0.25F, 0.0F, p.z) * stain * 1.6F);  // Splashes at the foot.
  return {.albedo = color};
}

Surface Cardboard(Vec3 p) {
  const float grain = Fractal({p.x * 6, p.y * 6, p.z * 40});
  Vec3 color = Vec3{0.46F, 0.30F, 0.165F} * (0.86F + 0.28F * grain);
  return {.albedo = color, .gloss = 0.02F};
}

Surface Wood(Vec3 p) {
  const float grain = Fractal({p.x * 5, p.y * 60, p.z * 60});
  const float dirt = Fractal(p * 4.0F);
  return {.albedo = Vec3{0.47F, 0.33F, 0.19F} * (0.70F + 0.40F * grain + 0.2F * (dirt - 0.5F))};
}

Surface Cloth(Vec3 color, Vec3 p) { return {.albedo = color * (0.85F + 0.3F * Fractal(p * 9.0F))}; }

}  // namespace

Surface Paint(Material material, Vec3 p, Vec3 n) {
  switch (material) {
    case Material::kFloor:
      return Floor(p);
    case Material::kWall:
      return Wall(p);
    case Material::kShutter:
      return {.albedo = Vec3{0.52F, 0.54F, 0.55F} * (0.88F + 0.2F * Fractal(p * 2.0F)),
              .gloss = 0.10F,
              .sharpness = 25};
    case Material::kDoorFrame:
      return {.albedo = {0.20F, 0.21F, 0.22F}, .gloss = 0.05F};
    case Material::kDoor:
      return {.albedo = {0.16F, 0.25F, 0.33F}, .gloss = 0.08F};
    case Material::kHazard: {
      const float stripe = Stripes(p.x + p.y + p.z, 0.10F);
      return {.albedo = Mix({0.03F, 0.03F, 0.03F}, {0.78F, 0.56F, 0.05F}, stripe), .gloss = 0.05F};
    }
    case Material::kGalvanized:
      return {.albedo = {0.46F, 0.47F, 0.48F}, .gloss = 0.2F};
    case Material::kRackBlue:
      return {.albedo = {0.05F, 0.11F, 0.30F}, .gloss = 0.1F};
    case Material::kRackOrange:
      return {.albedo = {0.68F, 0.22F, 0.03F}, .gloss = 0.1F};
    case Material::kCardboard:
      return Cardboard(p);
    case Material::kTape:
      return {.albedo = {0.62F, 0.50F, 0.32F}, .gloss = 0.12F};
    case Material::kWood:
      return Wood(p);
    case Material::kBenchTop:
      return {.albedo = Wood({p.y, p.x, p.z}).albedo * 0.9F, .gloss = 0.06F};
    case Material::kBlueBox:
      return {.albedo = {0.035F, 0.13F, 0.46F}, .gloss = 0.22F, .sharpness = 50};
    case Material::kBlueBoxLid:
      return {.albedo = {0.05F, 0.17F, 0.54F}, .gloss = 0.22F, .sharpness = 50};
    case Material::kBag:
      return Cloth({0.022F, 0.022F, 0.025F}, p * 2.0F);
    case Material::kBagTrim:
      return {.albedo = {0.012F, 0.012F, 0.013F}, .gloss = 0.04F};
    case Material::kBagZip:
      return {.albedo = {0.20F, 0.20F, 0.21F}, .gloss = 0.15F};
    case Material::kRed:
      return {.albedo = {0.62F, 0.025F, 0.02F}, .gloss = 0.5F, .sharpness = 60};
    case Material::kBlackRubber:
      return {.albedo = {0.02F, 0.02F, 0.02F}, .gloss = 0.05F};
    case Material::kSign: {
      // A white pictogram on red: a bottle with its hose, in the sign's own x and z.
      const float body = Box(p.x, -0.03F, 0.03F, p.z, 0.04F, 0.13F);
      const float neck = Box(p.x, -0.015F, 0.05F, p.z, 0.145F, 0.165F);
      const float rim = 1 - Box(p.x, -0.085F, 0.085F, p.z, 0.015F, 0.185F);
      return {.albedo =
                  Mix({0.60F, 0.02F, 0.02F}, {0.8F, 0.8F, 0.8F}, std::max({body, neck, rim}))};
    }
    case Material::kLabel: {
      const float line = Stripes(p.z, 0.012F) * static_cast<float>(n.z < 0.5F);
      return {.albedo = Mix({0.75F, 0.74F, 0.70F}, {0.35F, 0.35F, 0.35F}, 0.6F * line)};
    }
    case Material::kWater:
      return {.albedo = {0.46F, 0.58F, 0.66F}, .gloss = 0.8F, .sharpness = 90};
    case Material::kBottleCap:
      return {.albedo = {0.04F, 0.20F, 0.62F}, .gloss = 0.2F};
    case Material::kToolbox:
      return {.albedo = {0.50F, 0.06F, 0.04F}, .gloss = 0.2F};
    case Material::kSteel:
      return {.albedo = {0.30F, 0.31F, 0.32F}, .gloss = 0.35F, .sharpness = 60};
    case Material::kGreenBin:
      return {.albedo = {0.06F, 0.24F, 0.10F}, .gloss = 0.12F};
    case Material::kGreyBin:
      return {.albedo = {0.22F, 0.23F, 0.25F}, .gloss = 0.12F};
    case Material::kSkin:
      return {.albedo = {0.50F, 0.29F, 0.20F}, .gloss = 0.04F, .sharpness = 15};
    case Material::kHair:
      return {.albedo = {0.05F, 0.032F, 0.022F}, .gloss = 0.06F};
    case Material::kHelmet:
      return {.albedo = {0.72F, 0.72F, 0.70F}, .gloss = 0.3F};
    case Material::kVestOrange:
      return Cloth({0.82F, 0.20F, 0.03F}, p);
    case Material::kVestYellow:
      return Cloth({0.66F, 0.74F, 0.06F}, p);
    case Material::kReflective:
      return {.albedo = {0.68F, 0.69F, 0.70F}, .gloss = 0.2F};
    case Material::kShirtBlue:
      return Cloth({0.09F, 0.15F, 0.28F}, p);
    case Material::kShirtGreen:
      return Cloth({0.10F, 0.22F, 0.13F}, p);
    case Material::kJacketGrey:
      return Cloth({0.15F, 0.15F, 0.16F}, p);
    case Material::kJeans:
      return Cloth({0.07F, 0.11F, 0.20F}, p);
    case Material::kTrousersDark:
      return Cloth({0.045F, 0.048F, 0.06F}, p);
    case Material::kTrousersKhaki:
      return Cloth({0.30F, 0.25F, 0.16F}, p);
    case Material::kShoe:
      return {.albedo = {0.035F, 0.028F, 0.024F}, .gloss = 0.1F};
  }
  return {};
}

}  // namespace stillwatch::sample
