#include "storage/store/picture_folder.h"

#include <algorithm>
#include <system_error>

#include "storage/store/durable_file.h"
#include "storage/store/sha256.h"

namespace stillwatch::store {
namespace fs = std::filesystem;

namespace {

constexpr const char* kQuarantine = "quarantine";

}  // namespace

fs::path PictureFolder::PathOf(const std::string& day, const std::string& sha256) const {
  return root_ / day / (sha256 + ".jpg");
}

Status PictureFolder::Create() const {
  std::error_code error;
  if (fs::exists(root_, error)) {
    const Result<std::set<std::string>> there = List();
    if (!there) return there.error();
    if (!there->empty()) {
      return DataLoss(root_.string() + " holds " + std::to_string(there->size()) +
                      " files but their database is missing; restore it from a backup, or give "
                      "another path.  Nothing was changed");
    }
    return {};
  }
  fs::create_directories(root_, error);
  if (error) return ErrnoStatus(error.value(), "create", root_);
  return SyncFolder(root_.parent_path());
}

Status PictureFolder::CheckMounted() const {
  std::error_code error;
  if (fs::is_directory(root_, error)) return {};
  return Unavailable("the picture folder " + root_.string() +
                     " is missing; mount or restore it.  Nothing is stored until then");
}

Status PictureFolder::Write(const std::vector<Picture>& pictures) const {
  if (pictures.empty()) return {};
  if (Status mounted = CheckMounted(); !mounted.ok()) return mounted;
  std::set<fs::path> folders;
  std::vector<NewFile> files;
  for (const Picture& picture : pictures) {
    NewFile file{.path = PathOf(picture.day, picture.sha256), .bytes = picture.jpeg};
    const fs::path folder = file.path.parent_path();
    std::error_code error;
    // create_directory, not create_directories: the root must not come back by itself.
    if (fs::create_directory(folder, error)) folders.insert(root_);
    if (error) return ErrnoStatus(error.value(), "create", folder);
    folders.insert(folder);
    files.push_back(std::move(file));
  }
  if (Status written = WriteFilesWhole(files); !written.ok()) return written;
  for (const fs::path& folder : folders) {
    if (Status synced = SyncFolder(folder); !synced.ok()) return synced;
  }
  return {};
}

Result<std::string> PictureFolder::Read(const std::string& day, const std::string& sha256) const {
  if (Status mounted = CheckMounted(); !mounted.ok()) return Failure(mounted);
  const fs::path path = PathOf(day, sha256);
  Result<std::string> bytes = ReadFileWhole(path, kMaxPictureBytes);
  if (!bytes && bytes.error().code() == StatusCode::kNotFound) {
    return DataLoss("picture " + path.string() + " is missing; restore it from a backup");
  }
  if (bytes && Sha256Hex(*bytes) != sha256) {
    return DataLoss("picture " + path.string() + " is damaged; restore it from a backup");
  }
  return bytes;
}

Status PictureFolder::Remove(const std::string& day, const std::string& sha256) const {
  const fs::path path = PathOf(day, sha256);
  std::error_code error;
  fs::remove(path, error);
  if (error) return ErrnoStatus(error.value(), "remove", path);
  std::error_code not_empty;
  fs::remove(path.parent_path(), not_empty);  // As rmdir: only if nothing is left in it.
  return {};
}

Status PictureFolder::Quarantine(const fs::path& file) const {
  const fs::path folder = root_ / kQuarantine;
  std::error_code error;
  fs::create_directory(folder, error);
  if (error) return ErrnoStatus(error.value(), "create", folder);
  std::string name = file.lexically_relative(root_).string();
  std::replace(name.begin(), name.end(), '/', '_');
  fs::rename(file, folder / name, error);
  return error ? ErrnoStatus(error.value(), "move to quarantine", file) : Status();
}

Result<std::set<std::string>> PictureFolder::List() const {
  std::set<std::string> paths;
  std::error_code error;
  for (fs::recursive_directory_iterator at(root_, error), end; !error && at != end;
       at.increment(error)) {
    if (at.depth() == 0 && at->path().filename() == kQuarantine) {
      at.disable_recursion_pending();
    } else if (!at->is_directory(error)) {
      paths.insert(at->path().string());
    }
  }
  if (error) return Failure(ErrnoStatus(error.value(), "list", root_));
  return paths;
}

}  // namespace stillwatch::store
