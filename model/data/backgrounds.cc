#include "model/data/backgrounds.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "model/data/cutouts.h"

namespace stillwatch::data {
namespace {

namespace fs = std::filesystem;

constexpr int kWidth_px = 600;
constexpr double kDarkest = 24;       // Mean brightness, 0..255.  By eye.
constexpr double kSameCamera = 0.55;  // Correlation of edge maps; by eye on amos_daynight.

std::vector<fs::path> Pictures(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".jpg") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// Edges of a small version, mean 0 and length 1: what stays of a view from day to night.
cv::Mat Edges(const Image& rgb) {
  cv::Mat grey;
  cv::cvtColor(View(rgb), grey, cv::COLOR_RGB2GRAY);
  cv::resize(grey, grey, cv::Size(96, 64), 0, 0, cv::INTER_AREA);
  cv::Mat dx;
  cv::Mat dy;
  cv::Sobel(grey, dx, CV_32F, 1, 0);
  cv::Sobel(grey, dy, CV_32F, 0, 1);
  cv::Mat edges;
  cv::magnitude(dx, dy, edges);
  cv::log(edges + 4, edges);
  edges -= cv::mean(edges);
  return edges / std::max(cv::norm(edges), 1e-6);
}

}  // namespace

Status Backgrounds::Add(const fs::path& folder, Photograph like) {
  for (const fs::path& file : Pictures(folder)) {
    auto image = ReadImage(file, 3);
    if (!image) return image.error();
    cv::Mat view = View(*image);
    const int height =
        std::clamp(view.rows * kWidth_px / std::max(1, view.cols), kWidth_px / 2, kWidth_px);
    cv::Mat fitted;
    // Upright pictures lose their upper and lower part.
    if (view.rows > view.cols) {
      view = view.rowRange((view.rows - view.cols) / 2, (view.rows + view.cols) / 2);
    }
    cv::resize(view, fitted, cv::Size(kWidth_px, height), 0, 0,
               view.cols > kWidth_px ? cv::INTER_AREA : cv::INTER_CUBIC);
    // A camera by night without lamps: nothing that is put there could be seen.
    const cv::Scalar mean = cv::mean(fitted);
    if (mean[0] + mean[1] + mean[2] < 3 * kDarkest) continue;
    Photograph photograph = like;
    photograph.rgb = Copy(fitted);
    photograph.test = HeldOut(file.stem().string());
    const std::string name = file.stem().string();
    if (like.places == "house") {
      const bool outside = name.ends_with("frontal");
      photograph.places = outside ? "sc" : name.ends_with("kitchen") ? "rt" : "r";
      photograph.ground = outside ? "ground" : "floor";
      photograph.m_per_width = outside ? 9 : 4;
      photograph.top = outside ? 0.72 : 0.65;
    }
    photographs_.push_back(std::move(photograph));
  }
  return {};
}

Result<Backgrounds> Backgrounds::Load(const fs::path& material, std::uint64_t seed,
                                      std::vector<std::string>& absent) {
  try {
    Backgrounds all;
    auto grounds = Grounds::Make(seed);
    auto test_grounds = Grounds::Make(seed + 1);
    if (!grounds) return Failure(grounds.error());
    if (!test_grounds) return Failure(test_grounds.error());
    all.grounds_ = std::make_unique<Grounds>(std::move(*grounds));
    all.test_grounds_ = std::make_unique<Grounds>(std::move(*test_grounds));
    const auto folder = [&](const char* name) {
      const bool there = !material.empty() && fs::is_directory(material / name);
      if (!there) absent.emplace_back(name);
      return there;
    };
    Photograph like;
    if (folder("houses_subset")) {
      like.places = "house";
      if (auto s = all.Add(material / "houses_subset", like); !s.ok()) return Failure(s);
    }
    if (folder("office_cutouts/data/bg")) {
      like = {};
      like.places = "r";
      like.ground = "floor";
      like.top = 0.72;
      like.m_per_width = 5;
      like.weight = 0.5;  // 160 pixels across.
      if (auto s = all.Add(material / "office_cutouts/data/bg", like); !s.ok()) return Failure(s);
    }
    if (folder("coco128seg/coco128-seg/images/train2017")) {
      like = {};
      like.places = "trsc";
      like.ground = "ground";
      like.top = 0.45;
      like.weight = 0.35;  // Taken by people, not by fixed cameras.
      like.m_per_width = 4;
      if (auto s = all.Add(material / "coco128seg/coco128-seg/images/train2017", like); !s.ok()) {
        return Failure(s);
      }
    }
    const std::size_t first = all.photographs_.size();
    for (const char* name : {"amos_daynight/day", "amos_daynight/night"}) {
      if (!folder(name)) continue;
      like = {};
      like.places = "sc";
      like.ground = "ground";
      like.top = 0.6;
      like.horizon = 0.1;
      like.m_per_width = 14;
      if (auto s = all.Add(material / name, like); !s.ok()) return Failure(s);
    }
    // Which pictures are of one camera is not written anywhere: same size and same edges.
    std::vector<cv::Mat> heads;
    for (std::size_t i = first; i < all.photographs_.size(); ++i) {
      Photograph& photograph = all.photographs_[i];
      const cv::Mat edges = Edges(photograph.rgb);
      double best = kSameCamera;
      for (std::size_t camera = 0; camera < heads.size(); ++camera) {
        const Photograph& other = all.photographs_[all.cameras_[camera].front()];
        if (other.rgb.height != photograph.rgb.height) continue;
        if (const double match = heads[camera].dot(edges); match > best) {
          best = match;
          photograph.camera = static_cast<int>(camera);
        }
      }
      if (photograph.camera < 0) {
        photograph.camera = static_cast<int>(heads.size());
        heads.push_back(edges);
        all.cameras_.emplace_back();
      }
      all.cameras_[static_cast<std::size_t>(photograph.camera)].push_back(i);
    }
    // A camera is held out as a whole, by its first picture.
    for (const auto& camera : all.cameras_) {
      const bool test = all.photographs_[camera.front()].test;
      for (const std::size_t i : camera) all.photographs_[i].test = test;
    }
    std::erase_if(all.cameras_, [](const auto& camera) { return camera.size() < 2; });
    return all;
  } catch (const std::exception& error) {
    return Internal(std::string("backgrounds: ") + error.what());
  }
}

Background Backgrounds::Use(const Photograph& photograph, char place, Random& random) const {
  Background scene;
  scene.place = place;
  scene.ground = photograph.ground;
  scene.high = photograph.camera >= 0 || random.Chance(0.25);
  // A part of the picture, sometimes mirrored: more scenes from few photographs.
  const cv::Mat whole = View(photograph.rgb);
  const double part = photograph.camera >= 0 ? random.Range(0.55, 1.0) : random.Range(0.7, 1.0);
  const int w = static_cast<int>(whole.cols * part);
  const int h = std::min(whole.rows, static_cast<int>(w * random.Range(0.56, 0.75)));
  const int x = random.Int(0, whole.cols - w);
  const int y = whole.rows - h - static_cast<int>((whole.rows - h) * random.Range(0, 0.35));
  cv::Mat view = whole(cv::Rect(x, y, w, h));
  const int width = std::clamp(w, 480, 600);
  cv::Mat fitted;
  cv::resize(view, fitted, cv::Size(width, h * width / w), 0, 0,
             width < w ? cv::INTER_AREA : cv::INTER_CUBIC);
  if (random.Chance(0.5)) cv::flip(fitted, fitted, 1);
  scene.rgb = Copy(fitted);
  scene.bottom = fitted.rows;
  scene.top = fitted.rows * photograph.top;
  scene.horizon = fitted.rows * (photograph.horizon - (scene.high ? 0.6 : 0.0));
  double metres = photograph.m_per_width * random.Range(0.7, 1.5);
  if (place == 't') metres *= 0.25;
  if (place == 'c') metres *= 2;
  if (place == 'r' && photograph.places.find('c') != std::string::npos) metres *= 0.8;
  scene.px_per_m = width / metres;
  return scene;
}

Background Backgrounds::Draw(char place, bool test, Random& random) const {
  // Photographs for two in five: grounds are closer to what fixed cameras look at.
  if (place != 'k' && random.Chance(0.4)) {
    std::vector<const Photograph*> fitting;
    std::vector<double> weights;
    for (const Photograph& photograph : photographs_) {
      if (photograph.test == test && photograph.places.find(place) != std::string::npos) {
        fitting.push_back(&photograph);
        weights.push_back(photograph.weight);
      }
    }
    if (!fitting.empty()) return Use(*fitting[random.Weighted(weights)], place, random);
  }
  return (test ? test_grounds_ : grounds_)->Draw(place, random);
}

bool Backgrounds::DrawCamera(bool test, Random& random, Background& scene) const {
  std::vector<const std::vector<std::size_t>*> fitting;
  for (const auto& camera : cameras_) {
    if (photographs_[camera.front()].test == test) fitting.push_back(&camera);
  }
  if (fitting.empty()) return false;
  const auto& camera = *random.Pick(fitting);
  const std::size_t first = random.Pick(camera);
  const std::size_t second = random.Pick(camera);
  if (first == second) return false;
  // The same part of both: the same random numbers.
  Random again = random;
  scene = Use(photographs_[first], random.Chance(0.5) ? 's' : 'c', random);
  scene.other = Use(photographs_[second], again.Chance(0.5) ? 's' : 'c', again).rgb;
  return true;
}

}  // namespace stillwatch::data
