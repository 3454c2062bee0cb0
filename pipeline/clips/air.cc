#include "pipeline/clips/air.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "model/data/random.h"

namespace stillwatch::clips {
namespace {

using data::Random;

double Fraction(double x) { return x - std::floor(x); }

// A random number that belongs to (seed, a, b) alone.
double Of(std::uint64_t seed, std::uint64_t a, std::uint64_t b) {
  return Random::For(seed + a * 7919, b).Unit();
}

// Brightens `view` towards white by `veil` (CV_8U).
void Whiten(const cv::Mat& veil, double strength, double white, cv::Mat* view) {
  for (int y = 0; y < view->rows; ++y) {
    const auto* from = veil.ptr<std::uint8_t>(y);
    auto* to = view->ptr<cv::Vec3f>(y);
    for (int x = 0; x < view->cols; ++x) {
      if (from[x] == 0) continue;
      const float alpha = static_cast<float>(strength * from[x] / 255);
      for (int k = 0; k < 3; ++k) {
        to[x][k] += alpha * (static_cast<float>(white) - to[x][k]);
      }
    }
  }
}

}  // namespace

struct Air::Impl {
  std::vector<Act> acts;
  std::uint64_t seed = 0;
  int view_width = 0, view_height = 0;

  cv::Rect Place(const Act& act, int margin_x, int margin_y, const cv::Mat& plate) const {
    const cv::Rect place(static_cast<int>(margin_x + act.Number("x", 0.1) * view_width),
                         static_cast<int>(margin_y + act.Number("y", 0.05) * view_height),
                         std::max(8, static_cast<int>(act.Number("w", 0.25) * view_width)),
                         std::max(8, static_cast<int>(act.Number("h", 0.35) * view_height)));
    return place & cv::Rect(0, 0, plate.cols, plate.rows);
  }

  // Every leaf on a course of its own; gusts come and go.
  void Leaves(const Act& act, double t, const cv::Rect& place, cv::Mat* plate) const {
    if (place.width < 8 || place.height < 8) return;
    const double gust =
        0.45 + 0.55 * std::sin(0.37 * t + static_cast<double>(seed % 7)) * std::sin(0.11 * t + 1);
    const double strength = act.Presence(t, 2) * act.Number("strength", 2.5) * std::abs(gust);
    cv::Mat map_x(place.size(), CV_32F), map_y(place.size(), CV_32F);
    for (int y = 0; y < place.height; ++y) {
      for (int x = 0; x < place.width; ++x) {
        // Still towards the rim, so that nothing tears.
        const double rim = std::min({x, y, place.width - 1 - x, place.height - 1 - y}) / 10.0;
        const double s = strength * std::min(1.0, rim);
        const double a = 0.11 * x + 0.05 * y, b = 0.07 * y - 0.09 * x;
        map_x.at<float>(y, x) =
            static_cast<float>(x + s * (std::sin(2.9 * t + a) + 0.6 * std::sin(5.3 * t + 2.3 * b)));
        map_y.at<float>(y, x) = static_cast<float>(y + 0.6 * s * std::sin(3.7 * t + b + 0.3 * a));
      }
    }
    cv::Mat still = (*plate)(place).clone();
    cv::Mat moved;
    cv::remap(still, moved, map_x, map_y, cv::INTER_LINEAR, cv::BORDER_REFLECT);
    moved.copyTo((*plate)(place));
  }

  // A television: another shot every few seconds, something moving in each.
  void Screen(double t, const cv::Rect& place, cv::Mat* plate) const {
    if (place.empty()) return;
    const auto shot = static_cast<std::uint64_t>(t / 3.1);
    cv::Mat picture(place.size(), CV_32FC3);
    const auto shade = [&](std::uint64_t n) { return 30 + 190 * Of(seed, shot, n); };
    picture.setTo(cv::Scalar(shade(1), shade(2), shade(3)));
    for (std::uint64_t i = 0; i < 4; ++i) {
      const double x = Of(seed, shot, 10 + i) + 0.12 * std::sin(1.7 * t + static_cast<double>(i));
      const double y = Of(seed, shot, 20 + i);
      cv::circle(picture, {static_cast<int>(x * place.width), static_cast<int>(y * place.height)},
                 std::max(2, place.height / 4), cv::Scalar(shade(30 + i), shade(40 + i), shade(i)),
                 cv::FILLED, cv::LINE_AA);
    }
    cv::GaussianBlur(picture, picture, {}, 1.5);
    picture.copyTo((*plate)(place));
    cv::rectangle(*plate, place, cv::Scalar(18, 18, 20), 3);
  }

  void Rain(const Act& act, double t, cv::Mat* view) const {
    const double strength = act.Presence(t, 3) * act.Number("strength", 0.5);
    if (strength <= 0) return;
    cv::Mat veil(view->size(), CV_8U, cv::Scalar(0));
    const auto moment = static_cast<std::uint64_t>(std::llround(t * 1000));
    Random random = Random::For(seed, moment);
    const int drops = static_cast<int>(500 * strength * view->cols / 640);
    for (int i = 0; i < drops; ++i) {
      const double near = random.Range(0.3, 1);
      const double length = near * 0.09 * view->rows;
      const double x = random.Range(-0.05, 1.05) * view->cols,
                   y = random.Range(-0.1, 1) * view->rows;
      cv::line(veil, cv::Point2d(x, y), cv::Point2d(x + 0.16 * length, y + length),
               cv::Scalar(60 + 150 * near), near > 0.85 ? 2 : 1, cv::LINE_AA);
    }
    cv::GaussianBlur(veil, veil, {}, 0.7);
    // Wet air takes contrast.
    const double haze = 0.1 * strength;
    *view = *view * (1 - haze) + cv::Scalar::all(165 * haze);
    Whiten(veil, 0.32, 205, view);
  }

  void Snow(const Act& act, double t, cv::Mat* view) const {
    const double strength = act.Presence(t, 3) * act.Number("strength", 0.5);
    if (strength <= 0) return;
    cv::Mat veil(view->size(), CV_8U, cv::Scalar(0));
    const int flakes = static_cast<int>(420 * strength * view->cols / 640);
    Random random(seed + 5);
    for (int i = 0; i < flakes; ++i) {
      const double near = random.Range(0.25, 1), x0 = random.Unit(), y0 = random.Unit();
      const double sway = random.Range(0.5, 2), phase = random.Range(0, 6.28);
      const double y = Fraction(y0 + t * (0.12 + 0.3 * near)) * 1.1 - 0.05;
      const double x = Fraction(x0 + 0.05 * t * near + 0.01 * std::sin(sway * t + phase));
      cv::circle(veil, {static_cast<int>(x * view->cols * 8), static_cast<int>(y * view->rows * 8)},
                 static_cast<int>(8 * near * near * view->rows / 110.0) + 6,
                 cv::Scalar(120 + 135 * near), cv::FILLED, cv::LINE_AA, 3);
    }
    cv::GaussianBlur(veil, veil, {}, 1.0);
    Whiten(veil, 0.75, 240, view);
  }

  // Near the lens: large, soft and bright, above all in infrared light.
  void Insects(const Act& act, double t, cv::Mat* view) const {
    if (!act.During(t)) return;
    cv::Mat veil(view->size(), CV_8U, cv::Scalar(0));
    const int count = static_cast<int>(act.Number("count", 4));
    for (int i = 0; i < count; ++i) {
      // Each comes every so often and is gone after seconds.
      const auto n = static_cast<std::uint64_t>(i);
      const double period = 7 + 9 * Of(seed, 3, n);
      const double turn = t / period + Of(seed, 4, n);
      const auto visit = static_cast<std::uint64_t>(turn);
      const double part = Fraction(turn) * period;
      const double stays = 0.8 + 2.5 * Of(seed, 5, 100 * n + visit);
      if (part > stays) continue;
      const double x =
          Of(seed, 6, 100 * n + visit) + 0.25 * std::sin(3.1 * part + 7 * Of(seed, 8, n));
      const double y = Of(seed, 7, 100 * n + visit) + 0.22 * std::sin(4.3 * part + 1);
      const double radius = (0.012 + 0.04 * Of(seed, 9, 100 * n + visit)) * view->rows;
      const double along = 30 * std::sin(5 * part);
      cv::ellipse(
          veil, {static_cast<int>(x * view->cols), static_cast<int>(y * view->rows)},
          {std::max(2, static_cast<int>(2.6 * radius)), std::max(1, static_cast<int>(radius))},
          along, 0, 360, cv::Scalar(255), cv::FILLED, cv::LINE_AA);
    }
    cv::GaussianBlur(veil, veil, {}, 0.012 * view->rows);
    Whiten(veil, 0.8, 250, view);
  }
};

Air::Air(const Script& script) : impl_(std::make_unique<Impl>()) {
  impl_->seed = script.seed * 31 + 7;
  impl_->view_width = script.width;
  impl_->view_height = script.height;
  for (const Act& act : script.acts) {
    for (const char* what : {"rain", "snow", "insects", "leaves", "screen"}) {
      if (act.what == what) impl_->acts.push_back(act);
    }
  }
}

Air::~Air() = default;
Air::Air(Air&&) noexcept = default;

void Air::Stir(double t, int margin_x, int margin_y, cv::Mat* plate) const {
  for (const Act& act : impl_->acts) {
    if (!act.During(t)) continue;
    if (act.what == "leaves") {
      impl_->Leaves(act, t, impl_->Place(act, margin_x, margin_y, *plate), plate);
    } else if (act.what == "screen") {
      impl_->Screen(t, impl_->Place(act, margin_x, margin_y, *plate), plate);
    }
  }
}

void Air::Fall(double t, cv::Mat* view) const {
  for (const Act& act : impl_->acts) {
    if (act.what == "rain") impl_->Rain(act, t, view);
    if (act.what == "snow") impl_->Snow(act, t, view);
    if (act.what == "insects") impl_->Insects(act, t, view);
  }
}

}  // namespace stillwatch::clips
