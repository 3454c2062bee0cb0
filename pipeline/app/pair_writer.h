// PairWriter: writes the pictures of events to a folder, with a list that `stillwatch caption
// --pairs` reads.

#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "pipeline/core/event.h"
#include "pipeline/core/status.h"
#include "pipeline/select/pair_selector.h"

namespace stillwatch::app {

// <id>-<step>-reference.jpg, <id>-<step>-current.jpg and a line in pairs.jsonl for each step of an
// event; an earlier scan's files of the same name are replaced, its pairs.jsonl is continued.
class PairWriter {
 public:
  // Makes the folder.  kUnavailable if it cannot be written.
  [[nodiscard]] static Result<PairWriter> Open(const std::filesystem::path& folder);

  Status Write(const select::SelectedPair& pair, const ChangeEvent& event);

 private:
  PairWriter(std::filesystem::path folder, std::ofstream list)
      : folder_(std::move(folder)), list_(std::move(list)) {}

  std::filesystem::path folder_;
  std::ofstream list_;
};

}  // namespace stillwatch::app
