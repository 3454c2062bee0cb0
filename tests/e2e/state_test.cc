// A scan that is killed and started again: no event lost, none doubled, the same ids.

#include <algorithm>
#include <map>
#include <set>

#include "pipeline/score/score.h"
#include "tests/e2e/program.h"

namespace stillwatch::e2e {
namespace {

class StateTest : public E2eTest {
 protected:
  // The day of the recording is fixed: it would otherwise be the file's.
  std::vector<std::string> Scan(const std::string& store, const std::string& state,
                                const std::string& start = "2026-01-01T08:00:00Z") const {
    return {"scan",         kSampleClip.string(),
            "--interval",   "500ms",
            "--settle",     "3s",
            "--camera",     "dock",
            "--state",      Path(state),
            "--no-caption", "--store",
            Path(store),    "--output",
            "jsonl",        "--start",
            start};
  }

  std::vector<ChangeEvent> Stored(const std::string& store) const {
    return Events(Stillwatch({"query", "--store", Path(store), "--output", "jsonl"}).out);
  }
};

TEST_F(StateTest, AScanThatWasKilledGoesOnWithoutLossOrRepetition) {
  const RunResult whole = Stillwatch(Scan("whole", "whole.state"));
  ASSERT_EQ(whole.exit_code, 0) << whole.err;
  const auto truth = score::LoadTruth(kSampleTruth.string());
  ASSERT_TRUE(truth) << truth.error().message();

  const std::size_t lines = Lines(whole.out).size();
  ASSERT_GE(lines, 3u);
  for (std::size_t after = 1; after < lines; ++after) {
    const std::string store = "store" + std::to_string(after), state = store + ".state";
    const RunResult killed =
        Stillwatch(Scan(store, state), {.kill_after_lines = static_cast<int>(after)});
    EXPECT_EQ(killed.exit_code, 128 + 9);
    std::set<std::string> before;
    for (const ChangeEvent& event : Events(killed.out)) before.insert(event.id);
    const RunResult rest = Stillwatch(Scan(store, state));
    ASSERT_EQ(rest.exit_code, 0) << rest.err;
    EXPECT_NE(rest.err.find("passed over"), std::string::npos) << rest.err;

    const std::vector<ChangeEvent> stored = Stored(store);
    const score::ScoreReport report =
        score::Score(*truth, stored, truth->fps, truth->width, truth->height);
    EXPECT_EQ(report.found, report.total) << after << "\n" << score::FormatReport(report);
    EXPECT_EQ(report.duplicates, 0) << after << "\n" << score::FormatReport(report);
    EXPECT_EQ(report.false_alarms, 0) << after << "\n" << score::FormatReport(report);
    // What was seen before the kill is there under its id.
    std::set<std::string> ids;
    for (const ChangeEvent& event : stored) ids.insert(event.id);
    EXPECT_TRUE(std::includes(ids.begin(), ids.end(), before.begin(), before.end())) << after;
    EXPECT_EQ(Stillwatch({"store", "check", Path(store)}).exit_code, 0);
  }
}

TEST_F(StateTest, TheNextRecordingResolvesWhatTheOneBeforeLeftOpen) {
  ASSERT_EQ(Stillwatch(Scan("store", "state")).exit_code, 0);
  std::map<std::string, EventState> before;
  for (const ChangeEvent& event : Stored("store")) before[event.id] = event.state;
  ASSERT_TRUE(std::any_of(before.begin(), before.end(),
                          [](const auto& one) { return one.second == EventState::kOpen; }));
  // The clip once more, an hour later: it begins with the scene as it was.
  const RunResult next = Stillwatch(Scan("store", "state", "2026-01-01T09:00:00Z"));
  ASSERT_EQ(next.exit_code, 0) << next.err;
  int resolved = 0;
  for (const ChangeEvent& event : Stored("store")) {
    const auto known = before.find(event.id);
    if (known == before.end() || known->second != EventState::kOpen) continue;
    resolved += event.state == EventState::kResolved;
  }
  EXPECT_GE(resolved, 1) << next.out;
}

TEST_F(StateTest, AStateOfAnotherCameraIsPutAsideAndSaidSo) {
  ASSERT_EQ(Stillwatch(Scan("store", "state")).exit_code, 0);
  std::vector<std::string> other = Scan("other", "state");
  *std::find(other.begin(), other.end(), std::string("dock")) = "yard";
  const RunResult scan = Stillwatch(other);
  EXPECT_EQ(scan.exit_code, 0) << scan.err;
  EXPECT_NE(scan.err.find("'dock'"), std::string::npos) << scan.err;
  EXPECT_TRUE(std::filesystem::exists(Path("state.unusable")));
  EXPECT_GE(Lines(scan.out).size(), 3u);
}

TEST_F(StateTest, AStateThatCannotBeKeptEndsTheScanAtItsStart) {
  const RunResult scan = Stillwatch(Scan("store", "no/such/folder/state"));
  EXPECT_EQ(scan.exit_code, 3);
  EXPECT_NE(scan.err.find("no/such/folder/state"), std::string::npos) << scan.err;
  EXPECT_EQ(scan.out, "");
}

}  // namespace
}  // namespace stillwatch::e2e
