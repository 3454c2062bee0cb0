// Scene: a wall, and a box that is left in front of it, one frame a second.

#pragma once

#include <cstdint>
#include <cstring>
#include <random>

#include <gst/check/gstharness.h>
#include <gtest/gtest.h>

namespace stillwatch::gst {

inline constexpr int kSceneWidth = 320, kSceneHeight = 240;
inline constexpr const char* kSceneCaps =
    "video/x-raw,format=RGB,width=320,height=240,framerate=1/1";
inline constexpr std::size_t kSceneBytes = std::size_t{kSceneWidth} * kSceneHeight * 3;

// A textured wall; with `box`, a box that was left in front of it.
inline GstBuffer* Picture(GstHarness* h, int second, bool box) {
  GstBuffer* buffer = gst_harness_create_buffer(h, kSceneBytes);
  GstMapInfo map;
  EXPECT_TRUE(gst_buffer_map(buffer, &map, GST_MAP_WRITE));
  std::minstd_rand texture(7);
  for (int y = 0; y < kSceneHeight; ++y) {
    for (int x = 0; x < kSceneWidth; ++x) {
      const bool edge = (x / 20 + y / 20) % 2 == 0;
      auto value = static_cast<std::uint8_t>((edge ? 90 : 140) + texture() % 12);
      if (box && x >= 120 && x < 200 && y >= 100 && y < 180) {
        value = static_cast<std::uint8_t>((x - y) % 16 < 8 ? 20 : 230);
      }
      std::memset(map.data + (y * kSceneWidth + x) * 3, value, 3);
    }
  }
  gst_buffer_unmap(buffer, &map);
  GST_BUFFER_PTS(buffer) = static_cast<GstClockTime>(second) * GST_SECOND;
  GST_BUFFER_DURATION(buffer) = GST_SECOND;
  GST_BUFFER_OFFSET(buffer) = static_cast<guint64>(second) * 25;
  return buffer;
}

// `before` seconds without the box, then `after` seconds with it.
inline void PushScene(GstHarness* h, int before, int after) {
  for (int i = 0; i < before + after; ++i) {
    ASSERT_EQ(gst_harness_push(h, Picture(h, i, i >= before)), GST_FLOW_OK);
  }
}

}  // namespace stillwatch::gst
