#include <cstdio>

#include "model/eval/html_report.h"
#include "model/eval/svg_plot.h"

namespace stillwatch::model {

std::string ReliabilitySvg(const VerdictFigures& figures) {
  char title[96];
  std::snprintf(title, sizeof title, "Reliability: expected calibration error %.1f %%",
                100 * figures.calibration_error);
  SvgPlot plot(title, "probability of a change, as said", "share of pairs that had changed");
  plot.XRange(0, 1);
  plot.YRange(0, 1);
  std::vector<PlotPoint> bars;
  std::vector<PlotPoint> means;
  std::vector<PlotPoint> counts;
  double most = 1;
  for (const ReliabilityBin& bin : figures.reliability) {
    most = std::max(most, static_cast<double>(bin.count));
  }
  for (std::size_t i = 0; i < figures.reliability.size(); ++i) {
    const ReliabilityBin& bin = figures.reliability[i];
    const double middle = (static_cast<double>(i) + 0.5) / kReliabilityBins;
    if (bin.count == 0) continue;
    bars.push_back({middle, bin.seen});
    means.push_back({bin.said, bin.seen});
    counts.push_back({middle, static_cast<double>(bin.count) / most});
  }
  plot.Bars("share that had changed", bars, 0.98 / kReliabilityBins);
  plot.Dots("at the mean probability said", means);
  plot.Bars("pairs (fullest bin = 1)", counts, 0.25 / kReliabilityBins);
  const PlotPoint diagonal[] = {{0, 0}, {1, 1}};
  plot.Line("perfectly calibrated", diagonal, /*dashed=*/true);
  return plot.Svg();
}

}  // namespace stillwatch::model
