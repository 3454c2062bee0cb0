#include "model/runtime/verdict_of_words.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace stillwatch::model {
namespace {

constexpr std::array<std::string_view, 8> kSaysNothing = {
    "no difference", "no change",    "nothing has changed", "nothing changed",
    "are identical", "are the same", "no visible",          "no significant"};

}  // namespace

std::vector<std::string_view> NothingChangedSentences() {
  return {"There is no difference between the two images.", "The two images are the same.",
          "Nothing has changed."};
}

bool SaysNothingChanged(std::string caption) {
  std::transform(caption.begin(), caption.end(), caption.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::any_of(kSaysNothing.begin(), kSaysNothing.end(), [&](std::string_view words) {
    return caption.find(words) != std::string::npos;
  });
}

VerdictOfWords JudgeWords(const std::string& caption, const Generated& written,
                          const UnchangedCalibration& calibration) {
  const double said = written.MeanLogProbability();
  double nothing = -1e30;
  for (const double mean : written.also) nothing = std::max(nothing, mean);
  if (written.ids.empty() || SaysNothingChanged(caption)) {
    // The likelier of the two wordings speaks for "unchanged"; the other does not speak against it.
    const double unchanged =
        UnchangedProbability(std::max(said, nothing), std::min(said, nothing), calibration);
    return {.changed = unchanged < 0.5, .changed_probability = 1 - unchanged};
  }
  const double unchanged = UnchangedProbability(nothing, said, calibration);
  return {.changed = unchanged < 0.5, .changed_probability = 1 - unchanged};
}

}  // namespace stillwatch::model
