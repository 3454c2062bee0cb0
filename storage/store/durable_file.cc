#include "storage/store/durable_file.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <list>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace stillwatch::store {
namespace {

// Open at a time: well below the usual limit of 1,024 file descriptors.
constexpr std::size_t kOpenFiles = 64;

// From so many files on, one syncfs() instead of an fsync() each: 64 files of 30 kB took 9 to 185
// ms and not 400 to 510 (ext4 on a busy virtual disk).  It writes what others have not synced, too,
// so a single event does without.  It reports errors since Linux 5.8.
constexpr std::size_t kSyncTogether = 8;

// Closes a file descriptor.  Not thread-safe: a local of one function.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

// A file under its temporary name, removed unless it got its own.
class Temporary {
 public:
  explicit Temporary(const NewFile& wanted)
      : wanted_(&wanted),
        name_((wanted.path.parent_path() / ("." + wanted.path.filename().string() + ".XXXXXX.tmp"))
                  .string()),
        file_(::mkstemps(name_.data(), 4)) {}
  ~Temporary() {
    if (file_.get() >= 0 && !done_) ::unlink(name_.c_str());
  }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;

  Status Write() const {
    if (file_.get() < 0) {
      return ErrnoStatus(errno, "create a file in", wanted_->path.parent_path());
    }
    for (std::string_view rest = wanted_->bytes; !rest.empty();) {
      const ssize_t written = ::write(file_.get(), rest.data(), rest.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return ErrnoStatus(errno, "write", wanted_->path);
      rest.remove_prefix(static_cast<std::size_t>(written));
    }
    // mkstemps makes files for the owner alone; others may read, as the umask's usual 022 has it.
    if (::fchmod(file_.get(), 0644) != 0) return ErrnoStatus(errno, "chmod", wanted_->path);
    // The disk may begin while we write the next one: a third faster for 64 files (ext4, measured).
    ::sync_file_range(file_.get(), 0, 0, SYNC_FILE_RANGE_WRITE);
    return {};
  }
  Status Sync() const {
    return ::fsync(file_.get()) == 0 ? Status() : ErrnoStatus(errno, "fsync", wanted_->path);
  }
  // Everything on the file's file system, the files written before included.
  Status SyncAll() const {
    return ::syncfs(file_.get()) == 0 ? Status() : ErrnoStatus(errno, "sync", wanted_->path);
  }
  Status TakeName() {
    if (::rename(name_.c_str(), wanted_->path.c_str()) != 0) {
      return ErrnoStatus(errno, "rename a file to", wanted_->path);
    }
    done_ = true;
    return {};
  }

 private:
  const NewFile* const wanted_;
  std::string name_;
  const Descriptor file_;
  bool done_ = false;
};

Status SyncOpened(const std::filesystem::path& path, int flags) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | flags));
  if (file.get() < 0) return ErrnoStatus(errno, "open", path);
  return ::fsync(file.get()) == 0 ? Status() : ErrnoStatus(errno, "fsync", path);
}

}  // namespace

Status ErrnoStatus(int error, std::string_view action, const std::filesystem::path& path) {
  const std::string text = "cannot " + std::string(action) + " " + path.string() + ": " +
                           std::generic_category().message(error);
  switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return ResourceExhausted(text + "; free some space");
    case ENOENT:
      return NotFound(text);
    default:
      return Unavailable(text);
  }
}

Status WriteFilesWhole(std::span<const NewFile> files) {
  while (!files.empty()) {
    const std::span<const NewFile> some = files.first(std::min(files.size(), kOpenFiles));
    files = files.subspan(some.size());
    std::list<Temporary> open;
    for (const NewFile& file : some) {
      if (Status written = open.emplace_back(file).Write(); !written.ok()) return written;
    }
    if (open.size() >= kSyncTogether) {
      if (Status synced = open.back().SyncAll(); !synced.ok()) return synced;
    } else {
      for (const Temporary& file : open) {
        if (Status synced = file.Sync(); !synced.ok()) return synced;
      }
    }
    for (Temporary& file : open) {
      if (Status named = file.TakeName(); !named.ok()) return named;
    }
  }
  return {};
}

Status SyncFolder(const std::filesystem::path& folder) { return SyncOpened(folder, O_DIRECTORY); }

Status SyncFile(const std::filesystem::path& file) { return SyncOpened(file, 0); }

Result<std::string> ReadFileWhole(const std::filesystem::path& path, std::size_t limit) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return Failure(ErrnoStatus(errno, "open", path));
  struct stat about {};
  if (::fstat(file.get(), &about) != 0) return Failure(ErrnoStatus(errno, "stat", path));
  if (!S_ISREG(about.st_mode) || static_cast<std::size_t>(about.st_size) > limit) {
    return DataLoss(path.string() + " is no file of at most " + std::to_string(limit) + " bytes");
  }
  std::string bytes(static_cast<std::size_t>(about.st_size), '\0');
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t got = ::read(file.get(), bytes.data() + filled, bytes.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Failure(ErrnoStatus(errno, "read", path));
    if (got == 0) break;  // Truncated while we read.
    filled += static_cast<std::size_t>(got);
  }
  bytes.resize(filled);
  return bytes;
}

}  // namespace stillwatch::store
