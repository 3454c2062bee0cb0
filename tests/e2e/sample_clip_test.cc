// The main job: the sample clip goes in, captioned events come out, a search finds them.

#include <algorithm>
#include <set>

#include "pipeline/score/score.h"
#include "storage/store/event_store.h"
#include "tests/e2e/program.h"

namespace stillwatch::e2e {
namespace {

const std::vector<std::string> kScan = {
    "scan", kSampleClip.string(), "--interval", "500ms", "--settle", "3s", "--output", "jsonl"};

std::vector<std::string> With(std::vector<std::string> arguments,
                              const std::vector<std::string>& more) {
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

class SampleClipTest : public E2eTest {};

TEST_F(SampleClipTest, EventsAreThoseOfTheTruthFileAndEveryOneIsCaptioned) {
  const RunResult scan = Stillwatch(kScan);
  ASSERT_EQ(scan.exit_code, 0) << scan.err;
  const std::vector<ChangeEvent> events = Events(scan.out);
  const auto truth = score::LoadTruth(kSampleTruth.string());
  ASSERT_TRUE(truth) << truth.error().message();
  const score::ScoreReport report =
      score::Score(*truth, events, truth->fps, truth->width, truth->height);
  EXPECT_GE(report.total, 3);
  EXPECT_EQ(report.found, report.total) << score::FormatReport(report);
  EXPECT_EQ(report.false_alarms, 0) << score::FormatReport(report);
  EXPECT_EQ(report.duplicates, 0) << score::FormatReport(report);
  for (const ChangeEvent& event : events) {
    EXPECT_EQ(event.caption_status, CaptionStatus::kReady) << event.id;
    EXPECT_FALSE(event.caption.empty());
    EXPECT_GE(event.confidence, 0.5);
    EXPECT_EQ(event.model.name, "m3diff-nano");
  }
}

TEST_F(SampleClipTest, WhatIsStoredIsFoundAndItsPicturesAreThere) {
  ASSERT_EQ(Stillwatch(With(kScan, {"--store", Path("store")})).exit_code, 0);
  const RunResult all = Stillwatch({"query", "--store", Path("store"), "--output", "jsonl"});
  ASSERT_EQ(all.exit_code, 0) << all.err;
  const std::vector<ChangeEvent> events = Events(all.out);
  ASSERT_FALSE(events.empty());

  // The longest word of a caption leads back to its event.
  const std::string& caption = events[0].caption;
  std::string word;
  std::istringstream words(caption);
  for (std::string next; words >> next;) {
    if (next.size() > word.size()) word = next;
  }
  const RunResult found =
      Stillwatch({"query", word, "--store", Path("store"), "--output", "jsonl"});
  EXPECT_EQ(found.exit_code, 0) << word;
  EXPECT_NE(found.out.find(events[0].id), std::string::npos) << word;

  const RunResult nothing = Stillwatch({"query", "zeppelin", "--store", Path("store")});
  EXPECT_EQ(nothing.exit_code, 1);

  const auto store = store::EventStore::Open(Path("store"), store::OpenMode::kRead);
  ASSERT_TRUE(store) << store.error().message();
  for (const ChangeEvent& event : events) {
    for (const auto role : {store::PictureRole::kReference, store::PictureRole::kCurrent}) {
      const auto picture = store->ReadPicture(event.id, role);
      ASSERT_TRUE(picture) << picture.error().message();
      EXPECT_EQ(picture->substr(0, 2), "\xFF\xD8");  // JPEG.
    }
  }
  EXPECT_EQ(Stillwatch({"store", "check", Path("store")}).exit_code, 0);
}

TEST_F(SampleClipTest, ScannedTwiceIntoOneStoreNothingIsDoubled) {
  const auto scan = With(kScan, {"--store", Path("store"), "--no-caption"});
  const RunResult first = Stillwatch(scan);
  const RunResult second = Stillwatch(scan);
  ASSERT_EQ(second.exit_code, 0) << second.err;
  std::set<std::string> ids;
  for (const ChangeEvent& event : Events(first.out)) ids.insert(event.id);
  const RunResult all = Stillwatch({"query", "--store", Path("store"), "--output", "jsonl"});
  EXPECT_EQ(Lines(all.out).size(), ids.size());
}

TEST_F(SampleClipTest, AnInterruptedScanKeepsWhatItHasStored) {
  const RunResult scan = Stillwatch(With(kScan, {"--store", Path("store"), "--no-caption"}),
                                    {.interrupt_after_lines = 1});
  EXPECT_EQ(scan.exit_code, 3);
  EXPECT_NE(scan.err.find("interrupted"), std::string::npos) << scan.err;
  const RunResult all = Stillwatch({"query", "--store", Path("store"), "--output", "jsonl"});
  EXPECT_EQ(all.exit_code, 0) << all.err;
  EXPECT_GE(Lines(all.out).size(), 1u);
  EXPECT_EQ(Stillwatch({"store", "check", Path("store")}).exit_code, 0);
}

TEST_F(SampleClipTest, SavedPairsCanBeCaptionedAgain) {
  ASSERT_EQ(Stillwatch(With(kScan, {"--no-caption", "--save-pairs", Path("pairs")})).exit_code, 0);
  const RunResult captions =
      Stillwatch({"caption", "--pairs", Path("pairs/pairs.jsonl"), "--output", "jsonl"});
  EXPECT_EQ(captions.exit_code, 0) << captions.err;
  EXPECT_GE(Lines(captions.out).size(), 3u);
}

}  // namespace
}  // namespace stillwatch::e2e
