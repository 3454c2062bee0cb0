#include "model/data/grounds.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

namespace stillwatch::data {
namespace {

constexpr int kTexture_px = 512;  // They wrap around.

cv::Mat Grey(int cells, Random& random) {
  // One cell more on each side would not wrap; the seam shows less than it costs.
  cv::Mat small(cells, cells, CV_32F);
  for (int y = 0; y < cells; ++y) {
    for (int x = 0; x < cells; ++x) small.at<float>(y, x) = static_cast<float>(random.Range(-1, 1));
  }
  cv::Mat large;
  cv::resize(small, large, cv::Size(kTexture_px, kTexture_px), 0, 0, cv::INTER_CUBIC);
  return large;
}

// Sum of octaves; `rough` is how much the fine ones weigh.
cv::Mat Octaves(double rough, Random& random) {
  cv::Mat sum(kTexture_px, kTexture_px, CV_32F, cv::Scalar(0));
  double weight = 1;
  for (const int cells : {6, 16, 48, 128, 384}) {
    sum += weight * Grey(cells, random);
    weight *= rough;
  }
  return sum;
}

using Color = std::array<double, 3>;

// base + field * contrast, with a little of the field in hue too.
cv::Mat Paint(const cv::Mat& field, const Color& base, double contrast, Random& random) {
  std::vector<cv::Mat> planes;
  for (const double value : base) {
    cv::Mat plane = field * (contrast * random.Range(0.9, 1.1)) + value;
    cv::Mat bytes;
    plane.convertTo(bytes, CV_8U);
    planes.push_back(bytes);
  }
  cv::Mat rgb;
  cv::merge(planes, rgb);
  return rgb;
}

Color Tone(double low, double high, double chroma, Random& random) {
  const double value = random.Range(low, high);
  const double warm = random.Range(-chroma, chroma);
  return {value + warm, value + random.Range(-chroma, chroma) * 0.3, value - warm};
}

// Rows of pieces: slabs, tiles, bricks, planks.
cv::Mat Pieces(int across, int down, bool staggered, double vary, double joint, const Color& base,
               double rough, Random& random) {
  cv::Mat field = Octaves(0.75, random) * rough;
  const int w = kTexture_px / across;
  const int h = kTexture_px / down;
  const int gap = random.Int(1, 3);
  for (int j = 0; j < down; ++j) {
    const int shift = staggered ? random.Int(0, w - 1) : 0;
    for (int i = 0; i <= across; ++i) {
      const cv::Rect piece =
          cv::Rect(i * w - shift, j * h, w, h) & cv::Rect(0, 0, kTexture_px, kTexture_px);
      if (piece.empty()) continue;
      field(piece) += random.Range(-vary, vary);
      field(cv::Rect(piece.x, piece.y, std::min(gap, piece.width), piece.height)) += joint;
      field(cv::Rect(piece.x, piece.y, piece.width, std::min(gap, piece.height))) += joint;
    }
  }
  return Paint(field, base, 1, random);
}

cv::Mat DrawTexture(char kind, Random& random) {
  switch (kind) {
    case 'a': {  // Asphalt, concrete.
      return Paint(Octaves(random.Range(0.7, 1.0), random), Tone(60, 150, 4, random),
                   random.Range(4, 11), random);
    }
    case 's': {
      const int n = random.Int(3, 9);
      return Pieces(n, n, random.Chance(0.3), random.Range(4, 24), random.Range(-35, 15),
                    Tone(90, 180, 12, random), random.Range(4, 9), random);
    }
    case 'w': {
      const double v = random.Range(80, 170);
      return Pieces(2, random.Int(9, 18), true, random.Range(5, 16), random.Range(-35, -12),
                    {v * 1.15, v * 0.8, v * random.Range(0.45, 0.65)}, random.Range(3, 7), random);
    }
    case 'b': {
      const double v = random.Range(80, 170);
      const bool red = random.Chance(0.5);
      return Pieces(random.Int(6, 10), random.Int(14, 24), true, random.Range(6, 18),
                    random.Range(-20, 35), {v, v * (red ? 0.6 : 0.95), v * (red ? 0.5 : 0.88)},
                    random.Range(3, 7), random);
    }
    case 'g': {
      const double v = random.Range(60, 120);
      return Paint(Octaves(1.0, random), {v * 0.8, v, v * 0.5}, random.Range(10, 18), random);
    }
    case 't': {
      const int n = random.Int(5, 14);
      return Pieces(n, n, false, random.Range(0, 6), random.Range(-30, 20),
                    Tone(130, 225, 10, random), random.Range(1, 3), random);
    }
    default:  // Plain paint, plaster, table top, carpet.
      return Paint(Octaves(random.Range(0.3, 0.9), random), Tone(70, 228, 14, random),
                   random.Range(0.6, 4), random);
  }
}

// Lays the texture on the ground below row `top`.
void Lay(const cv::Mat& texture, cv::Mat& picture, const Background& scene, double top,
         double sin_elevation, Random& random) {
  const double height = picture.rows;
  const double width = picture.cols;
  const double k = scene.px_per_m / (scene.bottom - scene.horizon);
  const double texels = std::clamp(scene.px_per_m * random.Range(0.5, 1.2), 40.0, 900.0);
  const double angle = random.Chance(0.5) ? 0.0 : random.Range(-0.8, 0.8);
  const double across = random.Range(0, kTexture_px);
  // Depth of a row, so that a square on the ground has the right height at the middle row.
  const double middle = (top + height) / 2;
  const double depth = (middle - scene.horizon) * (middle - scene.horizon) /
                       (k * (middle - scene.horizon) * std::max(0.08, sin_elevation));
  const auto on_ground = [&](double x, double y) {
    const double gx = (x - width / 2) / (k * (y - scene.horizon)) * texels;
    const double gz = -depth / (y - scene.horizon) * texels;
    return cv::Point2f(static_cast<float>(across + gx * std::cos(angle) - gz * std::sin(angle)),
                       static_cast<float>(across + gx * std::sin(angle) + gz * std::cos(angle)));
  };
  const auto w = static_cast<float>(width);
  const auto t = static_cast<float>(top);
  const auto b = static_cast<float>(height);
  const std::array<cv::Point2f, 4> here{cv::Point2f(0, t), cv::Point2f(w, t), cv::Point2f(w, b),
                                        cv::Point2f(0, b)};
  const std::array<cv::Point2f, 4> there{on_ground(0, top), on_ground(width, top),
                                         on_ground(width, height), on_ground(0, height)};
  const cv::Mat map = cv::getPerspectiveTransform(here.data(), there.data());
  cv::Mat laid;
  cv::warpPerspective(texture, laid, map, picture.size(), cv::INTER_LINEAR | cv::WARP_INVERSE_MAP,
                      cv::BORDER_WRAP);
  const int row = std::clamp(static_cast<int>(top), 0, picture.rows - 1);
  laid.rowRange(row, picture.rows).copyTo(picture.rowRange(row, picture.rows));
}

// Doors, windows, posters, a skirting board: what makes a wall a wall.
void Furnish(cv::Mat& picture, double top, Random& random) {
  const int foot = static_cast<int>(top);
  const int pieces = random.Int(0, 3);
  for (int i = 0; i < pieces; ++i) {
    const int w = random.Int(picture.cols / 12, picture.cols / 4);
    const int h = random.Int(picture.rows / 10, std::max(picture.rows / 9, foot));
    const int x = random.Int(-w / 3, picture.cols - w / 2);
    const int y = random.Chance(0.4) ? foot - h : random.Int(-h / 2, std::max(1, foot - h));
    const cv::Rect box(x, y, w, h);
    const double value = random.Range(20, 240);
    const cv::Scalar color(value + random.Range(-25, 25), value, value + random.Range(-25, 25));
    cv::rectangle(picture, box & cv::Rect(0, 0, picture.cols, foot), color, cv::FILLED);
    cv::rectangle(picture, box & cv::Rect(0, 0, picture.cols, foot), color * random.Range(0.4, 1.3),
                  random.Int(1, 3));
  }
  if (random.Chance(0.5) && foot > 8) {
    cv::rectangle(picture, cv::Rect(0, foot - random.Int(2, 8), picture.cols, 8),
                  cv::Scalar::all(random.Range(40, 220)), cv::FILLED);
  }
}

void DrawBays(cv::Mat& picture, const Background& scene, Random& random) {
  const double k = scene.px_per_m / (scene.bottom - scene.horizon);
  const cv::Scalar paint = cv::Scalar::all(random.Range(170, 235));
  const double pitch_m = random.Range(2.4, 2.9);
  const double lean = random.Range(-0.5, 0.5);
  const int rows = random.Int(1, 3);
  for (int row = 0; row < rows; ++row) {
    const double y0 =
        scene.top + (scene.bottom - scene.top) * (row + random.Range(0.1, 0.3)) / rows;
    const double y1 = std::min(scene.bottom * 1.1, y0 + scene.px_per_m * random.Range(2, 4));
    const double offset = random.Range(0, pitch_m);
    for (int i = -14; i <= 14; ++i) {
      const auto at = [&](double y, double shift) {
        return cv::Point(static_cast<int>(picture.cols / 2.0 +
                                          (i * pitch_m + offset + shift) * k * (y - scene.horizon)),
                         static_cast<int>(y));
      };
      cv::line(picture, at(y0, lean), at(y1, -lean), paint,
               std::max(1, static_cast<int>(0.1 * scene.px_per_m)), cv::LINE_AA);
    }
  }
}

void Shade(cv::Mat& picture, double strength, Random& random) {
  cv::Mat field(3, 4, CV_32F);
  for (int y = 0; y < 3; ++y) {
    for (int x = 0; x < 4; ++x) {
      field.at<float>(y, x) = static_cast<float>(1 + random.Range(-strength, strength));
    }
  }
  cv::resize(field, field, picture.size(), 0, 0, cv::INTER_CUBIC);
  std::vector<cv::Mat> same(3, field);
  cv::Mat factors;
  cv::merge(same, factors);
  cv::multiply(picture, factors, picture, 1, CV_8U);
}

}  // namespace

Image SoftNoise(int width, int height, int cells, Random& random) {
  const int rows = std::max(2, cells * height / std::max(1, width));
  cv::Mat small(rows, std::max(2, cells), CV_8U);
  for (int y = 0; y < small.rows; ++y) {
    for (int x = 0; x < small.cols; ++x) {
      small.at<std::uint8_t>(y, x) = static_cast<std::uint8_t>(random.Int(0, 255));
    }
  }
  cv::Mat large;
  cv::resize(small, large, cv::Size(width, height), 0, 0, cv::INTER_CUBIC);
  return Copy(large);
}

Result<Grounds> Grounds::Make(std::uint64_t seed) {
  try {
    Grounds grounds;
    Random random(seed ^ 0x6E0DULL);
    for (const char kind : std::string("aaaaaaassssssswwwwwbbbgggttttpppppppppppp")) {
      Texture texture;
      texture.rgb = Copy(DrawTexture(kind, random));
      texture.kind = kind;
      grounds.textures_.push_back(std::move(texture));
    }
    return grounds;
  } catch (const cv::Exception& error) {
    return Internal(std::string("grounds: ") + error.what());
  }
}

const Image& Grounds::Pick(const std::string& kinds, Random& random) const {
  const char kind =
      kinds[static_cast<std::size_t>(random.Int(0, static_cast<int>(kinds.size()) - 1))];
  std::vector<const Image*> fitting;
  for (const Texture& texture : textures_) {
    if (texture.kind == kind) fitting.push_back(&texture.rgb);
  }
  return *random.Pick(fitting);
}

Background Grounds::Draw(char place, Random& random) const {
  Background scene;
  scene.place = place;
  const int width = 16 * random.Int(30, 40);
  const int height =
      static_cast<int>(width * (random.Chance(0.5) ? 0.5625 : random.Range(0.64, 0.75)));
  scene.rgb = MakeImage(width, height, 3);
  cv::Mat picture = View(scene.rgb);
  scene.bottom = height;
  std::string floor = "p";
  std::string wall;
  double top = 0;  // Where the ground begins.
  switch (place) {
    case 't':
      scene.high = random.Chance(0.35);
      scene.ground = "table";
      floor = "pppwwt";
      wall = "ppppbtw";
      top = scene.high && random.Chance(0.6) ? -1 : height * random.Range(0.35, 0.75);
      scene.px_per_m = width * random.Range(0.6, 1.9);
      break;
    case 'r':
      scene.high = random.Chance(0.5);
      scene.ground = "floor";
      floor = "ppwwwtta";
      wall = "pppppb";
      top = scene.high && random.Chance(0.6) ? -1 : height * random.Range(0.2, 0.5);
      scene.px_per_m = width * random.Range(0.14, 0.42);
      break;
    case 's':
      scene.high = random.Chance(0.65);
      scene.ground = "pavement";
      floor = "sssssaab";
      wall = "bbagp";
      top = scene.high && random.Chance(0.7) ? -1 : height * random.Range(0.1, 0.45);
      scene.px_per_m = width * random.Range(0.09, 0.28);
      break;
    case 'c':
      scene.high = random.Chance(0.7);
      scene.ground = "car park";
      floor = "aaaas";
      wall = "gggba";
      top = scene.high && random.Chance(0.7) ? -1 : height * random.Range(0.08, 0.4);
      scene.px_per_m = width * random.Range(0.022, 0.07);
      break;
    default:  // The grey studio of CLEVR.
      scene.place = 'k';
      scene.high = random.Chance(0.5);
      scene.ground = "ground";
      wall = "p";
      top = -1;
      scene.px_per_m = width * random.Range(0.20, 0.42);
      break;
  }
  if (top < 0) {
    scene.horizon = -height * random.Range(0.15, 1.6);
  } else {
    scene.horizon = std::min(top - 2, height * random.Range(scene.high ? -1.0 : -0.2, 0.3));
  }
  scene.top = std::max(top + (height - top) * 0.12, height * 0.22);
  const double elevation = scene.high ? (place == 'c' ? 0.95 : 0.68) : 0.33;
  if (top > 0) {
    const Image& texture = Pick(wall, random);
    cv::Mat large;
    cv::resize(View(texture), large, cv::Size(width, height), 0, 0, cv::INTER_LINEAR);
    large.copyTo(picture);
    if (place == 'r' || place == 't' || random.Chance(0.5)) Furnish(picture, top, random);
  }
  Lay(View(Pick(floor, random)), picture, scene, std::max(0.0, top), elevation, random);
  if (place == 'c' && random.Chance(0.6)) DrawBays(picture, scene, random);
  if (place == 'k') {
    const cv::Scalar grey = cv::Scalar::all(random.Range(95, 150));
    cv::addWeighted(picture, 0.06, cv::Mat(picture.size(), CV_8UC3, grey), 0.94, 0, picture);
  }
  Shade(picture, random.Range(0.03, 0.25), random);
  const double soft = random.Range(0.3, 0.8);
  cv::GaussianBlur(picture, picture, cv::Size(3, 3), soft);
  return scene;
}

}  // namespace stillwatch::data
