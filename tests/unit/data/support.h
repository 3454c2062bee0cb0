// Support: a folder that goes away after the test, and tiny made-up material.

#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "model/data/image.h"

namespace stillwatch::data {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "stillwatch_data_XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp: " + name);
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline void WriteText(const std::filesystem::path& file, const std::string& text) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
}

inline std::string ReadText(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// A picture with a bright square on a dark ramp.
inline Image Drawn(int width, int height, int channels) {
  Image image = MakeImage(width, height, channels);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const bool square = x > width / 3 && x < width / 2 && y > height / 3 && y < height / 2;
      for (int k = 0; k < channels; ++k) {
        image.bytes[static_cast<std::size_t>((y * width + x) * channels + k)] =
            static_cast<std::uint8_t>(k == 3   ? 255
                                      : square ? 220
                                               : 50 + 60 * x / width);
      }
    }
  }
  return image;
}

// The folder of the shared material, or nothing.
inline std::filesystem::path Shared() {
  const char* given = std::getenv("STILLWATCH_SHARED");
  const std::filesystem::path folder = given ? given : STILLWATCH_SOURCE_DIR "/../shared";
  return std::filesystem::is_directory(folder) ? folder : std::filesystem::path();
}

}  // namespace stillwatch::data
