#include <cmath>
#include <functional>
#include <utility>

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "pipeline/clips/scenery.h"

namespace stillwatch::clips {
namespace {

constexpr int kFiner = 4;  // Drawn so much larger, then shrunk: smooth edges.

// RGBA at kFiner times the size of the sprite; the lower 12 % and a fifth on each side stay free
// for the shadow.
struct Sheet {
  int width, height;  // Of the thing alone, sprite pixels.
  cv::Mat rgb, alpha;

  Sheet(int w, int h) : width(w), height(h) {
    const cv::Size size(kFiner * (w + 2 * MarginX()), kFiner * (h + 2 * MarginY()));
    rgb = cv::Mat(size, CV_8UC3, cv::Scalar(90, 90, 90));
    alpha = cv::Mat(size, CV_8U, cv::Scalar(0));
  }
  int MarginX() const { return width / 4 + 3; }
  int MarginY() const { return height / 8 + 3; }

  // Fractions of the thing, origin its upper left.
  cv::Point At(double x, double y) const {
    return {static_cast<int>(kFiner * (MarginX() + x * width)),
            static_cast<int>(kFiner * (MarginY() + y * height))};
  }
  void Polygon(const std::vector<std::pair<double, double>>& points, const cv::Scalar& color) {
    std::vector<cv::Point> at;
    for (const auto& [x, y] : points) at.push_back(At(x, y));
    const std::vector<std::vector<cv::Point>> outlines{at};
    cv::fillPoly(rgb, outlines, color);
    cv::fillPoly(alpha, outlines, cv::Scalar(255));
  }
  void Rectangle(double x, double y, double w, double h, const cv::Scalar& color) {
    Polygon({{x, y}, {x + w, y}, {x + w, y + h}, {x, y + h}}, color);
  }
  void Ellipse(double x, double y, double rx, double ry, const cv::Scalar& color, double turn = 0) {
    const cv::Size axes(static_cast<int>(kFiner * rx * width),
                        static_cast<int>(kFiner * ry * height));
    cv::ellipse(rgb, At(x, y), axes, turn, 0, 360, color, cv::FILLED);
    cv::ellipse(alpha, At(x, y), axes, turn, 0, 360, cv::Scalar(255), cv::FILLED);
  }
  void Limb(double x0, double y0, double x1, double y1, double thick, const cv::Scalar& color) {
    const int width_px = std::max(1, static_cast<int>(kFiner * thick * width));
    cv::line(rgb, At(x0, y0), At(x1, y1), color, width_px, cv::LINE_AA);
    cv::line(alpha, At(x0, y0), At(x1, y1), cv::Scalar(255), width_px);
  }

  // Lit from the upper left, with some grain; round things darker towards their sides.
  data::ThingView Finish(double height_m, bool round) const {
    cv::Mat lit = rgb.clone();
    cv::RNG grain(static_cast<std::uint64_t>(width) * 977 + static_cast<std::uint64_t>(height));
    for (int y = 0; y < lit.rows; ++y) {
      for (int x = 0; x < lit.cols; ++x) {
        if (alpha.at<std::uint8_t>(y, x) == 0) continue;
        const double across = (x / static_cast<double>(kFiner) - MarginX()) / width - 0.42;
        const double down = (y / static_cast<double>(kFiner) - MarginY()) / height;
        double gain = 1.08 - 0.22 * down - 0.12 * across + 0.02 * grain.gaussian(1);
        if (round) gain *= 1.08 - 1.5 * across * across;
        auto& pixel = lit.at<cv::Vec3b>(y, x);
        for (int k = 0; k < 3; ++k) pixel[k] = cv::saturate_cast<std::uint8_t>(pixel[k] * gain);
      }
    }
    cv::Mat small, mask;
    const cv::Size size(lit.cols / kFiner, lit.rows / kFiner);
    cv::resize(lit, small, size, 0, 0, cv::INTER_AREA);
    cv::resize(alpha, mask, size, 0, 0, cv::INTER_AREA);
    std::vector<cv::Mat> planes;
    cv::split(small, planes);
    planes.push_back(mask);
    cv::Mat rgba;
    cv::merge(planes, rgba);

    cv::Mat shadow(size, CV_8U, cv::Scalar(0));
    cv::ellipse(shadow, {MarginX() + width / 2, MarginY() + static_cast<int>(0.96 * height)},
                {std::max(2, width * 11 / 20), std::max(2, std::min(height / 10, width / 4))}, 0, 0,
                360, cv::Scalar(180), cv::FILLED);
    cv::GaussianBlur(shadow, shadow, {}, std::max(1.0, width / 14.0));

    data::ThingView view;
    view.sprite.rgba = data::Copy(rgba);
    view.sprite.shadow = data::Copy(shadow);
    view.sprite.anchor_x = MarginX() + width / 2.0;
    view.sprite.anchor_y = MarginY() + 0.96 * height;
    view.sprite.px_per_m = height / height_m;
    data::Measure(view);
    return view;
  }
};

data::Thing ThingOf(const std::string& id, const std::string& noun,
                    std::vector<data::ThingView> views) {
  data::Thing thing{.id = "drawn_" + id, .noun = noun, .places = "rs"};
  thing.creator = "Stillwatch";
  thing.views = std::move(views);
  return thing;
}

data::ThingView Box() {
  Sheet sheet(90, 80);
  sheet.Polygon({{0, .25}, {.25, .0}, {1, .0}, {.78, .25}}, {196, 160, 112});
  sheet.Rectangle(0, .25, .78, .75, {172, 132, 84});
  sheet.Polygon({{.78, .25}, {1, 0}, {1, .75}, {.78, 1}}, {132, 98, 60});
  sheet.Rectangle(.34, .25, .1, .75, {202, 180, 140});
  return sheet.Finish(0.42, false);
}

data::ThingView Bag() {
  Sheet sheet(96, 84);
  sheet.Limb(.3, .4, .36, .06, .05, {22, 22, 26});
  sheet.Limb(.36, .06, .64, .06, .05, {22, 22, 26});
  sheet.Limb(.64, .06, .7, .4, .05, {22, 22, 26});
  sheet.Polygon({{.05, .36}, {.95, .36}, {1, .92}, {.94, 1}, {.06, 1}, {0, .92}}, {34, 34, 40});
  sheet.Rectangle(.14, .56, .72, .3, {48, 48, 56});
  sheet.Rectangle(.08, .4, .84, .03, {120, 120, 124});
  return sheet.Finish(0.4, false);
}

data::ThingView Suitcase() {
  Sheet sheet(70, 110);
  sheet.Limb(.36, .2, .36, .02, .05, {70, 70, 74});
  sheet.Limb(.64, .2, .64, .02, .05, {70, 70, 74});
  sheet.Limb(.36, .02, .64, .02, .06, {40, 40, 44});
  sheet.Polygon({{.04, .2}, {.96, .2}, {1, .26}, {1, .92}, {0, .92}, {0, .26}}, {36, 74, 132});
  for (int i = 1; i < 5; ++i) sheet.Rectangle(.2 * i - .015, .24, .03, .64, {24, 52, 98});
  sheet.Rectangle(.08, .92, .16, .08, {30, 30, 30});
  sheet.Rectangle(.76, .92, .16, .08, {30, 30, 30});
  return sheet.Finish(0.62, false);
}

data::ThingView Bottle() {
  Sheet sheet(34, 110);
  sheet.Rectangle(.34, 0, .32, .08, {40, 90, 190});
  sheet.Rectangle(.38, .08, .24, .1, {196, 220, 232});
  sheet.Polygon({{.38, .18}, {.62, .18}, {1, .34}, {1, 1}, {0, 1}, {0, .34}}, {188, 214, 228});
  sheet.Rectangle(0, .45, 1, .28, {52, 110, 196});
  return sheet.Finish(0.32, true);
}

data::ThingView Extinguisher() {
  Sheet sheet(44, 120);
  sheet.Rectangle(.3, 0, .5, .06, {40, 40, 40});
  sheet.Rectangle(.36, .06, .28, .1, {60, 60, 60});
  sheet.Limb(.66, .08, .94, .3, .1, {20, 20, 20});
  sheet.Ellipse(.5, .24, .42, .1, {186, 30, 28});
  sheet.Rectangle(.08, .24, .84, .74, {186, 30, 28});
  sheet.Rectangle(.08, .46, .84, .2, {228, 226, 216});
  return sheet.Finish(0.55, true);
}

data::ThingView Cone() {
  Sheet sheet(70, 90);
  sheet.Polygon({{0, .9}, {1, .9}, {1, 1}, {0, 1}}, {60, 44, 38});
  sheet.Polygon({{.44, 0}, {.56, 0}, {.86, .9}, {.14, .9}}, {232, 96, 30});
  sheet.Polygon({{.37, .25}, {.63, .25}, {.7, .45}, {.3, .45}}, {238, 236, 230});
  sheet.Polygon({{.27, .6}, {.73, .6}, {.78, .74}, {.22, .74}}, {238, 236, 230});
  return sheet.Finish(0.5, true);
}

// One phase of a step; 0..3.
data::ThingView Figure(int phase, const cv::Scalar& coat, const cv::Scalar& legs) {
  constexpr double kSwing[] = {.26, .08, -.26, -.08};
  const double swing = kSwing[phase % 4];
  Sheet sheet(76, 210);
  const cv::Scalar skin(196, 152, 126), hair(56, 42, 34), shoes(28, 26, 26);
  sheet.Limb(.5, .52, .5 - swing, .95, .17, legs);
  sheet.Limb(.5, .52, .5 + swing, .95, .17, legs);
  sheet.Limb(.5 - swing, .965, .62 - swing, .97, .13, shoes);
  sheet.Limb(.5 + swing, .965, .62 + swing, .97, .13, shoes);
  sheet.Limb(.42, .24, .42 + swing * .9, .5, .12, coat * 0.8);
  sheet.Polygon({{.28, .2}, {.44, .155}, {.6, .155}, {.74, .2}, {.72, .58}, {.3, .58}}, coat);
  sheet.Limb(.58, .24, .58 - swing * .9, .5, .12, coat * 0.9);
  sheet.Rectangle(.44, .13, .14, .05, skin);
  sheet.Ellipse(.52, .08, .13, .062, skin);
  sheet.Ellipse(.5, .06, .14, .055, hair);
  return sheet.Finish(1.75, false);
}

}  // namespace

std::vector<data::Thing> DrawnThings() {
  std::vector<data::Thing> things;
  things.push_back(ThingOf("box", "cardboard box", {Box()}));
  things.push_back(ThingOf("bag", "black bag", {Bag()}));
  things.push_back(ThingOf("suitcase", "blue suitcase", {Suitcase()}));
  things.push_back(ThingOf("bottle", "water bottle", {Bottle()}));
  things.push_back(ThingOf("extinguisher", "fire extinguisher", {Extinguisher()}));
  things.push_back(ThingOf("cone", "traffic cone", {Cone()}));
  const struct {
    const char* id;
    cv::Scalar coat, legs;
  } kFigures[] = {{"person_1", {44, 58, 92}, {38, 38, 44}},
                  {"person_2", {150, 44, 40}, {60, 70, 98}},
                  {"person_3", {196, 190, 176}, {70, 60, 52}},
                  {"person_4", {34, 36, 38}, {92, 92, 92}}};
  for (const auto& figure : kFigures) {
    std::vector<data::ThingView> steps;
    for (int phase = 0; phase < 4; ++phase) {
      steps.push_back(Figure(phase, figure.coat, figure.legs));
    }
    data::Thing person = ThingOf(figure.id, "person", std::move(steps));
    person.person = true;
    things.push_back(std::move(person));
  }
  return things;
}

}  // namespace stillwatch::clips
