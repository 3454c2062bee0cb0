#include "config/source.h"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/config/temp_file.h"

namespace stillwatch::config {
namespace {

constexpr std::string_view kSecret = "hunter2";

const Environment& TestEnvironment() {
  static const Environment environment = FakeEnvironment({{"USER", "bob"},
                                                          {"PASSWORD", "hunter2"},
                                                          {"RAW", "hunter2/@home"},
                                                          {"EMPTY", ""},
                                                          {"LINE", "hunter2\n"},
                                                          {"FOLDER", "/hunter2"},
                                                          {"RELATIVE", "hunter2/x"},
                                                          {"URL", "rtsp://bob:hunter2@cam/1"},
                                                          {"BAD_URL", "hunter2://cam"}});
  return environment;
}

Source Resolve(std::string_view text) { return ResolveSource(text, "/etc/sw", TestEnvironment()); }

std::string ProblemOf(std::string_view text) {
  const Source source = Resolve(text);
  return source.problems.size() == 1 ? source.problems[0]
                                     : std::to_string(source.problems.size()) + " problems";
}

struct Good {
  std::string_view text, opened, shown;
};

TEST(ResolveSourceTest, FillsVariablesInAndShowsTheirNames) {
  constexpr Good kCases[] = {
      {"a.mp4", "/etc/sw/a.mp4", "/etc/sw/a.mp4"},
      {"../v/./a.mp4", "/etc/v/a.mp4", "/etc/v/a.mp4"},
      {"/v/a b.mp4", "/v/a b.mp4", "/v/a b.mp4"},
      {"v/{PASSWORD}.mp4", "/etc/sw/v/hunter2.mp4", "/etc/sw/v/{PASSWORD}.mp4"},
      {"{FOLDER}/a.mp4", "/hunter2/a.mp4", "{FOLDER}/a.mp4"},
      {"{URL}", "rtsp://bob:hunter2@cam/1", "{URL}"},
      {"file:///v/a.mp4", "file:///v/a.mp4", "file:///v/a.mp4"},
      {"rtsp://cam", "rtsp://cam", "rtsp://cam"},
      {"rtsps://[::1]:554/s?x=1#y", "rtsps://[::1]:554/s?x=1#y", "rtsps://[::1]:554/s?x=1#y"},
      {"rtsp://{USER}:{PASSWORD}@10.0.0.7:554/1", "rtsp://bob:hunter2@10.0.0.7:554/1",
       "rtsp://{USER}:{PASSWORD}@10.0.0.7:554/1"},
      {"rtsp://admin:{PASSWORD}@cam/live@1", "rtsp://admin:hunter2@cam/live@1",
       "rtsp://admin:{PASSWORD}@cam/live@1"},
      {"http://cam/jpg?user=a&pwd={PASSWORD}&keyframes=1",
       "http://cam/jpg?user=a&pwd=hunter2&keyframes=1",
       "http://cam/jpg?user=a&pwd={PASSWORD}&keyframes=1"},
  };
  for (const Good& c : kCases) {
    const Source source = Resolve(c.text);
    EXPECT_TRUE(source.problems.empty()) << c.text << ": " << source.problems[0];
    EXPECT_EQ(source.opened, c.opened);
    EXPECT_EQ(source.shown, c.shown);
  }
}

TEST(ResolveSourceTest, NamesTheVariableThatCannotBeUsed) {
  EXPECT_EQ(ProblemOf("rtsp://{NOPE}@cam"), "environment variable NOPE is not set");
  EXPECT_EQ(ProblemOf("rtsp://{EMPTY}@cam"), "environment variable EMPTY is empty");
  EXPECT_EQ(ProblemOf("rtsp://bob:{LINE}@cam"),
            "environment variable LINE holds a control character, such as a line end");
  EXPECT_EQ(ProblemOf("rtsp://bob:{RAW}@cam"),
            "environment variable RAW holds one of the characters / ? # @ or a space; "
            "percent-encode them (@ is %40)");
  EXPECT_EQ(ProblemOf("{RELATIVE}"),
            "environment variable RELATIVE must begin with / or scheme://");
}

TEST(ResolveSourceTest, ReportsEveryVariableThatIsNotSet) {
  EXPECT_EQ(Resolve("rtsp://{NO_USER}:{NO_PASSWORD}@cam").problems,
            (std::vector<std::string>{"environment variable NO_USER is not set",
                                      "environment variable NO_PASSWORD is not set"}));
}

TEST(ResolveSourceTest, RefusesSecretsWrittenOut) {
  const std::string password =
      "holds a password; put it into an environment variable and write {NAME} in its place";
  EXPECT_EQ(ProblemOf("rtsp://bob:hunter2@cam/1"), password);
  EXPECT_EQ(ProblemOf("rtsp://bob:h@unter2@cam/1"), password);
  EXPECT_EQ(ProblemOf("rtsp://{USER}:hunter2{PASSWORD}@cam/1"), password);
  EXPECT_EQ(ProblemOf("http://cam/jpg?user=a&PWD=hunter2"),
            "holds a secret behind the '?'; put it into an environment variable and write {NAME} "
            "in its place");
  // The slash ends the host part, and what stands before it is no port.
  EXPECT_EQ(ProblemOf("rtsp://bob:hun/ter2@cam/1"),
            "must have a port of 1 to 65535 after the host's colon");
}

TEST(ResolveSourceTest, ExplainsABadAddress) {
  EXPECT_EQ(ProblemOf("rstp://cam/1"),
            "must be a file or an address of rtsp, rtsps, http, https or file, found 'rstp'; did "
            "you mean 'rtsp'?");
  EXPECT_EQ(ProblemOf("{BAD_URL}"),
            "must be a file or an address of rtsp, rtsps, http, https or file");
  EXPECT_EQ(ProblemOf("rtsp:///1"), "names no host after ://");
  EXPECT_EQ(ProblemOf("rtsp://"), "names no host after ://");
  EXPECT_EQ(ProblemOf("rtsp://{USER}:{PASSWORD}@"), "names no host after ://");
  EXPECT_EQ(ProblemOf("rtsp://cam:0/1"), "must have a port of 1 to 65535 after the host's colon");
  EXPECT_EQ(ProblemOf("file://a.mp4"), "must go on with a full path: file:///...");
  EXPECT_EQ(ProblemOf("~/a.mp4"), "'~' is not replaced here; write the path out");
  for (const std::string_view text : {"a{b c}.mp4", "a{", "a}", "{}", "{{URL}}"}) {
    EXPECT_EQ(ProblemOf(text),
              "braces hold the name of an environment variable, such as {DOCK_PASSWORD}")
        << text;
  }
}

TEST(ResolveSourceTest, NeverTellsASecret) {
  constexpr std::string_view kTexts[] = {"rtsp://bob:hunter2@cam/1",
                                         "rtsp://{USER}:hunter2{PASSWORD}@cam",
                                         "rtsp://bob:{RAW}@cam",
                                         "rtsp://bob:{LINE}@cam",
                                         "{RELATIVE}",
                                         "{BAD_URL}",
                                         "rtsp://{PASSWORD}:{PASSWORD}",
                                         "{PASSWORD}://cam",
                                         "rt{PASSWORD}://cam",
                                         "file://{PASSWORD}",
                                         "http://cam?token=hunter2"};
  for (const std::string_view text : kTexts) {
    const Source source = Resolve(text);
    EXPECT_FALSE(source.problems.empty()) << text;
    for (const std::string& problem : source.problems) {
      EXPECT_EQ(problem.find(kSecret), std::string::npos) << problem;
    }
  }
}

TEST(LoadTest, NeverTellsASecretThatStandsInTheWrongPlace) {
  const std::string mistakes = MistakesOf(
      "cameras: rtsp://bob:hunter2@cam\n"
      "rtsp://bob:hunter2@cam: 1\n"
      "store: {path: x, 'rtsp://bob:hunter2@cam': 1}\n"
      "selection: {interval: 'rtsp://bob:hunter2@cam'}\n",
      TestEnvironment());
  EXPECT_EQ(mistakes.find(kSecret), std::string::npos) << mistakes;
  EXPECT_NE(mistakes.find("found an address"), std::string::npos) << mistakes;
}

TEST(LoadTest, TellsHowToWriteAnAddressThatIsOneVariable) {
  EXPECT_EQ(MistakesOf("cameras: {a: {source: {URL}}}\n", TestEnvironment()),
            "t.yaml:1:23: cameras.a.source: must be a video file or an address such as "
            "rtsp://{USER}:{PASSWORD}@host/stream, found a map; put text that begins with { into "
            "quotes\n");
  EXPECT_EQ(MistakesOf("cameras: {a: {source: '{URL}'}}\n", TestEnvironment()), "");
}

}  // namespace
}  // namespace stillwatch::config
