// SvgPlot: a small chart as an SVG picture.

#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stillwatch::model {

struct PlotPoint {
  double x = 0, y = 0;
};

// Lines, dots and bars in one frame with ticks, grid, axis titles and a legend.  Values that are no
// numbers are left out.  (Ours: Debian has no plotting library that does not bring a GUI.)
//
// Not thread-safe.
class SvgPlot {
 public:
  SvgPlot(std::string title, std::string x_title, std::string y_title);

  // The shown part of each axis; without it the data's.
  void XRange(double low, double high);
  void YRange(double low, double high);

  void Line(const std::string& name, std::span<const PlotPoint> points, bool dashed = false);
  void Dots(const std::string& name, std::span<const PlotPoint> points);
  // Bars of `width` centred on x, from 0 to y.
  void Bars(const std::string& name, std::span<const PlotPoint> points, double width);

  std::string Svg() const;

 private:
  enum class Style { kLine, kDashed, kDots, kBars };
  struct Series {
    Style style = Style::kLine;
    std::string name{};
    std::vector<PlotPoint> points{};
    double width = 0;
  };
  void Add(Style style, const std::string& name, std::span<const PlotPoint> points, double width);

  const std::string title_, x_title_, y_title_;
  std::vector<Series> series_;
  std::pair<double, double> x_{0, 0}, y_{0, 0};  // Equal: as the data says.
};

// Pictures of SvgPlot::Svg under each other, as one.
std::string StackSvgs(const std::vector<std::string>& svgs);

// "<", ">", "&" and quotes as entities.
std::string EscapeXml(std::string_view text);

}  // namespace stillwatch::model
