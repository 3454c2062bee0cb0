#include <algorithm>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "model/data/truth.h"

namespace stillwatch::data {
namespace {

std::set<std::string> Many(const Truth& truth, int rounds = 60) {
  std::set<std::string> all;
  for (int i = 0; i < rounds; ++i) {
    Random random(static_cast<std::uint64_t>(i));
    for (std::string& caption : Captions(truth, random)) all.insert(std::move(caption));
  }
  return all;
}

bool HasAny(const std::string& text, const std::vector<std::string>& words) {
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
    return (" " + text + " ").find(word) != std::string::npos;
  });
}

Truth Bag(ChangeKind kind) {
  Truth truth;
  truth.kind = kind;
  truth.subject = {.noun = "bag", .color = "black"};
  truth.ground = "pavement";
  truth.neighbour = Naming{.noun = "utility box", .color = "blue"};
  truth.relation = "beside";
  return truth;
}

struct KindWords {
  ChangeKind kind;
  std::vector<std::string> words;
};

TEST(CaptionsTest, SayWhatKindOfChangeItIs) {
  Truth base = Bag(ChangeKind::kAdded);
  base.direction = "to the left";
  base.other = {.noun = "bag", .color = "red"};
  base.text_before = "12";
  base.text_after = "47";
  base.larger = true;
  const std::vector<KindWords> table{
      {ChangeKind::kAdded, {"been left", "been put", "been placed", "appeared", "is now"}},
      {ChangeKind::kRemoved, {"taken away", "been removed", "is gone", "disappeared", "no longer"}},
      {ChangeKind::kMoved, {"moved to the left", "further to the left"}},
      {ChangeKind::kReplaced, {"replaced by", "where the", "instead of", "taken the place"}},
      {ChangeKind::kRecolored, {"turned red", "now red", "to red"}},
      {ChangeKind::kResized, {"larger", "bigger"}},
      {ChangeKind::kTurned, {"been turned", "faces another way"}},
      {ChangeKind::kText, {"text", "says 47 instead of 12"}}};
  for (const KindWords& row : table) {
    base.kind = row.kind;
    for (const std::string& caption : Many(base)) {
      EXPECT_TRUE(HasAny(caption, row.words)) << Name(row.kind) << ": " << caption;
    }
  }
}

TEST(CaptionsTest, AreLowerCaseSentencesWithoutAFullStop) {
  for (const ChangeKind kind : {ChangeKind::kAdded, ChangeKind::kRemoved, ChangeKind::kTurned}) {
    for (const std::string& caption : Many(Bag(kind))) {
      EXPECT_TRUE(std::none_of(caption.begin(), caption.end(), [](unsigned char c) {
        return std::isupper(c) || c == '.';
      })) << caption;
      EXPECT_EQ(caption.find("  "), std::string::npos) << caption;
      EXPECT_NE(caption.back(), ' ') << caption;
      std::istringstream words(caption);
      const auto count = std::distance(std::istream_iterator<std::string>(words), {});
      EXPECT_GE(count, 4) << caption;
      EXPECT_LE(count, 18) << caption;
    }
  }
}

TEST(CaptionsTest, VaryAndNeverRepeatWithinAPair) {
  EXPECT_GT(Many(Bag(ChangeKind::kAdded)).size(), 10U);
  Random random(5);
  const auto captions = Captions(Bag(ChangeKind::kRemoved), random);
  ASSERT_GE(captions.size(), 1U);
  EXPECT_LE(captions.size(), 3U);
  EXPECT_EQ(std::set<std::string>(captions.begin(), captions.end()).size(), captions.size());
}

TEST(CaptionsTest, TellThePlaceInARow) {
  Truth row = Bag(ChangeKind::kRemoved);
  row.subject = {.noun = "water bottle"};
  row.before = 3;
  row.after = 2;
  row.members = {"left"};
  bool long_form = false;
  for (const std::string& caption : Many(row)) {
    EXPECT_TRUE(HasAny(caption, {"left", "one of the three"})) << caption;
    long_form =
        long_form || caption == "the left one of the three water bottles has been taken away";
  }
  EXPECT_TRUE(long_form);
  row.after = 1;
  row.members = {"left", "middle"};
  EXPECT_TRUE(Many(row).contains("the left and the middle water bottles have been taken away"));
  row.kind = ChangeKind::kAdded;
  row.before = 2;
  row.after = 3;
  row.members = {"middle"};
  for (const std::string& caption : Many(row)) {
    EXPECT_NE(caption.find("in the middle"), std::string::npos) << caption;
  }
}

TEST(CaptionsTest, CountBeforeAndAfter) {
  Truth truth = Bag(ChangeKind::kCount);
  truth.subject = {.noun = "box", .color = "blue"};
  truth.before = 5;
  truth.after = 2;
  for (const std::string& caption : Many(truth)) {
    EXPECT_TRUE(HasAny(caption, {"five", "three of the"})) << caption;
    EXPECT_NE(caption.find("boxes"), std::string::npos) << caption;
  }
}

TEST(CaptionsTest, VehiclesParkAndDriveAway) {
  Truth truth = Bag(ChangeKind::kAdded);
  truth.vehicle = true;
  truth.subject = {.noun = "car", .color = "red"};
  truth.ground = "car park";
  for (const std::string& caption : Many(truth)) {
    EXPECT_FALSE(HasAny(caption, {"been left", "been put"})) << caption;
  }
  truth.kind = ChangeKind::kRemoved;
  for (const std::string& caption : Many(truth)) {
    EXPECT_FALSE(HasAny(caption, {"taken away"})) << caption;
  }
}

TEST(CaptionsTest, UnchangedPairsAreSaidToBeUnchanged) {
  for (const Cause cause :
       {Cause::kNothing, Cause::kLight, Cause::kShadow, Cause::kLightPatch, Cause::kReflection,
        Cause::kViewpoint, Cause::kLeaves, Cause::kPasserBy, Cause::kNight, Cause::kFocus}) {
    Truth truth;
    truth.cause = cause;
    truth.subject = {.noun = "bag", .color = "black"};
    for (const std::string& caption : Many(truth, 30)) {
      EXPECT_TRUE(HasAny(caption, {"nothing has changed", "the same", "not changed", "no change",
                                   "as before", "still"}))
          << caption;
    }
  }
}

TEST(CaptionsTest, LeaveOutColorsThatNobodyCanSee) {
  Truth truth = Bag(ChangeKind::kAdded);
  truth.subject.color.reset();
  truth.neighbour->color.reset();
  for (const std::string& caption : Many(truth)) {
    EXPECT_FALSE(HasAny(caption, {"black", "blue"})) << caption;
  }
}

TEST(CaptionsTest, FormPlurals) {
  EXPECT_EQ(Plural("bottle"), "bottles");
  EXPECT_EQ(Plural("cardboard box"), "cardboard boxes");
  EXPECT_EQ(Plural("pair of shoes"), "pairs of shoes");
  EXPECT_EQ(Plural("bench"), "benches");
  EXPECT_EQ(Plural("toy"), "toys");
  EXPECT_EQ(Plural("loaf of bread"), "loaves of bread");
}

}  // namespace
}  // namespace stillwatch::data
