// WeightFormat: how a matrix of weights is stored.

#pragma once

namespace stillwatch::model {

// README.md describes the bytes.  kInt8 and kFp8 have one scale a row, kInt4 one for 128 columns.
enum class WeightFormat { kFloat32, kBf16, kInt8, kInt4, kFp8 };

inline constexpr int kInt4Group = 128;

}  // namespace stillwatch::model
