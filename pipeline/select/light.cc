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

// Calls visit(row, column, gain) for every pixel of a cut-out; the gain is held within 1/7..7.
template <typename Visit>
void ForEachGain(const Light& light, cv::Size size, const Window& window, Visit visit) {
  const auto& k = light.log_gain;
  for (int row = 0; row < size.height; ++row) {
    const double y = 2.0 * (row + window.y + 0.5) / window.height - 1;
    const double c0 = k[0] + k[2] * y + k[5] * y * y;
    const double c1 = k[1] + k[4] * y;
    const auto gain_at = [&](int column) {
      const double x = 2.0 * (column + window.x) / window.width - 1;
      return std::exp(std::clamp(c0 + c1 * x + k[3] * x * x, -2.0, 2.0));
    };
    // The field is smooth: one exp per 8 columns, straight lines between.
    double left = gain_at(0);
    for (int start = 0; start < size.width; start += 8) {
      const int stop = std::min(size.width, start + 8);
      const double right = gain_at(stop);
      for (int i = start; i < stop; ++i) {
        visit(row, i,
              static_cast<float>(left + (right - left) * (i - start + 0.5) / (stop - start)));
      }
      left = right;
    }
  }
}

template <typename Visit>
void ForEachGain(const Light& light, cv::Size size, Visit visit) {
  ForEachGain(light, size, Window{0, 0, size.width, size.height}, visit);
}

float ToneAt(const Light& light, float level) {
  const float at = std::clamp(level, 0.0f, 255.0f) / 16;
  const auto bin = static_cast<std::size_t>(at);
  const float part = at - static_cast<float>(bin);
  return light.tone[bin] + part * (light.tone[bin + 1] - light.tone[bin]);
}

// What the gain leaves, per level of brightness.  `picture` has the gain taken out.
void FitTone(const cv::Mat& reference, const cv::Mat& picture, Light& light) {
  struct Bin {
    std::vector<double> values;
    int leftmost = 1 << 30, rightmost = -1;
  };
  std::array<Bin, 16> bins;
  int total = 0;
  for (int row = 0; row < reference.rows; row += 3) {
    const auto *a = reference.ptr<float>(row), *b = picture.ptr<float>(row);
    for (int i = 0; i < reference.cols; i += 3) {
      Bin& bin = bins[static_cast<std::size_t>(std::clamp(b[i], 0.0f, 255.0f) / 16)];
      bin.values.push_back(static_cast<double>(b[i] - a[i]));
      bin.leftmost = std::min(bin.leftmost, i);
      bin.rightmost = std::max(bin.rightmost, i);
      ++total;
    }
  }
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
  cv::Mat even = picture.y.mat().clone();
  ForEachGain(light, even.size(), [&](int row, int i, float gain) {
    float& y = even.ptr<float>(row)[i];
    y = (y + kBlack) / gain - kBlack;
  });
  FitTone(reference.y.mat(), even, light);
  light.cr = MedianDifference(reference.cr.mat(), picture.cr.mat());
  light.cb = MedianDifference(reference.cb.mat(), picture.cb.mat());
  double sum = 0;
  ForEachGain(light, reference.y.mat().size(), [&](int row, int i, float gain) {
    sum += static_cast<double>(std::abs(gain - 1) * reference.y.mat().at<float>(row, i));
  });
  light.delta = sum / (255.0 * std::max<double>(1, static_cast<double>(reference.y.mat().total())));
  return light;
}

void RemoveLight(const Light& light, WorkingPicture& picture) {
  cv::Mat &y = picture.y.mat(), &cr = picture.cr.mat(), &cb = picture.cb.mat();
  const auto cast_cr = static_cast<float>(light.cr), cast_cb = static_cast<float>(light.cb);
  ForEachGain(light, y.size(), [&](int row, int i, float gain) {
    const float even = (y.ptr<float>(row)[i] + kBlack) / gain - kBlack;
    y.ptr<float>(row)[i] = even - ToneAt(light, even);
    cr.ptr<float>(row)[i] = (cr.ptr<float>(row)[i] - cast_cr) / gain;
    cb.ptr<float>(row)[i] = (cb.ptr<float>(row)[i] - cast_cb) / gain;
  });
}

void ApplyLight(const Light& light, WorkingPicture& cut_out, const Window& window) {
  cv::Mat &y = cut_out.y.mat(), &cr = cut_out.cr.mat(), &cb = cut_out.cb.mat();
  const auto cast_cr = static_cast<float>(light.cr), cast_cb = static_cast<float>(light.cb);
  ForEachGain(light, y.size(), window, [&](int row, int i, float gain) {
    const float even = y.ptr<float>(row)[i] + ToneAt(light, y.ptr<float>(row)[i]);
    y.ptr<float>(row)[i] = (even + kBlack) * gain - kBlack;
    cr.ptr<float>(row)[i] = cr.ptr<float>(row)[i] * gain + cast_cr;
    cb.ptr<float>(row)[i] = cb.ptr<float>(row)[i] * gain + cast_cb;
  });
}

void ApplyLight(const Light& light, WorkingPicture& picture) {
  ApplyLight(light, picture, {0, 0, picture.y.width(), picture.y.height()});
}

}  // namespace stillwatch::select
