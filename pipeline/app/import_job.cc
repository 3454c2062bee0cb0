#include "pipeline/app/import_job.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <vector>

#include <nlohmann/json.hpp>
#include <opencv2/imgproc.hpp>

#include "model/datasets/layout.h"
#include "model/datasets/problems.h"
#include "model/train/text_file.h"
#include "pipeline/app/interrupt.h"
#include "pipeline/app/output.h"
#include "pipeline/app/pictures.h"

namespace stillwatch::app {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// The whole picture at the network's shape, as the model would see it without regions.
cv::Mat Resized(const Frame& frame, int size) {
  const cv::Mat whole(frame.height, frame.width, CV_8UC3,
                      const_cast<std::uint8_t*>(frame.rgb.data()));
  cv::Mat small;
  cv::resize(whole, small, {size, size}, 0, 0, cv::INTER_AREA);
  return small;
}

std::string Line(const model::LayoutPair& pair) {
  const bool same = pair.kind == "same";
  return Json{{"id", pair.split + "/" + pair.id},
              {"kind", pair.kind},
              {"changed", !same},
              {"captions", pair.captions},
              {"crop", {0, 0, 1, 1}},
              {"region", {0, 0, 0, 0}},
              {"split", pair.split}}
      .dump();
}

}  // namespace

Result<Outcome> RunImport(const ImportOptions& options) {
  if (options.protocol != "single" && options.protocol != "multi") {
    return InvalidArgument("--protocol: wanted single or multi");
  }
  std::error_code error;
  if (fs::exists(fs::path(options.out) / "manifest.json", error)) {
    return InvalidArgument(options.out + ": holds pairs already; import into a new folder");
  }
  model::Problems problems(options.max_problems);
  const auto pairs = model::ReadLayout(
      options.layout, options.folder,
      options.protocol == "multi" ? model::Protocol::kMulti : model::Protocol::kSingle, problems);
  if (!pairs) return Failure(pairs.error());
  fs::create_directories(options.out, error);
  if (error) return Unavailable(options.out + ": " + error.message());
  std::ofstream pictures(options.out + "/pictures.u8", std::ios::binary);
  std::ofstream lines(options.out + "/pairs.jsonl");

  const Interrupt interrupt;
  Progress progress("import");
  std::size_t done = 0, kept = 0;
  for (const model::LayoutPair& pair : *pairs) {
    if (interrupt.requested()) return Cancelled("interrupted; " + options.out + " is of no use");
    ++done;
    progress.Show(static_cast<double>(done) / static_cast<double>(pairs->size()),
                  Count(done, "pair"));
    const auto reference = ReadPicture(pair.reference);
    const auto current = ReadPicture(pair.current);
    if (!reference || !current) {
      problems.Add("picture that cannot be read", reference ? pair.current : pair.reference);
    } else if ((*reference)->width != (*current)->width ||
               (*reference)->height != (*current)->height) {
      problems.Add("pictures of two sizes", pair.id);
    } else {
      for (const Frame* frame : {reference->get(), current->get()}) {
        const cv::Mat small = Resized(*frame, options.size);
        pictures.write(reinterpret_cast<const char*>(small.data),
                       static_cast<std::streamsize>(small.total() * small.elemSize()));
      }
      lines << Line(pair) << '\n';
      ++kept;
    }
    if (Status s = problems.Check(); !s.ok()) return Failure(s.WithContext(options.folder));
  }
  progress.Clear();
  pictures.flush();
  lines.flush();
  if (!pictures || !lines)
    return Unavailable(options.out + ": cannot be written; is the disk full?");
  // Written last: a folder without it is no set.
  const Json manifest = {{"version", 1},
                         {"size", options.size},
                         {"count", kept},
                         {"origin", options.layout + ", " + options.protocol}};
  if (Status s = model::WriteTextFile(options.out + "/manifest.json", manifest.dump(1) + "\n");
      !s.ok()) {
    return Failure(s);
  }
  if (problems.count() > 0) {
    std::fprintf(stderr, "left out:\n%s", problems.Report().c_str());
  }
  std::printf("%s: %s\n", options.out.c_str(), Count(kept, "pair").c_str());
  return kept > 0 ? Outcome::kFound : Outcome::kNothing;
}

}  // namespace stillwatch::app
