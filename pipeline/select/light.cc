#include "pipeline/select/light.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <opencv2/core.hpp>

namespace stillwatch::select {
namespace {

// Added before every ratio: black is never quite black, and a ratio of noise is noise.  A guess.
constexpr float kBlack = 8.0f;
constexpr int kTerms = 6;

using Terms = cv::Vec<double, kTerms>;

Terms TermsAt(double x, double y) { return {1, x, y, x * x, x * y, y * y}; }

double Median(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

struct Cell {
  Terms terms;
  double value = 0;
};

// Median log ratio of each cell of a grid.
std::vector<Cell> CellsOf(const cv::Mat& reference, const cv::Mat& picture) {
  constexpr int kColumns = 16, kRows = 12;
  const int cell_w = std::max(1, reference.cols / kColumns);
  const int cell_h = std::max(1, reference.rows / kRows);
  std::vector<Cell> cells;
  std::vector<double> ratios;
  for (int top = 0; top + cell_h <= reference.rows; top += cell_h) {
    for (int left = 0; left + cell_w <= reference.cols; left += cell_w) {
      ratios.clear();
      for (int row = top; row < top + cell_h; row += 2) {
        const auto* a = reference.ptr<float>(row);
        const auto* b = picture.ptr<float>(row);
        for (int i = left; i < left + cell_w; i += 2) {
          // Clipped pixels say nothing about gain.
          if (a[i] > 250 || b[i] > 250) continue;
          ratios.push_back(static_cast<double>((b[i] + kBlack) / (a[i] + kBlack)));
        }
      }
      if (ratios.size() < 4) continue;
      const double x = 2.0 * (left + cell_w / 2.0) / reference.cols - 1;
      const double y = 2.0 * (top + cell_h / 2.0) / reference.rows - 1;
      cells.push_back({TermsAt(x, y), std::log(std::max(0.02, Median(ratios)))});
    }
  }
  return cells;
}

// Tukey-weighted least squares from a constant start; the higher terms are held back a little so
// that a covered corner cannot bend the field.
Terms FitField(const std::vector<Cell>& cells) {
  Terms field = Terms::all(0);
  if (cells.empty()) return field;
  std::vector<double> values;
  for (const Cell& cell : cells) values.push_back(cell.value);
  field[0] = Median(values);
  for (int iteration = 0; iteration < 5; ++iteration) {
    values.clear();
    for (const Cell& cell : cells) values.push_back(std::abs(cell.value - field.dot(cell.terms)));
    std::vector<double> sorted = values;
    const double scale = std::max(0.01, 4.0 * Median(sorted));
    cv::Matx<double, kTerms, kTerms> normal = cv::Matx<double, kTerms, kTerms>::zeros();
    Terms right = Terms::all(0);
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const double u = values[i] / scale;
      if (u >= 1) continue;
      const double weight = (1 - u * u) * (1 - u * u);
      normal += weight * (cells[i].terms * cells[i].terms.t());
      right += weight * cells[i].value * cells[i].terms;
    }
    for (int i = 1; i < kTerms; ++i) normal(i, i) += 0.02 * static_cast<double>(cells.size());
    normal(0, 0) += 1e-9;
    field = normal.solve(right, cv::DECOMP_CHOLESKY);
  }
  return field;
}

// The gain along one row of a cut-out, held within 1/7..7.
void GainsOf(const Light& light, int row, int columns, const Window& window,
             std::vector<float>& gains) {
  const auto& k = light.log_gain;
  const double y = 2.0 * (row + window.y + 0.5) / window.height - 1;
  const double c0 = k[0] + k[2] * y + k[5] * y * y;
  const double c1 = k[1] + k[4] * y;
  const auto gain_at = [&](int column) {
    const double x = 2.0 * (column + window.x) / window.width - 1;
    return static_cast<float>(std::exp(std::clamp(c0 + c1 * x + k[3] * x * x, -2.0, 2.0)));
  };
  // The field is smooth: one exp per 16 columns, straight lines between.
  gains.resize(static_cast<std::size_t>(columns));
  float left = gain_at(0);
  for (int start = 0; start < columns; start += 16) {
    const int stop = std::min(columns, start + 16);
    const float right = gain_at(stop), step = (right - left) / static_cast<float>(stop - start);
    for (int i = start; i < stop; ++i) {
      gains[static_cast<std::size_t>(i)] = left + step * (static_cast<float>(i - start) + 0.5f);
    }
    left = right;
  }
}

Window Whole(const cv::Mat& plane) { return {0, 0, plane.cols, plane.rows}; }

float ToneAt(const Light& light, float level) {
  const float at = std::clamp(level, 0.0f, 255.0f) / 16;
  const auto bin = static_cast<std::size_t>(at);
  const float part = at - static_cast<float>(bin);
  return light.tone[bin] + part * (light.tone[bin + 1] - light.tone[bin]);
}

// What the gain leaves, per level of brightness; and how much light there is to explain.
void FitTone(const cv::Mat& reference, const cv::Mat& picture, Light& light) {
  struct Bin {
    std::vector<double> values;
    int leftmost = 1 << 30, rightmost = -1;
  };
  std::array<Bin, 16> bins;
  int total = 0;
  double explained = 0;
  std::vector<float> gains;
  for (int row = 0; row < reference.rows; row += 3) {
    const auto *a = reference.ptr<float>(row), *b = picture.ptr<float>(row);
    GainsOf(light, row, reference.cols, Whole(reference), gains);
    for (int i = 0; i < reference.cols; i += 3) {
      const float gain = gains[static_cast<std::size_t>(i)];
      explained += static_cast<double>(std::abs(gain - 1) * a[i]);
      const float even = (b[i] + kBlack) / gain - kBlack;
      Bin& bin = bins[static_cast<std::size_t>(std::clamp(even, 0.0f, 255.0f) / 16)];
      bin.values.push_back(static_cast<double>(even - a[i]));
      bin.leftmost = std::min(bin.leftmost, i);
      bin.rightmost = std::max(bin.rightmost, i);
      ++total;
    }
  }
  light.delta = explained / (255.0 * std::max(1, total));
  // A level counts if it covers a twentieth of the picture and half of its width.  25 levels are
  // what bottle-detection needs when two arms fill its picture.
  constexpr double kMost = 25;
  std::array<double, 16> middle{};
  for (std::size_t i = 0; i < bins.size(); ++i) {
    Bin& bin = bins[i];
    if (static_cast<int>(bin.values.size()) * 20 < total ||
        (bin.rightmost - bin.leftmost) * 2 < reference.cols) {
      continue;
    }
    middle[i] = std::clamp(Median(bin.values), -kMost, kMost);
  }
  // From the middles of the bins to their borders.
  for (std::size_t i = 0; i <= 16; ++i) {
    light.tone[i] = static_cast<float>(
        0.5 * (middle[i == 0 ? 0 : i - 1] + middle[std::min<std::size_t>(15, i)]));
  }
}

double MedianDifference(const cv::Mat& a, const cv::Mat& b) {
  std::vector<double> values;
  for (int row = 0; row < a.rows; row += 4) {
    for (int i = 0; i < a.cols; i += 4) {
      values.push_back(static_cast<double>(b.at<float>(row, i) - a.at<float>(row, i)));
    }
  }
  return values.empty() ? 0 : Median(values);
}

}  // namespace

Light FitLight(const WorkingPicture& reference, const WorkingPicture& picture) {
  Light light;
  const Terms field = FitField(CellsOf(reference.y.mat(), picture.y.mat()));
  for (int i = 0; i < kTerms; ++i) light.log_gain[static_cast<std::size_t>(i)] = field[i];
  FitTone(reference.y.mat(), picture.y.mat(), light);
  light.cr = MedianDifference(reference.cr.mat(), picture.cr.mat());
  light.cb = MedianDifference(reference.cb.mat(), picture.cb.mat());
  return light;
}

void RemoveLight(const Light& light, WorkingPicture& picture) {
  const cv::Mat& whole = picture.y.mat();
  const auto cast_cr = static_cast<float>(light.cr), cast_cb = static_cast<float>(light.cb);
  std::vector<float> gains;
  for (int row = 0; row < whole.rows; ++row) {
    GainsOf(light, row, whole.cols, Whole(whole), gains);
    auto* y = picture.y.mat().ptr<float>(row);
    auto* cr = picture.cr.mat().ptr<float>(row);
    auto* cb = picture.cb.mat().ptr<float>(row);
    for (int i = 0; i < whole.cols; ++i) {
      const float inverse = 1 / gains[static_cast<std::size_t>(i)];
      const float even = (y[i] + kBlack) * inverse - kBlack;
      y[i] = even - ToneAt(light, even);
      cr[i] = (cr[i] - cast_cr) * inverse;
      cb[i] = (cb[i] - cast_cb) * inverse;
    }
  }
}

void ApplyLight(const Light& light, WorkingPicture& cut_out, const Window& window) {
  const auto cast_cr = static_cast<float>(light.cr), cast_cb = static_cast<float>(light.cb);
  std::vector<float> gains;
  for (int row = 0; row < cut_out.y.height(); ++row) {
    GainsOf(light, row, cut_out.y.width(), window, gains);
    auto* y = cut_out.y.mat().ptr<float>(row);
    auto* cr = cut_out.cr.mat().ptr<float>(row);
    auto* cb = cut_out.cb.mat().ptr<float>(row);
    for (int i = 0; i < cut_out.y.width(); ++i) {
      const float gain = gains[static_cast<std::size_t>(i)];
      y[i] = (y[i] + ToneAt(light, y[i]) + kBlack) * gain - kBlack;
      cr[i] = cr[i] * gain + cast_cr;
      cb[i] = cb[i] * gain + cast_cb;
    }
  }
}

void ApplyLight(const Light& light, WorkingPicture& picture) {
  ApplyLight(light, picture, {0, 0, picture.y.width(), picture.y.height()});
}

}  // namespace stillwatch::select
