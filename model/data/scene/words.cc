#include "model/data/scene/words.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>

#include <nlohmann/json.hpp>

#include "model/data/palette.h"

namespace stillwatch::data {
namespace {

nlohmann::ordered_json ToJson(const Naming& naming) {
  nlohmann::ordered_json json{{"noun", naming.noun}};
  if (naming.color) json["color"] = *naming.color;
  if (!naming.size.empty()) json["size"] = naming.size;
  if (!naming.material.empty()) json["material"] = naming.material;
  return json;
}

nlohmann::ordered_json ToJson(const Region& r) {
  const auto round = [](double v) { return std::round(v * 1e5) / 1e5; };
  return nlohmann::ordered_json::array({round(r.x), round(r.y), round(r.w), round(r.h)});
}

// Equal states have equal numbers.
std::string Digest(const State& state) {
  std::uint64_t hash = 0xCBF29CE484222325ULL;
  const auto add = [&](const void* data, std::size_t size) {
    const auto* bytes = static_cast<const unsigned char*>(data);
    for (std::size_t i = 0; i < size; ++i) hash = (hash ^ bytes[i]) * 0x100000001B3ULL;
  };
  const auto number = [&](auto value) { add(&value, sizeof(value)); };
  for (const Stand& stand : state.stands) {
    if (!stand.there) continue;
    add(stand.model->id.data(), stand.model->id.size());
    for (const float v : {stand.x, stand.z, stand.yaw, stand.scale}) number(v);
    number(stand.support * 2 + (stand.lying ? 1 : 0));
    const Vec tint = stand.tint.value_or(Vec{-1, -1, -1});
    for (const float v : {tint.x, tint.y, tint.z, stand.shine.value_or(-1)}) number(v);
  }
  for (const float angle : state.doors) number(angle);
  for (const std::string& text : state.signs) add(text.data(), text.size());
  std::array<char, 20> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(hash));
  return text.data();
}

}  // namespace

Region Union(const Region& a, const Region& b) { return BoundingBox({a, b}); }

Region Clip(const Region& r) {
  const double x0 = std::clamp(r.x, 0.0, 1.0), x1 = std::clamp(r.x + r.w, 0.0, 1.0);
  const double y0 = std::clamp(r.y, 0.0, 1.0), y1 = std::clamp(r.y + r.h, 0.0, 1.0);
  return {.x = x0, .y = y0, .w = x1 - x0, .h = y1 - y0};
}

double Overlap(const Region& a, const Region& b) {
  const double w = std::min(a.x + a.w, b.x + b.w) - std::max(a.x, b.x);
  const double h = std::min(a.y + a.h, b.y + b.h) - std::max(a.y, b.y);
  return w > 0 && h > 0 ? w * h : 0;
}

std::optional<std::string> SeenColor(const Image& picture, const std::vector<int>& object,
                                     const std::vector<int>& wanted, double share) {
  Image rgba = MakeImage(picture.width, picture.height, 4);
  std::size_t all = 0;
  for (std::size_t i = 0; i < object.size(); ++i) {
    if (std::find(wanted.begin(), wanted.end(), object[i]) == wanted.end()) continue;
    ++all;
    for (std::size_t k = 0; k < 3; ++k) rgba.bytes[i * 4 + k] = picture.bytes[i * 3 + k];
    rgba.bytes[i * 4 + 3] = 255;
  }
  if (all < 20) return std::nullopt;
  return ClearColor(rgba, share);
}

int FindNeighbour(const Scenery& scenery, const Change& change, const Region& crop,
                  const Region& box, Truth& truth) {
  double best = 1e9;
  int found = -1;
  for (std::size_t i = 0; i < change.reference.stands.size(); ++i) {
    const Stand& stand = change.reference.stands[i];
    const int object = static_cast<int>(i) + 1;
    if (!stand.there || !(stand == change.current.stands[i])) continue;
    if (std::find(change.objects.begin(), change.objects.end(), object) != change.objects.end())
      continue;
    if (stand.model->noun == truth.subject.noun && scenery.family != Family::kSolids) continue;
    const auto seen = Appears(scenery.camera, *stand.model, PoseOf(scenery, stand));
    if (!seen || Overlap(*seen, crop) < 0.6 * seen->w * seen->h) continue;
    const double dx = (seen->x + seen->w / 2 - box.x - box.w / 2) * scenery.camera.aspect;
    const double dy = seen->y + seen->h - box.y - box.h;
    const double distance = std::hypot(dx, dy);
    const double size = std::max({box.w * scenery.camera.aspect, box.h, seen->h});
    if (distance > 1.6 * size || distance >= best) continue;
    best = distance;
    found = static_cast<int>(i);
    truth.neighbour = NamingOf(scenery, stand);
    if (scenery.family != Family::kSolids) truth.neighbour->detail.clear();
    truth.relation = std::abs(dx) > 1.5 * std::abs(dy)
                         ? (dx > 0 ? "to the left of" : "to the right of")
                     : std::abs(dx) > 0.7 * std::abs(dy) ? "beside"
                     : dy > 0                            ? "behind"
                                                         : "in front of";
  }
  return found;
}

std::string TruthJson(const Scenery& scenery, const Change& change, const Conditions& conditions) {
  const Truth& t = change.truth;
  nlohmann::ordered_json json{{"scene", Name(scenery.family)}};
  if (!t.subject.noun.empty()) json["subject"] = ToJson(t.subject);
  if (!t.other.noun.empty()) json["other"] = ToJson(t.other);
  if (!t.ground.empty()) json["ground"] = t.ground;
  if (t.neighbour) {
    json["neighbour"] = ToJson(*t.neighbour);
    json["relation"] = t.relation;
  }
  if (!t.direction.empty()) json["direction"] = t.direction;
  if (t.kind == ChangeKind::kResized) json["larger"] = t.larger;
  if (t.before > 0) json["count"] = {t.before, t.after};
  if (!t.text_before.empty()) json["text"] = {t.text_before, t.text_after};
  constexpr std::array<const char*, 5> kPoses{"", "opened", "closed", "fell", "set upright"};
  if (t.pose != Truth::Pose::kNone) json["pose"] = kPoses[static_cast<std::size_t>(t.pose)];
  nlohmann::ordered_json boxes = nlohmann::ordered_json::array();
  for (const Region& box : change.boxes) boxes.push_back(ToJson(Clip(box)));
  json["boxes"] = boxes;
  if (change.also) {
    json["also"] = {{"kind", Name(*change.also->kind)}, {"subject", ToJson(change.also->subject)}};
  }
  json["states"] = {Digest(change.reference), Digest(change.current)};
  json["viewpoint_deg"] = std::round(conditions.viewpoint_deg * 100) / 100;
  json["light"] = std::round(conditions.light * 100) / 100;
  return json.dump();
}

}  // namespace stillwatch::data
