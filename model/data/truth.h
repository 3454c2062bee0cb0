// Truth: what is known of a pair because it was composed, and the captions made of it.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/data/random.h"
#include "pipeline/core/event.h"

namespace stillwatch::data {

// Why two pictures of an unchanged scene differ.
enum class Cause {
  kNothing,     // Noise alone.
  kLight,       // Brighter, darker, another white balance.
  kShadow,      // A shadow came, went or moved.
  kLightPatch,  // Sun on the floor, a lamp.
  kReflection,  // On a glossy ground.
  kViewpoint,   // The camera shook.
  kLeaves,      // A plant moved in the wind.
  kPasserBy,    // A person in one of the pictures.
  kNight,       // Day and night, or colour and infrared.
  kFocus,       // Sharper or softer.
};

// One thing, as a caption may speak of it.
struct Naming {
  std::string noun{};
  std::optional<std::string> color{};  // As it can be seen in both pictures.
  std::string detail{};                // "a blue cap".
  std::string size{};                  // "large"; empty: not to be said.
  std::string material{};              // "metal"; empty: not to be said.
};

struct Truth {
  std::optional<ChangeKind> kind{};  // Nothing: unchanged.
  Cause cause = Cause::kNothing;     // Of unchanged pairs.
  Naming subject{};
  Naming other{};        // kReplaced: what is there now.  kRecolored: with its new colour.
  std::string ground{};  // What it stands on: "table"; empty: do not say.
  std::optional<Naming> neighbour{};  // Something near that is in view.
  std::string relation{};             // To the neighbour: "beside", "to the left of", ...
  std::string part{};                 // Of the whole picture: "left", "middle", "right"; or empty.
  std::string direction{};            // kMoved: "to the left", ...
  bool larger = false;                // kResized.
  bool vehicle = false;               // Parks and drives away.
  // Rows of equal things.
  int before = 0;  // How many stand there; 0: no row.
  int after = 0;
  std::vector<std::string> members{};  // Which came or went: "left", "middle", "right".
  std::string text_before{};           // kText.
  std::string text_after{};
  // kPosed.
  enum class Pose : std::uint8_t { kNone, kOpened, kClosed, kFell, kSetUpright };
  Pose pose = Pose::kNone;
  bool several = false;  // Something else changed as well.
  std::string scene{};   // "office": of the whole; empty: do not say.
};

// One to three different sentences, lower case, without a full stop.
std::vector<std::string> Captions(const Truth& truth, Random& random);

// The same in up to 60 words: where, what, what has changed and what has not.
std::vector<std::string> LongCaptions(const Truth& truth, Random& random);

// "bottles", "boxes", "pairs of shoes".
std::string Plural(const std::string& noun);

}  // namespace stillwatch::data
