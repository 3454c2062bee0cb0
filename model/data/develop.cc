#include "model/data/develop.h"

#include <algorithm>
#include <cmath>

#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "model/data/grounds.h"

namespace stillwatch::data {
namespace {

constexpr int kMargin_px = 12;  // Developed around the crop, so that its edge has neighbours.
constexpr int kNoiseTile_px = 512;

// Noise of standard deviation 32, white and soft; drawn once, cut at random places.
const cv::Mat& NoiseTile(bool soft) {
  static const std::array<cv::Mat, 2> tiles = [] {
    std::array<cv::Mat, 2> made;
    cv::RNG rng(20240501);
    made[0].create(kNoiseTile_px, kNoiseTile_px, CV_32FC3);
    rng.fill(made[0], cv::RNG::NORMAL, 0, 32);
    cv::GaussianBlur(made[0], made[1], cv::Size(5, 5), 1.1, 1.1, cv::BORDER_REFLECT_101);
    cv::Scalar mean;
    cv::Scalar deviation;
    cv::meanStdDev(made[1], mean, deviation);
    made[1] *= 32 / deviation[0];
    for (cv::Mat& tile : made) tile.convertTo(tile, CV_16S);
    return made;
  }();
  return tiles[soft ? 1 : 0];
}

void AddNoise(cv::Mat& picture, double sigma, double grain, Random& random) {
  if (sigma < 0.3) return;
  const cv::Mat& tile = NoiseTile(random.Chance(grain));
  const int factor = static_cast<int>(sigma / 32 * 256);
  const int x0 = random.Int(0, kNoiseTile_px - 1);
  const int y0 = random.Int(0, kNoiseTile_px - 1);
  for (int y = 0; y < picture.rows; ++y) {
    auto* to = picture.ptr<cv::Vec3b>(y);
    const auto* from = tile.ptr<cv::Vec3s>((y + y0) % kNoiseTile_px);
    for (int x = 0; x < picture.cols; ++x) {
      const cv::Vec3s& noise = from[(x + x0) % kNoiseTile_px];
      for (int k = 0; k < 3; ++k) {
        to[x][k] = cv::saturate_cast<std::uint8_t>(to[x][k] + ((noise[k] * factor) >> 8));
      }
    }
  }
}

void Multiply(cv::Mat& picture, const cv::Mat& field) {
  for (int y = 0; y < picture.rows; ++y) {
    auto* to = picture.ptr<cv::Vec3b>(y);
    const auto* by = field.ptr<float>(y);
    for (int x = 0; x < picture.cols; ++x) {
      for (int k = 0; k < 3; ++k) {
        to[x][k] = cv::saturate_cast<std::uint8_t>(static_cast<float>(to[x][k]) * by[x]);
      }
    }
  }
}

// `full`, `origin`: the picture's size and the place of `picture` in it.
void ApplyShade(cv::Mat& picture, const Shade& shade, cv::Size full, cv::Point origin,
                cv::Mat& field) {
  cv::Mat mask(picture.size(), CV_8U, cv::Scalar(0));
  std::vector<cv::Point> outline;
  for (const auto& p : shade.outline) {
    outline.emplace_back(static_cast<int>(p[0]) - origin.x, static_cast<int>(p[1]) - origin.y);
  }
  cv::fillPoly(mask, std::vector<std::vector<cv::Point>>{outline}, cv::Scalar(255), cv::LINE_AA);
  if (shade.leafy) {
    Random random(shade.seed);
    const Image leaves = SoftNoise(full.width, full.height, full.width / 9, random);
    const cv::Rect inside = cv::Rect(origin, picture.size()) & cv::Rect(cv::Point(), full);
    if (inside.empty()) return;
    cv::Mat holes = (View(leaves)(inside) > 105);
    cv::Mat part = mask(cv::Rect(inside.tl() - origin, inside.size()));
    cv::bitwise_and(part, holes, part);
  }
  const int side = std::max(1, static_cast<int>(shade.soft_px)) * 2 + 1;
  cv::blur(mask, mask, cv::Size(side, side));
  if (shade.soft_px > 2) cv::blur(mask, mask, cv::Size(side / 2 * 2 + 1, side / 2 * 2 + 1));
  cv::Mat part;
  mask.convertTo(part, CV_32F, (shade.factor - 1) / 255, 1);
  cv::multiply(field, part, field);
}

void ApplyLight(cv::Mat& picture, const Circumstances& how, cv::Size full, cv::Point origin) {
  if (how.shades.empty() && how.gradient <= 0) return;
  cv::Mat field(picture.size(), CV_32F, cv::Scalar(1));
  for (const Shade& shade : how.shades) ApplyShade(picture, shade, full, origin, field);
  if (how.gradient > 0) {
    Random random(how.gradient_seed);
    cv::Mat coarse(3, 4, CV_32F);
    for (int i = 0; i < 12; ++i) {
      coarse.at<float>(i / 4, i % 4) =
          static_cast<float>(1 + random.Range(-how.gradient, how.gradient));
    }
    // Cut the part out of the full field: both pictures keep their place in it.
    const double sx = static_cast<double>(full.width) / 3;
    const double sy = static_cast<double>(full.height) / 2;
    cv::Mat map = (cv::Mat_<double>(2, 3) << 1 / sx, 0, origin.x / sx, 0, 1 / sy, origin.y / sy);
    cv::Mat uneven;
    cv::warpAffine(coarse, uneven, map, picture.size(), cv::INTER_LINEAR | cv::WARP_INVERSE_MAP,
                   cv::BORDER_REPLICATE);
    cv::multiply(field, uneven, field);
  }
  Multiply(picture, field);
}

void Expose(cv::Mat& picture, const Circumstances& how) {
  cv::Mat table(1, 256, CV_8UC3);
  for (int v = 0; v < 256; ++v) {
    for (int k = 0; k < 3; ++k) {
      const double lit = std::pow(v / 255.0, how.gamma) * 255;
      table.at<cv::Vec3b>(0, v)[k] =
          cv::saturate_cast<std::uint8_t>(lit * how.gain[static_cast<std::size_t>(k)] + how.offset);
    }
  }
  cv::LUT(picture, table, picture);
  if (how.infrared) {
    cv::Mat grey;
    cv::transform(picture, grey, cv::Matx13f(0.45F, 0.35F, 0.20F));
    cv::cvtColor(grey, picture, cv::COLOR_GRAY2RGB);
  }
}

void BurnClock(cv::Mat& picture, const Circumstances& how, cv::Size full, cv::Point origin) {
  if (how.clock.empty()) return;
  const double size = full.width / 1100.0;
  const cv::Point at(static_cast<int>(full.width * 0.02) - origin.x,
                     static_cast<int>(full.height * (how.clock_below ? 0.97 : 0.06)) - origin.y);
  cv::putText(picture, how.clock, at, cv::FONT_HERSHEY_SIMPLEX, size, cv::Scalar::all(20), 3);
  cv::putText(picture, how.clock, at, cv::FONT_HERSHEY_SIMPLEX, size, cv::Scalar::all(240), 1,
              cv::LINE_AA);
}

std::array<double, 2> Corner(double x, double y) { return {x, y}; }

}  // namespace

Shade DrawShadow(const Box& around, Random& random) {
  Shade shade{.factor = random.Range(0.35, 0.82),
              .soft_px = random.Range(0, 7),
              .leafy = random.Chance(0.2),
              .seed = random.Bits()};
  const double size = std::max(around.width(), around.height());
  const double cx = random.Range(around.x0, around.x1);
  const double cy = random.Range(around.y0, around.y1);
  if (random.Chance(0.35)) {  // The edge of something large: a house, a roof.
    const double angle = random.Range(0, 6.2832);
    const double c = std::cos(angle);
    const double s = std::sin(angle);
    const double far = size * 12;
    shade.outline = {Corner(cx - c * far, cy - s * far), Corner(cx + c * far, cy + s * far),
                     Corner(cx + c * far - s * far, cy + s * far + c * far),
                     Corner(cx - c * far - s * far, cy - s * far + c * far)};
    return shade;
  }
  const bool slim = random.Chance(0.4);  // A pole, a person.
  const double rx = size * random.Range(0.25, 1.1);
  const double ry = rx * (slim ? random.Range(0.1, 0.3) : random.Range(0.4, 1.0));
  const double turn = random.Range(0, 3.1416);
  const int corners = random.Int(4, 10);
  for (int i = 0; i < corners; ++i) {
    const double angle = 6.2832 * i / corners;
    const double r = random.Range(0.7, 1.15);
    const double x = rx * r * std::cos(angle);
    const double y = ry * r * std::sin(angle);
    shade.outline.push_back(Corner(cx + x * std::cos(turn) - y * std::sin(turn),
                                   cy + x * std::sin(turn) + y * std::cos(turn)));
  }
  return shade;
}

Shade DrawLightPatch(const Box& around, Random& random) {
  Shade shade{.factor = random.Range(1.15, 1.75), .soft_px = random.Range(0, 6)};
  const double w = std::max(around.width(), around.height()) * random.Range(0.3, 1.0);
  const double h = w * random.Range(0.4, 1.2);
  const double x = random.Range(around.x0, around.x1) - w / 2;
  const double y = random.Range(around.y0, around.y1) - h / 2;
  const double lean = random.Range(-0.8, 0.8) * w;
  shade.outline = {Corner(x, y), Corner(x + w, y), Corner(x + w + lean, y + h),
                   Corner(x + lean, y + h)};
  return shade;
}

Shade DrawReflection(const Box& around, Random& random) {
  const double size = std::max(around.width(), around.height());
  Shade shade{.factor = random.Range(1.1, 1.5),
              .soft_px = std::max(2.0, size * random.Range(0.05, 0.15))};
  const double w = size * random.Range(0.1, 0.5);
  const double h = size * random.Range(0.5, 1.3);
  const double x = random.Range(around.x0, around.x1) - w / 2;
  const double y = random.Range(around.y0, around.y1) - h / 2;
  shade.outline = {Corner(x, y), Corner(x + w, y), Corner(x + w, y + h), Corner(x, y + h)};
  return shade;
}

void Sway(const Box& box, double strength_px, Random& random, Image& picture) {
  cv::Mat canvas = View(picture);
  const cv::Rect area = cv::Rect(static_cast<int>(box.x0), static_cast<int>(box.y0),
                                 static_cast<int>(box.width()), static_cast<int>(box.height())) &
                        cv::Rect(0, 0, canvas.cols, canvas.rows);
  if (area.width < 8 || area.height < 8) return;
  const cv::Mat before = canvas(area).clone();
  const Image fx = SoftNoise(area.width, area.height, 5, random);
  const Image fy = SoftNoise(area.width, area.height, 5, random);
  cv::Mat map_x(area.size(), CV_32F);
  cv::Mat map_y(area.size(), CV_32F);
  for (int y = 0; y < area.height; ++y) {
    for (int x = 0; x < area.width; ++x) {
      // Still at the edges of the area, and at the foot of the plant.
      const double hold = std::min({x / 6.0, (area.width - 1 - x) / 6.0, y / 6.0,
                                    (area.height - 1 - y) / (0.5 * area.height), 1.0});
      const auto at = static_cast<std::size_t>(y * area.width + x);
      map_x.at<float>(y, x) =
          static_cast<float>(x + hold * strength_px * (fx.bytes[at] / 127.5 - 1));
      map_y.at<float>(y, x) =
          static_cast<float>(y + 0.5 * hold * strength_px * (fy.bytes[at] / 127.5 - 1));
    }
  }
  cv::Mat moved;
  cv::remap(before, moved, map_x, map_y, cv::INTER_LINEAR, cv::BORDER_REFLECT);
  moved.copyTo(canvas(area));
}

void Develop(const Image& full, const Circumstances& how, const model::PixelRect& crop, int size,
             std::vector<std::uint8_t>& out) {
  const cv::Size whole(full.width, full.height);
  const cv::Point origin(crop.x - kMargin_px, crop.y - kMargin_px);
  const cv::Size part(crop.width + 2 * kMargin_px, crop.height + 2 * kMargin_px);
  // From the developed part to the full picture: around the picture's middle, then the shift.
  const double radians = how.angle_deg * 3.14159265 / 180;
  const double c = std::cos(radians) / how.zoom;
  const double s = std::sin(radians) / how.zoom;
  const double mx = whole.width / 2.0;
  const double my = whole.height / 2.0;
  const double ox = origin.x - mx - how.shift_x;
  const double oy = origin.y - my - how.shift_y;
  const cv::Mat map =
      (cv::Mat_<double>(2, 3) << c, -s, c * ox - s * oy + mx, s, c, s * ox + c * oy + my);
  cv::Mat picture;
  cv::warpAffine(View(full), picture, map, part, cv::INTER_LINEAR | cv::WARP_INVERSE_MAP,
                 cv::BORDER_REFLECT);
  ApplyLight(picture, how, whole, origin);
  if (how.blur_px > 0.2) cv::GaussianBlur(picture, picture, cv::Size(), how.blur_px);
  Expose(picture, how);
  Random random(how.noise_seed);
  if (how.infrared) {  // Its noise has no colour either.
    cv::Mat noisy(picture.size(), CV_8UC3, cv::Scalar::all(128));
    AddNoise(noisy, how.noise, how.grain, random);
    std::vector<cv::Mat> planes;
    cv::split(noisy, planes);
    cv::merge(std::vector<cv::Mat>(3, planes[0]), noisy);
    cv::addWeighted(picture, 1, noisy, 1, -128, picture);
  } else {
    AddNoise(picture, how.noise, how.grain, random);
  }
  BurnClock(picture, how, whole, origin);
  if (how.jpeg_quality < 100) {
    std::vector<std::uint8_t> bytes;
    cv::imencode(".jpg", picture, bytes, {cv::IMWRITE_JPEG_QUALITY, how.jpeg_quality});
    cv::imdecode(bytes, cv::IMREAD_COLOR, &picture);
  }
  const cv::Mat inside = picture(cv::Rect(kMargin_px, kMargin_px, crop.width, crop.height));
  cv::Mat fitted;
  cv::resize(inside, fitted, cv::Size(size, size), 0, 0,
             crop.width > size || crop.height > size ? cv::INTER_AREA : cv::INTER_LINEAR);
  out.insert(out.end(), fitted.datastart, fitted.dataend);
}

}  // namespace stillwatch::data
