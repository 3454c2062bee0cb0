#include "model/datasets/text.h"

#include <gtest/gtest.h>

namespace stillwatch::model {
namespace {

TEST(DatasetTextTest, TellsUtf8FromOtherBytes) {
  for (const char* good : {"", "a", "é", "€", "\xF0\x9F\x98\x80"}) EXPECT_TRUE(IsGoodUtf8(good));
  for (const char* bad : {"\x80", "\xC3", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "caf\xE9",
                          "\xE2\x82", "\xEF\xBF\xBD"}) {
    EXPECT_FALSE(IsGoodUtf8(bad)) << bad;
  }
  EXPECT_EQ(ReplaceBadUtf8("caf\xE9 au lait"), "caf\xEF\xBF\xBD au lait");
  EXPECT_EQ(ReplaceBadUtf8("café"), "café");
}

TEST(DatasetTextTest, KnowsWhenNothingIsSaidToHaveChanged) {
  for (const char* text :
       {"there are no differences", "I see no difference", "nothing has changed", "No change.",
        "the scene remains the same", "both pictures are identical", "there is not any change"}) {
    EXPECT_TRUE(SaysNoChange(text)) << text;
  }
  for (const char* text : {"the car is no longer there", "no cars are left", "a notable change",
                           "the person in the same place has left"}) {
    EXPECT_FALSE(SaysNoChange(text)) << text;
  }
}

}  // namespace
}  // namespace stillwatch::model
