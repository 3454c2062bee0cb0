#include "samples/maker/truth.h"

#include <cmath>

#include <nlohmann/json.hpp>

#include "samples/maker/camera.h"

namespace stillwatch::sample {
namespace {

using Json = nlohmann::ordered_json;

int FrameOf(double seconds) { return static_cast<int>(std::lround(seconds * kFps)); }

struct Wording {
  const char* object;
  const char* caption;
};

Wording WordsFor(Thing thing) {
  switch (thing) {
    case Thing::kBag:
      return {"black bag", "A black bag has been left on the floor next to the blue box."};
    case Thing::kExtinguisher:
      return {"fire extinguisher", "The red fire extinguisher has been taken away from the wall."};
    case Thing::kBox:
      return {"cardboard box", "The cardboard box on the floor has been moved to the right."};
  }
  return {};
}

Box Union(const Box& a, const Box& b) {
  const int left = std::min(a[0], b[0]);
  const int top = std::min(a[1], b[1]);
  return {left, top, std::max(a[0] + a[2], b[0] + b[2]) - left,
          std::max(a[1] + a[3], b[1] + b[3]) - top};
}

std::string Describe(const State& state) {
  std::string text = "the cardboard box stands on the ";
  text += state.box && state.box->position.x > 4.2F ? "right of the floor" : "middle of the floor";
  text += state.extinguisher ? ", the fire extinguisher hangs on the back wall"
                             : ", the extinguisher's bracket on the back wall is empty";
  text +=
      state.bag ? ", a black bag lies next to the blue box" : ", nothing lies next to the blue box";
  return text;
}

}  // namespace

std::string TruthJson(const std::string& media, const std::vector<Seen>& seen) {
  Json changes = Json::array();
  Json states = Json::array();
  Json transient = Json::array();
  Json quiet = Json::array();
  Json pairs = Json::array();
  int settled = 0;  // First frame of the present state.
  int state_begin = 0;
  std::size_t state_index = 0;
  int last_before = 0;
  const auto middle = [](int from, int to) { return (from + to) / 2; };
  const auto add_quiet = [&](int from, int to, const char* why) {
    quiet.push_back({{"frames", {from, to}}, {"why", why}});
  };
  const int lamp_from = FrameOf(kLampOn[0]);
  const int lamp_to = FrameOf(kLampOn[1]) + 1;
  const int dim_from = FrameOf(kDimmed[0]);
  const int dim_to = FrameOf(kDimmed[1]) + 1;

  for (std::size_t i = 0; i < Visits().size(); ++i) {
    const Visit& visit = Visits()[i];
    const int begin = FrameOf(visit.start);
    const int end = FrameOf(visit.start + visit.seconds());
    transient.push_back(Json::array({begin, end, visit.who}));
    if (settled < lamp_from && begin > lamp_to) {
      add_quiet(settled, begin - 1, "a lamp is switched on, nothing else");
      pairs.push_back({{"before", lamp_from - 10},
                       {"after", lamp_to + 20},
                       {"changes", Json::array()},
                       {"why", "lamp off against lamp on"}});
    } else {
      add_quiet(
          settled, begin - 1,
          i == 0 ? "nothing moves but a patch of sunlight" : "only the patch of sunlight moves");
    }
    if (!visit.cargo) {
      pairs.push_back({{"before", middle(settled, begin)},
                       {"after", end + 6},
                       {"changes", Json::array()},
                       {"why", "before and after the person who walks through"}});
      settled = end + 1;
      continue;
    }
    const Cargo& cargo = *visit.cargo;
    const auto thing = static_cast<std::size_t>(cargo.thing);
    const Wording words = WordsFor(cargo.thing);
    const auto& before = seen[i].things[thing];
    const auto& after = seen[i + 1].things[thing];
    const int id = static_cast<int>(changes.size()) + 1;
    Json change{{"id", id},
                {"kind", before && after ? "moved"
                         : after         ? "added"
                                         : "removed"},
                {"object", words.object},
                {"span", {begin, end}},
                {"bbox", before && after ? Union(*before, *after)
                         : after         ? *after
                                         : *before},
                {"count", 1}};
    if (before && after) change["parts"] = {*before, *after};
    change["caption"] = words.caption;
    changes.push_back(change);
    states.push_back(
        {{"frames", {state_begin, begin - 1}}, {"scene", Describe(States()[state_index])}});
    state_index = i + 1;
    state_begin = end + 1;
    last_before = begin - 15;
    pairs.push_back({{"before", last_before}, {"after", end + 60}, {"changes", {id}}});
    settled = end + 1;
  }
  states.push_back(
      {{"frames", {state_begin, kFrames - 1}}, {"scene", Describe(States()[state_index])}});
  add_quiet(settled, kFrames - 1, "the ceiling lights go down, nothing else");
  pairs.push_back({{"before", dim_from - 15},
                   {"after", dim_to + 30},
                   {"changes", Json::array()},
                   {"why", "bright against dimmed"}});
  Json all = Json::array();
  for (const auto& change : changes) all.push_back(change["id"]);
  pairs.push_back({{"before", 60}, {"after", kFrames - 15}, {"changes", all}});

  const Json truth{
      {"media", media},
      {"source", "rendered by samples/make_sample.cc of this repository"},
      {"width", kWidth},
      {"height", kHeight},
      {"fps", static_cast<double>(kFps)},
      {"frame_count", kFrames},
      {"note",
       "bbox = [x,y,w,h] in pixels of the full frame, by ray casting; frames are 0-based decode "
       "order. \"span\" = frames in which the change is under way (person in view); after span[1] "
       "the new state is settled. \"parts\" of a moved object: where it was, where it is. The "
       "camera sways by up to 0.4 px; a patch of sunlight creeps over the floor all the time."},
      {"states", states},
      {"changes", changes},
      {"transient", transient},
      {"illumination",
       {{{"frames", {lamp_from, lamp_to}}, {"what", "a lamp over the right half is switched on"}},
        {{"frames", {dim_from, dim_to}}, {"what", "the ceiling lights go down by a third"}}}},
      {"no_change_spans", quiet},
      {"pairs", pairs}};
  return truth.dump(1) + "\n";
}

}  // namespace stillwatch::sample
