#include "pipeline/clips/eye.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "model/data/grounds.h"
#include "model/data/image.h"
#include "model/data/random.h"

namespace stillwatch::clips {
namespace {

// A common lens for rooms and yards: a turn of this many degrees moves the whole width out.
constexpr double kFieldOfView_deg = 60;
constexpr double kBumps_s = 0.5;     // Seconds until a knocked camera rests.
constexpr double kLeastMove = 0.02;  // Of the width; wanted by the product.
constexpr double kLeastBlur = 2.5;   // Pixels at 640: what a person calls out of focus.  A guess.
constexpr double kCovers_s = 1.2, kSprays_s = 2.5;

}  // namespace

struct Eye::Impl {
  std::vector<Act> acts;
  std::uint64_t seed = 0;
  int width = 0, height = 0, margin_x = 0, margin_y = 0;
  double seconds = 0;
  cv::Mat cloth;  // CV_32FC3: what covers are made of.
  cv::Mat spots;  // CV_32F 0..1: where paint goes first.

  Pose Lasting(double t) const {
    Pose pose;
    for (const Act& act : acts) {
      if (act.what == "drift") {
        const double length = std::min(act.length, std::max(1.0, seconds - act.at));
        const double part = std::clamp((t - act.at) / length, 0.0, 1.0);
        pose.dx += part * act.Number("x", 0.01);
        pose.dy += part * act.Number("y", 0.004);
      } else if (act.what == "bump") {
        // `for`: it is put back then.
        const double turned = act.Presence(t, kBumps_s);
        const double share = act.Number("degrees", 3) / kFieldOfView_deg;
        const double toward = act.Number("toward", 0) * std::numbers::pi / 180;
        pose.dx += turned * share * std::cos(toward);
        pose.dy += turned * share * std::sin(toward);
        pose.roll_deg += turned * act.Number("roll", 0);
      } else if (act.what == "zoom") {
        const double over = act.Number("over", 1);
        pose.zoom *= std::pow(act.Number("factor", 1.15), act.Presence(t, over));
      }
    }
    return pose;
  }

  Pose At(double t) const {
    Pose pose = Lasting(t);
    for (const Act& act : acts) {
      if (act.what != "shake") continue;
      const double shown = act.Presence(t, 1.5);
      const double size = shown * act.Number("strength", 0.004);  // Of the width.
      const double hertz = act.Number("hertz", 1.7);
      const double gust = 0.6 + 0.4 * std::sin(0.23 * t);
      pose.dx += size * gust *
                 (0.7 * std::sin(6.283 * hertz * t) + 0.3 * std::sin(6.283 * 2.7 * hertz * t + 1));
      pose.dy += 0.5 * size * gust * std::sin(6.283 * 1.31 * hertz * t + 2);
      pose.roll_deg += 12 * size * gust * std::sin(6.283 * 0.83 * hertz * t);
    }
    return pose;
  }

  // Plate to view.
  cv::Matx23d Matrix(const Pose& pose) const {
    const double turn = pose.roll_deg * std::numbers::pi / 180;
    const double c = pose.zoom * std::cos(turn), s = pose.zoom * std::sin(turn);
    const double x = margin_x + width / 2.0, y = margin_y + height / 2.0;
    return {c, -s, width / 2.0 + pose.dx * width - c * x + s * y,
            s, c,  height / 2.0 + pose.dy * width - s * x - c * y};
  }

  void Cover(const Act& act, double t, cv::Mat* view) const {
    const double on = act.Presence(t, kCovers_s);
    if (on <= 0) return;
    const double share = act.Number("share", 0.9) * on;
    cv::Mat mask(view->size(), CV_32F, cv::Scalar(0));
    const std::string from = act.Word("from", "left");
    // Slips in with an edge that is neither straight nor upright.
    std::vector<cv::Point> outline;
    const bool upright = from == "left" || from == "right";
    const int long_side = upright ? view->rows : view->cols;
    const int across = upright ? view->cols : view->rows;
    const bool reverse = from == "right" || from == "bottom";
    const auto point = [&](double along, double depth) {
      const int a = static_cast<int>(along), d = static_cast<int>(reverse ? across - depth : depth);
      outline.emplace_back(upright ? d : a, upright ? a : d);
    };
    point(-5, -5);
    for (int i = 0; i <= 12; ++i) {
      const double along = i * long_side / 12.0;
      const double wave =
          0.05 * std::sin(0.9 * i + static_cast<double>(seed % 9)) + 0.02 * std::sin(2.3 * i);
      point(along, across * share * (1 + wave) - (share >= 0.99 ? -0.1 * across : 0));
    }
    point(long_side + 5, -5);
    cv::fillPoly(mask, std::vector<std::vector<cv::Point>>{outline}, cv::Scalar(1), cv::LINE_AA);
    cv::GaussianBlur(mask, mask, {}, 0.018 * view->cols);  // Near the lens: out of focus.
    const double bright = act.Number("bright", 0.5);
    cv::Mat masks[] = {mask, mask, mask}, mask3;
    cv::merge(masks, 3, mask3);
    cv::Mat inverse = cv::Scalar::all(1) - mask3;
    *view = view->mul(inverse) + (cloth * bright).mul(mask3);
  }

  void Spray(const Act& act, double t, cv::Mat* view) const {
    const double on = act.Presence(t, kSprays_s);
    if (on <= 0) return;
    const double limit = 1 - act.Number("share", 0.85) * on;
    cv::Mat mask;
    // Soft from `limit` on: more of the spots the longer it is sprayed.
    spots.convertTo(mask, CV_32F, 7, -7 * limit);
    cv::min(cv::max(mask, 0), 0.97, mask);
    cv::Mat masks[] = {mask, mask, mask}, mask3;
    cv::merge(masks, 3, mask3);
    const cv::Mat paint(view->size(), CV_32FC3, cv::Scalar(52, 50, 58));
    *view = view->mul(cv::Scalar::all(1) - mask3) + paint.mul(mask3);
  }

  void Glare(const Act& act, double t, cv::Mat* view) const {
    const double on = act.Presence(t, 1) * act.Number("strength", 1);
    if (on <= 0) return;
    const double x = act.Number("x", 0.7) * view->cols, y = act.Number("y", 0.25) * view->rows;
    for (int row = 0; row < view->rows; ++row) {
      auto* to = view->ptr<cv::Vec3f>(row);
      for (int column = 0; column < view->cols; ++column) {
        const double dx = (column - x) / view->cols, dy = (row - y) / view->cols;
        const double r2 = dx * dx + dy * dy;
        // The sun itself, its bloom, a streak, and a veil over all.
        const double light = on * (1800 * std::exp(-r2 / 0.0012) + 260 * std::exp(-r2 / 0.02) +
                                   110 * std::exp(-std::abs(dy) / 0.006 - std::abs(dx) / 0.35) +
                                   70 * std::exp(-r2 / 0.3));
        to[column][0] += static_cast<float>(light);
        to[column][1] += static_cast<float>(0.97 * light);
        to[column][2] += static_cast<float>(0.88 * light);
      }
    }
  }
};

Eye::Eye(const Script& script) : impl_(std::make_unique<Impl>()) {
  Impl& impl = *impl_;
  impl.acts = script.acts;
  impl.seed = script.seed;
  impl.seconds = script.seconds;
  impl.width = script.width;
  impl.height = script.height;
  impl.margin_x = static_cast<int>(std::lround(script.margin * script.width));
  impl.margin_y = static_cast<int>(std::lround(script.margin * script.height));
  data::Random random = data::Random::For(script.seed, 3);
  const cv::Size size(script.width, script.height);
  const auto noise = [&](int cells) {
    const data::Image soft = data::SoftNoise(script.width, script.height, cells, random);
    cv::Mat out;
    cv::resize(data::View(soft), out, size);
    out.convertTo(out, CV_32F, 1.0 / 255);
    return out;
  };
  for (const Act& act : impl.acts) {
    if (act.what == "cover" && impl.cloth.empty()) {
      const cv::Mat folds = noise(5) * 0.7 + noise(40) * 0.3;
      const cv::Vec3d dye(random.Range(60, 190), random.Range(60, 180), random.Range(60, 190));
      cv::Mat planes[3];
      for (int k = 0; k < 3; ++k) folds.convertTo(planes[k], CV_32F, 1.1 * dye[k], 0.35 * dye[k]);
      cv::merge(planes, 3, impl.cloth);
    }
    if (act.what == "spray" && impl.spots.empty()) {
      impl.spots = noise(7) * 0.6 + noise(24) * 0.4;
      cv::normalize(impl.spots, impl.spots, 0, 1, cv::NORM_MINMAX);
    }
  }
}

Eye::~Eye() = default;
Eye::Eye(Eye&&) noexcept = default;

Pose Eye::LastingPoseAt(double t) const { return impl_->Lasting(t); }

void Eye::Look(double t, const cv::Mat& plate, cv::Mat* view) const {
  const Impl& impl = *impl_;
  const Pose pose = impl.At(t);
  const bool still = pose.dx == 0 && pose.dy == 0 && pose.roll_deg == 0 && pose.zoom == 1;
  if (still) {
    plate(cv::Rect(impl.margin_x, impl.margin_y, impl.width, impl.height)).copyTo(*view);
    return;
  }
  cv::warpAffine(plate, *view, impl.Matrix(pose), {impl.width, impl.height}, cv::INTER_LINEAR,
                 cv::BORDER_REFLECT_101);
}

void Eye::Through(double t, cv::Mat* view) const {
  for (const Act& act : impl_->acts) {
    if (act.what == "defocus") {
      const double blur =
          act.Presence(t, act.Number("over", 2)) * act.Number("strength", 5) * view->cols / 640;
      if (blur > 0.3) cv::GaussianBlur(*view, *view, {}, blur);
    }
  }
  for (const Act& act : impl_->acts) {
    if (act.what == "cover") impl_->Cover(act, t, view);
    if (act.what == "spray") impl_->Spray(act, t, view);
    if (act.what == "glare") impl_->Glare(act, t, view);
  }
}

double Eye::Light(double t) const {
  double light = 1;
  for (const Act& act : impl_->acts) {
    if (act.what != "dark" && act.what != "bright") continue;
    const double on = act.Presence(t, act.Number("over", 1));
    light *= std::pow(act.what == "dark" ? 0.0015 : 30.0, on);
  }
  return light;
}

std::vector<CameraTrouble> Eye::Troubles() const {
  std::vector<CameraTrouble> troubles;
  const auto lasting = [&](const Act& act, const char* type, std::vector<std::string> also,
                           double onset_s) {
    troubles.push_back({.type = type,
                        .also = std::move(also),
                        .first = act.at,
                        .last = std::min(act.at + act.length + onset_s, impl_->seconds),
                        .onset = act.at + onset_s});
  };
  const auto moved = [&](double at, double over, double share) {
    if (share < kLeastMove) return;
    troubles.push_back({.type = "moved", .first = at, .last = at + over, .onset = at});
  };
  for (const Act& act : impl_->acts) {
    if (act.what == "bump" || act.what == "zoom") {
      const bool bump = act.what == "bump";
      const double over = bump ? kBumps_s : act.Number("over", 1);
      // A zoom moves the rim by half of what it adds; a roll by its angle.
      const double share =
          bump ? std::max(act.Number("degrees", 3) / kFieldOfView_deg,
                          0.5 * std::abs(act.Number("roll", 0)) * std::numbers::pi / 180)
               : 0.5 * std::abs(act.Number("factor", 1.15) - 1);
      moved(act.at, over, share);
      if (act.length < Act::kEndless && act.at + act.length < impl_->seconds) {
        moved(act.at + act.length, over, share);
      }
    } else if (act.what == "defocus") {
      if (act.Number("strength", 5) >= kLeastBlur) {
        lasting(act, "defocused", {}, act.Number("over", 2));
      }
    } else if (act.what == "cover") {
      lasting(act, "obstructed",
              act.Number("bright", 0.5) < 0.2 ? std::vector<std::string>{"dark"}
                                              : std::vector<std::string>{},
              kCovers_s);
    } else if (act.what == "spray") {
      lasting(act, "obstructed", {"defocused"}, kSprays_s);
    } else if (act.what == "dark") {
      lasting(act, "dark", {}, act.Number("over", 1));
    } else if (act.what == "bright") {
      lasting(act, "bright", {}, act.Number("over", 1));
    } else if (act.what == "glare") {
      if (act.Number("strength", 1) >= 1.5) lasting(act, "bright", {"obstructed"}, 1);
    } else if (act.what == "freeze") {
      // A picture that stands for less than ten seconds is a stutter.  A guess.
      if (act.length >= 10) lasting(act, "frozen", {}, 0);
    }
  }
  return troubles;
}

std::array<double, 2> Eye::ToView(double t, double plate_x, double plate_y) const {
  const cv::Matx23d matrix = impl_->Matrix(impl_->Lasting(t));
  return {matrix(0, 0) * plate_x + matrix(0, 1) * plate_y + matrix(0, 2),
          matrix(1, 0) * plate_x + matrix(1, 1) * plate_y + matrix(1, 2)};
}

}  // namespace stillwatch::clips
