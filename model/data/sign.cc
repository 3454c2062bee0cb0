#include "model/data/sign.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "model/data/palette.h"

namespace stillwatch::data {
namespace {

cv::Scalar Paint(const NamedColor& color) {
  return {255.0 * color.rgb[0], 255.0 * color.rgb[1], 255.0 * color.rgb[2], 255};
}

ThingView Board(const std::string& text, const cv::Scalar& board, const cv::Scalar& letters) {
  constexpr int kWidth = 180;
  constexpr int kHeight = 84;
  ThingView view;
  view.sprite.rgba = MakeImage(kWidth + 8, kHeight + 8, 4);
  view.sprite.shadow = MakeImage(kWidth + 8, kHeight + 8, 1);
  cv::Mat picture = View(view.sprite.rgba);
  cv::rectangle(picture, cv::Rect(4, 4, kWidth, kHeight), board, cv::FILLED);
  cv::rectangle(picture, cv::Rect(6, 6, kWidth - 4, kHeight - 4), letters, 2);
  int below = 0;
  const cv::Size size = cv::getTextSize(text, cv::FONT_HERSHEY_DUPLEX, 1, 3, &below);
  const double scale = std::min(0.8 * kWidth / size.width, 0.5 * kHeight / size.height);
  cv::putText(picture, text,
              cv::Point(static_cast<int>(4 + (kWidth - size.width * scale) / 2),
                        static_cast<int>(4 + (kHeight + size.height * scale) / 2)),
              cv::FONT_HERSHEY_DUPLEX, scale, letters, 4, cv::LINE_AA);
  view.sprite.anchor_x = kWidth / 2.0;
  view.sprite.anchor_y = kHeight;
  view.sprite.px_per_m = 200;
  Measure(view);
  return view;
}

}  // namespace

SignPair DrawSign(Random& random) {
  static const std::vector<std::string> kWords{"open", "closed", "free", "full", "exit",
                                               "stop", "start",  "on",   "off"};
  SignPair pair;
  const bool number = random.Chance(0.6);
  const auto text = [&] {
    return number ? std::to_string(random.Int(10, 99)) : random.Pick(kWords);
  };
  pair.before = text();
  do pair.after = text();
  while (pair.after == pair.before);
  static const std::vector<std::string> kBoards{"white", "white", "yellow", "blue",
                                                "green", "red",   "black"};
  const std::string board = random.Pick(kBoards);
  const bool light = board == "white" || board == "yellow";
  const auto color = [](const std::string& name) { return Paint({name, PaletteColor(name)}); };
  pair.thing = std::make_shared<Thing>();
  pair.thing->id = "made_sign";
  pair.thing->noun = "sign";
  for (const std::string& shown : {pair.before, pair.after}) {
    pair.thing->views.push_back(Board(shown, color(board), color(light ? "black" : "white")));
    pair.thing->views.back().color = board;
  }
  return pair;
}

}  // namespace stillwatch::data
