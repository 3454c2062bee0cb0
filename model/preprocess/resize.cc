#include "model/preprocess/resize.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>

namespace stillwatch::model {
namespace {

constexpr int kChannels = 3;
constexpr double kSupport = 2;  // Half the width of the bicubic kernel, source pixels.
// Pillow's fixed point for 8-bit pictures: weights times 2^22, sums rounded to nearest.
constexpr int kPrecisionBits = 32 - 8 - 2;

// Keys' kernel with a = -0.5.
double Bicubic(double x) {
  constexpr double a = -0.5;
  x = std::abs(x);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

// Which source pixels make one output pixel, and by how much.
struct Taps {
  std::size_t first = 0;
  std::vector<int> weights{};  // Fixed point.
};

std::vector<Taps> MakeTaps(int from, int to) {
  const double scale = static_cast<double>(from) / to;
  const double stretch = std::max(scale, 1.0);  // Wider when shrinking: antialiasing.
  const double support = kSupport * stretch;
  std::vector<Taps> all(static_cast<std::size_t>(to));
  for (int i = 0; i < to; ++i) {
    const double center = (i + 0.5) * scale;
    // Truncated, not floored, as in C: the clamps below make the two the same.
    const int first = std::max(static_cast<int>(center - support + 0.5), 0);
    const int end = std::min(static_cast<int>(center + support + 0.5), from);
    std::vector<double> weights;
    double sum = 0;
    for (int x = first; x < end; ++x) {
      weights.push_back(Bicubic((x - center + 0.5) * (1 / stretch)));
      sum += weights.back();
    }
    Taps& taps = all[static_cast<std::size_t>(i)];
    taps.first = static_cast<std::size_t>(first);
    for (const double weight : weights) {
      const double fixed = (sum != 0 ? weight / sum : weight) * (1 << kPrecisionBits);
      taps.weights.push_back(static_cast<int>(fixed < 0 ? fixed - 0.5 : fixed + 0.5));
    }
  }
  return all;
}

std::uint8_t Rounded(int sum) {
  return static_cast<std::uint8_t>(std::clamp(sum >> kPrecisionBits, 0, 255));
}

constexpr int kHalf = 1 << (kPrecisionBits - 1);

RgbImage ResizeColumns(const RgbView& in, int width) {
  RgbImage out{.width = width, .height = in.height};
  out.rgb.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(in.height) * kChannels);
  const std::vector<Taps> taps = MakeTaps(in.width, width);
  std::uint8_t* to = out.rgb.data();
  for (int y = 0; y < in.height; ++y) {
    const std::uint8_t* row = in.rgb.data() + static_cast<std::size_t>(y) *
                                                  static_cast<std::size_t>(in.width) * kChannels;
    for (const Taps& tap : taps) {
      int sums[kChannels] = {kHalf, kHalf, kHalf};
      const std::uint8_t* from = row + tap.first * kChannels;
      for (const int weight : tap.weights) {
        for (const std::size_t c : {0, 1, 2}) sums[c] += from[c] * weight;
        from += kChannels;
      }
      for (const int sum : sums) *to++ = Rounded(sum);
    }
  }
  return out;
}

RgbImage ResizeRows(const RgbView& in, int height) {
  RgbImage out{.width = in.width, .height = height};
  const std::size_t row_bytes = static_cast<std::size_t>(in.width) * kChannels;
  out.rgb.resize(row_bytes * static_cast<std::size_t>(height));
  std::vector<int> sums(row_bytes);
  std::uint8_t* to = out.rgb.data();
  for (const Taps& tap : MakeTaps(in.height, height)) {
    std::fill(sums.begin(), sums.end(), kHalf);
    const std::uint8_t* from = in.rgb.data() + tap.first * row_bytes;
    for (const int weight : tap.weights) {
      for (std::size_t i = 0; i < row_bytes; ++i) sums[i] += from[i] * weight;
      from += row_bytes;
    }
    for (const int sum : sums) *to++ = Rounded(sum);
  }
  return out;
}

}  // namespace

Status CheckPicture(const RgbView& picture, const char* which) {
  if (picture.width < 1 || picture.height < 1 || picture.width > kLargestSide_px ||
      picture.height > kLargestSide_px) {
    return InvalidArgument(std::string("caption: the ") + which + " picture is " +
                           std::to_string(picture.width) + "x" + std::to_string(picture.height) +
                           "; wanted 1 to " + std::to_string(kLargestSide_px) + " pixels a side");
  }
  const std::size_t wanted = static_cast<std::size_t>(picture.width) *
                             static_cast<std::size_t>(picture.height) * kChannels;
  if (picture.rgb.size() != wanted) {
    return InvalidArgument(std::string("caption: the ") + which + " picture has " +
                           std::to_string(picture.rgb.size()) + " bytes, its size needs " +
                           std::to_string(wanted));
  }
  return {};
}

RgbImage ResizeBicubic(const RgbView& picture, int width, int height) {
  // Each pass rounds, so their order shows in the pixels: Pillow 13 begins with the rows where more
  // than twice as many of them as of the columns go, and with the columns otherwise.  A pass that
  // would keep the size is left out.
  const int rows_gone = picture.height - height;
  const bool rows_first = rows_gone > 0 && rows_gone > 2 * (picture.width - width);
  RgbImage done;
  RgbView view = picture;
  for (const bool rows : {rows_first, !rows_first}) {
    if (rows ? height == view.height : width == view.width) continue;
    done = rows ? ResizeRows(view, height) : ResizeColumns(view, width);
    view = done;
  }
  if (view.rgb.data() != picture.rgb.data()) return done;
  return {.rgb = {view.rgb.begin(), view.rgb.end()}, .width = width, .height = height};
}

RgbImage PadToSquare(const RgbView& picture) {
  constexpr std::uint8_t kGrey = 127;
  const int side = std::max(picture.width, picture.height);
  RgbImage square{.width = side, .height = side};
  square.rgb.assign(static_cast<std::size_t>(side) * static_cast<std::size_t>(side) * kChannels,
                    kGrey);
  const std::size_t row_bytes = static_cast<std::size_t>(picture.width) * kChannels;
  const auto left = static_cast<std::size_t>((side - picture.width) / 2);
  const auto top = static_cast<std::size_t>((side - picture.height) / 2);
  for (std::size_t y = 0; y < static_cast<std::size_t>(picture.height); ++y) {
    std::copy_n(
        picture.rgb.data() + y * row_bytes, row_bytes,
        square.rgb.data() + ((top + y) * static_cast<std::size_t>(side) + left) * kChannels);
  }
  return square;
}

}  // namespace stillwatch::model
