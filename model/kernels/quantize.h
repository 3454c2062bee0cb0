// Quantising weights, row by row: int8, int4 in groups of 128, fp8.

#pragma once

#include <cstddef>
#include <cstdint>

#include "model/kernels/weight_format.h"

namespace stillwatch::model {

// True for kInt8 and kFp8, and for kInt4 where 128 divides `inputs`.
[[nodiscard]] bool CanQuantize(WeightFormat format, int inputs);

// Bytes and float scales of one row.  REQUIRES: CanQuantize.
[[nodiscard]] std::size_t QuantizedRowBytes(WeightFormat format, int inputs);
[[nodiscard]] int ScalesPerRow(WeightFormat format, int inputs);

// Symmetric: weight = stored * scale.  int4's scale is the one of a few that errs least in squares,
// int8's and fp8's bring the row's largest weight to 127 and 448.  Weights must be finite.
void QuantizeRow(WeightFormat format, const float* weights, int inputs, std::uint8_t* data,
                 float* scales);
void DequantizeRow(WeightFormat format, const std::uint8_t* data, const float* scales, int inputs,
                   float* weights);

// A token's activations as fp8: returns the scale.  The twin of LaunchQuantizeFp8.
float QuantizeFp8OnHost(const float* x, int columns, std::uint8_t* y);

}  // namespace stillwatch::model
