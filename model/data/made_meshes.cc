#include "model/data/made_meshes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numbers>
#include <vector>

#include "model/data/palette.h"
#include "model/data/random.h"

namespace stillwatch::data {
namespace {

using Vec = std::array<float, 3>;

// Points in (radius, height) from the bottom up, each with the material of the ring above it.
struct ProfilePoint {
  double radius = 0;
  double height = 0;
  int material = 0;
};

std::uint32_t AddPoint(Mesh& mesh, const Vec& point, const Vec& normal,
                       const std::array<float, 2>& uv = {0, 0}) {
  mesh.points.push_back(point);
  mesh.normals.push_back(normal);
  mesh.uv.push_back(uv);
  return static_cast<std::uint32_t>(mesh.points.size() - 1);
}

void AddTriangle(Mesh& mesh, std::uint32_t a, std::uint32_t b, std::uint32_t c, int material) {
  mesh.triangles.push_back({a, b, c});
  mesh.material_of.push_back(material);
}

// A surface of revolution; each ring has normals of its own, so that edges stay sharp.
void AddTurned(Mesh& mesh, const std::vector<ProfilePoint>& profile) {
  constexpr int kSides = 40;
  for (std::size_t i = 0; i + 1 < profile.size(); ++i) {
    const ProfilePoint& low = profile[i];
    const ProfilePoint& high = profile[i + 1];
    const double dr = high.radius - low.radius;
    const double dh = high.height - low.height;
    const double length = std::max(std::hypot(dr, dh), 1e-9);
    const auto base = static_cast<std::uint32_t>(mesh.points.size());
    for (int side = 0; side <= kSides; ++side) {
      const double angle = 2 * std::numbers::pi * side / kSides;
      const double c = std::cos(angle);
      const double s = std::sin(angle);
      const Vec normal{static_cast<float>(c * dh / length), static_cast<float>(-dr / length),
                       static_cast<float>(s * dh / length)};
      for (const ProfilePoint& ring : {low, high}) {
        AddPoint(mesh,
                 {static_cast<float>(ring.radius * c), static_cast<float>(ring.height),
                  static_cast<float>(ring.radius * s)},
                 normal);
      }
    }
    for (std::uint32_t side = 0; side < kSides; ++side) {
      const std::uint32_t a = base + 2 * side;
      AddTriangle(mesh, a, a + 1, a + 2, low.material);
      AddTriangle(mesh, a + 1, a + 3, a + 2, low.material);
    }
  }
}

// A cuboid from `low` to `high`.
void AddCuboid(Mesh& mesh, const Vec& low, const Vec& high, int material) {
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const std::size_t u = (axis + 1) % 3;
    const std::size_t v = (axis + 2) % 3;
    for (const bool far : {false, true}) {
      Vec normal{0, 0, 0};
      normal[axis] = far ? 1.0F : -1.0F;
      std::array<std::uint32_t, 4> corner{};
      for (std::size_t i = 0; i < 4; ++i) {
        Vec p{};
        p[axis] = far ? high[axis] : low[axis];
        p[u] = (i & 1) ? high[u] : low[u];
        p[v] = (i & 2) ? high[v] : low[v];
        corner[i] = AddPoint(mesh, p, normal);
      }
      AddTriangle(mesh, corner[0], corner[1], corner[2], material);
      AddTriangle(mesh, corner[1], corner[3], corner[2], material);
    }
  }
}

// A closed surface around the origin: `radius` of a direction.  Normals from differences.
void AddBlob(Mesh& mesh, const std::function<Vec(double, double)>& point, int material) {
  constexpr int kAround = 64;
  constexpr int kUp = 40;
  const auto base = static_cast<std::uint32_t>(mesh.points.size());
  const auto at = [&](double i, double j) {
    return point(2 * std::numbers::pi * i / kAround, std::numbers::pi * (j / kUp - 0.5));
  };
  for (int j = 0; j <= kUp; ++j) {
    for (int i = 0; i <= kAround; ++i) {
      const Vec a = at(i - 0.5, j);
      const Vec b = at(i + 0.5, j);
      const Vec c = at(i, std::max(0.0, j - 0.5));
      const Vec d = at(i, std::min<double>(kUp, j + 0.5));
      const Vec u{b[0] - a[0], b[1] - a[1], b[2] - a[2]};
      const Vec v{d[0] - c[0], d[1] - c[1], d[2] - c[2]};
      Vec n{v[1] * u[2] - v[2] * u[1], v[2] * u[0] - v[0] * u[2], v[0] * u[1] - v[1] * u[0]};
      const float length = std::sqrt(n[0] * n[0] + n[1] * n[1] + n[2] * n[2]);
      if (length > 1e-9F) {
        for (float& x : n) x /= length;
      } else {
        n = {0, j == 0 ? -1.0F : 1.0F, 0};
      }
      AddPoint(mesh, at(i, j), n);
    }
  }
  for (std::uint32_t j = 0; j < kUp; ++j) {
    for (std::uint32_t i = 0; i < kAround; ++i) {
      const std::uint32_t a = base + j * (kAround + 1) + i;
      AddTriangle(mesh, a, a + 1, a + kAround + 1, material);
      AddTriangle(mesh, a + 1, a + kAround + 2, a + kAround + 1, material);
    }
  }
}

// A bent tube in the plane z = `z`, from x = -span/2 to +span/2, `rise` high above `height`.
void AddHandle(Mesh& mesh, double span, double rise, double height, double z, double thickness,
               int material) {
  constexpr int kAlong = 24;
  constexpr int kRound = 8;
  const auto base = static_cast<std::uint32_t>(mesh.points.size());
  for (int i = 0; i <= kAlong; ++i) {
    const double t = std::numbers::pi * i / kAlong;
    const double cx = -span / 2 * std::cos(t);
    const double cy = height + rise * std::sin(t);
    for (int j = 0; j <= kRound; ++j) {
      const double r = 2 * std::numbers::pi * j / kRound;
      const Vec n{static_cast<float>(-std::cos(t) * std::cos(r)),
                  static_cast<float>(std::sin(t) * std::cos(r)), static_cast<float>(std::sin(r))};
      const auto k = static_cast<float>(thickness);
      AddPoint(mesh,
               {static_cast<float>(cx) + n[0] * k, static_cast<float>(cy) + n[1] * k,
                static_cast<float>(z) + n[2] * k},
               n);
    }
  }
  for (std::uint32_t i = 0; i < kAlong; ++i) {
    for (std::uint32_t j = 0; j < kRound; ++j) {
      const std::uint32_t a = base + i * (kRound + 1) + j;
      AddTriangle(mesh, a, a + 1, a + kRound + 1, material);
      AddTriangle(mesh, a + 1, a + kRound + 2, a + kRound + 1, material);
    }
  }
}

// Lighter or darker, and a little of another hue: the colour word must go on fitting.
Vec Shifted(const Vec& color, Random& random, double by) {
  Vec out = color;
  const double lighter = random.Range(-by, by);
  for (float& k : out) {
    k = std::clamp(k + static_cast<float>(lighter + 0.3 * random.Range(-by, by)), 0.01F, 1.0F);
  }
  return out;
}

Vec Power(double around, double up, double ex, double ey, const Vec& half) {
  const auto bent = [](double v, double e) { return std::copysign(std::pow(std::abs(v), e), v); };
  const double c = bent(std::cos(up), ey);
  return {static_cast<float>(half[0] * c * bent(std::cos(around), ex)),
          static_cast<float>(half[1] * bent(std::sin(up), ey)),
          static_cast<float>(half[2] * c * bent(std::sin(around), ex))};
}

// Sums of a few sine waves: wrinkles.
struct Wrinkles {
  std::vector<std::array<double, 4>> waves;  // Around, up, phase, size.
  explicit Wrinkles(Random& random, double size) {
    for (int i = 0; i < 14; ++i) {
      const int around = random.Int(0, 9);
      const double up = random.Range(1, 9);
      waves.push_back({static_cast<double>(around), up, random.Range(0, 6.28),
                       size * random.Range(0.4, 1) / (1 + 0.18 * (around + up))});
    }
  }
  double At(double around, double up) const {
    double sum = 0;
    for (const auto& w : waves) sum += w[3] * std::sin(w[0] * around + w[1] * up + w[2]);
    return sum;
  }
};

}  // namespace

MadeMesh MakeBottle(std::uint64_t seed) {
  Random random(seed);
  static const std::vector<std::string> kCaps{"blue", "blue",  "blue",  "red",
                                              "red",  "white", "green", "yellow"};
  const std::string cap = random.Pick(kCaps);
  const double height = random.Range(0.19, 0.30);
  const double radius = height * random.Range(0.135, 0.185);
  const double cap_radius = std::max(0.014, radius * random.Range(0.42, 0.55));
  const double neck = cap_radius * random.Range(0.8, 0.95);
  const double shoulder = height * random.Range(0.58, 0.72);
  const double cap_from = height * 0.915;
  MadeMesh made;
  made.detail = "a " + cap + " cap";
  const bool tinted = random.Chance(0.5);
  const Vec clear = tinted ? Vec{0.55F, 0.72F, 0.85F} : Vec{0.80F, 0.86F, 0.88F};
  const bool labelled = random.Chance(0.35);
  made.mesh.materials = {{.color = Shifted(clear, random, 0.06),
                          .opacity = static_cast<float>(random.Range(0.16, 0.42)),
                          .shine = 1},
                         {.color = Shifted(PaletteColor(cap), random, 0.04), .shine = 0.4F},
                         {.color = Shifted(random.Pick(Palette()).rgb, random, 0.08),
                          .opacity = static_cast<float>(random.Range(0.7, 1.0)),
                          .shine = 0.3F}};
  std::vector<ProfilePoint> profile{
      {0, 0, 0}, {radius * 0.86, 0, 0}, {radius * 0.98, height * 0.03, 0}};
  const int ribs = random.Int(0, 7);
  const double label_from = shoulder * random.Range(0.35, 0.5);
  const double label_to = shoulder * random.Range(0.75, 0.95);
  for (int i = 0; i <= 24; ++i) {
    const double h = height * 0.05 + (shoulder - height * 0.05) * i / 24;
    const bool label = labelled && h >= label_from && h <= label_to;
    const double rib = label ? 0 : 0.03 * std::sin(2 * std::numbers::pi * ribs * i / 24);
    profile.push_back({radius * (1 - 0.02 + rib), h, label ? 2 : 0});
  }
  for (int i = 1; i <= 12; ++i) {
    const double t = i / 12.0;
    const double soft = 0.5 + 0.5 * std::cos(std::numbers::pi * t);
    profile.push_back({neck + (radius * 0.98 - neck) * soft,
                       shoulder + (cap_from - height * 0.02 - shoulder) * t, 0});
  }
  profile.push_back({cap_radius, cap_from, 1});
  profile.push_back({cap_radius, height, 1});
  profile.push_back({0, height, 1});
  AddTurned(made.mesh, profile);
  return made;
}

MadeMesh MakeBag(std::uint64_t seed) {
  Random random(seed);
  static const std::vector<std::string> kColors{"black", "black", "black", "black", "blue",
                                                "red",   "brown", "green", "white", "grey"};
  MadeMesh made;
  made.color = random.Pick(kColors);
  const Vec color = Shifted(PaletteColor(made.color), random, 0.03);
  const int shape = random.Int(0, 2);  // 0: tied up; 1: sports bag; 2: upright.
  made.mesh.materials = {
      {.color = color, .shine = static_cast<float>(shape == 0 ? random.Range(0.3, 0.9) : 0.15)},
      {.color = Shifted(made.color == "black" ? Vec{0.12F, 0.12F, 0.13F} : PaletteColor("black"),
                        random, 0.03),
       .shine = 0.2F}};
  Vec half{};
  double ex = 1;
  double ey = 1;
  double wrinkle = 0.06;
  if (shape == 0) {
    half = {static_cast<float>(random.Range(0.18, 0.3)),
            static_cast<float>(random.Range(0.16, 0.28)),
            static_cast<float>(random.Range(0.17, 0.28))};
    wrinkle = 0.11;
  } else if (shape == 1) {
    half = {static_cast<float>(random.Range(0.2, 0.32)),
            static_cast<float>(random.Range(0.12, 0.17)),
            static_cast<float>(random.Range(0.11, 0.16))};
    ex = 0.45;
    ey = 0.6;
    wrinkle = 0.03;
  } else {
    half = {static_cast<float>(random.Range(0.13, 0.2)),
            static_cast<float>(random.Range(0.18, 0.26)),
            static_cast<float>(random.Range(0.08, 0.13))};
    ex = 0.5;
    ey = 0.45;
    wrinkle = 0.04;
  }
  const Wrinkles wrinkles(random, wrinkle);
  const double sag = random.Range(0.0, 0.35);
  AddBlob(
      made.mesh,
      [&](double around, double up) {
        Vec p = Power(around, up, ex, ey, half);
        const double grow = 1 + wrinkles.At(around, up) * std::cos(up);
        const double wide = 1 + sag * 0.5 * (0.5 - p[1] / half[1] / 2);
        p[0] = static_cast<float>(p[0] * grow * wide);
        p[2] = static_cast<float>(p[2] * grow * wide);
        p[1] = static_cast<float>(p[1] * grow);
        // Stands flat on the ground.
        p[1] = std::max(p[1] + half[1] * 0.9F, 0.0F);
        if (shape == 0 && up > 1.25) p[1] += static_cast<float>((up - 1.25) * 0.5 * half[1]);
        return p;
      },
      0);
  if (shape == 1) {
    for (const double side : {-0.35, 0.35}) {
      AddHandle(made.mesh, half[0] * 0.9, half[1] * 0.7, half[1] * 1.6, side * half[2], 0.012, 1);
    }
  } else if (shape == 2) {
    AddHandle(made.mesh, half[0] * 0.7, half[1] * 0.35, half[1] * 1.8, 0, 0.011, 1);
    AddCuboid(made.mesh, {-half[0] * 0.6F, half[1] * 0.25F, half[2] * 0.75F},
              {half[0] * 0.6F, half[1] * 0.95F, half[2] * 1.12F}, random.Chance(0.5) ? 0 : 1);
  }
  return made;
}

MadeMesh MakeCardboardBox(std::uint64_t seed) {
  Random random(seed);
  MadeMesh made;
  made.color = "brown";
  const auto w = static_cast<float>(random.Range(0.12, 0.32));
  const auto h = static_cast<float>(random.Range(0.15, 0.5));
  const auto d = static_cast<float>(random.Range(0.12, 0.30));
  made.mesh.materials = {{.color = Shifted({0.70F, 0.54F, 0.36F}, random, 0.07)},
                         {.color = Shifted({0.80F, 0.70F, 0.52F}, random, 0.08), .shine = 0.4F},
                         {.color = {0.93F, 0.92F, 0.89F}}};
  AddCuboid(made.mesh, {-w, 0, -d}, {w, h, d}, 0);
  const float tape = 0.03F;
  AddCuboid(made.mesh, {-w - 0.001F, h * 0.7F, -tape}, {w + 0.001F, h + 0.002F, tape}, 1);
  if (random.Chance(0.5)) {  // An address label on the front.
    AddCuboid(made.mesh, {w * 0.1F, h * 0.35F, d}, {w * 0.75F, h * 0.75F, d + 0.002F}, 2);
  }
  return made;
}

MadeMesh MakePlasticBox(std::uint64_t seed) {
  Random random(seed);
  MadeMesh made;
  const NamedColor& color = random.Pick(Palette());
  made.color = color.name;
  const auto w = static_cast<float>(random.Range(0.12, 0.30));
  const auto h = static_cast<float>(random.Range(0.14, 0.40));
  const auto d = static_cast<float>(random.Range(0.10, 0.25));
  const Vec body = Shifted(color.rgb, random, 0.04);
  Vec lid = body;
  for (float& k : lid) k *= 0.8F;
  made.mesh.materials = {{.color = body, .shine = 0.35F}, {.color = lid, .shine = 0.35F}};
  AddCuboid(made.mesh, {-w, 0, -d}, {w, h, d}, 0);
  AddCuboid(made.mesh, {-w - 0.012F, h * 0.88F, -d - 0.012F}, {w + 0.012F, h + 0.01F, d + 0.012F},
            1);
  return made;
}

MadeMesh MakeUtilityBox(std::uint64_t seed) {
  Random random(seed);
  static const std::vector<std::string> kColors{"blue", "blue", "green", "grey", "grey", "white"};
  MadeMesh made;
  made.color = random.Pick(kColors);
  Vec body = Shifted(PaletteColor(made.color), random, 0.08);
  if (made.color == "blue") body = Shifted({0.45F, 0.68F, 0.82F}, random, 0.08);
  Vec band = Shifted(random.Pick(Palette()).rgb, random, 0.1);
  const auto w = static_cast<float>(random.Range(0.35, 0.75));
  const auto h = static_cast<float>(random.Range(0.9, 1.5));
  const auto d = static_cast<float>(random.Range(0.22, 0.45));
  made.mesh.materials = {
      {.color = body, .shine = 0.2F}, {.color = band}, {.color = {0.2F, 0.2F, 0.2F}}};
  AddCuboid(made.mesh, {-w, 0.06F, -d}, {w, h, d}, 0);
  AddCuboid(made.mesh, {-w * 0.95F, 0, -d * 0.95F}, {w * 0.95F, 0.06F, d * 0.95F}, 2);
  AddCuboid(made.mesh, {-w - 0.03F, h, -d - 0.03F}, {w + 0.03F, h + 0.05F, d + 0.03F}, 0);
  if (random.Chance(0.5)) {
    AddCuboid(made.mesh, {-w * 0.8F, h * 0.2F, d}, {w * 0.8F, h * 0.5F, d + 0.004F}, 1);
  }
  AddCuboid(made.mesh, {-0.006F, 0.1F, d}, {0.006F, h * 0.97F, d + 0.005F}, 2);  // Two doors.
  return made;
}

MadeMesh MakeCup(std::uint64_t seed) {
  Random random(seed);
  MadeMesh made;
  const NamedColor& color = random.Pick(Palette());
  made.color = color.name;
  made.mesh.materials = {{.color = Shifted(color.rgb, random, 0.04), .shine = 0.5F},
                         {.color = {0.25F, 0.15F, 0.08F}, .shine = 0.3F}};
  const double h = random.Range(0.08, 0.12);
  const double r = h * random.Range(0.36, 0.48);
  const double foot = r * random.Range(0.7, 1.0);
  AddTurned(made.mesh, {{0, 0, 0},
                        {foot, 0, 0},
                        {r, h, 0},
                        {r * 0.93, h, 0},
                        {r * 0.9, h * 0.85, 1},
                        {0, h * 0.85, 1}});
  return made;
}

MadeMesh MakeBall(std::uint64_t seed) {
  Random random(seed);
  MadeMesh made = MakeSphere(seed);
  for (auto& p : made.mesh.points) {
    for (float& k : p) k *= 0.6F;
  }
  return made;
}

namespace {

// A cube of half side `half` on the ground, whose edges are rounded by `bevel`.
void AddBevelled(Mesh& mesh, float half, float bevel, int material) {
  const float inner = half - bevel;
  // The corner (sx, sy, sz) of the face of axis `axis`.
  const auto point = [&](const Vec& sign, std::size_t axis) {
    const auto index = static_cast<std::uint32_t>(mesh.points.size());
    Vec p{};
    Vec n{};
    for (std::size_t k = 0; k < 3; ++k) p[k] = sign[k] * (k == axis ? half : inner);
    p[1] += half;
    n[axis] = sign[axis];
    mesh.points.push_back(p);
    mesh.normals.push_back(n);
    mesh.uv.push_back({0, 0});
    return index;
  };
  const auto face = [&](std::uint32_t a, std::uint32_t b, std::uint32_t c) {
    mesh.triangles.push_back({a, b, c});
    mesh.material_of.push_back(material);
  };
  const auto quad = [&](const Vec& a, std::size_t axis_a, const Vec& b, std::size_t axis_b,
                        const Vec& c, std::size_t axis_c, const Vec& d, std::size_t axis_d) {
    const std::uint32_t i = point(a, axis_a), j = point(b, axis_b);
    const std::uint32_t k = point(c, axis_c), l = point(d, axis_d);
    face(i, j, k);
    face(i, k, l);
  };
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const std::size_t u = (axis + 1) % 3;
    const std::size_t v = (axis + 2) % 3;
    const auto at = [&](float a, float b, float c) {
      Vec sign{};
      sign[axis] = a;
      sign[u] = b;
      sign[v] = c;
      return sign;
    };
    for (const float side : {-1.0F, 1.0F}) {
      quad(at(side, -1, -1), axis, at(side, 1, -1), axis, at(side, 1, 1), axis, at(side, -1, 1),
           axis);
      // The rounded edges along v, between the faces of `axis` and `u`.
      for (const float other : {-1.0F, 1.0F}) {
        quad(at(side, other, -1), axis, at(side, other, 1), axis, at(side, other, 1), u,
             at(side, other, -1), u);
      }
    }
  }
  for (int corner = 0; corner < 8; ++corner) {
    const Vec sign{(corner & 1) != 0 ? 1.0F : -1.0F, (corner & 2) != 0 ? 1.0F : -1.0F,
                   (corner & 4) != 0 ? 1.0F : -1.0F};
    const std::uint32_t i = point(sign, 0), j = point(sign, 1), k = point(sign, 2);
    face(i, j, k);
  }
}

MadeMesh Shape(std::uint64_t seed) {
  Random random(seed);
  static const std::vector<std::string> kColors{"grey",  "red",    "blue", "green",
                                                "brown", "purple", "cyan", "yellow"};
  MadeMesh made;
  made.color = random.Pick(kColors);
  const bool metal = random.Chance(0.5);
  made.mesh.materials = {
      {.color = Shifted(PaletteColor(made.color), random, 0.05), .shine = metal ? 1.0F : 0.05F}};
  return made;
}

}  // namespace

MadeMesh MakeCube(std::uint64_t seed) {
  MadeMesh made = Shape(seed);
  AddBevelled(made.mesh, 0.18F, 0.025F, 0);
  return made;
}

MadeMesh MakeSphere(std::uint64_t seed) {
  MadeMesh made = Shape(seed);
  AddBlob(
      made.mesh,
      [](double around, double up) {
        Vec p = Power(around, up, 1, 1, {0.2F, 0.2F, 0.2F});
        p[1] += 0.2F;
        return p;
      },
      0);
  return made;
}

MadeMesh MakeCylinder(std::uint64_t seed) {
  MadeMesh made = Shape(seed);
  AddTurned(made.mesh, {{0, 0, 0}, {0.2, 0, 0}, {0.2, 0.38, 0}, {0, 0.38, 0}});
  return made;
}

}  // namespace stillwatch::data
