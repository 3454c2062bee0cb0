// MadePairs: a small folder of training pairs, for tests.

#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace stillwatch::model {

// A folder of its own for the running test, emptied at the start.
inline std::filesystem::path TestFolder() {
  const auto* info = testing::UnitTest::GetInstance()->current_test_info();
  const auto folder = std::filesystem::path(testing::TempDir()) /
                      (std::string(info->test_suite_name()) + "." + info->name());
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder;
}

inline void WriteText(const std::filesystem::path& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

inline constexpr int kMadeSize = 64;  // Pixels.

// `count` pairs of a grey picture and one with a square (added), without (removed), or twice the
// same; every fourth pair is for validation, every fourth of the rest for tests.
inline void MakePairs(const std::filesystem::path& folder, int count) {
  std::filesystem::create_directories(folder);
  std::ofstream pictures(folder / "pictures.u8", std::ios::binary);
  std::ofstream lines(folder / "pairs.jsonl");
  for (int i = 0; i < count; ++i) {
    const int kind = i % 3;
    const int left = 8 + 5 * (i % 5);
    const auto picture = [&](bool square) {
      std::string rgb(kMadeSize * kMadeSize * 3, static_cast<char>(90 + i % 7));
      for (int y = 16; square && y < 40; ++y) {
        for (int x = left; x < left + 24; ++x) {
          rgb[static_cast<std::size_t>(y * kMadeSize + x) * 3] = static_cast<char>(230);
        }
      }
      return rgb;
    };
    pictures << picture(kind == 1) << picture(kind == 0);
    const char* const kinds[] = {"added", "removed", "same"};
    const char* const captions[] = {"abc is there", "abc is gone", "no change"};
    const double size = kMadeSize;
    nlohmann::json line = {{"id", i},
                           {"kind", kinds[kind]},
                           {"changed", kind != 2},
                           {"captions", {captions[kind]}},
                           {"noun", "abc"},
                           {"crop", {0.25, 0.25, 0.5, 0.5}},
                           {"region", {left / size, 16 / size, 24 / size, 24 / size}},
                           {"split", i % 4 == 3   ? "val"
                                     : i % 4 == 2 ? "test"
                                                  : "train"}};
    lines << line.dump() << "\n";
  }
  WriteText(folder / "manifest.json",
            nlohmann::json({{"version", 1}, {"size", kMadeSize}, {"count", count}}).dump());
}

}  // namespace stillwatch::model
