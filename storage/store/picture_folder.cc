#include "storage/store/picture_folder.h"

#include <algorithm>
#include <system_error>

#include "storage/store/durable_file.h"
#include "storage/store/sha256.h"

namespace stillwatch::store {
namespace {

namespace fs = std::filesystem;

bool IsHexName(std::string_view name) {
  return name.size() == 64 && std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

}  // namespace

fs::path PictureFolder::PathOf(const std::string& sha256) const {
  return root_ / sha256.substr(0, 2) / (sha256 + ".jpg");
}

Status PictureFolder::Create() const {
  std::error_code error;
  if (fs::exists(root_, error)) {
    std::vector<std::string> strangers;
    const Result<std::set<std::string>> there = List(&strangers);
    if (!there) return there.error();
    if (!there->empty()) {
      return DataLoss(root_.string() + " holds " + std::to_string(there->size()) +
                      " pictures but their database is missing; restore it from a backup, or give "
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
  for (const Picture& picture : pictures) {
    const fs::path path = PathOf(picture.sha256);
    std::error_code error;
    // create_directory, not create_directories: the root must not come back by itself.
    if (fs::create_directory(path.parent_path(), error)) folders.insert(root_);
    if (error) return ErrnoStatus(error.value(), "create", path.parent_path());
    if (Status written = WriteFileWhole(path, picture.jpeg); !written.ok()) return written;
    folders.insert(path.parent_path());
  }
  for (const fs::path& folder : folders) {
    if (Status synced = SyncFolder(folder); !synced.ok()) return synced;
  }
  return {};
}

Result<std::string> PictureFolder::Read(const std::string& sha256) const {
  if (Status mounted = CheckMounted(); !mounted.ok()) return Failure(mounted);
  const fs::path path = PathOf(sha256);
  Result<std::string> bytes = ReadFileWhole(path, kMaxPictureBytes);
  if (!bytes && bytes.error().code() == StatusCode::kNotFound) {
    return DataLoss("picture " + path.string() + " is missing; restore it from a backup");
  }
  if (bytes && Sha256Hex(*bytes) != sha256) {
    return DataLoss("picture " + path.string() + " is damaged; restore it from a backup");
  }
  return bytes;
}

Result<std::set<std::string>> PictureFolder::List(std::vector<std::string>* strangers) const {
  std::set<std::string> names;
  std::error_code error;
  for (fs::recursive_directory_iterator at(root_, error), end; !error && at != end;
       at.increment(error)) {
    if (at->is_directory(error)) continue;
    const std::string name = at->path().stem().string();
    if (IsHexName(name) && at->path() == PathOf(name)) {
      names.insert(name);
    } else {
      strangers->push_back(at->path().string());
    }
  }
  if (error) return Failure(ErrnoStatus(error.value(), "list", root_));
  return names;
}

}  // namespace stillwatch::store
