#include "pipeline/clips/light.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "model/data/grounds.h"
#include "model/data/image.h"
#include "model/data/random.h"

namespace stillwatch::clips {
namespace {

// Fields are made so much smaller than the picture.
constexpr int kCoarse = 4;
// Factors of light are linear; pictures are not.
constexpr double kGamma = 1 / 2.2;

// Smooth, within -1..1, of a period of about one; a sum of sines that never repeats.
double Wander(double t, double phase) {
  return 0.6 * std::sin(2 * std::numbers::pi * t + phase) +
         0.3 * std::sin(2 * std::numbers::pi * 2.17 * t + 2.3 * phase) +
         0.1 * std::sin(2 * std::numbers::pi * 4.71 * t + 4.1 * phase);
}

double Smooth(double x) {
  x = std::clamp(x, 0.0, 1.0);
  return x * x * (3 - 2 * x);
}

// Light of the sky at an hour of the day: 0 by night, 1 at noon; warm near dawn and dusk.
double Sky(double hour) {
  const double h = std::fmod(std::fmod(hour, 24) + 24, 24);
  return Smooth((h - 5.2) / 2.6) * (1 - Smooth((h - 17.6) / 2.8));
}

}  // namespace

struct Light::Impl {
  std::vector<Act> acts;
  std::vector<double> phases;  // One per act.
  int width = 0, height = 0;   // Of the plate.
  int view_width = 0, view_height = 0, margin_x = 0, margin_y = 0;
  cv::Mat leaves;  // Holes of a tree's shadow, CV_32F 0..1, of the plate's size.

  double X(double fraction) const { return margin_x + fraction * view_width; }
  double Y(double fraction) const { return margin_y + fraction * view_height; }

  // The window's light on the floor, or a shadow: a quadrangle that wanders with the sun.
  void Patch(const Act& act, double t, bool sun, cv::Mat* field) const {
    const double shown = act.Presence(t, std::min(20.0, 0.1 * act.length));
    if (shown <= 0) return;
    const double moved = act.Number("speed", 0.0005) * (t - act.at);  // Widths a second.
    const double x = X(act.Number("x", 0.4) + moved), y = Y(act.Number("y", 0.6));
    const double w = act.Number("w", 0.25) * view_width, h = act.Number("h", 0.3) * view_height;
    const double lean = 0.4 * h;
    std::vector<cv::Point2d> corners = {{x - w / 2 + lean, y - h / 2},
                                        {x + w / 2 + lean, y - h / 2},
                                        {x + w / 2, y + h / 2},
                                        {x - w / 2, y + h / 2}};
    cv::Mat mask(field->size(), CV_32F, cv::Scalar(0));
    const auto fill = [&](double from, double to) {
      std::vector<cv::Point> quad;
      const auto between = [&](const cv::Point2d& a, const cv::Point2d& b, double part) {
        // Four bits below the pixel: the edge moves smoothly.
        quad.emplace_back(static_cast<int>(std::lround(16 * (a.x + part * (b.x - a.x)) / kCoarse)),
                          static_cast<int>(std::lround(16 * (a.y + part * (b.y - a.y)) / kCoarse)));
      };
      between(corners[0], corners[1], from);
      between(corners[0], corners[1], to);
      between(corners[3], corners[2], to);
      between(corners[3], corners[2], from);
      cv::fillConvexPoly(mask, quad, cv::Scalar(1), cv::LINE_AA, 4);
    };
    if (sun) {  // Two panes with a bar between them.
      fill(0, 0.46);
      fill(0.54, 1);
    } else {
      fill(0, 1);
    }
    cv::GaussianBlur(mask, mask, {}, 1.2);
    if (act.Number("leafy", 0) > 0.5) {
      cv::Mat holes;
      cv::resize(leaves, holes, mask.size(), 0, 0, cv::INTER_AREA);
      // The crown sways.
      const cv::Matx23d sway(1, 0, 1.2 * Wander(t / 3.1, 1), 0, 1, 0.8 * Wander(t / 2.3, 2));
      cv::warpAffine(holes, holes, sway, holes.size(), cv::INTER_LINEAR, cv::BORDER_REFLECT);
      mask = mask.mul(holes);
    }
    const double strength = act.Number("strength", sun ? 1.2 : 0.55) * shown;
    if (sun) {
      AddTo(field, mask, strength, {1.06, 1.0, 0.86});
    } else {
      AddTo(field, mask, -strength, {1.03, 1.0, 0.95});
    }
  }

  // field *= 1 + strength * color * mask, channel by channel.
  static void AddTo(cv::Mat* field, const cv::Mat& mask, double strength, const cv::Vec3d& color) {
    std::vector<cv::Mat> planes;
    cv::split(*field, planes);
    for (int k = 0; k < 3; ++k) {
      cv::Mat factor;
      mask.convertTo(factor, CV_32F, strength * color[k], 1);
      cv::max(factor, 0.02, factor);
      planes[static_cast<std::size_t>(k)] = planes[static_cast<std::size_t>(k)].mul(factor);
    }
    cv::merge(planes, *field);
  }

  // A soft spot of radius `reach` around (x, y), pixels of the plate.
  cv::Mat Spot(double x, double y, double reach_x, double reach_y) const {
    cv::Mat mask(std::max(1, height / kCoarse), std::max(1, width / kCoarse), CV_32F);
    for (int row = 0; row < mask.rows; ++row) {
      auto* to = mask.ptr<float>(row);
      const double dy = (row * kCoarse - y) / reach_y;
      for (int column = 0; column < mask.cols; ++column) {
        const double dx = (column * kCoarse - x) / reach_x;
        to[column] = static_cast<float>(1 / (1 + 1.5 * (dx * dx + dy * dy)));
      }
    }
    return mask;
  }

  // The factor of the whole scene, per channel.
  cv::Vec3d Whole(double t) const {
    cv::Vec3d factor(1, 1, 1);
    for (std::size_t i = 0; i < acts.size(); ++i) {
      const Act& act = acts[i];
      const double strength = act.Number("strength", 0);
      if (act.what == "cloud") {
        const double shown = act.Presence(t, std::min(5.0, 0.2 * act.length));
        // Clouds come and go with soft edges: most of the time it is clear, or not.
        const double cover = Smooth(0.5 + 1.6 * Wander(t / act.Number("period", 45), phases[i]));
        factor *= 1 - shown * act.Number("strength", 0.45) * cover;
      } else if (act.what == "daylight") {
        const double part = Smooth((t - act.at) / std::min(act.length, 1e6));
        const double level = std::pow(std::max(0.002, act.Number("to", 0.1)), part);
        const double blue = 0.15 * part;
        factor = factor.mul(cv::Vec3d(level * (1 - blue), level, level * (1 + blue)));
      } else if (act.what == "day" && act.During(t)) {
        // `hours` of it pass while the act lasts; without an end, time is what it is.
        const double pace = act.length < Act::kEndless
                                ? act.Number("hours", 24) * 3600 / std::max(1.0, act.length)
                                : 1;
        const double hour = act.Number("from", 0) + pace * (t - act.at) / 3600;
        const double sky = Sky(hour);
        const double level = 0.02 + 0.98 * sky;
        const double low_sun = sky * (1 - sky) * 4;
        factor = factor.mul(cv::Vec3d(level * (1 + 0.12 * low_sun), level,
                                      level * (1 - 0.1 * low_sun + 0.25 * (1 - sky))));
      } else if (act.what == "flicker") {
        const double hertz = act.Number("hertz", 1.3);
        factor *= 1 + act.Presence(t, 0.5) * (strength > 0 ? strength : 0.05) *
                          Wander(hertz * t, phases[i]);
      }
    }
    return factor;
  }
};

Light::Light(const Script& script, int plate_width, int plate_height)
    : impl_(std::make_unique<Impl>()) {
  impl_->width = plate_width;
  impl_->height = plate_height;
  impl_->view_width = script.width;
  impl_->view_height = script.height;
  impl_->margin_x = (plate_width - script.width) / 2;
  impl_->margin_y = (plate_height - script.height) / 2;
  data::Random random = data::Random::For(script.seed, 2);
  bool leafy = false;
  for (const Act& act : script.acts) {
    for (const char* what :
         {"cloud", "sun", "shadow", "lamp", "daylight", "day", "headlights", "flicker"}) {
      if (act.what != what) continue;
      impl_->acts.push_back(act);
      impl_->phases.push_back(random.Range(0, 6.28));
      leafy |= act.Number("leafy", 0) > 0.5;
    }
  }
  if (leafy) {
    const data::Image spots = data::SoftNoise(plate_width, plate_height, 26, random);
    cv::resize(data::View(spots), impl_->leaves, cv::Size(plate_width, plate_height));
    impl_->leaves.convertTo(impl_->leaves, CV_32F, 1.0 / 60, -1.6);
    cv::min(cv::max(impl_->leaves, 0), 1, impl_->leaves);
  }
}

Light::~Light() = default;
Light::Light(Light&&) noexcept = default;

double Light::Level(double t) const {
  const cv::Vec3d whole = impl_->Whole(t);
  return (whole[0] + whole[1] + whole[2]) / 3;
}

void Light::Apply(double t, cv::Mat* picture) const {
  if (impl_->acts.empty()) return;
  const Impl& impl = *impl_;
  const cv::Vec3d whole = impl.Whole(t);
  cv::Mat field(std::max(1, impl.height / kCoarse), std::max(1, impl.width / kCoarse), CV_32FC3,
                cv::Scalar(whole[0], whole[1], whole[2]));
  bool even = true;
  for (std::size_t i = 0; i < impl.acts.size(); ++i) {
    const Act& act = impl.acts[i];
    const double before = act.at - 0.001;
    if (t < before) continue;
    if (act.what == "sun" || act.what == "shadow") {
      impl.Patch(act, t, act.what == "sun", &field);
      even = false;
    } else if (act.what == "lamp") {
      // A lamp adds its own light; a negative strength takes one away.
      const double on = act.Presence(t, act.Number("over", 0.15));
      if (on <= 0) continue;
      const double strength = on * act.Number("strength", 0.8);
      const double warm = act.Number("warm", 0.5);
      const double reach = act.Number("reach", 0.6) * impl.view_width;
      const cv::Mat spot =
          impl.Spot(impl.X(act.Number("x", 0.5)), impl.Y(act.Number("y", 0.1)), reach, reach);
      if (strength < 0) {
        Impl::AddTo(&field, spot, strength, {1, 1, 1});
      } else {
        std::vector<cv::Mat> planes;
        cv::split(field, planes);
        const double color[] = {1 + 0.25 * warm, 1, 1 - 0.45 * warm};
        for (std::size_t k = 0; k < 3; ++k) planes[k] += spot * (strength * color[k]);
        cv::merge(planes, field);
      }
      even = false;
    } else if (act.what == "headlights" && act.During(t)) {
      const double length = std::min(act.length, 6.0);
      const double part = (t - act.at) / length;
      if (part > 1) continue;
      const double across = act.Word("from") == "right" ? 1.3 - 1.6 * part : -0.3 + 1.6 * part;
      const double strength = act.Number("strength", 1.8) * std::sin(std::numbers::pi * part);
      for (const double lamp : {-0.035, 0.035}) {
        const cv::Mat spot = impl.Spot(impl.X(across + lamp), impl.Y(act.Number("y", 0.55)),
                                       0.11 * impl.view_width, 0.13 * impl.view_height);
        std::vector<cv::Mat> planes;
        cv::split(field, planes);
        for (std::size_t k = 0; k < 3; ++k) planes[k] += spot.mul(spot) * strength;
        cv::merge(planes, field);
      }
      even = false;
    }
  }
  cv::pow(field, kGamma, field);
  if (even) {
    const cv::Vec3f factor = field.at<cv::Vec3f>(0, 0);
    cv::multiply(*picture, cv::Scalar(factor[0], factor[1], factor[2]), *picture);
    return;
  }
  cv::Mat whole_field;
  cv::resize(field, whole_field, picture->size(), 0, 0, cv::INTER_LINEAR);
  cv::multiply(*picture, whole_field, *picture);
}

}  // namespace stillwatch::clips
