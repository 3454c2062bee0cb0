#include "model/data/paste.h"

#include <algorithm>
#include <cmath>

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "model/data/palette.h"

namespace stillwatch::data {
namespace {

// Sprites are lit for a picture of this mean brightness.
constexpr double kUsualBrightness = 120;
// Below, a person would not name a colour either.  A guess.
constexpr double kDark = 48;

// Premultiplied RGBA of the sprite at its size in the picture.
cv::Mat Fitted(const cv::Mat& rgba, cv::Size size) {
  std::vector<cv::Mat> planes;
  cv::split(rgba, planes);
  for (int k = 0; k < 3; ++k) {
    auto& plane = planes[static_cast<std::size_t>(k)];
    cv::multiply(plane, planes[3], plane, 1.0 / 255);
  }
  cv::Mat multiplied;
  cv::merge(planes, multiplied);
  cv::Mat fitted;
  cv::resize(multiplied, fitted, size, 0, 0,
             size.width < rgba.cols ? cv::INTER_AREA : cv::INTER_LINEAR);
  return fitted;
}

}  // namespace

Box BoxOf(const Item& item) {
  const double s = item.px_per_m / item.view->sprite.px_per_m;
  const double left = item.view->x0 - item.view->sprite.anchor_x;
  const double right = item.view->x1 - item.view->sprite.anchor_x;
  return {.x0 = item.x + s * (item.mirrored ? -right : left),
          .y0 = item.y + s * (item.view->y0 - item.view->sprite.anchor_y),
          .x1 = item.x + s * (item.mirrored ? -left : right),
          .y1 = item.y + s * (item.view->y1 - item.view->sprite.anchor_y)};
}

Box Union(const Box& a, const Box& b) {
  return {std::min(a.x0, b.x0), std::min(a.y0, b.y0), std::max(a.x1, b.x1), std::max(a.y1, b.y1)};
}

double Intersection(const Box& a, const Box& b) {
  const double w = std::min(a.x1, b.x1) - std::max(a.x0, b.x0);
  const double h = std::min(a.y1, b.y1) - std::max(a.y0, b.y0);
  return w > 0 && h > 0 ? w * h : 0;
}

double BrightnessAround(const Item& item, const Image& picture) {
  const Box box = BoxOf(item);
  const cv::Rect around = cv::Rect(static_cast<int>(box.x0), static_cast<int>(box.y0),
                                   std::max(1, static_cast<int>(box.width())),
                                   std::max(1, static_cast<int>(box.height()))) &
                          cv::Rect(0, 0, picture.width, picture.height);
  if (around.empty()) return kUsualBrightness;
  const cv::Scalar mean = cv::mean(View(picture)(around));
  return 0.3 * mean[0] + 0.59 * mean[1] + 0.11 * mean[2];
}

void Paste(const Item& item, const Look& look, Image& picture) {
  PasteLit(item, look, BrightnessAround(item, picture), picture);
}

void PasteLit(const Item& item, const Look& look, double brightness, Image& picture) {
  const Sprite& sprite = item.view->sprite;
  const double s = item.px_per_m / sprite.px_per_m;
  const cv::Size size(std::max(1, static_cast<int>(std::lround(sprite.rgba.width * s))),
                      std::max(1, static_cast<int>(std::lround(sprite.rgba.height * s))));
  const double anchor_x = item.mirrored ? sprite.rgba.width - sprite.anchor_x : sprite.anchor_x;
  const cv::Rect target(static_cast<int>(std::lround(item.x - anchor_x * s)),
                        static_cast<int>(std::lround(item.y - sprite.anchor_y * s)), size.width,
                        size.height);
  cv::Mat canvas = View(picture);
  const cv::Rect seen = target & cv::Rect(0, 0, canvas.cols, canvas.rows);
  if (seen.empty()) return;

  cv::Mat rgba;
  if (item.tint.empty() || !item.view->color || item.tint == *item.view->color) {
    rgba = Fitted(View(sprite.rgba), size);
  } else {
    Image painted = sprite.rgba;
    Recolor(painted, *item.view->color, PaletteColor(item.tint));
    rgba = Fitted(View(painted), size);
  }
  cv::Mat shadow;
  cv::resize(View(sprite.shadow), shadow, size, 0, 0, cv::INTER_AREA);
  const int soft = std::max(3, size.width / 40 * 2 + 1);
  cv::GaussianBlur(shadow, shadow, cv::Size(soft, soft), 0);
  if (item.mirrored) {
    cv::flip(rgba, rgba, 1);
    cv::flip(shadow, shadow, 1);
  }
  if (look.soften_px > 0.25) {
    cv::GaussianBlur(rgba, rgba, cv::Size(), look.soften_px);
    cv::GaussianBlur(shadow, shadow, cv::Size(), look.soften_px);
  }
  const double level = std::clamp(brightness / kUsualBrightness, 0.12, 1.35);
  const double gain = std::pow(level, look.follow);
  const cv::Point origin = seen.tl() - target.tl();
  for (int y = 0; y < seen.height; ++y) {
    auto* to = canvas.ptr<cv::Vec3b>(seen.y + y) + seen.x;
    const auto* from = rgba.ptr<cv::Vec4b>(origin.y + y) + origin.x;
    const auto* dark = shadow.ptr<std::uint8_t>(origin.y + y) + origin.x;
    for (int x = 0; x < seen.width; ++x) {
      const int alpha = from[x][3];
      if (alpha == 0 && dark[x] == 0) continue;
      const double ground = (1 - look.shadow * dark[x] / 255.0) * (255 - alpha) / 255.0;
      for (int k = 0; k < 3; ++k) {
        const double value =
            from[x][k] * gain * look.cast[static_cast<std::size_t>(k)] + to[x][k] * ground;
        to[x][k] = static_cast<std::uint8_t>(std::min(255.0, value));
      }
    }
  }
}

std::optional<std::string> ColorOf(const Item& item, double brightness) {
  if (!item.tint.empty()) return item.tint;
  if (!item.view->color) return std::nullopt;
  if (brightness < kDark && *item.view->color != "white") return std::nullopt;
  return item.view->color;
}

}  // namespace stillwatch::data
