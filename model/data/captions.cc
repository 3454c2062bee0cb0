#include <algorithm>
#include <array>
#include <string>

#include "model/data/truth.h"

namespace stillwatch::data {
namespace {

using Texts = std::vector<std::string>;

std::string Article(const std::string& words) {
  return (std::string("aeiou").find(words.front()) != std::string::npos ? "an " : "a ") + words;
}

std::string Word(int number) {
  constexpr std::array<const char*, 7> kWords{"no", "one", "two", "three", "four", "five", "six"};
  return number >= 0 && number < 7 ? kWords[static_cast<std::size_t>(number)]
                                   : std::to_string(number);
}

// "black bag", "water bottle with a blue cap".
std::string Describe(const Naming& naming, Random& random, bool with_detail = true,
                     bool with_all = false) {
  std::string words = naming.noun;
  if (!naming.material.empty() && (with_all || random.Chance(0.5)))
    words = naming.material + " " + words;
  if (naming.color) words = *naming.color + " " + words;
  if (!naming.size.empty() && (with_all || random.Chance(0.4))) words = naming.size + " " + words;
  if (with_detail && !naming.detail.empty() && random.Chance(0.35))
    words += " with " + naming.detail;
  return words;
}

bool PluralNoun(const std::string& noun) { return noun == "headphones"; }

std::string A(const Naming& naming, Random& random) {
  const std::string words = Describe(naming, random);
  return PluralNoun(naming.noun) ? words : Article(words);
}
std::string The(const Naming& naming, Random& random) { return "the " + Describe(naming, random); }

// Where the subject stands, with a blank in front; sometimes nothing.
std::string Place(const Truth& truth, Random& random) {
  if (truth.neighbour && random.Chance(0.6)) {
    return " " + truth.relation + " the " + Describe(*truth.neighbour, random, false);
  }
  if (!truth.part.empty() && random.Chance(0.7)) {
    return truth.part == "middle" ? " in the middle" : " on the " + truth.part;
  }
  if (!truth.ground.empty() && random.Chance(0.6)) {
    return (truth.ground == "car park" ? " in the " : " on the ") + truth.ground;
  }
  return "";
}

std::string Have(const Naming& naming) { return PluralNoun(naming.noun) ? " have" : " has"; }
std::string Is(const Naming& naming) { return PluralNoun(naming.noun) ? " are" : " is"; }

std::string Added(const Truth& t, Random& random) {
  const std::string place = Place(t, random);
  const std::string thing = A(t.subject, random);
  Texts texts{thing + Have(t.subject) + " been left" + place,
              thing + Have(t.subject) + " been put" + (place.empty() ? " there" : place),
              thing + Have(t.subject) + " appeared" + place,
              "there" + Is(t.subject) + " now " + thing + place,
              thing + Have(t.subject) + " been placed" + (place.empty() ? " there" : place)};
  if (t.vehicle) {
    texts = {thing + " has parked" + place, thing + " has arrived" + place,
             "there is now " + thing + place,
             thing + " is now standing" + (place.empty() ? " there" : place),
             thing + " has appeared" + place};
  }
  return random.Pick(texts);
}

std::string Removed(const Truth& t, Random& random) {
  const std::string place = Place(t, random);
  const std::string thing = The(t.subject, random);
  Texts texts{thing + place + Have(t.subject) + " been taken away",
              thing + place + Have(t.subject) + " been removed",
              thing + place + Is(t.subject) + " gone",
              thing + place + Have(t.subject) + " disappeared",
              thing + place + Is(t.subject) + " no longer there"};
  if (t.vehicle) {
    texts = {thing + place + " has left", thing + place + " has driven away",
             thing + place + " is gone", thing + " has disappeared",
             thing + place + " is no longer there"};
    if (t.ground == "car park") texts.push_back(thing + " is gone from the car park");
  }
  return random.Pick(texts);
}

std::string Moved(const Truth& t, Random& random) {
  const std::string thing = The(t.subject, random);
  const std::string to = t.direction;
  Texts texts{thing + Have(t.subject) + " been moved " + to,
              thing + Have(t.subject) + " moved " + to,
              thing + Is(t.subject) + " now further " + to};
  if (!to.starts_with("to the")) texts.back() = thing + " now stands " + to;
  if (to.starts_with("to the")) texts.push_back(thing + " now stands further " + to);
  if (t.vehicle) texts = {thing + " has moved " + to, thing + " has been moved " + to};
  return random.Pick(texts);
}

std::string Replaced(const Truth& t, Random& random) {
  const std::string old = The(t.subject, random);
  const std::string now = A(t.other, random);
  const std::string place = Place(t, random);
  return random.Pick(Texts{old + place + Have(t.subject) + " been replaced by " + now,
                           now + " now stands where " + old + " was",
                           "there is now " + now + place + " instead of " + old,
                           now + Have(t.other) + " taken the place of " + old});
}

// "red ", or nothing.
std::string Painted(const Naming& naming) { return naming.color ? *naming.color + " " : ""; }

std::string Recolored(const Truth& t, Random& random) {
  const std::string size =
      !t.subject.size.empty() && random.Chance(0.4) ? t.subject.size + " " : "";
  const std::string material =
      !t.subject.material.empty() && random.Chance(0.4) ? t.subject.material + " " : "";
  if (t.subject.material != t.other.material) {
    const std::string thing = size + Painted(t.subject) + t.subject.noun;
    const std::string& was = t.subject.material;
    const std::string& is = t.other.material;
    return random.Pick(Texts{
        "the " + thing + " has changed to " + is, "the " + thing + " is now made of " + is,
        "the " + thing + " has changed from " + was + " to " + is,
        "the " + size + Painted(t.subject) + was + " " + t.subject.noun + " has changed to " + is});
  }
  const std::string before = t.subject.color.value_or("");
  const std::string from = size + before;
  const std::string to = t.other.color.value_or("");
  const std::string noun = material + t.subject.noun;
  const std::string place = random.Chance(0.3) ? Place(t, random) : "";
  return random.Pick(
      Texts{"the " + from + " " + noun + place + " has turned " + to,
            "the " + from + " " + noun + place + " is now " + to,
            "the " + noun + place + " has changed from " + before + " to " + to,
            "the colour of the " + noun + " has changed from " + before + " to " + to,
            "the " + noun + place + " has turned from " + before + " to " + to});
}

std::string Resized(const Truth& t, Random& random) {
  const std::string thing = The(t.subject, random);
  const std::string size = t.larger ? random.Pick(Texts{"larger", "bigger"}) : "smaller";
  return random.Pick(Texts{thing + Is(t.subject) + " " + size + " than before",
                           thing + Have(t.subject) + " become " + size,
                           thing + Place(t, random) + Is(t.subject) + " now " + size});
}

std::string Turned(const Truth& t, Random& random) {
  const std::string thing = The(t.subject, random) + (random.Chance(0.4) ? Place(t, random) : "");
  return random.Pick(Texts{
      thing + Have(t.subject) + " been turned", thing + Have(t.subject) + " been turned around",
      thing + " now faces another way", thing + Have(t.subject) + " been turned to another side"});
}

std::string Posed(const Truth& t, Random& random) {
  const std::string thing = The(t.subject, random) + (random.Chance(0.4) ? Place(t, random) : "");
  const std::string is = Is(t.subject);
  const std::string has = Have(t.subject);
  switch (t.pose) {
    case Truth::Pose::kOpened:
      return random.Pick(Texts{thing + has + " been opened", thing + is + " now open",
                               thing + is + " open now, it was closed"});
    case Truth::Pose::kClosed:
      return random.Pick(Texts{thing + has + " been closed", thing + is + " now closed",
                               thing + is + " closed now, it was open"});
    case Truth::Pose::kSetUpright:
      return random.Pick(Texts{thing + has + " been set upright", thing + " stands upright again",
                               thing + " that lay on its side" + is + " upright now"});
    case Truth::Pose::kFell:
    case Truth::Pose::kNone:
      break;
  }
  return random.Pick(Texts{thing + has + " fallen over", thing + " now lies on its side",
                           thing + has + " been knocked over", thing + has + " tipped over"});
}

std::string List(const Texts& members) {
  std::string list;
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (i > 0) list += i + 1 == members.size() ? " and the " : ", the ";
    list += members[i];
  }
  return list;
}

// Things of a row came or went, told by their places.
std::string RowChange(const Truth& t, Random& random) {
  const bool gone = t.after < t.before;
  const int changed = std::abs(t.after - t.before);
  Naming one = t.subject;
  const std::string noun = one.color ? *one.color + " " + one.noun : one.noun;
  const std::string many = Plural(noun);
  const std::string which = List(t.members);
  const std::string has = changed == 1 ? " has" : " have";
  if (gone) {
    Texts texts{"the " + which + " " + (changed == 1 ? noun : many) + has + " been taken away",
                "the " + which + " " + (changed == 1 ? noun : many) +
                    (changed == 1 ? " is" : " are") + " gone"};
    if (t.before > 1) {
      texts.push_back("the " + which + (changed == 1 ? " one" : " ones") + " of the " +
                      Word(t.before) + " " + many + has + " been taken away");
      texts.push_back("the " + which + (changed == 1 ? " one" : " ones") + " of the " +
                      Word(t.before) + " " + many + (changed == 1 ? " is" : " are") + " gone");
      texts.push_back(Word(changed) + " of the " + Word(t.before) + " " + many + has +
                      " been removed");
    }
    if (t.after == 1) {
      texts.push_back("the " + which + " " + (changed == 1 ? noun : many) + has +
                      " been removed, only one is left");
    }
    return random.Pick(texts);
  }
  const std::string where = changed == 1 && t.members.front() == "middle" ? "in the middle"
                            : changed == 1 ? "on the " + t.members.front()
                                           : "";
  const std::string subject = changed == 1 ? Article(noun) : Word(changed) + " " + many;
  Texts texts{subject + has + " been put back" + (where.empty() ? "" : " " + where),
              subject + has + " been added" + (where.empty() ? "" : " " + where),
              subject + has + " been put " + (where.empty() ? "there" : where) + ", there are " +
                  Word(t.after) + " " + many + " now",
              (changed == 1 ? "another " + noun : Word(changed) + " more " + many) + has +
                  " been put" + (where.empty() ? " there" : " " + where)};
  return random.Pick(texts);
}

std::string Counted(const Truth& t, Random& random) {
  const bool gone = t.after < t.before;
  const int changed = std::abs(t.after - t.before);
  const std::string many =
      Plural(t.subject.color ? *t.subject.color + " " + t.subject.noun : t.subject.noun);
  const std::string one =
      t.subject.color ? *t.subject.color + " " + t.subject.noun : t.subject.noun;
  const auto amount = [&](int n) { return Word(n) + " " + (n == 1 ? one : many); };
  return random.Pick(Texts{
      "there " + std::string(t.after == 1 ? "is" : "are") + " now " + amount(t.after) +
          " instead of " + Word(t.before),
      "the number of " + many + " has gone from " + Word(t.before) + " to " + Word(t.after),
      gone ? Word(changed) + " of the " + amount(t.before) + (changed == 1 ? " has" : " have") +
                 " been taken away"
           : Word(changed) + " more " + (changed == 1 ? one + " has" : many + " have") +
                 " been added",
      gone ? "only " + amount(t.after) + " of " + Word(t.before) + " " +
                 (t.after == 1 ? "is" : "are") + " left"
           : "there are now " + amount(t.after) + ", " + Word(changed) + " more than before"});
}

std::string TextChanged(const Truth& t, Random& random) {
  const std::string sign = The(t.subject, random);
  return random.Pick(
      Texts{"the text on " + sign + " has changed", sign + " now shows another text",
            sign + " now says " + t.text_after + " instead of " + t.text_before,
            "the text on " + sign + " has changed from " + t.text_before + " to " + t.text_after});
}

std::string Unchanged(const Truth& t, Random& random) {
  static const Texts kPlain{"nothing has changed",
                            "the scene is the same",
                            "nothing has changed in the scene",
                            "the scene has not changed",
                            "no change",
                            "everything is as before",
                            "there is no change in the scene"};
  if (t.cause == Cause::kNothing || random.Chance(0.4)) {
    // One sentence about what is still there.
    if (!t.subject.noun.empty() && random.Chance(0.3)) {
      return random.Pick(Texts{"nothing has changed, " + The(t.subject, random) + " is still there",
                               The(t.subject, random) + " is still in its place"});
    }
    return random.Pick(kPlain);
  }
  static const Texts kStart{"nothing has changed, only ", "the scene is the same, only ",
                            "no change apart from "};
  const std::string& start = random.Pick(kStart);
  const bool apart = start.ends_with("from ");
  const auto ending = [&](const char* noun, const char* sentence) {
    return start + (apart ? noun : sentence);
  };
  switch (t.cause) {
    case Cause::kLight:
      return ending("the light",
                    random.Chance(0.5) ? "the light is different" : "the light has changed");
    case Cause::kShadow:
      return ending("a shadow",
                    random.Chance(0.5) ? "a shadow has moved" : "a shadow is different");
    case Cause::kLightPatch:
      return ending("the light", "the light falls differently");
    case Cause::kReflection:
      return ending("a reflection", "a reflection is different");
    case Cause::kViewpoint:
      return ending("a small shift of the camera", "the camera has moved a little");
    case Cause::kLeaves:
      return ending("moving leaves", "the leaves have moved");
    case Cause::kPasserBy:
      return ending("a person passing by", "a person is passing by");
    case Cause::kNight:
      return ending("day and night", "the time of day is different");
    case Cause::kFocus:
      return ending("the focus", "the picture is less sharp");
    case Cause::kNothing:
      break;
  }
  return random.Pick(kPlain);
}

std::string Sentence(const Truth& truth, Random& random) {
  if (!truth.kind) return Unchanged(truth, random);
  switch (*truth.kind) {
    case ChangeKind::kAdded:
      return truth.before > 0 ? RowChange(truth, random) : Added(truth, random);
    case ChangeKind::kRemoved:
      return truth.before > 0 ? RowChange(truth, random) : Removed(truth, random);
    case ChangeKind::kMoved:
      return Moved(truth, random);
    case ChangeKind::kReplaced:
      return Replaced(truth, random);
    case ChangeKind::kRecolored:
      return Recolored(truth, random);
    case ChangeKind::kResized:
      return Resized(truth, random);
    case ChangeKind::kTurned:
      return Turned(truth, random);
    case ChangeKind::kPosed:
      return Posed(truth, random);
    case ChangeKind::kCount:
      return Counted(truth, random);
    case ChangeKind::kText:
      return TextChanged(truth, random);
    default:
      return "something has changed";
  }
}

// "the tall red bin with a lid beside the desk on the left of the office".
std::string Referring(const Truth& t, Random& random) {
  std::string words = "the " + Describe(t.subject, random, true, true);
  if (t.neighbour) {
    words += " that " + std::string(random.Chance(0.5) ? "stands " : "is ") + t.relation + " the " +
             Describe(*t.neighbour, random, false, true);
  }
  if (!t.ground.empty()) words += " on the " + t.ground;
  if (!t.part.empty()) {
    words += t.part == "middle" ? " in the middle of the picture"
                                : " on the " + t.part + " of the picture";
  }
  return words;
}

std::string LongSentence(const Truth& t, Random& random) {
  const std::string where = t.scene.empty() ? "" : "in the " + t.scene + ", ";
  static const Texts kRest{", everything else is as before", ", nothing else has changed",
                           ", the rest of the scene is the same", ""};
  const std::string rest = t.several ? "" : random.Pick(kRest);
  if (!t.kind) {
    const std::string still = t.subject.noun.empty() ? "all things" : Referring(t, random);
    return Unchanged(t, random) + ": " + where + still +
           (t.subject.noun.empty() ? " are where they were before" : " is still in its place");
  }
  Truth bare = t;  // The change alone: what it happened to has been described.
  bare.neighbour.reset();
  bare.ground.clear();
  bare.part.clear();
  const std::string change = Sentence(bare, random);
  if (*t.kind == ChangeKind::kAdded) {
    const std::string what = Referring(t, random);
    return where + change + ": " + what + " was not there before" + rest;
  }
  if (*t.kind == ChangeKind::kText || *t.kind == ChangeKind::kCount) return where + change + rest;
  return "look at " + Referring(t, random) + ": " + where + change + rest;
}

}  // namespace

std::vector<std::string> LongCaptions(const Truth& truth, Random& random) {
  std::vector<std::string> captions{LongSentence(truth, random)};
  std::string other = LongSentence(truth, random);
  if (other != captions.front()) captions.push_back(std::move(other));
  return captions;
}

std::string Plural(const std::string& noun) {
  const auto of = noun.find(" of ");
  if (of != std::string::npos) return Plural(noun.substr(0, of)) + noun.substr(of);
  if (noun.ends_with("x") || noun.ends_with("ch") || noun.ends_with("sh") || noun.ends_with("s")) {
    return noun + "es";
  }
  if (noun.ends_with("y") && !noun.ends_with("ey") && !noun.ends_with("oy")) {
    return noun.substr(0, noun.size() - 1) + "ies";
  }
  if (noun.ends_with("loaf")) return noun.substr(0, noun.size() - 1) + "ves";
  if (noun.ends_with("person")) return "people";
  return noun + "s";
}

std::vector<std::string> Captions(const Truth& truth, Random& random) {
  std::vector<std::string> captions;
  for (int attempt = 0; attempt < 6 && captions.size() < 3; ++attempt) {
    std::string caption = Sentence(truth, random);
    if (std::find(captions.begin(), captions.end(), caption) == captions.end()) {
      captions.push_back(std::move(caption));
    }
  }
  return captions;
}

}  // namespace stillwatch::data
