#include "model/data/scene/picture.h"

#include <cmath>
#include <cstring>

namespace stillwatch::data {
namespace {

constexpr std::size_t kRow = 512;  // Rays that are handed over together, at most.

// PCG: one number after another, cheap.
class Dice {
 public:
  explicit Dice(std::uint64_t seed)
      : state_(seed * 6364136223846793005ULL + 1442695040888963407ULL) {}
  float Unit() {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    const auto x = static_cast<std::uint32_t>(((state_ >> 18) ^ state_) >> 27);
    const auto turn = static_cast<std::uint32_t>(state_ >> 59);
    const std::uint32_t mixed = (x >> turn) | (x << ((32 - turn) & 31));
    return static_cast<float>(mixed >> 8) * 0x1.0p-24F;
  }
  float Both() { return 2 * Unit() - 1; }

 private:
  std::uint64_t state_;
};

Vec Cosine(const Vec& normal, Dice& dice) {
  for (;;) {
    const Vec v{dice.Both(), dice.Both(), dice.Both()};
    const float square = Dot(v, v);
    if (square > 1e-4F && square < 1) return Unit(normal + v * (0.999F / std::sqrt(square)));
  }
}

float Sum(const Vec& v) { return v.x + v.y + v.z; }

// The light a lamp would give at `at` from its middle, unshadowed.
float Guess(const Lamp& lamp, const Vec& at, const Vec& normal) {
  const Vec to = lamp.middle - at;
  const float square = std::max(Dot(to, to), 0.05F);
  const float facing = std::max(0.15F, Dot(normal, to) / std::sqrt(square));
  return Sum(lamp.power) * facing / square;
}

// A ray to one light, chosen by what each would give; `light` is what arrives if nothing stands
// between.
Ray ToLight(const Lighting& lighting, const Vec& at, const Vec& normal, Dice& dice, Vec& light) {
  light = {};
  Ray ray{.from = at + normal * 2e-3F, .to = {0, 1, 0}, .far = -1};
  const float sun = std::max(0.0F, Dot(normal, lighting.to_sun)) * Sum(lighting.sun);
  float all = sun;
  std::array<float, 16> parts{};
  const std::size_t lamps = std::min(lighting.lamps.size(), parts.size());
  for (std::size_t i = 0; i < lamps; ++i) all += parts[i] = Guess(lighting.lamps[i], at, normal);
  if (all <= 0) return ray;
  float pick = dice.Unit() * all;
  if (pick < sun) {
    const float size = lighting.sun_size;
    ray.to = Unit(lighting.to_sun + Vec{dice.Both(), dice.Both(), dice.Both()} * size);
    ray.far = 1e30F;
    light = lighting.sun * (std::max(0.0F, Dot(normal, lighting.to_sun)) * all / sun);
    return ray;
  }
  pick -= sun;
  std::size_t chosen = 0;
  while (chosen + 1 < lamps && pick >= parts[chosen]) pick -= parts[chosen++];
  const Lamp& lamp = lighting.lamps[chosen];
  const Vec target = lamp.middle + lamp.half_u * dice.Both() + lamp.half_v * dice.Both();
  const Vec to = target - ray.from;
  const float distance = std::max(Length(to), 0.05F);
  ray.to = to * (1 / distance);
  const float facing = Dot(normal, ray.to);
  if (facing <= 0) return ray;
  ray.far = distance * 0.98F;
  light = lamp.power * (facing / (distance * distance) * all / parts[chosen]);
  return ray;
}

Vec Sky(const Lighting& lighting, const Vec& direction) {
  const float up = std::clamp(direction.y * 1.5F + 0.25F, 0.0F, 1.0F);
  return lighting.sky * up + lighting.around * (1 - up);
}

// What the rays of a picture brought, part by part.
struct Brought {
  std::vector<Hit> hits{};
  std::vector<Vec> direct{};  // From lamps and the sun.
  std::vector<Vec> sky{};
  std::vector<Vec> gloss{};   // The lights' own image: added on top.
  std::vector<Vec> mirror{};  // Likewise.
  explicit Brought(std::size_t count)
      : hits(count), direct(count), sky(count), gloss(count), mirror(count) {}
};

// Which pixels share a surface, in little memory: smoothing reads it over and over.
struct Guide {
  Vec normal{};
  float depth = 0;  // Along the normal.
  Vec at{};
  int object = -1;  // -1: nothing there.
  float near = 0;   // How far off the plane is still the same surface.
};

std::vector<Guide> GuideOf(const std::vector<Hit>& hits) {
  std::vector<Guide> guide(hits.size());
  for (std::size_t i = 0; i < hits.size(); ++i) {
    if (hits[i].distance < 0) continue;
    guide[i] = {.normal = hits[i].normal,
                .depth = Dot(hits[i].at, hits[i].normal),
                .at = hits[i].at,
                .object = hits[i].object,
                .near = 0.01F * hits[i].distance};
  }
  return guide;
}

// Weighted mean along one axis, over what belongs to the same surface.  `every`: only pixels of
// this parity (x + y) are known, and the others are to be filled; -1: all are.
void Smooth(const std::vector<Guide>& guide, int width, int height, int dx, int dy, int radius,
            int every, std::vector<Vec>& part, std::vector<Vec>& room) {
  const float near = static_cast<float>(1 + dx + dy);
  for (int y = 0; y < height; ++y) {
    const int low = dy == 0 ? -radius : std::max(-radius, -(y / dy));
    const int high = dy == 0 ? radius : std::min(radius, (height - 1 - y) / dy);
    for (int x = 0; x < width; ++x) {
      const auto at = static_cast<std::size_t>(y * width + x);
      const Guide& here = guide[at];
      if (here.object < 0) continue;
      const int from = dx == 0 ? low : std::max(-radius, -(x / dx));
      const int to = dx == 0 ? high : std::min(radius, (width - 1 - x) / dx);
      Vec sum;
      float weight = 0;
      for (int k = from; k <= to; ++k) {
        if (every >= 0 && ((x + y + k * (dx + dy)) & 1) != every) continue;
        const auto other = static_cast<std::size_t>((y + k * dy) * width + x + k * dx);
        const Guide& there = guide[other];
        if (there.object != here.object) continue;
        const float alike = Dot(here.normal, there.normal);
        if (alike < 0.85F) continue;
        if (std::abs(Dot(there.at, here.normal) - here.depth) > near * here.near) continue;
        const float w = alike * alike * static_cast<float>(radius + 1 - (k < 0 ? -k : k));
        sum = sum + part[other] * w;
        weight += w;
      }
      room[at] = weight > 0 ? sum * (1 / weight) : part[at];
    }
  }
  part.swap(room);
}

}  // namespace

Camera Camera::LookAt(const Vec& from, const Vec& target, double roll) {
  Camera camera;
  camera.at = from;
  camera.ahead = Unit(target - from);
  const Vec side = Unit(Cross(camera.ahead, {0, 1, 0}));
  const Vec over = Cross(side, camera.ahead);
  const auto c = static_cast<float>(std::cos(roll));
  const auto s = static_cast<float>(std::sin(roll));
  camera.right = side * c + over * s;
  camera.up = over * c - side * s;
  return camera;
}

Ray Camera::Through(double x, double y) const {
  double u = 2 * x - 1;
  double v = (1 - 2 * y) / aspect;
  // From the distorted picture back to the straight one: the corners look further out.
  const double stretch = 1 + barrel * (u * u + v * v);
  u *= stretch * tan_x;
  v *= stretch * tan_x;
  return {.from = at,
          .to = Unit(ahead + right * static_cast<float>(u) + up * static_cast<float>(v))};
}

std::optional<std::array<double, 2>> Camera::See(const Vec& point) const {
  const Vec to = point - at;
  const double depth = static_cast<double>(Dot(to, ahead));
  if (depth < 0.05) return std::nullopt;
  const double u = static_cast<double>(Dot(to, right)) / depth / tan_x;
  const double v = static_cast<double>(Dot(to, up)) / depth / tan_x;
  const double wanted = std::hypot(u, v);
  double r = wanted;  // r (1 + barrel r^2) = wanted, by Newton.
  for (int i = 0; i < 5; ++i) {
    r -= (r * (1 + barrel * r * r) - wanted) / (1 + 3 * barrel * r * r);
  }
  const double shrink = wanted > 1e-9 ? r / wanted : 1;
  return std::array<double, 2>{(u * shrink + 1) / 2, (1 - v * shrink * aspect) / 2};
}

Picture Take(const Stage& stage, const Camera& camera, const Lighting& lighting, const Region& crop,
             int width, int height, std::uint64_t seed) {
  Dice dice(seed);
  const auto count = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  Brought brought(count);
  std::array<Ray, kRow> rays;
  std::array<Ray, kRow> more;
  std::array<Hit, kRow> hits;
  std::array<Hit, kRow> others;
  std::array<Vec, kRow> arriving;
  std::array<std::size_t, kRow> which{};
  std::array<std::uint8_t, kRow> open{};
  bool mirrors = false;
  bool glossy = false;
  for (std::size_t first = 0; first < count; first += kRow) {
    const std::size_t n = std::min(kRow, count - first);
    for (std::size_t i = 0; i < n; ++i) {
      const auto at = static_cast<int>(first + i);
      const double x = (at % width + 0.5) / width;
      const double y = (at / width + 0.5) / height;
      rays[i] = camera.Through(crop.x + x * crop.w, crop.y + y * crop.h);
    }
    stage.Trace({rays.data(), n}, {hits.data(), n});
    // Through what is transparent, by chance: the mean is right.
    for (int layer = 0; layer < 4; ++layer) {
      std::size_t again = 0;
      for (std::size_t i = 0; i < n; ++i) {
        if (hits[i].distance < 0 || hits[i].opacity > 0.97F || dice.Unit() < hits[i].opacity)
          continue;
        which[again] = i;
        more[again] = {.from = hits[i].at + rays[i].to * 2e-3F, .to = rays[i].to};
        ++again;
      }
      if (again == 0) break;
      stage.Trace({more.data(), again}, {others.data(), again});
      for (std::size_t k = 0; k < again; ++k) {
        hits[which[k]] = others[k];
        if (others[k].distance >= 0) {
          hits[which[k]].distance = Length(others[k].at - rays[which[k]].from);
        }
      }
    }
    for (std::size_t i = 0; i < n; ++i) brought.hits[first + i] = hits[i];
    const float part = 1.0F / static_cast<float>(lighting.rays);
    for (int ray = 0; ray < lighting.rays; ++ray) {
      for (std::size_t i = 0; i < n; ++i) {
        more[i].far = -1;
        if (hits[i].distance < 0) continue;
        more[i] = ToLight(lighting, hits[i].at, hits[i].normal, dice, arriving[i]);
      }
      stage.Test({more.data(), n}, {open.data(), n});
      for (std::size_t i = 0; i < n; ++i) {
        if (open[i] == 0) continue;
        Vec& direct = brought.direct[first + i];
        direct = direct + arriving[i] * part;
        if (hits[i].shine <= 0.02F) continue;
        glossy = true;  // The light's own image.
        const Vec halfway = Unit(more[i].to - rays[i].to);
        const float sharp = 20 + 100 * hits[i].shine;
        const float peak = std::pow(std::max(0.0F, Dot(hits[i].normal, halfway)), sharp);
        const float strong = (hits[i].shine > 0.6F ? 1.6F : 0.5F) * hits[i].shine * peak * part;
        brought.gloss[first + i] = brought.gloss[first + i] + arriving[i] * strong;
      }
    }
    // The sky, for every second pixel in the manner of a chessboard.
    std::size_t asked = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const auto at = static_cast<int>(first + i);
      if (hits[i].distance < 0) continue;
      if (((at % width + at / width) & 1) != 0) {
        // Where no neighbour knows.
        brought.sky[first + i] = lighting.sky * 0.5F + lighting.around * 0.2F;
        continue;
      }
      which[asked] = i;
      more[asked] = {.from = hits[i].at + hits[i].normal * 2e-3F,
                     .to = Cosine(hits[i].normal, dice),
                     .far = lighting.reach};
      ++asked;
    }
    stage.Test({more.data(), asked}, {open.data(), asked});
    for (std::size_t k = 0; k < asked; ++k) {
      const Vec sky = open[k] != 0 ? Sky(lighting, more[k].to) : lighting.around * 0.35F;
      brought.sky[first + which[k]] = sky;
    }
    // Mirrors.
    asked = 0;
    for (std::size_t i = 0; i < n; ++i) {
      if (hits[i].distance < 0 || hits[i].shine < 0.6F) continue;
      which[asked] = i;
      const Vec& d = rays[i].to;
      const Vec rough = Vec{dice.Both(), dice.Both(), dice.Both()} * 0.06F;
      const Vec away = Unit(d - hits[i].normal * (2 * Dot(d, hits[i].normal)) + rough);
      more[asked++] = {.from = hits[i].at + hits[i].normal * 3e-3F, .to = away};
    }
    if (asked > 0) {
      mirrors = true;
      stage.Trace({more.data(), asked}, {others.data(), asked});
      for (std::size_t k = 0; k < asked; ++k) {
        Vec mirrored = Sky(lighting, more[k].to) * 0.5F;
        if (others[k].distance >= 0) {
          Vec direct;
          ToLight(lighting, others[k].at, others[k].normal, dice, direct);
          mirrored = others[k].albedo * (direct * 0.9F + lighting.sky * 0.6F);
        }
        Hit& hit = brought.hits[first + which[k]];
        const float share = 0.9F * std::min(1.0F, (hit.shine - 0.6F) / 0.4F + 0.2F);
        brought.mirror[first + which[k]] = mirrored * hit.albedo * (1.15F * share);
        hit.albedo = hit.albedo * (1 - share);
      }
    }
  }
  const std::vector<Guide> guide = GuideOf(brought.hits);
  std::vector<Vec> room(count);
  const auto smooth = [&](std::vector<Vec>& part, int step, int radius, int every = -1) {
    Smooth(guide, width, height, step, 0, radius, every, part, room);
    Smooth(guide, width, height, 0, step, radius, -1, part, room);
  };
  smooth(brought.sky, 1, 2, 0);
  smooth(brought.sky, 3, 3);
  // Sunlight has sharp shadows and no noise; lamps have both the other way round.
  const bool lamps = !lighting.lamps.empty();
  smooth(brought.direct, 1, lamps ? 2 : 1);
  if (lamps) smooth(brought.direct, 3, 2);
  if (glossy) smooth(brought.gloss, 1, 2);
  if (mirrors) smooth(brought.mirror, 1, 1);
  Picture picture{.width = width, .height = height};
  picture.light.resize(count);
  picture.object.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    const Hit& hit = brought.hits[i];
    picture.object[i] = hit.distance < 0 ? 0 : hit.object;
    picture.light[i] =
        hit.distance < 0
            ? lighting.backdrop
            : hit.albedo * (brought.direct[i] + brought.sky[i] + Vec{1, 1, 1} * hit.glow) +
                  brought.gloss[i] + brought.mirror[i];
  }
  return picture;
}

float Exposure(const Picture& picture, float target) {
  double sum = 0;
  for (const Vec& v : picture.light) {
    sum += std::log(1e-4 + 0.3 * static_cast<double>(v.x) + 0.59 * static_cast<double>(v.y) +
                    0.11 * static_cast<double>(v.z));
  }
  const double mean =
      std::exp(sum / static_cast<double>(std::max<std::size_t>(1, picture.light.size())));
  return target / static_cast<float>(std::max(mean, 1e-4));
}

Image Expose(const Picture& picture, float factor, const Vec& balance) {
  static const std::array<std::uint8_t, 4096> table = [] {
    std::array<std::uint8_t, 4096> t{};
    for (std::size_t i = 0; i < t.size(); ++i) {
      t[i] = static_cast<std::uint8_t>(
          std::lround(255 * std::pow(static_cast<double>(i) / 4095, 1 / 2.2)));
    }
    return t;
  }();
  const auto byte = [&](float v) {
    if (!(v > 0)) v = 0;
    if (v > 0.7F) v = 0.7F + 0.3F * (1 - std::exp(-(v - 0.7F) / 0.3F));
    return table[static_cast<std::size_t>(std::min(v, 1.0F) * 4095)];
  };
  Image image = MakeImage(picture.width, picture.height, 3);
  for (std::size_t i = 0; i < picture.light.size(); ++i) {
    const Vec v = picture.light[i] * balance * factor;
    image.bytes[i * 3] = byte(v.x);
    image.bytes[i * 3 + 1] = byte(v.y);
    image.bytes[i * 3 + 2] = byte(v.z);
  }
  return image;
}

}  // namespace stillwatch::data
