#include "storage/store/durable_file.h"

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace stillwatch::store {
namespace {

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

Status WriteAll(int fd, std::string_view bytes, const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return ErrnoStatus(errno, "write", path);
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::fsync(fd) == 0 ? Status() : ErrnoStatus(errno, "fsync", path);
}

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

Status WriteFileWhole(const std::filesystem::path& path, std::string_view bytes) {
  std::string temporary =
      (path.parent_path() / ("." + path.filename().string() + ".XXXXXX.tmp")).string();
  const Descriptor file(::mkstemps(temporary.data(), 4));
  if (file.get() < 0) return ErrnoStatus(errno, "create a file in", path.parent_path());
  Status status = WriteAll(file.get(), bytes, path);
  // mkstemps makes files for the owner alone; group and others follow the umask's usual 022.
  if (status.ok() && ::fchmod(file.get(), 0644) != 0) status = ErrnoStatus(errno, "chmod", path);
  if (status.ok() && ::rename(temporary.c_str(), path.c_str()) != 0) {
    status = ErrnoStatus(errno, "rename a file to", path);
  }
  if (!status.ok()) ::unlink(temporary.c_str());
  return status;
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
