#include "pipeline/app/make_clips_job.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <thread>

#include <malloc.h>
#include <opencv2/core.hpp>

#include "pipeline/app/interrupt.h"
#include "pipeline/app/output.h"
#include "pipeline/clips/maker.h"
#include "pipeline/clips/scenery.h"
#include "pipeline/clips/script.h"
#include "pipeline/clips/suites.h"

namespace stillwatch::app {
namespace {

[[nodiscard]] Result<std::vector<clips::Script>> ReadScripts(
    const std::vector<std::string>& files) {
  std::vector<clips::Script> scripts;
  for (const std::string& file : files) {
    std::ifstream in(file, std::ios::binary);
    if (!in) return NotFound(file + ": cannot be read");
    const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    auto script = clips::ParseScript(text, file);
    if (!script) return Failure(script.error());
    scripts.push_back(*std::move(script));
  }
  return scripts;
}

[[nodiscard]] Result<std::vector<clips::Script>> DrawScripts(const MakeClipsOptions& options,
                                                             const clips::Scenery& scenery) {
  std::vector<clips::Script> scripts;
  for (const std::string& name : options.suites.empty() ? clips::SuiteNames() : options.suites) {
    auto suite = clips::MakeSuite(name, options.seed, scenery);
    if (!suite) return Failure(suite.error());
    for (clips::Script& script : *suite) {
      if (script.name.find(options.only) != std::string::npos) {
        scripts.push_back(std::move(script));
      }
    }
  }
  if (scripts.empty()) return InvalidArgument("--only " + options.only + ": no clip is called so");
  return scripts;
}

// Several clips at a time; the threads share the scenery, which nobody changes.
class Workshop {
 public:
  Workshop(const MakeClipsOptions& options, const clips::Scenery& scenery,
           const std::vector<clips::Script>& scripts, const Interrupt& interrupt)
      : options_(options), scenery_(scenery), scripts_(scripts), interrupt_(interrupt) {}

  Status Run() {
    {
      std::vector<std::jthread> workers;
      for (int i = 0; i < options_.jobs; ++i) workers.emplace_back([this] { Work(); });
    }
    return failure_;
  }

 private:
  void Work() {
    for (;;) {
      const std::size_t at = next_++;
      if (at >= scripts_.size() || interrupt_.requested()) return;
      const clips::Script& script = scripts_[at];
      const Status made =
          clips::MakeClip(script, scenery_, std::filesystem::path(options_.folder) / script.suite);
      const std::lock_guard lock(mutex_);
      if (!made.ok()) {
        if (failure_.ok()) failure_ = made;
        next_ = scripts_.size();
        return;
      }
      progress_.Show(static_cast<double>(++done_) / static_cast<double>(scripts_.size()),
                     script.name);
    }
  }

  const MakeClipsOptions& options_;
  const clips::Scenery& scenery_;
  const std::vector<clips::Script>& scripts_;
  const Interrupt& interrupt_;
  std::atomic<std::size_t> next_ = 0;
  std::mutex mutex_;  // Guards what follows.
  std::size_t done_ = 0;
  Status failure_;
  Progress progress_{"make clips"};
};

}  // namespace

Result<Outcome> RunMakeClips(const MakeClipsOptions& options) {
  const Interrupt interrupt;
  cv::setNumThreads(1);  // A clip is a thread's work.
  // A picture is some megabytes and lives for one frame: without this malloc gives it back to the
  // system each time, which took a third of all CPU time.
  mallopt(M_MMAP_THRESHOLD, 256 << 20);
  mallopt(M_TRIM_THRESHOLD, 512 << 20);
  mallopt(M_TOP_PAD, 64 << 20);
  const auto scenery = clips::Scenery::Load(options.material);
  if (!scenery) return Failure(scenery.error());
  const auto scripts =
      options.scripts.empty() ? DrawScripts(options, *scenery) : ReadScripts(options.scripts);
  if (!scripts) return Failure(scripts.error());
  if (Status made = Workshop(options, *scenery, *scripts, interrupt).Run(); !made.ok()) {
    return Failure(made);
  }
  if (interrupt.requested()) return Cancelled("interrupted; clips that were whole stay");
  std::fprintf(stderr, "%s in %s\n", Count(scripts->size(), "clip").c_str(),
               options.folder.c_str());
  return Outcome::kFound;
}

}  // namespace stillwatch::app
