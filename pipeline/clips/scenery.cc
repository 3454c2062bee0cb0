#include "pipeline/clips/scenery.h"

#include <algorithm>
#include <cmath>
#include <system_error>
#include <utility>

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/videoio.hpp>

#include "model/data/cutouts.h"
#include "model/data/grounds.h"

namespace stillwatch::clips {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> PicturesIn(const fs::path& material, const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(material / folder, error)) {
    if (entry.path().extension() == ".jpg") {
      names.push_back(folder + "/" + entry.path().filename().string());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

// The middle of `picture` in the wanted shape.
data::Image Fitted(const cv::Mat& picture, int width, int height) {
  const double scale = std::max(static_cast<double>(width) / picture.cols,
                                static_cast<double>(height) / picture.rows);
  const int w = std::min(picture.cols, static_cast<int>(std::lround(width / scale)));
  const int h = std::min(picture.rows, static_cast<int>(std::lround(height / scale)));
  // More of the lower part: things stand there.
  const cv::Rect middle((picture.cols - w) / 2, (picture.rows - h) * 2 / 3, w, h);
  cv::Mat fitted;
  cv::resize(picture(middle), fitted, cv::Size(width, height), 0, 0,
             scale < 1 ? cv::INTER_AREA : cv::INTER_CUBIC);
  return data::Copy(fitted);
}

[[nodiscard]] Result<data::Image> FirstFrame(const fs::path& clip) {
  cv::VideoCapture capture(clip.string());
  cv::Mat bgr;
  if (!capture.isOpened() || !capture.read(bgr)) {
    return DataLoss(clip.string() + ": neither a picture nor a clip");
  }
  cv::Mat rgb;
  cv::cvtColor(bgr, rgb, cv::COLOR_BGR2RGB);
  return data::Copy(rgb);
}

[[nodiscard]] Result<data::Image> Made(const std::string& number) {
  std::uint64_t seed = 0;
  for (const char c : number) {
    if (c < '0' || c > '9') return InvalidArgument("background made:" + number + ": a number");
    seed = 10 * seed + static_cast<std::uint64_t>(c - '0');
  }
  // Textures are dear to draw and the same for every clip.
  static const auto grounds = data::Grounds::Make(1);
  if (!grounds) return Failure(grounds.error());
  data::Random random(seed);
  return grounds->Draw(random.Chance(0.5) ? 'r' : 's', random).rgb;
}

}  // namespace

Result<Scenery> Scenery::Load(const fs::path& material) {
  Scenery scenery;
  scenery.material_ = material;
  scenery.things_ = DrawnThings();
  if (!material.empty()) {
    if (!fs::is_directory(material)) {
      return NotFound(material.string() + ": no such folder of material");
    }
    std::vector<std::string> absent;
    auto cutouts = data::LoadCutouts(material, absent);
    if (!cutouts) return Failure(cutouts.error());
    std::move(cutouts->begin(), cutouts->end(), std::back_inserter(scenery.things_));
    for (const std::string& name : PicturesIn(material, "houses_subset")) {
      const bool outside = name.find("frontal") != std::string::npos;
      (outside ? scenery.yards_ : scenery.rooms_).push_back(name);
    }
    for (const std::string& name : PicturesIn(material, "amos_daynight/day")) {
      scenery.views_.push_back(name);
    }
  }
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    const std::string made = "made:" + std::to_string(seed);
    for (auto* places : {&scenery.rooms_, &scenery.yards_, &scenery.views_}) {
      if (places->size() < 12) places->push_back(made);
    }
  }
  bool photographed_people = false;
  for (const data::Thing& thing : scenery.things_) {
    photographed_people |= thing.person && thing.id.rfind("drawn", 0) != 0;
  }
  for (const data::Thing& thing : scenery.things_) {
    if (thing.person) {
      // Drawn figures stand in where there are no photographs.
      if (!photographed_people || thing.id.rfind("drawn", 0) != 0) {
        scenery.people_.push_back(&thing);
      }
    } else {
      scenery.objects_.push_back(&thing);
    }
  }
  return scenery;
}

const data::Thing* Scenery::Find(const std::string& id) const {
  for (const data::Thing& thing : things_) {
    if (thing.id == id) return &thing;
  }
  return nullptr;
}

Result<data::Image> Scenery::Background(const std::string& name, int width, int height) const {
  try {
    if (name.rfind("made:", 0) == 0) {
      auto made = Made(name.substr(5));
      if (!made) return Failure(made.error());
      return Fitted(data::View(*made), width, height);
    }
    const fs::path below = material_ / name;
    const fs::path file = !material_.empty() && fs::exists(below) ? below : fs::path(name);
    if (!fs::exists(file)) return NotFound("background " + name + ": no such file");
    auto picture = data::ReadImage(file, 3);
    if (!picture) picture = FirstFrame(file);
    if (!picture) return Failure(picture.error());
    return Fitted(data::View(*picture), width, height);
  } catch (const cv::Exception& error) {
    return DataLoss("background " + name + ": " + error.what());
  }
}

}  // namespace stillwatch::clips
