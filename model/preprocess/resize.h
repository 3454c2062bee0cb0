// Resize: pictures brought to the size a network wants, byte for byte as Pillow does it.

#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "pipeline/core/status.h"

namespace stillwatch::model {

// An RGB picture: height rows of width * 3 bytes, no padding.
struct RgbImage {
  std::vector<std::uint8_t> rgb{};
  int width = 0, height = 0;
};

// The same, borrowed.
struct RgbView {
  std::span<const std::uint8_t> rgb{};
  int width = 0, height = 0;

  RgbView() = default;
  RgbView(std::span<const std::uint8_t> bytes, int w, int h) : rgb(bytes), width(w), height(h) {}
  RgbView(const RgbImage& image)  // NOLINT(google-explicit-constructor): lending is harmless.
      : rgb(image.rgb), width(image.width), height(image.height) {}
};

// Larger pictures are a mistake: 16384 squared is 268 million pixels.
inline constexpr int kLargestSide_px = 16384;

// kInvalidArgument unless sides are within 1..kLargestSide_px and the bytes fit them; `which` names
// the picture in the message.
[[nodiscard]] Status CheckPicture(const RgbView& picture, const char* which);

// Pillow's Image.resize(..., BICUBIC): antialiased, columns first, rounded to bytes between the two
// passes.  Exact, because a network's ids are compared with those of references that used Pillow.
// REQUIRES: CheckPicture accepts the picture; 1 <= width, height <= kLargestSide_px.
RgbImage ResizeBicubic(const RgbView& picture, int width, int height);

// The picture in the middle of a square of its longer side, the rest grey 127 (LLaVA-NeXT's
// int(0.5 * 255)); where a pixel is over it goes to the right or below.
RgbImage PadToSquare(const RgbView& picture);

}  // namespace stillwatch::model
