#include "model/eval/caption_words.h"

#include <gtest/gtest.h>

namespace stillwatch::model {
namespace {

TEST(CaptionWordsTest, TellsTheNounFromAFairSynonymAndFromAnotherThing) {
  struct Row {
    const char* caption;
    const char* thing;
    Naming naming;
  };
  for (const Row& row : {
           Row{"the water bottle has been taken away", "water bottle", Naming::kExactly},
           Row{"two Water Bottles are gone.", "water bottle", Naming::kExactly},
           Row{"the bottle has been taken away", "water bottle", Naming::kFairly},
           Row{"a vehicle has parked", "silver hatchback", Naming::kFairly},
           Row{"a car has parked", "light-coloured estate car", Naming::kFairly},
           Row{"a black bag was left", "black bag", Naming::kExactly},
           Row{"a rucksack was left", "black bag", Naming::kFairly},
           Row{"the boxes are gone", "box", Naming::kExactly},
           Row{"the cardboard boxes are gone", "box", Naming::kExactly},
           Row{"a can was left", "water bottle", Naming::kNot},
           Row{"an object was left", "bag", Naming::kNot},
           Row{"the handbag is gone", "bag", Naming::kFairly},
           Row{"the carpet is gone", "car", Naming::kNot},
           Row{"", "car", Naming::kNot},
           Row{"the small green cube", "small brown rubber cube", Naming::kExactly},
           Row{"a glass is on the table", "glass", Naming::kExactly},
       }) {
    EXPECT_EQ(NamesThing(row.caption, row.thing), row.naming) << row.caption << " / " << row.thing;
  }
}

TEST(CaptionWordsTest, SpeaksOneLanguageOfColours) {
  EXPECT_EQ(ColorsIn("the gray cube has turned Cyan, not greyish"),
            (std::vector<std::string>{"grey", "cyan"}));
  EXPECT_TRUE(ColorsIn("the cube has moved").empty());
}

}  // namespace
}  // namespace stillwatch::model
