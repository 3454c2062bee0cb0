#include "model/kernels/quantize.h"

#include <algorithm>
#include <cmath>

#include "model/kernels/fp8.h"

namespace stillwatch::model {
namespace {

float Largest(const float* x, int count) {
  float most = 0;
  for (int i = 0; i < count; ++i) most = std::max(most, std::fabs(x[i]));
  return most;
}

int ToInt(float x, float scale, int least, int most) {
  return scale == 0 ? 0 : std::clamp(static_cast<int>(std::lround(x / scale)), least, most);
}

float SquaredError(const float* weights, float scale) {
  float sum = 0;
  for (int i = 0; i < kInt4Group; ++i) {
    const float error = weights[i] - scale * static_cast<float>(ToInt(weights[i], scale, -8, 7));
    sum += error * error;
  }
  return sum;
}

// Clipping a group's largest weight a little serves all the others.
float Int4Scale(const float* weights) {
  const float most = Largest(weights, kInt4Group);
  float best = most / 7;
  float least = SquaredError(weights, best);
  for (int step = 1; step <= 12; ++step) {
    const float scale = most / (7 + 0.25F * static_cast<float>(step));
    const float error = SquaredError(weights, scale);
    if (error < least) {
      least = error;
      best = scale;
    }
  }
  return best;
}

}  // namespace

bool CanQuantize(WeightFormat format, int inputs) {
  return inputs > 0 && (format == WeightFormat::kInt8 || format == WeightFormat::kFp8 ||
                        (format == WeightFormat::kInt4 && inputs % kInt4Group == 0));
}

std::size_t QuantizedRowBytes(WeightFormat format, int inputs) {
  return static_cast<std::size_t>(format == WeightFormat::kInt4 ? inputs / 2 : inputs);
}

int ScalesPerRow(WeightFormat format, int inputs) {
  return format == WeightFormat::kInt4 ? inputs / kInt4Group : 1;
}

void QuantizeRow(WeightFormat format, const float* weights, int inputs, std::uint8_t* data,
                 float* scales) {
  if (format == WeightFormat::kFp8) {
    scales[0] = QuantizeFp8OnHost(weights, inputs, data);
    return;
  }
  if (format == WeightFormat::kInt8) {
    scales[0] = Largest(weights, inputs) / 127;
    for (int c = 0; c < inputs; ++c) {
      data[c] = static_cast<std::uint8_t>(ToInt(weights[c], scales[0], -127, 127));
    }
    return;
  }
  for (int c = 0; c < inputs; c += 2) {
    const int group = c / kInt4Group;
    if (c % kInt4Group == 0) scales[group] = Int4Scale(weights + c);
    const int low = ToInt(weights[c], scales[group], -8, 7) + 8;
    const int high = ToInt(weights[c + 1], scales[group], -8, 7) + 8;
    data[c / 2] = static_cast<std::uint8_t>(low | (high << 4));
  }
}

void DequantizeRow(WeightFormat format, const std::uint8_t* data, const float* scales, int inputs,
                   float* weights) {
  for (int c = 0; c < inputs; ++c) {
    switch (format) {
      case WeightFormat::kInt4:
        weights[c] =
            scales[c / kInt4Group] * static_cast<float>(((data[c / 2] >> (4 * (c % 2))) & 0xF) - 8);
        break;
      case WeightFormat::kFp8:
        weights[c] = scales[0] * Fp8ToFloat(data[c]);
        break;
      default:
        weights[c] = scales[0] * static_cast<float>(static_cast<std::int8_t>(data[c]));
        break;
    }
  }
}

float QuantizeFp8OnHost(const float* x, int columns, std::uint8_t* y) {
  const float most = Largest(x, columns);
  const float scale = most > 0 ? most / kLargestFp8 : 1;
  for (int c = 0; c < columns; ++c) y[c] = FloatToFp8(x[c] / scale);
  return scale;
}

}  // namespace stillwatch::model
