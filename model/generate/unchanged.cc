#include "model/generate/unchanged.h"

#include <algorithm>
#include <cmath>

namespace stillwatch::model {
namespace {

double Sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

}  // namespace

double UnchangedProbability(double unchanged_mean, double caption_mean,
                            const UnchangedCalibration& c) {
  return Sigmoid(c.slope * (unchanged_mean - caption_mean) + c.offset);
}

UnchangedCalibration FitUnchanged(std::span<const std::pair<double, bool>> labelled) {
  const auto positives = static_cast<double>(std::count_if(
      labelled.begin(), labelled.end(), [](const auto& pair) { return pair.second; }));
  const double negatives = static_cast<double>(labelled.size()) - positives;
  if (positives == 0 || negatives == 0) return {};
  const double high = (positives + 1) / (positives + 2);
  const double low = 1 / (negatives + 2);
  const auto loss = [&](const UnchangedCalibration& c) {
    double sum = 0;
    for (const auto& [x, unchanged] : labelled) {
      const double z = c.slope * x + c.offset;
      const double target = unchanged ? high : low;
      // log(1 + exp(z)) - target z, without overflow.
      sum += std::max(z, 0.0) + std::log1p(std::exp(-std::abs(z))) - target * z;
    }
    return sum;
  };
  UnchangedCalibration best{.slope = 0, .offset = std::log((positives + 1) / (negatives + 1))};
  double current = loss(best);
  // Newton's method; the loss is convex.
  for (int i = 0; i < 100; ++i) {
    double g_slope = 0, g_offset = 0, h_ss = 1e-12, h_so = 0, h_oo = 1e-12;
    for (const auto& [x, unchanged] : labelled) {
      const double p = Sigmoid(best.slope * x + best.offset);
      const double error = p - (unchanged ? high : low);
      const double weight = p * (1 - p);
      g_slope += error * x;
      g_offset += error;
      h_ss += weight * x * x;
      h_so += weight * x;
      h_oo += weight;
    }
    const double determinant = h_ss * h_oo - h_so * h_so;
    if (std::abs(g_slope) + std::abs(g_offset) < 1e-9 || !(determinant > 0)) break;
    const double d_slope = (h_oo * g_slope - h_so * g_offset) / determinant;
    const double d_offset = (h_ss * g_offset - h_so * g_slope) / determinant;
    double step = 1;
    for (; step > 1e-10; step /= 2) {
      const UnchangedCalibration tried{.slope = best.slope - step * d_slope,
                                       .offset = best.offset - step * d_offset};
      const double loss_there = loss(tried);
      if (loss_there < current) {
        best = tried;
        current = loss_there;
        break;
      }
    }
    if (step <= 1e-10) break;
  }
  return best;
}

}  // namespace stillwatch::model
