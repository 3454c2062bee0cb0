#include "model/data/dataset.h"

#include <fstream>
#include <utility>

#include <nlohmann/json.hpp>

#include "model/data/files.h"

namespace stillwatch::data {
namespace {

namespace fs = std::filesystem;

constexpr int kVersion = 1;  // Stored.

std::uint64_t PairBytes(int size) {
  return 6ULL * static_cast<std::uint64_t>(size) * static_cast<std::uint64_t>(size);
}

// The length of the first `count` lines; nothing if there are fewer.
Result<std::uint64_t> LengthOfLines(const fs::path& file, std::uint64_t count) {
  std::ifstream in(file, std::ios::binary);
  std::string line;
  std::uint64_t bytes = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    if (!std::getline(in, line) || in.eof()) {
      return DataLoss(file.string() + ": " + std::to_string(i) + " lines, the manifest says " +
                      std::to_string(count) + "; remove the folder and compose again");
    }
    bytes += line.size() + 1;
  }
  return bytes;
}

}  // namespace

struct DatasetWriter::Impl {
  fs::path folder;
  std::string origin;
  int size = kPairSize_px;
  std::uint64_t count = 0;
  std::ofstream pictures;
  std::ofstream lines;
};

DatasetWriter::DatasetWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
DatasetWriter::DatasetWriter(DatasetWriter&&) noexcept = default;
DatasetWriter::~DatasetWriter() = default;

std::uint64_t DatasetWriter::count() const { return impl_->count; }

Result<DatasetWriter> DatasetWriter::Open(const fs::path& folder, const std::string& origin,
                                          int size) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return Unavailable(folder.string() + ": " + error.message());
  auto impl = std::make_unique<Impl>();
  impl->folder = folder;
  impl->origin = origin;
  impl->size = size;
  const fs::path manifest = folder / "manifest.json";
  const fs::path pictures = folder / "pictures.u8";
  const fs::path lines = folder / "pairs.jsonl";
  if (fs::exists(manifest, error)) {
    auto text = ReadWhole(manifest);
    if (!text) return Failure(text.error());
    try {
      const auto known = nlohmann::json::parse(*text);
      if (known.at("version") != kVersion || known.at("size") != size) {
        return InvalidArgument(manifest.string() + ": another version; compose into a new folder");
      }
      if (known.at("origin") != origin) {
        return InvalidArgument(manifest.string() + ": holds pairs of " +
                               known.at("origin").get<std::string>() + ", asked for " + origin +
                               "; compose into a new folder");
      }
      impl->count = known.at("count");
    } catch (const nlohmann::json::exception& why) {
      return DataLoss(manifest.string() + ": " + why.what());
    }
  }
  if (impl->count > 0) {
    const auto length = LengthOfLines(lines, impl->count);
    if (!length) return Failure(length.error());
    const auto have = fs::file_size(pictures, error);
    if (error || have < impl->count * PairBytes(size)) {
      return DataLoss(pictures.string() + ": shorter than the manifest says; remove the folder " +
                      "and compose again");
    }
    fs::resize_file(lines, *length, error);
    if (!error) fs::resize_file(pictures, impl->count * PairBytes(size), error);
    if (error) return Unavailable(folder.string() + ": " + error.message());
  }
  const auto mode = std::ios::binary | (impl->count > 0 ? std::ios::app : std::ios::trunc);
  impl->pictures.open(pictures, mode);
  impl->lines.open(lines, mode);
  if (!impl->pictures || !impl->lines) {
    return Unavailable(folder.string() + ": pictures.u8 or pairs.jsonl cannot be written");
  }
  return DatasetWriter(std::move(impl));
}

Status DatasetWriter::Append(const Pair& pair) {
  if (pair.id != impl_->count || pair.pixels.size() != PairBytes(impl_->size)) {
    return Internal("data set: pair " + std::to_string(pair.id) + " where " +
                    std::to_string(impl_->count) + " was due");
  }
  impl_->pictures.write(reinterpret_cast<const char*>(pair.pixels.data()),
                        static_cast<std::streamsize>(pair.pixels.size()));
  impl_->lines << ToJsonLine(pair) << '\n';
  if (!impl_->pictures || !impl_->lines) {
    return Unavailable(impl_->folder.string() + ": cannot be written; is the disk full?");
  }
  ++impl_->count;
  return {};
}

Status DatasetWriter::Commit() {
  impl_->pictures.flush();
  impl_->lines.flush();
  if (!impl_->pictures || !impl_->lines) {
    return Unavailable(impl_->folder.string() + ": cannot be written; is the disk full?");
  }
  const nlohmann::ordered_json manifest{{"version", kVersion},
                                        {"size", impl_->size},
                                        {"count", impl_->count},
                                        {"origin", impl_->origin}};
  return WriteWhole(impl_->folder / "manifest.json", manifest.dump(1) + "\n");
}

}  // namespace stillwatch::data
