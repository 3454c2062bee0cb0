// WriteHtmlReport: every miss and every false alarm with its pictures, on one page.

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "pipeline/bench/run_clip.h"
#include "pipeline/core/status.h"

namespace stillwatch::bench {

struct ReportOptions {
  std::string title{};
  bool everything = false;  // Also what was right, and every candidate that was passed over.
};

// Writes FOLDER/index.html, pictures inside it: it can be mailed.  Makes the folder.  Needs results
// of runs that kept their pictures.  kUnavailable: it cannot be written.
[[nodiscard]] Status WriteHtmlReport(const std::filesystem::path& folder,
                                     const ReportOptions& options,
                                     const std::vector<ClipResult>& results);

}  // namespace stillwatch::bench
