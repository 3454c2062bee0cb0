// What gst-inspect-1.0 shows of our elements: every one of them keeps the same rules.

#include <algorithm>

#include "tests/element/harness.h"

namespace stillwatch::gst {
namespace {

class PropertiesTest : public ElementTest, public testing::WithParamInterface<const char*> {};

struct SpecsFree {
  void operator()(GParamSpec** specs) const noexcept { g_free(specs); }
};

TEST_P(PropertiesTest, EverySettingIsInKebabCaseAndSaysWhatItDoesAndWhenItMayChange) {
  const ElementPtr element = MakeElement(GetParam()).value();
  guint count = 0;
  const std::unique_ptr<GParamSpec*, SpecsFree> specs(
      g_object_class_list_properties(G_OBJECT_GET_CLASS(element.get()), &count));
  int ours = 0;
  for (guint i = 0; i < count; ++i) {
    const GParamSpec* spec = specs.get()[i];
    if (spec->owner_type != G_OBJECT_TYPE(element.get())) continue;
    ++ours;
    const std::string name = spec->name;
    EXPECT_TRUE(std::all_of(name.begin(), name.end(), [](char c) {
      return c == '-' || (c >= 'a' && c <= 'z');
    })) << name;
    EXPECT_GT(std::string(g_param_spec_get_blurb(const_cast<GParamSpec*>(spec))).size(), 20u)
        << name;
    const bool says_when =
        (spec->flags & (GST_PARAM_MUTABLE_READY | GST_PARAM_MUTABLE_PLAYING)) != 0;
    EXPECT_EQ(says_when, (spec->flags & G_PARAM_WRITABLE) != 0) << name;
  }
  EXPECT_GE(ours, 2);
}

TEST_P(PropertiesTest, StatisticsCanBeReadBeforeTheStart) {
  const ElementPtr element = MakeElement(GetParam()).value();
  GstStructure* raw = nullptr;
  g_object_get(element.get(), "stats", &raw, nullptr);
  const StructurePtr stats(raw);
  ASSERT_TRUE(stats);
  EXPECT_GT(gst_structure_n_fields(stats.get()), 1);
}

INSTANTIATE_TEST_SUITE_P(Elements, PropertiesTest,
                         testing::Values("framesampler", "pairselector", "m3diff", "zmqeventsink"),
                         [](const auto& element) { return std::string(element.param); });

}  // namespace
}  // namespace stillwatch::gst
