#include "model/eval/svg_plot.h"

#include <cmath>

#include <gtest/gtest.h>

namespace stillwatch::model {
namespace {

TEST(SvgPlotTest, DrawsWhatIsANumberAndEscapesNames) {
  SvgPlot plot("a < b", "step", "loss");
  const PlotPoint points[] = {{0, 3}, {1, std::nan("")}, {2, 1}};
  plot.Line("train & val", points);
  const std::string svg = plot.Svg();
  EXPECT_NE(svg.find("a &lt; b"), std::string::npos);
  EXPECT_NE(svg.find("train &amp; val"), std::string::npos);
  EXPECT_EQ(svg.find("nan"), std::string::npos);
  EXPECT_TRUE(svg.ends_with("</svg>\n"));
}

TEST(SvgPlotTest, TakesNoDataAndFlatData) {
  EXPECT_EQ(SvgPlot("t", "x", "y").Svg().find("nan"), std::string::npos);
  SvgPlot flat("t", "x", "y");
  const PlotPoint points[] = {{5, 2}};
  flat.Dots("one", points);
  EXPECT_EQ(flat.Svg().find("inf"), std::string::npos);
}

}  // namespace
}  // namespace stillwatch::model
