#include "samples/maker/sensor.h"

#include <cmath>
#include <numbers>

#include <opencv2/imgproc.hpp>

#include "samples/maker/noise.h"

namespace stillwatch::sample {
namespace {

// Sub-pixel sway of a bracket: three slow sines per axis, together within +-0.4 px.
cv::Point2f Sway(int frame) {
  const float t = static_cast<float>(frame) / kFps;
  const auto wave = [&](float hertz, float phase) {
    return std::sin(2 * std::numbers::pi_v<float> * (hertz * t + phase));
  };
  return {0.20F * wave(0.31F, 0.1F) + 0.12F * wave(0.93F, 0.4F) + 0.06F * wave(2.7F, 0.7F),
          0.16F * wave(0.23F, 0.6F) + 0.10F * wave(1.07F, 0.2F) + 0.06F * wave(3.1F, 0.9F)};
}

// Around 0, variance 1: the sum of four even ones.
float Normal(std::uint32_t x) {
  float sum = -2;
  for (std::uint32_t i = 0; i < 4; ++i) sum += HashUnit(x + i * 0x9E3779B9U);
  return sum * 1.7320508F;
}

// Rolls highlights off, then sRGB; from a table, over light 0 .. 8.
float Curve(float light) {
  constexpr int kSteps = 1 << 15;
  static const std::vector<float> table = [] {
    std::vector<float> values(kSteps);
    for (int i = 0; i < kSteps; ++i) {
      const float v = 1 - std::exp(-8.0F * static_cast<float>(i) / kSteps);
      values[static_cast<std::size_t>(i)] =
          v <= 0.0031308F ? 12.92F * v : 1.055F * std::pow(v, 1 / 2.4F) - 0.055F;
    }
    return values;
  }();
  const float at = std::clamp(light / 8 * kSteps, 0.0F, static_cast<float>(kSteps - 1));
  return table[static_cast<std::size_t>(at)];
}

}  // namespace

std::vector<std::uint8_t> Develop(const Picture& picture, int frame, float exposure,
                                  std::uint32_t seed) {
  cv::Mat light(kHeight, kWidth, CV_32FC3);
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      const Vec3 c = picture[static_cast<std::size_t>(y * kWidth + x)];
      light.at<cv::Vec3f>(y, x) = {c.z, c.y, c.x};
    }
  }
  const cv::Point2f sway = Sway(frame);
  const cv::Matx23f shift(1, 0, sway.x, 0, 1, sway.y);
  cv::Mat moved;
  cv::warpAffine(light, moved, shift, light.size(), cv::INTER_CUBIC, cv::BORDER_REPLICATE);

  std::vector<std::uint8_t> bytes(std::size_t{kWidth} * kHeight * 3);
  cv::Mat out(kHeight, kWidth, CV_8UC3, bytes.data());
  ForEachRow([&](int y) {
    for (int x = 0; x < kWidth; ++x) {
      const float u = (static_cast<float>(x) - kWidth / 2.0F) / (kWidth / 2.0F);
      const float v = (static_cast<float>(y) - kHeight / 2.0F) / (kWidth / 2.0F);
      const float vignette = 1 - 0.24F * (u * u + v * v);
      const cv::Vec3f in = moved.at<cv::Vec3f>(y, x) * (exposure * vignette);
      auto& pixel = out.at<cv::Vec3b>(y, x);
      const auto base = Hash(static_cast<std::uint32_t>(frame) * 2654435761U + seed);
      const std::uint32_t cell = base + static_cast<std::uint32_t>(y * kWidth + x) * 12;
      const float shared = Normal(cell);  // Most of the noise is in the brightness.
      for (int c = 0; c < 3; ++c) {
        const float grain =
            0.8F * shared + 0.6F * Normal(cell + 4 * static_cast<std::uint32_t>(c + 1));
        const float value = std::max(in[c], 0.0F);
        const float noisy = value + grain * std::sqrt(4e-6F + 2.2e-4F * value);
        pixel[c] = cv::saturate_cast<uchar>(Curve(noisy) * 255);
      }
    }
  });
  return bytes;
}

}  // namespace stillwatch::sample
