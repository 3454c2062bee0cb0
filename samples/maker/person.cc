#include "samples/maker/person.h"

#include <array>
#include <cmath>

namespace stillwatch::sample {
namespace {

constexpr float kHip = 0.94F;  // Heights and lengths of a person of 1.78 m.
constexpr float kThigh = 0.47F;
constexpr float kShin = 0.45F;
constexpr float kUpperArm = 0.29F;
constexpr float kForearm = 0.27F;

// The middle joint of a two-bone limb from `root` to `tip`, bent towards `towards`; moves `tip`
// into reach.
Vec3 Joint(Vec3 root, Vec3& tip, float upper, float lower, Vec3 towards) {
  Vec3 line = tip - root;
  const float reach = std::min(Length(line), (upper + lower) * 0.998F);
  line = Normalized(line);
  tip = root + line * reach;
  const float along = (upper * upper - lower * lower + reach * reach) / (2 * reach);
  const float out = std::sqrt(std::max(upper * upper - along * along, 0.0F));
  const Vec3 side = Normalized(towards - line * Dot(towards, line));
  return root + line * along + side * out;
}

struct Frame {  // The body's axes.
  Vec3 right;
  Vec3 forward;
  Vec3 up;
};

void AddLeg(Model& m, const Frame& body, Vec3 hip, Vec3 ankle, Material trousers) {
  const Vec3 knee = Joint(hip, ankle, kThigh, kShin, body.forward + Vec3{0, 0, 0.2F});
  m.capsules.push_back({hip, 0.092F, knee, 0.062F, trousers});
  m.capsules.push_back({knee, 0.064F, ankle + Vec3{0, 0, 0.02F}, 0.048F, trousers});
  const Vec3 heel = ankle - Vec3{0, 0, 0.035F};
  m.capsules.push_back(
      {heel - body.forward * 0.03F, 0.043F, heel + body.forward * 0.15F, 0.036F, Material::kShoe});
}

void AddArm(Model& m, Vec3 shoulder, Vec3 hand, Vec3 elbow_towards, Material sleeve) {
  const Vec3 elbow = Joint(shoulder, hand, kUpperArm, kForearm, elbow_towards);
  m.capsules.push_back({shoulder, 0.062F, elbow, 0.047F, sleeve});
  m.capsules.push_back({elbow, 0.046F, Mix(elbow, hand, 0.9F), 0.034F, sleeve});
  m.capsules.push_back(
      {Mix(elbow, hand, 0.94F), 0.036F, hand + (hand - elbow) * 0.2F, 0.030F, Material::kSkin});
}

void AddTorso(Model& m, const Frame& body, Vec3 pelvis, Vec3 neck, const Outfit& outfit) {
  struct Slice {
    float share;  // 0 at the hips, 1 at the neck.
    float wide;
    float deep;
    bool band;  // Reflective on a vest, up to the next slice.
  };
  constexpr Slice kTrunk[] = {{-0.16F, 0.150F, 0.100F, false}, {-0.05F, 0.172F, 0.122F, false},
                              {0.06F, 0.166F, 0.122F, false},  {0.20F, 0.158F, 0.118F, true},
                              {0.28F, 0.157F, 0.118F, false},  {0.44F, 0.166F, 0.124F, true},
                              {0.52F, 0.173F, 0.127F, false},  {0.66F, 0.187F, 0.128F, false},
                              {0.78F, 0.190F, 0.118F, false},  {0.88F, 0.165F, 0.098F, false},
                              {0.95F, 0.115F, 0.080F, false},  {1.01F, 0.062F, 0.064F, false}};
  std::vector<Model::Ring> rings;
  for (const Slice& slice : kTrunk) {
    const bool band = slice.band && outfit.vest;
    rings.push_back({Mix(pelvis, neck, slice.share), body.right * slice.wide,
                     body.forward * slice.deep, band ? Material::kReflective : outfit.torso});
  }
  m.AddLoft(rings);
  m.capsules.push_back(
      {pelvis - body.right * 0.075F, 0.10F, pelvis + body.right * 0.075F, 0.10F, outfit.trousers});
}

void AddHead(Model& m, const Frame& body, Vec3 neck, Material top) {
  m.capsules.push_back(
      {neck - body.up * 0.04F, 0.058F, neck + body.up * 0.07F, 0.054F, Material::kSkin});
  const Vec3 head = neck + body.up * 0.17F + body.forward * 0.015F;
  m.capsules.push_back({head - body.up * 0.03F + body.forward * 0.01F, 0.082F,
                        head + body.up * 0.03F, 0.093F, Material::kSkin});
  m.capsules.push_back({head + body.up * 0.045F - body.forward * 0.025F, 0.101F,
                        head + body.up * 0.005F - body.forward * 0.035F, 0.092F, top});
  if (top == Material::kHelmet) {
    const Vec3 brim = head + body.up * 0.06F;
    m.capsules.push_back(
        {brim - body.forward * 0.03F, 0.112F, brim + body.up * 0.02F, 0.112F, top});
    for (float side : {-0.06F, 0.0F, 0.06F}) {
      m.capsules.push_back(
          {brim + body.right * side, 0.02F,
           brim + body.forward * (0.13F - std::abs(side) * 0.3F) + body.right * side, 0.016F, top});
    }
  }
}

}  // namespace

Model Person(const Pose& pose, const Outfit& outfit) {
  Model m;
  const Vec3 forward = Turned({0, 1, 0}, pose.yaw);
  const Vec3 right = Turned({1, 0, 0}, pose.yaw);
  const Vec3 up{0, 0, 1};
  // Walking, the hips sink when the feet are apart.
  const float apart = Length(pose.left_foot - pose.right_foot);
  const float sink = 0.05F * std::min(apart * apart, 1.0F);
  const Vec3 pelvis =
      pose.ground + up * (kHip - sink - 0.36F * pose.crouch) - forward * (0.20F * pose.crouch);
  const float lean = 0.04F + 0.95F * pose.crouch;
  const Vec3 spine = up * std::cos(lean) + forward * std::sin(lean);
  const Frame bent{right, Normalized(forward * std::cos(lean) - up * std::sin(lean)), spine};
  const Vec3 neck = pelvis + spine * 0.57F;

  AddTorso(m, bent, pelvis, neck, outfit);
  const float nod = lean * 0.6F;
  AddHead(m,
          {right, forward * std::cos(nod) - up * std::sin(nod),
           up * std::cos(nod) + forward * std::sin(nod)},
          neck, outfit.head);
  const Frame body{right, forward, up};
  const auto hand = [&](float side, float swing, const std::optional<Vec3>& held) {
    const Vec3 free = pelvis + right * (side * 0.27F) + up * (-0.04F + 0.05F * std::abs(swing)) +
                      forward * (0.06F + 0.24F * swing + 0.2F * pose.crouch);
    return held ? Mix(free, *held, pose.grip) : free;
  };
  for (float side : {-1.0F, 1.0F}) {
    const bool is_right = side > 0;
    AddLeg(m, body, pelvis + right * (side * 0.095F), is_right ? pose.right_foot : pose.left_foot,
           outfit.trousers);
    const Vec3 shoulder = pelvis + spine * 0.50F + right * (side * 0.185F);
    AddArm(m, shoulder, hand(side, side * pose.swing, is_right ? pose.right_hand : pose.left_hand),
           right * (side * 0.5F) - forward - up * 0.2F, outfit.sleeve);
  }
  return m;
}

}  // namespace stillwatch::sample
