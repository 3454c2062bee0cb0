// What survives a restart, and what a saved state may not do.

#include "pipeline/select/selector_state.h"

#include <cstring>
#include <random>

#include <gtest/gtest.h>

#include "tests/unit/select/studio.h"

namespace stillwatch::select {
namespace {

using std::chrono::milliseconds;

const cv::Rect kPlace(180, 150, 44, 52);
const cv::Rect kBeside(260, 150, 44, 52);
const cv::Scalar kRed(180, 50, 40);

// Width and height, then the pixels.
PictureCodec Raw() {
  return {.encode = [](const Frame& frame) -> Result<std::string> {
            std::string bytes(8, '\0');
            std::memcpy(bytes.data(), &frame.width, 4);
            std::memcpy(bytes.data() + 4, &frame.height, 4);
            return bytes.append(frame.rgb.begin(), frame.rgb.end());
          },
          .decode = [](std::string_view bytes) -> Result<Frame> {
            Frame frame;
            if (bytes.size() < 8) return DataLoss("short");
            std::memcpy(&frame.width, bytes.data(), 4);
            std::memcpy(&frame.height, bytes.data() + 4, 4);
            frame.rgb.assign(bytes.begin() + 8, bytes.end());
            return frame;
          }};
}

PairPolicy Awaiting() {
  return {
      .interval = milliseconds(250), .settle = milliseconds(1000), .await_acknowledgement = true};
}

cv::Mat With(const std::vector<cv::Rect>& boxes) {
  cv::Mat picture = Studio::Room();
  for (const cv::Rect& box : boxes) Studio::DrawBox(picture, box, kRed);
  return picture;
}

std::string SavedBy(Studio& studio) { return studio.selector().SaveState(Raw()).value(); }

// A selector of the same camera after a kill, `gap` later: its samples fall at other moments.
Studio Restarted(const std::string& state, const Studio& before,
                 milliseconds gap = milliseconds(1130)) {
  Studio studio(Awaiting());
  EXPECT_TRUE(studio.selector().Restore(state, Raw()).ok());
  studio.StartAt(before.Now() + gap);
  return studio;
}

void AcknowledgeAll(Studio& studio) {
  for (const SelectedPair& pair : studio.selected) {
    studio.selector().Acknowledge(pair.event_id, pair.step);
  }
}

TEST(SelectorStateTest, AnOpenChangeStaysOpenOverARestartAndIsResolvedUnderItsId) {
  Studio before(Awaiting());
  before.Show(Studio::Room(), 3);
  before.Show(With({kPlace}), 3);
  ASSERT_EQ(before.selected.size(), 1u);
  AcknowledgeAll(before);
  Studio after = Restarted(SavedBy(before), before);
  after.Show(With({kPlace}), 5);
  EXPECT_TRUE(after.selected.empty());
  after.Show(Studio::Room(), 4);
  ASSERT_EQ(after.selected.size(), 1u);
  EXPECT_EQ(after.selected[0].step, EventType::kChangeResolved);
  EXPECT_EQ(after.selected[0].event_id, before.selected[0].event_id);
  EXPECT_EQ(after.selected[0].kind, before.selected[0].kind);
}

TEST(SelectorStateTest, WhatWasToldAndNotAcknowledgedIsFoundAgainUnderTheSameId) {
  Studio before(Awaiting());
  before.Show(Studio::Room(), 3);
  before.Show(With({kPlace}), 3);
  ASSERT_EQ(before.selected.size(), 1u);
  EXPECT_EQ(before.selector().unacknowledged(), 1u);
  Studio after = Restarted(SavedBy(before), before);
  after.Show(With({kPlace}), 3);
  ASSERT_EQ(after.selected.size(), 1u);
  EXPECT_EQ(after.selected[0].step, EventType::kChangeDetected);
  EXPECT_EQ(after.selected[0].event_id, before.selected[0].event_id);
  EXPECT_EQ(after.selected[0].kind, before.selected[0].kind);
  // A restart in turn, and again; then the word comes.
  Studio third = Restarted(SavedBy(after), after);
  third.Show(With({kPlace}), 3);
  ASSERT_EQ(third.selected.size(), 1u);
  EXPECT_EQ(third.selected[0].event_id, before.selected[0].event_id);
  AcknowledgeAll(third);
  EXPECT_EQ(third.selector().unacknowledged(), 0u);
  Studio last = Restarted(SavedBy(third), third);
  last.Show(With({kPlace}), 4);
  EXPECT_TRUE(last.selected.empty());
}

TEST(SelectorStateTest, WhatIsNewAfterTheRestartIsToldAsNew) {
  Studio before(Awaiting());
  before.Show(Studio::Room(), 4);
  Studio after = Restarted(SavedBy(before), before);
  after.Show(With({kPlace}), 3);
  ASSERT_EQ(after.selected.size(), 1u);
  EXPECT_EQ(after.selected[0].step, EventType::kChangeDetected);
  EXPECT_LE(after.selected[0].reference->captured_at, after.selected[0].current->captured_at);
}

TEST(SelectorStateTest, TwoNeighboursThatWereNotAcknowledgedKeepAnIdEach) {
  Studio before(Awaiting());
  before.Show(Studio::Room(), 3);
  before.Show(With({kPlace}), 3);
  before.Show(With({kPlace, kBeside}), 3);
  ASSERT_EQ(before.selected.size(), 2u);
  // The first alone is acknowledged: the state stays before both.
  before.selector().Acknowledge(before.selected[0].event_id, EventType::kChangeDetected);
  Studio after = Restarted(SavedBy(before), before);
  after.Show(With({kPlace, kBeside}), 3);
  ASSERT_EQ(after.selected.size(), 2u);
  EXPECT_EQ(after.selected[0].event_id, before.selected[0].event_id);
  EXPECT_EQ(after.selected[1].event_id, before.selected[1].event_id);
  after.Show(With({kPlace}), 3);
  ASSERT_EQ(after.selected.size(), 3u);
  EXPECT_EQ(after.selected[2].step, EventType::kChangeResolved);
  EXPECT_EQ(after.selected[2].event_id, before.selected[1].event_id);
}

TEST(SelectorStateTest, WhatWasUndoneMeanwhileIsToldAsResolved) {
  Studio before(Awaiting());
  before.Show(Studio::Room(), 3);
  before.Show(With({kPlace}), 3);
  ASSERT_EQ(before.selected.size(), 1u);
  Studio after = Restarted(SavedBy(before), before);
  after.Show(Studio::Room(), 3);
  ASSERT_EQ(after.selected.size(), 1u);
  EXPECT_EQ(after.selected[0].step, EventType::kChangeResolved);
  EXPECT_EQ(after.selected[0].event_id, before.selected[0].event_id);
}

TEST(SelectorStateTest, AResolutionThatWasNotAcknowledgedIsToldAgain) {
  Studio before(Awaiting());
  before.Show(Studio::Room(), 3);
  before.Show(With({kPlace}), 3);
  AcknowledgeAll(before);
  before.Show(Studio::Room(), 3);
  ASSERT_EQ(before.selected.size(), 2u);
  Studio after = Restarted(SavedBy(before), before);
  after.Show(Studio::Room(), 3);
  ASSERT_EQ(after.selected.size(), 1u);
  EXPECT_EQ(after.selected[0].step, EventType::kChangeResolved);
  EXPECT_EQ(after.selected[0].event_id, before.selected[0].event_id);
}

TEST(SelectorStateTest, WhatTheModelDismissedIsNeverSpokenOfAgain) {
  Studio before(Awaiting());
  before.Show(Studio::Room(), 3);
  before.Show(With({kPlace}), 3);
  ASSERT_EQ(before.selected.size(), 1u);
  before.selector().Dismiss(before.selected[0].event_id);
  Studio after = Restarted(SavedBy(before), before);
  after.Show(With({kPlace}), 3);
  after.Show(Studio::Room(), 3);
  EXPECT_TRUE(after.selected.empty());
}

TEST(SelectorStateTest, WithoutAwaitingTheStateIsThePresent) {
  Studio before;
  before.Show(Studio::Room(), 3);
  before.Show(With({kPlace}), 3);
  ASSERT_EQ(before.selected.size(), 1u);
  Studio after = Restarted(SavedBy(before), before);
  after.Show(With({kPlace}), 3);
  EXPECT_TRUE(after.selected.empty());
}

TEST(SelectorStateTest, KnowsWhenTheLatestSampleWas) {
  Studio before(Awaiting());
  EXPECT_FALSE(before.selector().last_sample());
  before.Show(Studio::Room(), 3);
  Studio after(Awaiting());
  ASSERT_TRUE(after.selector().Restore(SavedBy(before), Raw()).ok());
  EXPECT_EQ(after.selector().last_sample(), before.selector().last_sample());
}

TEST(SelectorStateTest, ASelectorThatHasSeenNothingHasAStateToo) {
  Studio before(Awaiting());
  Studio after(Awaiting());
  EXPECT_TRUE(after.selector().Restore(SavedBy(before), Raw()).ok());
  after.Show(Studio::Room(), 3);
  after.Show(With({kPlace}), 3);
  EXPECT_EQ(after.selected.size(), 1u);
}

TEST(SelectorStateTest, PicturesOfAnotherSizeStartAnew) {
  Studio before(Awaiting());
  before.Show(With({kPlace}), 3);
  Studio after = Restarted(SavedBy(before), before);
  cv::Mat small;
  cv::resize(Studio::Room(), small, {}, 0.5, 0.5, cv::INTER_AREA);
  after.Show(small, 4);
  EXPECT_TRUE(after.selected.empty());
}

// Bytes that cannot be used are refused by name, and the selector starts anew.
void ExpectRefused(const std::string& bytes, const std::string& says) {
  Studio studio(Awaiting());
  const Status status = studio.selector().Restore(bytes, Raw());
  ASSERT_EQ(status.code(), StatusCode::kDataLoss) << says;
  EXPECT_NE(status.message().find(says), std::string::npos) << status.message();
  studio.Show(With({kPlace}), 3);
  EXPECT_TRUE(studio.selected.empty());
  studio.Show(Studio::Room(), 3);
  EXPECT_EQ(studio.selected.size(), 1u);
}

std::string AGoodState() {
  Studio studio(Awaiting());
  studio.Show(Studio::Room(), 3);
  studio.Show(With({kPlace}), 3);
  return SavedBy(studio);
}

TEST(SelectorStateTest, RefusesWhatIsCutOffOrDamagedOrForeign) {
  const std::string good = AGoodState();
  ExpectRefused("", "not a selector's state");
  ExpectRefused("a photograph", "not a selector's state");
  ExpectRefused(good.substr(0, 15), "cut off");
  ExpectRefused(good.substr(0, good.size() / 2), "cut off");
  ExpectRefused(good.substr(0, good.size() - 1), "cut off");
  ExpectRefused(good + "x", "cut off");
  std::string newer = good;
  newer[8] = 9;
  ExpectRefused(newer, "version 9");

  auto other = PairSelector::Create(Awaiting(), "yard").value();
  const Status foreign = other->Restore(good, Raw());
  EXPECT_EQ(foreign.code(), StatusCode::kDataLoss);
  EXPECT_NE(foreign.message().find("'studio'"), std::string::npos) << foreign.message();
  PairPolicy masked = Awaiting();
  masked.view = "0.1,0.1 ";
  EXPECT_EQ(PairSelector::Create(masked, "studio").value()->Restore(good, Raw()).code(),
            StatusCode::kDataLoss);
}

TEST(SelectorStateTest, EveryBitCounts) {
  const std::string good = AGoodState();
  Studio studio(Awaiting());
  std::mt19937 random(1);
  for (int i = 0; i < 200; ++i) {
    std::string bad = good;
    const std::size_t at = i < 32 ? static_cast<std::size_t>(i) : random() % bad.size();
    bad[at] = static_cast<char>(bad[at] ^ (1 << (random() % 8)));
    EXPECT_EQ(studio.selector().Restore(bad, Raw()).code(), StatusCode::kDataLoss) << at;
  }
}

// FNV-1a, so that the damage gets past the checksum.
void Seal(std::string& state) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (std::size_t i = 0; i + 8 < state.size(); ++i) {
    hash = (hash ^ static_cast<unsigned char>(state[i])) * 1099511628211ULL;
  }
  std::memcpy(state.data() + state.size() - 8, &hash, 8);
}

TEST(SelectorStateTest, SurvivesAStateThatWasMadeToHarm) {
  const std::string good = AGoodState();
  const cv::Mat room = Studio::Room();
  std::mt19937 random(2);
  for (int i = 0; i < 90; ++i) {
    std::string bad = good;
    // Counts and sizes stand at the ends: the planes between hold numbers of any value.
    const std::size_t reach = i % 3 == 0 ? bad.size() : 120;
    for (int change = 0; change < 3; ++change) {
      const std::size_t from = i % 3 == 1 ? 20 : bad.size() - 8 - std::min(bad.size() - 28, reach);
      bad[from + random() % std::min(reach, bad.size() - 8 - from)] = static_cast<char>(random());
    }
    Seal(bad);
    Studio studio(Awaiting());
    const Status status = studio.selector().Restore(bad, Raw());
    if (!status.ok()) {
      EXPECT_EQ(status.code(), StatusCode::kDataLoss);
      continue;
    }
    studio.StartAt(std::chrono::seconds(60));
    studio.Show(room, 1.5);
  }
}

}  // namespace
}  // namespace stillwatch::select
