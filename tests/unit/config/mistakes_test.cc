// Each wrong file, with every message in full.

#include <ostream>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "config/document.h"
#include "config/load.h"
#include "tests/unit/config/temp_file.h"

namespace stillwatch::config {
namespace {

struct Case {
  std::string_view name;
  std::string_view text;
  std::string_view messages;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }

class MistakesTest : public testing::TestWithParam<Case> {};

TEST_P(MistakesTest, AreAllReportedWithTheirPlace) {
  EXPECT_EQ(MistakesOf(GetParam().text), GetParam().messages);
}

constexpr Case kKeys[] = {
    {"UnknownKeyNearAKnownOne", "cameras:\n  door: {source: a.mp4, zonse: {}}\n",
     "t.yaml:2:25: cameras.door: unknown key 'zonse'; did you mean 'zones'?\n"},
    {"UnknownKeyInOtherCase", "cameras:\n  door: {Source: a.mp4}\n",
     "t.yaml:2:3: cameras.door.source: missing; must be a video file or an address such as "
     "rtsp://{USER}:{PASSWORD}@host/stream\n"
     "t.yaml:2:10: cameras.door: unknown key 'Source'; did you mean 'source'?\n"},
    {"KeysOfLaterVersions",
     "api: {listen: 127.0.0.1:8770}\n"
     "store: {path: x, retention: {events: 3d}}\n"
     "model: {name: nano, device: auto}\n"
     "cameras:\n"
     "  door:\n"
     "    source: a.mp4\n"
     "    tamper: {enabled: true}\n",
     "t.yaml:1:1: unknown key 'api'; the keys here are store, model, selection and cameras\n"
     "t.yaml:2:18: store: unknown key 'retention'; the keys here are path\n"
     "t.yaml:3:21: model: unknown key 'device'; the keys here are name, checkpoint and "
     "max_tokens\n"
     "t.yaml:7:5: cameras.door: unknown key 'tamper'; the keys here are source, selection, zones, "
     "ignore_masks and privacy_masks\n"},
    {"RepeatedKeys",
     "cameras:\n  door: {source: a.mp4}\n  door: {source: b.mp4, source: c.mp4}\n"
     "cameras: {x: {source: a}}\n",
     "t.yaml:3:3: cameras.door: given twice, first in line 2; keep one of them\n"
     "t.yaml:3:25: cameras.door.source: given twice, first in line 3; keep one of them\n"
     "t.yaml:4:1: cameras: given twice, first in line 1; keep one of them\n"},
    {"MissingSections", "store:\n",
     "t.yaml:1:1: cameras: missing; must be a map of names, each with its keys\n"
     "t.yaml:1:1: store: must be a map of keys and values, found nothing\n"},
    {"NoCamera", "cameras: {}\n", "t.yaml:1:10: cameras: holds no entry; at least one is needed\n"},
    {"CamerasAsList", "cameras: [a]\n",
     "t.yaml:1:10: cameras: must be a map of names, each with its keys, found a list\n"},
    {"EmptyCamera", "cameras:\n  door:\n  gate: {source: x}\n",
     "t.yaml:2:3: cameras.door: must be a map of keys and values, found nothing\n"},
    {"BadNames",
     "cameras:\n  Front Door: {source: a.mp4}\n"
     "  a:\n    source: x\n    zones: {ümlaut: {coordinates: [0,0, 1,0, 0,1]}}\n",
     "t.yaml:2:3: cameras: 'Front Door' cannot be a name; use a-z, 0-9 and _, 1 to 64 of them\n"
     "t.yaml:5:13: cameras.a.zones: 'ümlaut' cannot be a name; use a-z, 0-9 and _, 1 to 64 of "
     "them\n"},
    {"BothModels", "model: {name: nano, checkpoint: x}\ncameras: {a: {source: x}}\n",
     "t.yaml:1:1: model: must hold either name or checkpoint, found both\n"},
    {"NeitherModel", "model: {max_tokens: 3}\ncameras: {a: {source: x}}\n",
     "t.yaml:1:1: model: must hold either name or checkpoint, found neither\n"},
};

constexpr Case kValues[] = {
    {"SettleBelowInterval",
     "cameras:\n  door:\n    source: a.mp4\n    selection:\n      settle: 1s\n",
     "t.yaml:5:15: cameras.door.selection.settle: must be at least selection.interval (2s), found "
     "1s\n"},
    {"IntervalAboveSettle", "selection: {interval: 30s}\ncameras: {a: {source: x}}\n",
     "t.yaml:1:23: selection.interval: must be at most selection.settle (8s), found 30s\n"},
    {"UnitsAndForms",
     "selection:\n  interval: 2\n  settle: 2 s\n  min_area: 5%\n  sensitivity: 50.5\n"
     "cameras: {a: {source: x}}\n",
     "t.yaml:2:13: selection.interval: must be a duration from 100ms to 1h, such as 2s, found '2' "
     "without a unit\n"
     "t.yaml:3:11: selection.settle: must be a duration from 100ms to 1d, such as 8s, found '2 s'\n"
     "t.yaml:4:13: selection.min_area: must be a number from 0.00001 to 0.4, found '5%'\n"
     "t.yaml:5:16: selection.sensitivity: must be a whole number from 1 to 100, found '50.5'\n"},
    {"Ranges",
     "selection:\n  interval: 99ms\n  settle: 25h\n  min_area: 0.41\n  sensitivity: 101\n"
     "cameras: {a: {source: x}}\n",
     "t.yaml:2:13: selection.interval: must be a duration from 100ms to 1h, such as 2s, found "
     "'99ms'\n"
     "t.yaml:3:11: selection.settle: must be a duration from 100ms to 1d, such as 8s, found '25h'\n"
     "t.yaml:4:13: selection.min_area: must be a number from 0.00001 to 0.4, found '0.41'\n"
     "t.yaml:5:16: selection.sensitivity: must be a whole number from 1 to 100, found '101'\n"},
    {"KindsOfValues",
     "selection:\n  interval: [1]\n  settle:\n  min_area: nan\n  sensitivity: \"50\"\n"
     "cameras: {a: {source: x}}\n",
     "t.yaml:2:13: selection.interval: must be a duration from 100ms to 1h, such as 2s, found a "
     "list\n"
     "t.yaml:3:3: selection.settle: must be a duration from 100ms to 1d, such as 8s, found "
     "nothing\n"
     "t.yaml:4:13: selection.min_area: must be a number from 0.00001 to 0.4, found 'nan'\n"
     "t.yaml:5:16: selection.sensitivity: must be a whole number from 1 to 100, found the quoted "
     "text '50'\n"},
    {"Choices",
     "model: {name: nanno, max_tokens: 513}\n"
     "cameras: {a: {source: x, zones: {z: {severity: hihg, coordinates: [0,0, 1,0, 0,1]}}}}\n",
     "t.yaml:1:15: model.name: must be nano, found 'nanno'; did you mean 'nano'?\n"
     "t.yaml:1:34: model.max_tokens: must be a whole number from 1 to 512, found '513'\n"
     "t.yaml:2:48: cameras.a.zones.z.severity: must be low, medium or high, found 'hihg'; did you "
     "mean 'high'?\n"},
    {"Texts",
     "store: {path: ~/events}\n"
     "cameras:\n"
     "  a:\n"
     "    source: ''\n"
     "    zones: {z: {friendly_name: \"a\\0b\", coordinates: [0,0, 1,0, 0,1]}}\n",
     "t.yaml:1:15: store.path: '~' is not replaced here; write the path out\n"
     "t.yaml:4:13: cameras.a.source: must be a video file or an address such as "
     "rtsp://{USER}:{PASSWORD}@host/stream, found empty text\n"
     "t.yaml:5:32: cameras.a.zones.z.friendly_name: must be text, found a control character in "
     "it\n"},
    {"Outlines",
     "cameras:\n"
     "  a:\n"
     "    source: x\n"
     "    zones:\n"
     "      pixels: {coordinates: [0,0, 300,200, 300,400]}\n"
     "      negative: {coordinates: [0,-0.1, 1,1, 0,1]}\n"
     "      two_points: {coordinates: [0,0, 1,1]}\n"
     "      odd: {coordinates: [0,0, 1,1, 0]}\n"
     "      flat: {coordinates: [0,0, 0.5,0.5, 1,1]}\n"
     "    ignore_masks:\n"
     "      text: {coordinates: \"0,0,1,1\"}\n"
     "      quoted: {coordinates: [0,0, '1',1, 0,1]}\n"
     "    privacy_masks:\n"
     "      pairs: {coordinates: [[0,0], [1,1], [0,1]]}\n"
     "      none: {}\n",
     "t.yaml:5:35: cameras.a.zones.pixels.coordinates: each number must be a fraction 0..1, found "
     "'300'; pixels are not accepted: divide x by the picture's width and y by its height\n"
     "t.yaml:6:34: cameras.a.zones.negative.coordinates: each number must be a fraction 0..1, "
     "found '-0.1'\n"
     "t.yaml:7:33: cameras.a.zones.two_points.coordinates: must have 3 to 1000 points, found 2\n"
     "t.yaml:8:26: cameras.a.zones.odd.coordinates: must be pairs x,y; found 5 numbers, so one x "
     "has no y\n"
     "t.yaml:9:27: cameras.a.zones.flat.coordinates: all points lie on one line, so nothing is "
     "inside\n"
     "t.yaml:11:27: cameras.a.ignore_masks.text.coordinates: must be a list [x,y, x,y, ...] of "
     "fractions 0..1 with at least 3 points, found the quoted text '0,0,1,1'\n"
     "t.yaml:12:35: cameras.a.ignore_masks.quoted.coordinates: each number must be a fraction "
     "0..1, found the quoted text '1'\n"
     "t.yaml:14:29: cameras.a.privacy_masks.pairs.coordinates: each number must be a fraction "
     "0..1, found a list; write all x,y one after the other in one list\n"
     "t.yaml:15:7: cameras.a.privacy_masks.none.coordinates: missing; must be a list [x,y, x,y, "
     "...] of fractions 0..1 with at least 3 points\n"},
};

constexpr Case kDocuments[] = {
    {"Empty", "", "t.yaml: holds no settings\n"},
    {"OnlyComments", "# nothing\n\n---\n", "t.yaml: holds no settings\n"},
    {"OnlyText", "just text\n",
     "t.yaml:1:1: must be a map of keys and values, such as 'cameras:'\n"},
    {"OnlyAList", "- a\n", "t.yaml:1:1: must be a map of keys and values, such as 'cameras:'\n"},
    {"TabInTheIndentation", "cameras:\n \ta: b\n",
     "t.yaml:2:1: a tab in the indentation; YAML wants spaces\n"},
    {"NotUtf8", "cameras: # caf\xE9\n", "t.yaml:1:15: not UTF-8; save the file as UTF-8\n"},
    {"OverlongUtf8", "a: \xC0\xAF\n", "t.yaml:1:4: not UTF-8; save the file as UTF-8\n"},
    {"Utf16",
     std::string_view("\xFF\xFE"
                      "a\0",
                      4),
     "t.yaml:1:1: not UTF-8; save the file as UTF-8\n"},
    {"Nul", std::string_view("a: b\nc\0d: e\n", 12),
     "t.yaml:2:2: a NUL byte; is this a text file?\n"},
    {"EndOfTransmission", "cameras: {a: {source: x}}\n\x04\nunknown: 1\n",
     "t.yaml:2:1: a control character\n"},
    {"EscapeSequence", "a: \x1B[2J\n", "t.yaml:1:4: a control character\n"},
    {"LoneCarriageReturn", "a: b\rc: d\n", "t.yaml:1:5: a control character\n"},
    {"OpenBracket", "cameras: {a: {source: x}\n",
     "t.yaml:2:1: not valid YAML: end of map flow not found\n"},
    {"BadIndentation", "cameras:\n  a: {source: x}\n b: {source: y}\n",
     "t.yaml:3:2: not valid YAML: end of map not found\n"},
    {"TwoColons", "a: b: c\n", "t.yaml:1:5: not valid YAML: illegal map value\n"},
    {"OpenQuote", "cameras: {a: {source: x}}\nstore:\n  path: \"abc\n",
     "t.yaml:3:9: this text lacks its closing quote\n"},
    {"OpenQuoteBehindAnAnchor", "cameras: {a: {source: x}}\nstore:\n  path: &x 'it''s\n",
     "t.yaml:3:9: this text lacks its closing quote\n"},
    {"SecondDocument", "cameras: {a: {source: x}}\n---\na: b\n",
     "t.yaml:2:1: a second document starts here; one file holds one\n"},
    {"Tag", "cameras: !!map {a: {source: x}}\n",
     "t.yaml:1:10: YAML tags (such as !!str) are not used here\n"},
    {"MergeKey", "cameras: {<<: {a: b}}\n",
     "t.yaml:1:11: merge keys (<<) are not supported; an alias as a value is\n"},
    {"MapAsKey", "? [a, b]\n: c\n", "t.yaml:1:3: a key must be a word\n"},
    {"UnknownAlias", "cameras: *nope\n",
     "t.yaml:1:10: not valid YAML: the referenced anchor is not defined\n"},
    {"AliasOfItself", "cameras: {a: &x [*x]}\n", "t.yaml:1:18: an alias inside its own anchor\n"},
};

constexpr auto kByName = [](const auto& info) { return std::string(info.param.name); };
INSTANTIATE_TEST_SUITE_P(Keys, MistakesTest, testing::ValuesIn(kKeys), kByName);
INSTANTIATE_TEST_SUITE_P(Values, MistakesTest, testing::ValuesIn(kValues), kByName);
INSTANTIATE_TEST_SUITE_P(Documents, MistakesTest, testing::ValuesIn(kDocuments), kByName);

TEST(MistakesTest, AreReportedAtTheAnchorOfAnAlias) {
  EXPECT_EQ(MistakesOf("selection: &s {interval: 2}\n"
                       "cameras: {a: {source: x, selection: *s}}\n"),
            "t.yaml:1:26: selection.interval: must be a duration from 100ms to 1h, such as 2s, "
            "found '2' without a unit\n"
            "t.yaml:1:26: cameras.a.selection.interval: must be a duration from 100ms to 1h, such "
            "as 2s, found '2' without a unit\n");
}

TEST(MistakesTest, EndABombOfAliasesEarly) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 20; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) text += last + ", ";
    text += "]\n";
  }
  EXPECT_EQ(MistakesOf(text),
            "t.yaml:5:40: more than 100000 keys and values (each use of an alias counts as a "
            "copy)\n");
}

TEST(MistakesTest, EndDeepNestingEarly) {
  EXPECT_EQ(MistakesOf("a: " + std::string(100, '[') + std::string(100, ']')),
            "t.yaml:1:35: nested deeper than 32 levels\n");
  EXPECT_NE(MistakesOf("a: " + std::string(100'000, '[')), "");
  std::string aliases = "a0: &a0 [[[[[[[[[[[[[[[[[[[[x]]]]]]]]]]]]]]]]]]]]\n";
  aliases += "a1: &a1 [[[[[[[[[[[[[[[[[[[[*a0]]]]]]]]]]]]]]]]]]]]\n";
  EXPECT_EQ(MistakesOf(aliases), "t.yaml:2:29: nested deeper than 32 levels\n");
}

TEST(MistakesTest, StayOneLineEachWhateverTheKeysHold) {
  EXPECT_EQ(MistakesOf("\"a\\nb\\e[2J\\x9b\": 1\ncameras:\n  \"x\\ny\": {source: a, \"\\t\": b}\n"),
            "t.yaml:1:1: unknown key 'a?b?[2J?'; the keys here are store, model, selection and "
            "cameras\n"
            "t.yaml:3:3: cameras: 'x?y' cannot be a name; use a-z, 0-9 and _, 1 to 64 of them\n"
            "t.yaml:3:23: cameras.'x?y': unknown key '?'; the keys here are source, selection, "
            "zones, ignore_masks and privacy_masks\n");
}

}  // namespace
}  // namespace stillwatch::config
