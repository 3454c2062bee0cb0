#include "model/data/cutouts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <utility>

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

namespace stillwatch::data {
namespace {

namespace fs = std::filesystem;

constexpr int kLargest_px = 220;  // Longer side of a cut-out; larger ones are shrunk.

struct ClassRow {
  int id;
  const char* noun;
  const char* places;
  double height_m;
};

// COCO's classes (numbered 0..79) that a camera may see come and go.
constexpr ClassRow kCoco[] = {
    {1, "bicycle", "rs", 1.0},    {2, "car", "c", 1.5},          {3, "motorbike", "sc", 1.1},
    {5, "bus", "c", 3.0},         {7, "truck", "c", 2.8},        {16, "dog", "rs", 0.6},
    {24, "backpack", "rs", 0.5},  {25, "umbrella", "rs", 0.8},   {26, "handbag", "rs", 0.35},
    {28, "suitcase", "rs", 0.65}, {32, "ball", "rs", 0.22},      {39, "bottle", "t", 0.28},
    {41, "cup", "t", 0.1},        {45, "bowl", "t", 0.1},        {56, "chair", "r", 0.9},
    {58, "plant", "rs", 0.7},     {62, "television", "rt", 0.6}, {63, "laptop", "t", 0.25},
    {73, "book", "t", 0.2},       {74, "clock", "t", 0.25},      {75, "vase", "t", 0.3},
    {77, "teddy bear", "rt", 0.4}};

struct GroceryRow {
  const char* coarse;
  const char* noun;
  double height_m;
};

constexpr GroceryRow kGrocery[] = {{"Apple", "apple", 0.08},
                                   {"Avocado", "avocado", 0.1},
                                   {"Banana", "bunch of bananas", 0.15},
                                   {"Lemon", "lemon", 0.06},
                                   {"Mango", "mango", 0.1},
                                   {"Orange", "orange", 0.08},
                                   {"Nectarine", "peach", 0.07},
                                   {"Peach", "peach", 0.07},
                                   {"Pear", "pear", 0.1},
                                   {"Pineapple", "pineapple", 0.28},
                                   {"Red-Grapefruit", "grapefruit", 0.1},
                                   {"Juice", "juice carton", 0.24},
                                   {"Milk", "milk carton", 0.24},
                                   {"Oatghurt", "carton", 0.24},
                                   {"Oat-Milk", "carton", 0.24},
                                   {"Sour-Milk", "carton", 0.24},
                                   {"Soyghurt", "carton", 0.2},
                                   {"Soy-Milk", "carton", 0.24},
                                   {"Yoghurt", "carton", 0.22},
                                   {"Cabbage", "cabbage", 0.16},
                                   {"Cucumber", "cucumber", 0.12},
                                   {"Pepper", "pepper", 0.1}};

struct OfficeRow {
  int number;  // fg<number>.png
  const char* noun;
  const char* places;
  double height_m;
};

// Looked at one by one; left out where a picture shows several things or a scene.
constexpr OfficeRow kOffice[] = {{4, "office chair", "r", 1.2},
                                 {13, "office chair", "r", 1.1},
                                 {14, "office chair", "r", 1.2},
                                 {21, "office chair", "r", 1.2},
                                 {44, "office chair", "r", 1.2},
                                 {72, "office chair", "r", 1.3},
                                 {74, "office chair", "r", 1.2},
                                 {78, "office chair", "r", 1.1},
                                 {22, "sofa", "r", 0.8},
                                 {43, "sofa", "r", 0.8},
                                 {71, "sofa", "r", 0.8},
                                 {81, "sofa", "r", 0.8},
                                 {48, "cabinet", "r", 1.8},
                                 {49, "cabinet", "r", 1.2},
                                 {50, "cabinet", "r", 1.0},
                                 {51, "cabinet", "r", 1.0},
                                 {54, "bookcase", "r", 1.9},
                                 {73, "cabinet", "r", 1.1},
                                 {76, "plant", "rs", 1.3},
                                 {77, "plant", "rs", 1.3},
                                 {83, "cabinet", "r", 1.1},
                                 {95, "cabinet", "r", 0.8},
                                 {100, "filing cabinet", "r", 1.0},
                                 {24, "desk", "r", 0.75},
                                 {45, "desk", "r", 0.75},
                                 {82, "desk", "r", 0.75},
                                 {84, "desk", "r", 0.75},
                                 {86, "table", "r", 0.75},
                                 {87, "desk", "r", 0.75},
                                 {7, "person", "rs", 1.75},
                                 {8, "person", "rs", 1.75},
                                 {12, "person", "rs", 1.75},
                                 {15, "person", "rs", 1.75},
                                 {16, "person", "rs", 1.75},
                                 {17, "person", "rs", 1.75},
                                 {30, "person", "rs", 1.75},
                                 {36, "person", "rs", 1.75},
                                 {37, "person", "rs", 1.75},
                                 {55, "person", "rs", 1.75},
                                 {56, "person", "rs", 1.75},
                                 {60, "person", "rs", 1.75}};

// The soft shadow at the foot of a thing of which only the outline is known.
cv::Mat FootShadow(const cv::Mat& alpha) {
  const cv::Rect box = cv::boundingRect(alpha > 40);
  cv::Mat shadow(alpha.size(), CV_8U, cv::Scalar(0));
  if (box.empty()) return shadow;
  const int depth = std::max(2, std::min(box.height / 8, box.width / 5));
  cv::Mat foot;
  cv::reduce(alpha(cv::Rect(box.x, box.y + box.height - depth, box.width, depth)), foot, 0,
             cv::REDUCE_MAX);
  for (int x = 0; x < foot.cols; ++x) {
    if (foot.at<std::uint8_t>(0, x) < 100) continue;
    const cv::Rect column = cv::Rect(box.x + x, box.y + box.height - depth, 1, depth * 5 / 3) &
                            cv::Rect(0, 0, alpha.cols, alpha.rows);
    shadow(column).setTo(170);
  }
  const int blur = std::max(3, depth) | 1;
  cv::GaussianBlur(shadow, shadow, cv::Size(blur * 2 + 1, blur | 1), 0);
  return shadow;
}

// A thing with one view from an RGB picture and its mask; nothing where too little is left.
std::optional<Thing> CutOut(const cv::Mat& rgb, const cv::Mat& mask, double height_m, Thing thing) {
  cv::Rect box = cv::boundingRect(mask > 128);
  if (box.width < 24 || box.height < 24) return std::nullopt;
  const int margin_x = box.width / 4 + 2;
  const int margin_y = box.height / 6 + 2;
  cv::Mat color;
  cv::Mat alpha;
  // The margin holds the shadow and may lie outside the picture.
  cv::copyMakeBorder(rgb(box), color, margin_y, margin_y, margin_x, margin_x, cv::BORDER_REPLICATE);
  cv::copyMakeBorder(mask(box), alpha, margin_y, margin_y, margin_x, margin_x, cv::BORDER_CONSTANT,
                     cv::Scalar(0));
  const double shrink =
      std::min(1.0, static_cast<double>(kLargest_px) / std::max(box.width, box.height));
  if (shrink < 1) {
    cv::resize(color, color, {}, shrink, shrink, cv::INTER_AREA);
    cv::resize(alpha, alpha, color.size(), 0, 0, cv::INTER_AREA);
  }
  cv::GaussianBlur(alpha, alpha, cv::Size(3, 3), 0.7);
  // The blur must not show the old background: pull the edge in by half a pixel.
  alpha.convertTo(alpha, CV_8U, 1.35, -90);
  std::vector<cv::Mat> planes;
  cv::split(color, planes);
  planes.push_back(alpha);
  cv::Mat rgba;
  cv::merge(planes, rgba);
  ThingView view;
  view.sprite.rgba = Copy(rgba);
  view.sprite.shadow = Copy(FootShadow(alpha));
  view.sprite.anchor_x = color.cols / 2.0;
  view.sprite.anchor_y = color.rows - (margin_y + 0.04 * box.height) * shrink;
  view.sprite.px_per_m = box.height * shrink / height_m;
  if (!Measure(view)) return std::nullopt;
  thing.views.push_back(std::move(view));
  return thing;
}

std::vector<fs::path> FilesOf(const fs::path& folder, const std::string& extension) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::recursive_directory_iterator(folder, error)) {
    if (entry.path().extension() == extension) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

Status AddCoco(const fs::path& folder, std::vector<Thing>& things) {
  for (const fs::path& file : FilesOf(folder / "coco128-seg/labels", ".txt")) {
    const fs::path picture =
        folder / "coco128-seg/images/train2017" / (file.stem().string() + ".jpg");
    if (!fs::exists(picture)) continue;  // The published set has labels without pictures.
    std::ifstream in(file);
    std::string line;
    std::optional<Image> image;
    for (int number = 1; std::getline(in, line); ++number) {
      std::istringstream values(line);
      int id = -1;
      values >> id;
      const auto row = std::find_if(std::begin(kCoco), std::end(kCoco),
                                    [&](const ClassRow& known) { return known.id == id; });
      if (row == std::end(kCoco)) continue;
      if (!image) {
        auto read = ReadImage(picture, 3);
        if (!read) return read.error();
        image = std::move(*read);
      }
      std::vector<cv::Point> outline;
      bool at_edge = false;
      for (double x = 0, y = 0; values >> x >> y;) {
        if (!(x >= 0 && x <= 1 && y >= 0 && y <= 1)) {
          return DataLoss(file.string() + ":" + std::to_string(number) +
                          ": a point outside the picture");
        }
        at_edge = at_edge || x < 0.006 || x > 0.994 || y < 0.006 || y > 0.994;
        outline.emplace_back(static_cast<int>(x * image->width),
                             static_cast<int>(y * image->height));
      }
      // Cut by the picture's edge: would look cut in every scene.
      if (outline.size() < 8 || at_edge) continue;
      cv::Mat mask(image->height, image->width, CV_8U, cv::Scalar(0));
      cv::fillPoly(mask, std::vector<std::vector<cv::Point>>{outline}, cv::Scalar(255));
      if (cv::countNonZero(mask) < 1500) continue;
      Thing thing{.id = "coco_" + file.stem().string() + "_" + std::to_string(number),
                  .noun = row->noun,
                  .places = row->places,
                  .weight = 0.5,
                  .test = HeldOut(file.stem().string())};
      if (auto cut = CutOut(View(*image), mask, row->height_m, std::move(thing))) {
        things.push_back(std::move(*cut));
      }
    }
  }
  return {};
}

Status AddGrocery(const fs::path& folder, std::vector<Thing>& things) {
  for (const fs::path& file : FilesOf(folder / "iconic-images-and-descriptions", ".jpg")) {
    // .../Fruit/Apple/Pink-Lady/..., or .../Fruit/Lemon/...
    const GroceryRow* row = nullptr;
    for (const fs::path& part : file) {
      for (const GroceryRow& known : kGrocery) {
        if (part.string() == known.coarse) row = &known;
      }
    }
    if (!row) continue;
    auto image = ReadImage(file, 3);
    if (!image) return image.error();
    // White paper around the thing: what the fill from the corners reaches.
    cv::Mat rgb = View(*image);
    cv::Mat filled(rgb.rows + 2, rgb.cols + 2, CV_8U, cv::Scalar(0));
    const cv::Scalar near_white = cv::Scalar::all(10);
    for (const cv::Point corner :
         {cv::Point(0, 0), cv::Point(rgb.cols - 1, 0), cv::Point(0, rgb.rows - 1),
          cv::Point(rgb.cols - 1, rgb.rows - 1)}) {
      cv::floodFill(rgb, filled, corner, cv::Scalar(), nullptr, near_white, near_white,
                    4 | cv::FLOODFILL_FIXED_RANGE | cv::FLOODFILL_MASK_ONLY | (255 << 8));
    }
    cv::Mat mask = 255 - filled(cv::Rect(1, 1, rgb.cols, rgb.rows));
    cv::erode(mask, mask, cv::Mat());
    Thing thing{.id = "grocery_" + file.stem().string(),
                .noun = row->noun,
                .places = "t",
                .weight = 0.35,
                .test = HeldOut(file.stem().string())};
    if (auto cut = CutOut(rgb, mask, row->height_m, std::move(thing))) {
      things.push_back(std::move(*cut));
    }
  }
  return {};
}

Status AddOffice(const fs::path& folder, std::vector<Thing>& things) {
  for (const OfficeRow& row : kOffice) {
    std::array<char, 16> name{};
    std::snprintf(name.data(), name.size(), "fg%03d.png", row.number);
    auto image = ReadImage(folder / "data/fg" / name.data(), 4);
    if (!image) return image.error();
    std::vector<cv::Mat> planes;
    cv::split(View(*image), planes);
    const cv::Mat alpha = planes[3];
    planes.pop_back();
    cv::Mat rgb;
    cv::merge(planes, rgb);
    Thing thing{.id = "office_" + std::to_string(row.number),
                .noun = row.noun,
                .places = row.places,
                .weight = 0.6,
                .person = std::string(row.noun) == "person",
                .test = HeldOut(name.data())};
    if (auto cut = CutOut(rgb, alpha, row.height_m, std::move(thing))) {
      things.push_back(std::move(*cut));
    }
  }
  return {};
}

Status AddPeople(const fs::path& folder, std::vector<Thing>& things) {
  for (const fs::path& file : FilesOf(folder / "Ground_Truth", ".png")) {
    auto mask = ReadImage(file, 1);
    if (!mask) return mask.error();
    const cv::Rect box = cv::boundingRect(View(*mask) > 128);
    // Whole people alone: a portrait would be a head walking about.
    if (box.height < 70 || box.height * 10 < 17 * box.width) continue;
    if (box.y + box.height >= mask->height - 1) continue;
    auto image = ReadImage(folder / "Training_Images" / (file.stem().string() + ".jpg"), 3);
    if (!image) return image.error();
    // Many masks were made of a smaller copy.
    const double stretch = (static_cast<double>(image->width) / mask->width) /
                           (static_cast<double>(image->height) / mask->height);
    if (std::abs(stretch - 1) > 0.02) continue;
    cv::Mat fitted;
    cv::resize(View(*mask), fitted, cv::Size(image->width, image->height), 0, 0, cv::INTER_LINEAR);
    Thing thing{.id = "person_" + file.stem().string(),
                .noun = "person",
                .places = "rs",
                .weight = 0,
                .person = true,
                .test = HeldOut(file.stem().string())};
    if (auto cut = CutOut(View(*image), fitted, 1.75, std::move(thing))) {
      things.push_back(std::move(*cut));
    }
  }
  return {};
}

}  // namespace

bool HeldOut(const std::string& name) {
  std::uint32_t hash = 2166136261U;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return (hash >> 8) % 10 == 0;
}

Result<std::vector<Thing>> LoadCutouts(const fs::path& material, std::vector<std::string>& absent) {
  std::vector<Thing> things;
  using Add = Status (*)(const fs::path&, std::vector<Thing>&);
  const std::array<std::pair<const char*, Add>, 4> sources{{{"coco128seg", AddCoco},
                                                            {"grocery_iconic", AddGrocery},
                                                            {"office_cutouts", AddOffice},
                                                            {"humanseg", AddPeople}}};
  try {
    for (const auto& [name, add] : sources) {
      if (!fs::is_directory(material / name)) {
        absent.emplace_back(name);
      } else if (auto status = add(material / name, things); !status.ok()) {
        return Failure(status);
      }
    }
  } catch (const std::exception& error) {
    return Internal(std::string("cut-outs: ") + error.what());
  }
  return things;
}

}  // namespace stillwatch::data
