// ReadLayout: annotated pairs of pictures, from the files that data sets are published in.

#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/datasets/problems.h"
#include "pipeline/core/status.h"

namespace stillwatch::model {

struct LayoutPair {
  std::string id{};
  std::string reference{};  // Paths of the pictures.
  std::string current{};
  std::vector<std::string> captions{};
  std::string kind = "other";  // Name of a ChangeKind, or "same".  "other": the set does not say.
  std::string split{};         // train, val or test: the official one.
};

// A pair with several changes has several sentences, one each.
enum class Protocol {
  kSingle,  // One sentence is written, and scored against each of them: they are alternatives.
  kMulti,   // All changes are to be told: the sentences in a row are one caption.
};

struct LayoutName {
  std::string_view word{};   // On the command line.
  std::string_view wants{};  // The files it looks for.
};
std::span<const LayoutName> Layouts();

// Pairs whose captions are blank or no UTF-8, whose ids stand twice or whose pictures are missing
// are left out and told to `problems`; its limit ends the reading.  Pictures are not opened.
//
// kInvalidArgument: no such layout.  kNotFound: a file of it is not there.  kDataLoss: names file
// and entry.
[[nodiscard]] Result<std::vector<LayoutPair>> ReadLayout(std::string_view layout,
                                                         const std::string& folder,
                                                         Protocol protocol, Problems& problems);

}  // namespace stillwatch::model
