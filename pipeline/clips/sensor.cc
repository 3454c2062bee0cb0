#include "pipeline/clips/sensor.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "model/data/random.h"

namespace stillwatch::clips {
namespace {

constexpr double kFollows_s = 1.3;  // Time constant of automatic exposure.
// What a small camera makes up for before it gives in to darkness or glare.  A guess.
constexpr double kLeastGain = 0.5, kMostGain = 2;
constexpr double kGamma = 1 / 2.2;
// Seconds from 2026-01-01 08:00:00: what a burnt-in clock starts with.
constexpr int kClockStart_s = 8 * 3600;

std::string ClockText(double t) {
  const auto seconds = static_cast<std::int64_t>(t) + kClockStart_s;
  const std::int64_t day = seconds / 86400, of_day = seconds % 86400;
  char text[40];
  std::snprintf(text, sizeof text, "2026-01-%02d %02d:%02d:%02d", static_cast<int>(1 + day % 31),
                static_cast<int>(of_day / 3600), static_cast<int>(of_day / 60 % 60),
                static_cast<int>(of_day % 60));
  return text;
}

}  // namespace

struct Sensor::Impl {
  Script script;
  cv::Mat noise;       // CV_32FC3, twice the picture's size; looked at through a moving window.
  cv::Mat spotlight;   // CV_32F: infrared lamps light the middle.
  double gain = 1;     // Of automatic exposure.
  double wanted = 0;   // Mean brightness at the start; 0 before.
  double before = 0;   // t of the frame before.
  data::Image last{};  // The picture sent before.

  bool On(const char* what, double t) const {
    return std::any_of(script.acts.begin(), script.acts.end(),
                       [&](const Act& act) { return act.what == what && act.During(t); });
  }

  void Adapt(double t, const cv::Mat& view) {
    const cv::Scalar mean = cv::mean(view);
    const double now = std::max(1.0, (mean[0] + mean[1] + mean[2]) / 3);
    if (wanted == 0) wanted = now;
    const double target = std::pow(wanted / now, script.exposure);
    const double share = 1 - std::exp(-std::max(0.0, t - before) / kFollows_s);
    gain += (std::clamp(target, kLeastGain, kMostGain) - gain) * share;
    before = t;
  }

  void Infrared(cv::Mat* view) {
    if (spotlight.empty()) {
      spotlight = cv::Mat(view->size(), CV_32F);
      for (int y = 0; y < view->rows; ++y) {
        for (int x = 0; x < view->cols; ++x) {
          const double dx = 2.0 * x / view->cols - 1, dy = 2.0 * y / view->rows - 1;
          spotlight.at<float>(y, x) =
              static_cast<float>(1.15 - 0.55 * std::min(1.0, 0.7 * dx * dx + 0.5 * dy * dy));
        }
      }
    }
    // Dyes look different in infrared light: red things bright, blue ones dark.
    cv::Mat grey;
    cv::transform(*view, grey, cv::Matx13f(0.62F, 0.3F, 0.08F));
    grey = grey.mul(spotlight) * 0.95 + 12;
    cv::Mat planes[] = {grey, grey, grey};
    cv::merge(planes, 3, *view);
  }

  void AddNoise(std::int64_t frame, double sigma, bool grey, cv::Mat* view) {
    if (sigma <= 0) return;
    data::Random random = data::Random::For(script.seed + 17, static_cast<std::uint64_t>(frame));
    const cv::Rect window(random.Int(0, noise.cols - view->cols),
                          random.Int(0, noise.rows - view->rows), view->cols, view->rows);
    cv::Mat grain = noise(window);
    if (grey) {
      cv::Mat one;
      cv::extractChannel(grain, one, 0);
      cv::Mat planes[] = {one, one, one};
      cv::merge(planes, 3, grain);
    }
    cv::scaleAdd(grain, sigma, *view, *view);
  }

  void Clock(const Act& act, double t, cv::Mat* picture) const {
    const double scale = picture->cols / 640.0;
    const cv::Point at(static_cast<int>(act.Number("x", 0.02) * picture->cols),
                       static_cast<int>(act.Number("y", 0.07) * picture->rows));
    const std::string text = ClockText(t);
    const auto put = [&](const cv::Scalar& color, int thick) {
      cv::putText(*picture, text, at, cv::FONT_HERSHEY_SIMPLEX, 0.55 * scale, color, thick,
                  cv::LINE_AA);
    };
    put(cv::Scalar::all(10), 3);
    put(cv::Scalar::all(245), 1);
  }

  // A frame whose data came late or not at all.
  void Damage(std::int64_t frame, double t, cv::Mat* picture) const {
    for (const Act& act : script.acts) {
      const bool grey = act.what == "grey", torn = act.what == "torn";
      if ((!grey && !torn) || t < act.at) continue;
      const auto first = static_cast<std::int64_t>(std::ceil(act.at * script.fps - 1e-6));
      if (frame >= first + static_cast<std::int64_t>(act.Number("frames", 3))) continue;
      data::Random random = data::Random::For(script.seed + 23, static_cast<std::uint64_t>(frame));
      if (grey) {
        // A decoder without its key frame: grey, with the edges of what moved since.
        cv::Mat dull;
        picture->convertTo(dull, CV_8U, 0.06, 120);
        dull.copyTo(*picture);
        continue;
      }
      const int from = picture->rows * random.Int(25, 70) / 100;
      const cv::Mat row = picture->row(from).clone();
      for (int y = from; y < picture->rows; ++y) {
        if (random.Chance(0.75)) {
          row.copyTo(picture->row(y));  // Smeared downwards.
        } else if (!last.empty()) {
          data::View(last).row(y).copyTo(picture->row(y));
        }
      }
      const cv::Rect strip(random.Int(0, picture->cols / 2), from, picture->cols / 3,
                           picture->rows - from);
      (*picture)(strip) += cv::Scalar(-30, 60, -30);
    }
  }
};

Sensor::Sensor(const Script& script) : impl_(std::make_unique<Impl>()) {
  impl_->script = script;
  impl_->noise = cv::Mat(script.height + 97, script.width + 131, CV_32FC3);
  cv::RNG random(script.seed * 2654435761U + 11);
  random.fill(impl_->noise, cv::RNG::NORMAL, 0, 1);
  // Debayering and compression make noise softer than white.
  cv::GaussianBlur(impl_->noise, impl_->noise, {}, 0.55);
  impl_->noise *= 1.6;  // What the blur took of its strength.
}

Sensor::~Sensor() = default;
Sensor::Sensor(Sensor&&) noexcept = default;

data::Image Sensor::Expose(std::int64_t frame, double t, double level, double through,
                           cv::Mat* view) {
  Impl& impl = *impl_;
  if (impl.On("freeze", t) && !impl.last.empty()) return impl.last;
  if (through != 1) *view *= std::pow(through, kGamma);
  const bool infrared = impl.On("infrared", t);
  if (infrared) {
    impl.Infrared(view);
  } else if (impl.script.exposure > 0) {
    impl.Adapt(t, *view);
    *view *= impl.gain;
  }
  // By night the gain shows the noise.
  const double night = 1 + 1.6 * std::sqrt(std::clamp(1 - level, 0.0, 1.0));
  impl.AddNoise(frame, impl.script.noise * (infrared ? 2.2 : night) * std::max(1.0, impl.gain),
                infrared, view);
  cv::Mat picture;
  view->convertTo(picture, CV_8U);
  for (const Act& act : impl.script.acts) {
    if (act.what == "clock" && act.During(t)) impl.Clock(act, t, &picture);
  }
  impl.Damage(frame, t, &picture);
  impl.last = data::Copy(picture);
  return impl.last;
}

}  // namespace stillwatch::clips
