#include "model/data/scene/conditions.h"

#include <cmath>
#include <cstdio>

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

namespace stillwatch::data {
namespace {

float Uniform(Random& random, double low, double high) {
  return static_cast<float>(random.Range(low, high));
}

Vec Rotated(const Vec& v, const Vec& axis, double angle) {
  const auto c = static_cast<float>(std::cos(angle));
  const auto s = static_cast<float>(std::sin(angle));
  return v * c + Cross(axis, v) * s + axis * (Dot(axis, v) * (1 - c));
}

void Turn(Camera& camera, const Vec& axis, double angle) {
  camera.right = Rotated(camera.right, axis, angle);
  camera.up = Rotated(camera.up, axis, angle);
  camera.ahead = Rotated(camera.ahead, axis, angle);
}

// How strong one nuisance is: often hardly there, sometimes strong.
double Strength(Random& random, bool much) {
  if (much) return random.Range(0.35, 1);
  const double u = random.Unit();
  return u < 0.35   ? 0.05 * random.Unit()
         : u < 0.85 ? 0.4 * std::pow(random.Unit(), 1.5)
                    : random.Range(0.3, 1);
}

void Shake(const Scenery& scenery, bool much, Conditions& c, Random& random) {
  c.camera = {scenery.camera, scenery.camera};
  Camera& camera = c.camera[1];
  if (scenery.family == Family::kSolids) {
    // As in the published set, where it is as large as the changes: another place, the same aim.
    const float reach = random.Chance(0.25) ? 0.3F : Uniform(random, 0.5, 1.6);
    const Vec aim = camera.at + camera.ahead * (-camera.at.y / std::min(-0.1F, camera.ahead.y));
    Vec from =
        camera.at +
        Vec{Uniform(random, -1, 1), Uniform(random, -0.7, 0.7), Uniform(random, -1.3, 1)} * reach;
    Camera moved = Camera::LookAt(
        from, aim + Vec{Uniform(random, -0.2, 0.2), 0, Uniform(random, -0.2, 0.2)} * reach, 0);
    c.viewpoint_deg =
        std::acos(std::clamp(static_cast<double>(Dot(moved.ahead, camera.ahead)), -1.0, 1.0)) *
        57.2958;
    moved.tan_x = camera.tan_x;
    moved.aspect = camera.aspect;
    camera = moved;
    return;
  }
  const double strength = Strength(random, much);
  const double degrees = 4.0 * strength;
  c.viewpoint_deg = degrees;
  Turn(camera, camera.up, random.Normal() * degrees / 57.3 * 0.6);
  Turn(camera, camera.right, random.Normal() * degrees / 57.3 * 0.5);
  Turn(camera, camera.ahead, random.Normal() * degrees / 57.3 * 0.3);
  const float shift = static_cast<float>(0.2 * strength * strength);
  camera.at = camera.at +
              Vec{Uniform(random, -1, 1), Uniform(random, -1, 1), Uniform(random, -1, 1)} * shift;
  if (random.Chance(0.2)) camera.tan_x *= 1 + 0.05 * strength * random.Normal();
}

void Light(const Scenery& scenery, bool much, Conditions& c, Random& random) {
  c.lighting = {scenery.lighting, scenery.lighting};
  if (scenery.family == Family::kSolids) {
    c.light = random.Range(0.1, 1);
    for (Lamp& lamp : c.lighting[1].lamps) {
      lamp.middle = lamp.middle + Vec{Uniform(random, -1.2, 1.2), Uniform(random, -0.6, 0.6),
                                      Uniform(random, -1.2, 1.2)} *
                                      static_cast<float>(c.light);
      lamp.power =
          lamp.power * std::exp(Uniform(random, -0.25, 0.25) * static_cast<float>(c.light));
    }
    return;
  }
  c.light = Strength(random, much);
  const auto strength = static_cast<float>(c.light);
  Lighting& now = c.lighting[static_cast<std::size_t>(random.Int(0, 1))];
  const auto grade = [&] { return std::exp(Uniform(random, -0.9, 0.9) * strength); };
  if (scenery.indoor) {
    for (Lamp& lamp : now.lamps) {
      lamp.power = lamp.power * grade();
      if (random.Chance(0.35 * c.light)) lamp.power = lamp.power * 0.02F;
    }
    const float ambient = grade();
    now.sky = now.sky * ambient;
    now.around = now.around * ambient;
  } else {
    const float ambient = std::exp(Uniform(random, -0.5, 0.5) * strength);
    now.sky = now.sky * ambient;
    if (random.Chance(0.25 * c.light)) now.sun = now.sun * 0.1F;
  }
  // The sun goes on, or clouds come.
  now.to_sun = Unit(Rotated(now.to_sun, {0, 1, 0}, random.Normal() * 0.6 * c.light) +
                    Vec{0, Uniform(random, -0.25, 0.25) * strength, 0});
  now.to_sun.y = std::max(now.to_sun.y, 0.15F);
  now.to_sun = Unit(now.to_sun);
  now.sun = now.sun * grade();
}

// Night: lamps outside, or the camera's own infrared.
void Night(const Scenery& scenery, const std::array<bool, 2>& dark, Conditions& c, Random& random) {
  for (std::size_t i = 0; i < 2; ++i) {
    if (!dark[i]) continue;
    Lighting& l = c.lighting[i];
    l.sun = {};
    l.sky = l.sky * 0.04F;
    l.around = l.around * 0.04F;
    l.backdrop = l.backdrop * 0.02F;
    for (Lamp& lamp : l.lamps) lamp.power = lamp.power * (c.infrared[i] ? 0.01F : 0.3F);
    const Vec at = c.infrared[i] ? scenery.camera.at + Vec{0, 0.05F, 0}
                                 : Vec{Uniform(random, 1, 8), Uniform(random, 3.5, 5),
                                       Uniform(random, 0.5, 4)};
    const float power = c.infrared[i] ? 12.0F : 8.0F;
    if (c.infrared[i] || !scenery.indoor) {
      l.lamps.push_back(
          {.middle = at,
           .half_u = {0.05F, 0, 0},
           .half_v = {0, 0.05F, 0},
           .power = c.infrared[i] ? Vec{1, 1, 1} * power : Vec{1, 0.75F, 0.45F} * power});
    }
  }
}

void Passers(const ModelStock& stock, const Scenery& scenery, int count, bool before_others,
             const std::optional<Region>& avoid, bool test, Conditions& c, Random& random) {
  int object = kFirstPasser;
  for (int i = 0; i < count; ++i) {
    const bool vehicle = !scenery.indoor && !before_others && random.Chance(0.35);
    const Model* model =
        vehicle ? stock.Draw(test, 'c', random, [](const Model& m) { return m.vehicle; })
                : stock.DrawPerson(test, random);
    if (!model) continue;
    for (int attempt = 0; attempt < 12; ++attempt) {
      const Support* on = &scenery.supports[static_cast<std::size_t>(DrawSupport(scenery, random))];
      if (on->place == 't' || (vehicle && on->place != 'c')) continue;
      Stand stand{.model = model, .support = static_cast<int>(on - scenery.supports.data())};
      stand.x = Uniform(random, on->x0, on->x1);
      stand.z = Uniform(random, on->z0, on->z1);
      stand.yaw = Uniform(random, 0, 6.28);
      if (!Fits(scenery, scenery.state, stand)) continue;
      const auto box = Appears(scenery.camera, *model, PoseOf(scenery, stand));
      if (!box || box->x < -0.2 || box->x + box->w > 1.2 || box->h > 0.95 || box->h < 0.04)
        continue;
      if (avoid) {
        const double w =
            std::min(box->x + box->w, avoid->x + avoid->w) - std::max(box->x, avoid->x);
        const double h =
            std::min(box->y + box->h, avoid->y + avoid->h) - std::max(box->y, avoid->y);
        if (w > 0 && h > 0) continue;
      }
      Actor actor{.model = model, .pose = PoseOf(scenery, stand), .object = object++};
      if (random.Chance(0.7)) {
        actor.tint =
            Vec{Uniform(random, 0.05, 0.8), Uniform(random, 0.05, 0.8), Uniform(random, 0.05, 0.8)};
      }
      c.passers[static_cast<std::size_t>(random.Int(0, 1))].push_back(actor);
      c.passer_boxes.push_back(*box);
      break;
    }
  }
}

std::string Clock(Random& random) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "2026-%02d-%02d %02d:%02d:%02d", random.Int(1, 12),
                random.Int(1, 28), random.Int(0, 23), random.Int(0, 59), random.Int(0, 59));
  return text.data();
}

void Rain(cv::Mat& picture, double strength, Random& random) {
  const int drops = static_cast<int>(strength * 90);
  const double lean = random.Range(-0.25, 0.25);
  cv::Mat streaks = picture.clone();
  for (int i = 0; i < drops; ++i) {
    const int x = random.Int(0, picture.cols - 1), y = random.Int(0, picture.rows - 1);
    const int length = random.Int(4, 18);
    cv::line(streaks, {x, y}, {x + static_cast<int>(lean * length), y + length},
             cv::Scalar::all(random.Int(170, 235)), 1, cv::LINE_AA);
  }
  cv::addWeighted(picture, 0.65, streaks, 0.35, 0, picture);
}

}  // namespace

Cause DrawCause(bool solids, Random& random) {
  if (solids) return random.Chance(0.6) ? Cause::kViewpoint : Cause::kLight;
  static const std::vector<Cause> kCauses{Cause::kNothing,   Cause::kLight,    Cause::kShadow,
                                          Cause::kViewpoint, Cause::kPasserBy, Cause::kNight,
                                          Cause::kFocus};
  return kCauses[random.Weighted({0.12, 0.22, 0.18, 0.25, 0.10, 0.07, 0.06})];
}

Conditions DrawConditions(const ModelStock& stock, const Scenery& scenery, Cause cause,
                          bool changed, const std::optional<Region>& avoid, bool test,
                          Random& random) {
  const bool solids = scenery.family == Family::kSolids;
  const auto is = [&](Cause one) { return !changed && cause == one; };
  Conditions c;
  c.seed = random.Bits();
  Shake(scenery, is(Cause::kViewpoint), c, random);
  Light(scenery, is(Cause::kLight) || is(Cause::kShadow), c, random);
  std::array<bool, 2> dark{};
  if (!solids) {
    if (is(Cause::kNight)) {
      const auto which = static_cast<std::size_t>(random.Int(0, 1));
      dark[which] = true;
      c.infrared[which] = random.Chance(0.6);
    } else if (random.Chance(0.10)) {
      dark = {true, true};
      c.infrared[0] = c.infrared[1] = random.Chance(0.6);
    }
    Night(scenery, dark, c, random);
  }
  const bool people = is(Cause::kPasserBy);
  const int passers = solids ? 0 : people ? random.Int(1, 2) : random.Chance(0.18) ? 1 : 0;
  Passers(stock, scenery, passers, people, avoid, test, c, random);

  c.target = solids ? Uniform(random, 0.14, 0.22) : Uniform(random, 0.10, 0.26);
  if (dark[0] && dark[1]) c.target *= Uniform(random, 0.3, 0.9);
  c.follow = Uniform(random, 0.3, 1.0);
  if (is(Cause::kNight)) c.follow = Uniform(random, 0.7, 1.0);
  const Vec tone =
      solids ? Vec{1, 1, 1} : Vec{Uniform(random, 0.94, 1.06), 1, Uniform(random, 0.92, 1.08)};
  for (std::size_t i = 0; i < 2; ++i) {
    const float drift = static_cast<float>(0.10 * c.light);
    c.balance[i] =
        tone * Vec{1 + Uniform(random, -1, 1) * drift, 1, 1 + Uniform(random, -1, 1) * drift};
  }
  Circumstances base;
  base.blur_px = solids || random.Chance(0.5) ? 0 : random.Range(0.2, 1.2);
  base.noise = solids                ? random.Range(0, 2)
               : random.Chance(0.25) ? 0
                                     : std::pow(random.Unit(), 1.5) * 9;
  base.grain = random.Unit();
  base.jpeg_quality = random.Chance(0.3) ? 100 : solids ? random.Int(70, 95) : random.Int(35, 92);
  base.clock_below = random.Chance(0.4);
  const bool clock = !solids && random.Chance(0.35);
  const double rain = !solids && !scenery.indoor && random.Chance(0.1) ? random.Range(0.2, 1) : 0;
  for (std::size_t i = 0; i < 2; ++i) {
    Circumstances how = base;
    how.infrared = c.infrared[i];
    if (dark[i]) how.noise += random.Range(1, 6);
    how.noise *= random.Range(0.8, 1.25);
    how.noise_seed = random.Bits();
    if (clock) how.clock = Clock(random);
    c.how[i] = how;
    if (rain > 0 && random.Chance(0.7)) c.rain[i] = rain;
  }
  if (is(Cause::kFocus)) {
    c.how[static_cast<std::size_t>(random.Int(0, 1))].blur_px += random.Range(1.0, 2.6);
  } else if (random.Chance(0.15)) {
    c.how[static_cast<std::size_t>(random.Int(0, 1))].blur_px += random.Range(0.2, 0.8);
  }
  return c;
}

void DevelopScene(const Image& picture, const Conditions& conditions, std::size_t index, bool whole,
                  int size, std::vector<std::uint8_t>& out) {
  Image image = picture;
  Circumstances how = conditions.how[index];
  if (!whole) how.clock.clear();
  if (conditions.rain[index] > 0) {
    cv::Mat view = View(image);
    Random random(conditions.seed + index);
    Rain(view, conditions.rain[index], random);
  }
  if (size > 0) {
    Develop(image, how, {.x = 0, .y = 0, .width = image.width, .height = image.height}, size, out);
    return;
  }
  // A square one is what Develop makes; here: as large as it is.
  std::vector<std::uint8_t> square;
  const int side = std::max(image.width, image.height);
  Develop(image, how, {.x = 0, .y = 0, .width = image.width, .height = image.height}, side, square);
  const cv::Mat from(side, side, CV_8UC3, square.data());
  cv::Mat fitted;
  cv::resize(from, fitted, cv::Size(image.width, image.height), 0, 0, cv::INTER_AREA);
  out.insert(out.end(), fitted.datastart, fitted.dataend);
}

}  // namespace stillwatch::data
