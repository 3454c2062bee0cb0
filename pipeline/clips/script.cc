#include "pipeline/clips/script.h"

#include <algorithm>
#include <cmath>
#include <set>

#include <nlohmann/json.hpp>

#include "pipeline/core/time.h"

namespace stillwatch::clips {
namespace {

using json = nlohmann::ordered_json;

// What each act takes besides `at` and `for`.
struct Grammar {
  const char* what;
  std::set<std::string> numbers;
  std::set<std::string> words;
};

const std::vector<Grammar>& Grammars() {
  static const std::vector<Grammar> kGrammars = {
      {"stand", {"id", "x", "y", "scale", "mirrored"}, {"object"}},
      {"leave", {"id", "x", "y", "scale", "mirrored", "view"}, {"object", "by", "from"}},
      {"take", {"id"}, {"by", "from"}},
      {"move", {"id", "x", "y"}, {"by", "from"}},
      {"pass", {"y", "pause", "pause_x"}, {"by", "from"}},
      {"crowd", {"x", "y", "people", "spread", "calm"}, {}},
      {"cloud", {"strength", "period"}, {}},
      {"sun", {"strength", "x", "y", "w", "h", "speed"}, {}},
      {"shadow", {"strength", "x", "y", "w", "h", "speed", "leafy"}, {}},
      {"lamp", {"strength", "x", "y", "reach", "warm", "over"}, {}},
      {"daylight", {"to"}, {}},
      {"day", {"hours", "from"}, {}},
      {"infrared", {}, {}},
      {"headlights", {"strength", "y"}, {"from"}},
      {"flicker", {"strength", "hertz"}, {}},
      {"rain", {"strength"}, {}},
      {"snow", {"strength"}, {}},
      {"insects", {"count"}, {}},
      {"leaves", {"strength", "x", "y", "w", "h"}, {}},
      {"screen", {"x", "y", "w", "h"}, {}},
      {"shake", {"strength", "hertz"}, {}},
      {"drift", {"x", "y"}, {}},
      {"bump", {"degrees", "toward", "roll"}, {}},
      {"zoom", {"factor", "over"}, {}},
      {"defocus", {"strength", "over"}, {}},
      {"cover", {"share", "bright"}, {"from"}},
      {"spray", {"share"}, {}},
      {"dark", {"over"}, {}},
      {"bright", {"over"}, {}},
      {"glare", {"strength", "x", "y"}, {}},
      {"freeze", {}, {}},
      {"grey", {"frames"}, {}},
      {"torn", {"frames"}, {}},
      {"clock", {"x", "y"}, {}},
  };
  return kGrammars;
}

const Grammar* GrammarOf(const std::string& what) {
  for (const Grammar& grammar : Grammars()) {
    if (what == grammar.what) return &grammar;
  }
  return nullptr;
}

// Reads the keys of one object, each once, and complains of what is left.
class Keys {
 public:
  Keys(const json& from, std::string where) : from_(from), where_(std::move(where)) {
    if (!from_.is_object()) Complain("", "must be an object");
  }

  const std::string& error() const { return error_; }
  void Complain(const std::string& key, const std::string& wanted) {
    if (error_.empty()) error_ = where_ + key + ": " + wanted;
  }

  double Number(const char* key, double otherwise, double low, double high) {
    const json* value = Take(key);
    if (value == nullptr) return otherwise;
    if (!value->is_number()) {
      Complain(key, "a number is wanted");
      return otherwise;
    }
    const double number = value->get<double>();
    if (!(number >= low && number <= high)) {
      Complain(key, "must be within " + json(low).dump() + ".." + json(high).dump());
    }
    return number;
  }

  std::string Word(const char* key, const std::string& otherwise) {
    const json* value = Take(key);
    if (value == nullptr) return otherwise;
    if (value->is_string()) return value->get<std::string>();
    Complain(key, "a text is wanted");
    return otherwise;
  }

  bool Flag(const char* key) {
    const json* value = Take(key);
    if (value == nullptr) return false;
    if (value->is_boolean()) return value->get<bool>();
    Complain(key, "true or false is wanted");
    return false;
  }

  // Seconds: a number, or "2h".
  std::optional<double> Seconds(const char* key) {
    const json* value = Take(key);
    if (value == nullptr) return std::nullopt;
    if (value->is_number() && value->get<double>() >= 0) return value->get<double>();
    if (value->is_string()) {
      if (const auto parsed = ParseDuration(value->get<std::string>())) {
        return std::chrono::duration<double>(*parsed).count();
      }
    }
    Complain(key, "seconds, or a duration like 500ms or 2h, are wanted");
    return std::nullopt;
  }

  const json* Take(const char* key) {
    if (!from_.is_object() || !from_.contains(key)) return nullptr;
    taken_.insert(key);
    return &from_.at(key);
  }

  void Finish() {
    if (!from_.is_object()) return;
    for (const auto& [key, value] : from_.items()) {
      if (!taken_.contains(key)) Complain(key, "is not known here");
    }
  }

 private:
  const json& from_;
  const std::string where_;
  std::string error_;
  std::set<std::string> taken_;
};

Act ReadAct(const json& from, const std::string& where, std::string* error) {
  Act act;
  Keys keys(from, where);
  act.what = keys.Word("do", "");
  const Grammar* grammar = GrammarOf(act.what);
  if (grammar == nullptr) {
    keys.Complain("do", "'" + act.what + "' is not known; README.md of pipeline/clips lists all");
  } else {
    act.at = keys.Seconds("at").value_or(0);
    act.length = keys.Seconds("for").value_or(Act::kEndless);
    for (const std::string& key : grammar->numbers) {
      if (from.contains(key)) act.numbers[key] = keys.Number(key.c_str(), 0, -1e6, 1e6);
    }
    for (const std::string& key : grammar->words) {
      if (from.contains(key)) act.words[key] = keys.Word(key.c_str(), "");
    }
    keys.Finish();
  }
  if (error->empty()) *error = keys.error();
  return act;
}

// A take or a move is about a thing that stands there by then.
std::string CheckIds(const std::vector<Act>& acts) {
  std::map<int, double> since;
  for (const Act& act : acts) {
    const int id = static_cast<int>(act.Number("id", -1));
    const bool comes = act.what == "stand" || act.what == "leave";
    if (!comes && act.what != "take" && act.what != "move") continue;
    const std::string name = "id " + std::to_string(id);
    if (id < 0) return act.what + ": needs an id";
    if (comes && !since.emplace(id, act.at).second) return name + ": stands there already";
    if (!comes && (!since.contains(id) || since[id] > act.at)) {
      return name + ": is to " + act.what + " before it was left; acts stand in the order of time";
    }
    if (comes && act.Word("object").empty()) return name + ": needs an object";
  }
  return "";
}

Result<Script> Read(const json& root, const std::string& name) {
  Script script;
  Keys keys(root, "");
  script.name = keys.Word("name", "clip");
  script.suite = keys.Word("suite", "");
  script.seed = static_cast<std::uint64_t>(keys.Number("seed", 1, 0, 1e15));
  script.width = static_cast<int>(keys.Number("width", 640, 64, 4096));
  script.height = static_cast<int>(keys.Number("height", 360, 64, 4096));
  script.pictures = keys.Flag("pictures");
  script.fps = keys.Number("fps", 5, 1e-6, 60);
  if (const auto every = keys.Seconds("every")) {
    if (*every > 0) script.fps = 1 / *every;
  }
  script.seconds = keys.Seconds("seconds").value_or(120);
  script.background = keys.Word("background", "made:1");
  script.margin = keys.Number("margin", script.margin, 0, 0.5);
  script.horizon = keys.Number("horizon", script.horizon, -2, 0.9);
  script.person = keys.Number("person", script.person, 0.05, 4);
  script.noise = keys.Number("noise", script.noise, 0, 60);
  script.exposure = keys.Number("exposure", script.exposure, 0, 1);
  script.quality = keys.Word("quality", script.quality);
  if (script.quality != "good" && script.quality != "usual" && script.quality != "poor") {
    keys.Complain("quality", "good, usual or poor is wanted");
  }
  const auto milliseconds = [](std::optional<double> seconds) {
    std::optional<std::chrono::milliseconds> out;
    if (seconds) out = std::chrono::milliseconds(std::llround(1000 * *seconds));
    return out;
  };
  script.interval = milliseconds(keys.Seconds("interval"));
  script.settle = milliseconds(keys.Seconds("settle"));
  if (script.width % 2 != 0 || script.height % 2 != 0) {
    keys.Complain("width", "width and height must be even, or they cannot be compressed");
  }
  // A hundred thousand frames are five and a half hours at 5 a second.
  if (!(script.seconds * script.fps >= 2 && script.seconds * script.fps <= 1e5)) {
    keys.Complain("seconds", "times fps must be 2 to 100000 frames");
  }
  std::string error;
  if (const json* acts = keys.Take("acts")) {
    for (std::size_t i = 0; i < acts->size(); ++i) {
      script.acts.push_back(ReadAct((*acts)[i], "acts[" + std::to_string(i) + "].", &error));
    }
  }
  keys.Finish();
  if (!keys.error().empty()) error = keys.error();
  if (error.empty()) error = CheckIds(script.acts);
  if (!error.empty()) return InvalidArgument(name + ": " + error);
  return script;
}

}  // namespace

double Act::Number(const std::string& key, double otherwise) const {
  const auto at_key = numbers.find(key);
  return at_key == numbers.end() ? otherwise : at_key->second;
}

std::string Act::Word(const std::string& key, const std::string& otherwise) const {
  const auto at_key = words.find(key);
  return at_key == words.end() ? otherwise : at_key->second;
}

double Act::Presence(double t, double seconds) const {
  const auto smooth = [](double x) {
    x = std::clamp(x, 0.0, 1.0);
    return x * x * (3 - 2 * x);
  };
  if (t < at) return 0;
  const double over = std::max(seconds, 1e-9);
  return smooth((t - at) / over) * (1 - smooth((t - at - length) / over));
}

std::int64_t Script::frames() const { return std::llround(seconds * fps); }

Result<Script> ParseScript(std::string_view text, std::string_view name) {
  try {
    return Read(json::parse(text), std::string(name));
  } catch (const json::exception& error) {
    return InvalidArgument(std::string(name) + ": not a script: " + error.what());
  }
}

std::string ScriptJson(const Script& script) {
  json root{
      {"name", script.name},       {"suite", script.suite},       {"seed", script.seed},
      {"width", script.width},     {"height", script.height},     {"fps", script.fps},
      {"seconds", script.seconds}, {"pictures", script.pictures}, {"background", script.background},
      {"margin", script.margin},   {"horizon", script.horizon},   {"person", script.person},
      {"noise", script.noise},     {"exposure", script.exposure}, {"quality", script.quality}};
  if (script.interval) root["interval"] = FormatDuration(*script.interval);
  if (script.settle) root["settle"] = FormatDuration(*script.settle);
  json acts = json::array();
  for (const Act& act : script.acts) {
    json each{{"at", act.at}};
    if (act.length < Act::kEndless) each["for"] = act.length;
    each["do"] = act.what;
    for (const auto& [key, value] : act.words) each[key] = value;
    for (const auto& [key, value] : act.numbers) each[key] = value;
    acts.push_back(std::move(each));
  }
  root["acts"] = acts;
  return root.dump(1);
}

}  // namespace stillwatch::clips
