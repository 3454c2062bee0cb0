#include "pipeline/app/pair_writer.h"

#include <system_error>
#include <utility>

#include <nlohmann/json.hpp>

#include "pipeline/bus/jpeg.h"

namespace stillwatch::app {
namespace fs = std::filesystem;

Result<PairWriter> PairWriter::Open(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return Unavailable(folder.string() + ": " + error.message());
  std::ofstream list(folder / "pairs.jsonl", std::ios::app);
  if (!list) return Unavailable((folder / "pairs.jsonl").string() + ": cannot be written");
  return PairWriter(folder, std::move(list));
}

Status PairWriter::Write(const select::SelectedPair& pair, const ChangeEvent& event) {
  const std::string_view type = Name(pair.step);  // "change.detected"
  const std::string stem = event.id + "-" + std::string(type.substr(type.find('.') + 1));
  const auto save = [this](const std::string& name, const Frame& frame) -> Status {
    const auto jpeg = bus::EncodeJpeg(frame);
    if (!jpeg) return jpeg.error();
    std::ofstream file(folder_ / name, std::ios::binary);
    file.write(jpeg->data(), static_cast<std::streamsize>(jpeg->size()));
    file.close();
    if (!file) return Unavailable((folder_ / name).string() + ": cannot be written; disk full?");
    return {};
  };
  const std::string reference = stem + "-reference.jpg", current = stem + "-current.jpg";
  for (const Status& status : {save(reference, *pair.reference), save(current, *pair.current)}) {
    if (!status.ok()) return status;
  }
  nlohmann::json line = {{"id", event.id},           {"reference", reference},
                         {"current", current},       {"kind", Name(event.kind)},
                         {"caption", event.caption}, {"regions", nlohmann::json::array()}};
  for (const Region& region : event.regions) {
    line["regions"].push_back({{"x", region.x}, {"y", region.y}, {"w", region.w}, {"h", region.h}});
  }
  list_ << line.dump() << '\n' << std::flush;
  if (!list_) return Unavailable((folder_ / "pairs.jsonl").string() + ": cannot be written");
  return {};
}

}  // namespace stillwatch::app
