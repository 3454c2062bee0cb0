#include "model/data/archive.h"

#include <utility>

#include <minizip/unzip.h>

namespace stillwatch::data {
namespace {

constexpr std::uint64_t kLargestEntry_bytes = 64ULL << 20;  // The largest in use has 9 MiB.

struct CloseZip {
  void operator()(void* zip) const { unzClose(zip); }
};

}  // namespace

struct Archive::Impl {
  std::string file;
  std::unique_ptr<void, CloseZip> zip;
  std::map<std::string, unz_file_pos> entries;

  Result<std::vector<std::uint8_t>> ReadAt(const std::string& name, unz_file_pos at) const {
    const std::string what = file + ": " + name;
    unz_file_info info{};
    if (unzGoToFilePos(zip.get(), &at) != UNZ_OK ||
        unzGetCurrentFileInfo(zip.get(), &info, nullptr, 0, nullptr, 0, nullptr, 0) != UNZ_OK) {
      return DataLoss(what + ": entry cannot be read");
    }
    if (info.uncompressed_size > kLargestEntry_bytes) return DataLoss(what + ": above 64 MiB");
    std::vector<std::uint8_t> bytes(info.uncompressed_size);
    if (unzOpenCurrentFile(zip.get()) != UNZ_OK) return DataLoss(what + ": entry does not open");
    const int got =
        unzReadCurrentFile(zip.get(), bytes.data(), static_cast<unsigned>(bytes.size()));
    const bool sound = unzCloseCurrentFile(zip.get()) == UNZ_OK;  // Compares the checksum.
    if (got != static_cast<int>(bytes.size()) || !sound) return DataLoss(what + ": broken entry");
    return bytes;
  }
};

Archive::Archive(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Archive::Archive(Archive&&) noexcept = default;
Archive& Archive::operator=(Archive&&) noexcept = default;
Archive::~Archive() = default;

Result<Archive> Archive::Open(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) {
    return NotFound(file.string() + ": no such archive; install Debian's sweethome3d-furniture");
  }
  auto impl = std::make_unique<Impl>();
  impl->file = file.string();
  impl->zip.reset(unzOpen(impl->file.c_str()));
  if (!impl->zip) return DataLoss(impl->file + ": not a zip archive");
  for (int code = unzGoToFirstFile(impl->zip.get()); code == UNZ_OK;
       code = unzGoToNextFile(impl->zip.get())) {
    char name[1024] = {};
    unz_file_pos at{};
    unz_file_info info{};  // Not wanted, but minizip 1.1 writes to it without asking.
    if (unzGetCurrentFileInfo(impl->zip.get(), &info, name, sizeof(name) - 1, nullptr, 0, nullptr,
                              0) != UNZ_OK ||
        unzGetFilePos(impl->zip.get(), &at) != UNZ_OK) {
      return DataLoss(impl->file + ": broken list of entries");
    }
    impl->entries.emplace(name, at);
  }
  return Archive(std::move(impl));
}

Result<std::vector<std::uint8_t>> Archive::Read(const std::string& name) const {
  const auto entry = impl_->entries.find(name);
  if (entry == impl_->entries.end()) return NotFound(impl_->file + ": has no " + name);
  return impl_->ReadAt(name, entry->second);
}

Result<std::map<std::string, std::vector<std::uint8_t>>> Archive::ReadFolderOf(
    const std::string& name) const {
  if (!impl_->entries.contains(name)) return NotFound(impl_->file + ": has no " + name);
  const std::string folder = name.substr(0, name.rfind('/') + 1);
  std::map<std::string, std::vector<std::uint8_t>> files;
  for (const auto& [entry, at] : impl_->entries) {
    if (!entry.starts_with(folder) || entry.ends_with("/")) continue;
    auto bytes = impl_->ReadAt(entry, at);
    if (!bytes) return Failure(bytes.error());
    files.emplace(entry, std::move(*bytes));
  }
  return files;
}

}  // namespace stillwatch::data
