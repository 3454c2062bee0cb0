#include "model/eval/svg_plot.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace stillwatch::model {
namespace {

// Pixels of the whole picture and of what surrounds the frame.
constexpr double kWidth = 640, kHeight = 400;
constexpr double kLeft = 64, kRight = 16, kTop = 34, kBottom = 48;

// Told apart by people who do not see red and green (Okabe and Ito 2008).
constexpr std::array<const char*, 6> kColors = {"#0072b2", "#d55e00", "#009e73",
                                                "#cc79a7", "#e69f00", "#56b4e9"};

template <typename... Args>
std::string Print(const char* format, Args... args) {
  std::array<char, 512> text{};
  std::snprintf(text.data(), text.size(), format, args...);
  return text.data();
}

// A round step that gives about five ticks.
double TickStep(double span) {
  const double rough = span / 5;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= rough) return factor * power;
  }
  return 10 * power;
}

}  // namespace

std::string EscapeXml(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string StackSvgs(const std::vector<std::string>& svgs) {
  const double height = kHeight * static_cast<double>(svgs.size());
  std::string all = Print(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %g %g\" width=\"%g\" "
      "height=\"%g\">\n",
      kWidth, height, kWidth, height);
  for (std::size_t i = 0; i < svgs.size(); ++i) {
    all += Print("<g transform=\"translate(0 %g)\">\n", kHeight * static_cast<double>(i)) +
           svgs[i] + "</g>\n";
  }
  return all + "</svg>\n";
}

SvgPlot::SvgPlot(std::string title, std::string x_title, std::string y_title)
    : title_(std::move(title)), x_title_(std::move(x_title)), y_title_(std::move(y_title)) {}

void SvgPlot::XRange(double low, double high) { x_ = {low, high}; }
void SvgPlot::YRange(double low, double high) { y_ = {low, high}; }

void SvgPlot::Add(Style style, const std::string& name, std::span<const PlotPoint> points,
                  double width) {
  Series series{.style = style, .name = name, .width = width};
  for (const PlotPoint& p : points) {
    if (std::isfinite(p.x) && std::isfinite(p.y)) series.points.push_back(p);
  }
  if (!series.points.empty()) series_.push_back(std::move(series));
}

void SvgPlot::Line(const std::string& name, std::span<const PlotPoint> points, bool dashed) {
  Add(dashed ? Style::kDashed : Style::kLine, name, points, 0);
}
void SvgPlot::Dots(const std::string& name, std::span<const PlotPoint> points) {
  Add(Style::kDots, name, points, 0);
}
void SvgPlot::Bars(const std::string& name, std::span<const PlotPoint> points, double width) {
  Add(Style::kBars, name, points, width);
}

std::string SvgPlot::Svg() const {
  auto [x_low, x_high] = x_;
  auto [y_low, y_high] = y_;
  const auto range = [this](double PlotPoint::*field, double& low, double& high) {
    if (low != high) return;
    bool first = true;
    for (const Series& series : series_) {
      for (const PlotPoint& p : series.points) {
        low = first ? p.*field : std::min(low, p.*field);
        high = first ? p.*field : std::max(high, p.*field);
        first = false;
      }
    }
    if (!(high > low)) high = low + 1;
  };
  range(&PlotPoint::x, x_low, x_high);
  range(&PlotPoint::y, y_low, y_high);
  const auto x = [&, low = x_low, high = x_high](double v) {
    return kLeft + (kWidth - kLeft - kRight) * (v - low) / (high - low);
  };
  const auto y = [&, low = y_low, high = y_high](double v) {
    return kHeight - kBottom - (kHeight - kTop - kBottom) * (v - low) / (high - low);
  };

  std::string svg = Print(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %g %g\" width=\"%g\" height=\"%g\" "
      "font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"%g\" height=\"%g\" "
      "fill=\"#ffffff\"/>\n",
      kWidth, kHeight, kWidth, kHeight, kWidth, kHeight);
  svg += Print("<text x=\"%g\" y=\"20\" font-size=\"14\" font-weight=\"bold\">", kLeft) +
         EscapeXml(title_) + "</text>\n";
  const double y_step = TickStep(y_high - y_low);
  for (double v = std::ceil(y_low / y_step) * y_step; v <= y_high + 1e-9 * y_step; v += y_step) {
    svg += Print(
        "<path d=\"M%g %gH%g\" stroke=\"#dddddd\"/><text x=\"%g\" y=\"%g\" "
        "text-anchor=\"end\">%g</text>\n",
        kLeft, y(v), kWidth - kRight, kLeft - 6, y(v) + 4, std::abs(v) < 1e-9 * y_step ? 0 : v);
  }
  const double x_step = TickStep(x_high - x_low);
  for (double v = std::ceil(x_low / x_step) * x_step; v <= x_high + 1e-9 * x_step; v += x_step) {
    svg += Print(
        "<path d=\"M%g %gV%g\" stroke=\"#dddddd\"/><text x=\"%g\" y=\"%g\" "
        "text-anchor=\"middle\">%g</text>\n",
        x(v), kTop, kHeight - kBottom, x(v), kHeight - kBottom + 16,
        std::abs(v) < 1e-9 * x_step ? 0 : v);
  }
  svg += Print("<text x=\"%g\" y=\"%g\" text-anchor=\"middle\">", (kLeft + kWidth - kRight) / 2,
               kHeight - 10) +
         EscapeXml(x_title_) + "</text>\n";
  svg += Print("<text transform=\"translate(16 %g) rotate(-90)\" text-anchor=\"middle\">",
               (kTop + kHeight - kBottom) / 2) +
         EscapeXml(y_title_) + "</text>\n";

  std::size_t index = 0;
  double legend = kTop + 16;
  for (const Series& series : series_) {
    const char* color = series.style == Style::kDashed ? "#888888" : kColors[index++ % 6];
    if (series.style == Style::kBars) {
      for (const PlotPoint& p : series.points) {
        const double left = x(p.x - series.width / 2);
        const double base = y(std::max(y_low, 0.0));
        svg += Print(
            "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" fill=\"%s\" "
            "fill-opacity=\"0.35\"/>\n",
            left, std::min(y(p.y), base), x(p.x + series.width / 2) - left, std::abs(base - y(p.y)),
            color);
      }
    } else if (series.style == Style::kDots) {
      for (const PlotPoint& p : series.points) {
        svg += Print("<circle cx=\"%.2f\" cy=\"%.2f\" r=\"3.5\" fill=\"%s\"/>\n", x(p.x), y(p.y),
                     color);
      }
    } else {
      svg += "<path fill=\"none\" stroke=\"" + std::string(color) + "\" stroke-width=\"1.6\"" +
             (series.style == Style::kDashed ? " stroke-dasharray=\"5 4\"" : "") + " d=\"";
      for (std::size_t i = 0; i < series.points.size(); ++i) {
        svg +=
            Print("%c%.2f %.2f", i == 0 ? 'M' : 'L', x(series.points[i].x), y(series.points[i].y));
      }
      svg += "\"/>\n";
    }
    if (series.name.empty()) continue;
    svg += Print("<rect x=\"%g\" y=\"%g\" width=\"12\" height=\"4\" fill=\"%s\"/>", kLeft + 10,
                 legend - 6, color);
    svg += Print("<text x=\"%g\" y=\"%g\">", kLeft + 28, legend) + EscapeXml(series.name) +
           "</text>\n";
    legend += 16;
  }
  svg += Print(
      "<rect x=\"%g\" y=\"%g\" width=\"%g\" height=\"%g\" fill=\"none\" "
      "stroke=\"#444444\"/>\n</svg>\n",
      kLeft, kTop, kWidth - kLeft - kRight, kHeight - kTop - kBottom);
  return svg;
}

}  // namespace stillwatch::model
