#include "pipeline/core/durable_file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace stillwatch {
namespace {

// Closes at the end of its scope.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

Status Failed(const std::string& path, const char* what, int error) {
  const StatusCode code = error == ENOSPC || error == EDQUOT || error == EFBIG
                              ? StatusCode::kResourceExhausted
                              : StatusCode::kUnavailable;
  return {code, path + ": cannot " + what + ": " + std::strerror(error)};
}

Status WriteAndSync(const std::string& path, std::string_view bytes) {
  const Descriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (file.get() < 0) return Failed(path, "write", errno);
  while (!bytes.empty()) {
    const ssize_t written = write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Failed(path, "write", errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  if (fsync(file.get()) != 0) return Failed(path, "sync", errno);
  return {};
}

}  // namespace

Status WriteDurably(const std::string& path, std::string_view bytes) {
  const std::string fresh = path + ".new";
  if (const Status status = WriteAndSync(fresh, bytes); !status.ok()) {
    unlink(fresh.c_str());
    return status;
  }
  if (rename(fresh.c_str(), path.c_str()) != 0) {
    const int error = errno;
    unlink(fresh.c_str());
    return Failed(path, "replace", error);
  }
  // The name is in the folder: without this a loss of power may bring the old file back.
  const std::string folder = std::filesystem::path(path).parent_path().string();
  const Descriptor directory(
      open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0 || fsync(directory.get()) != 0) {
    return Failed(path, "sync the folder of", errno);
  }
  return {};
}

Result<std::string> ReadWhole(const std::string& path, std::size_t most_bytes) {
  // O_NONBLOCK: a FIFO must not hold us up.
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0 && errno == ENOENT) return NotFound(path + ": no such file");
  struct stat info {};
  if (file.get() < 0 || fstat(file.get(), &info) != 0) return Failure(Failed(path, "read", errno));
  if (!S_ISREG(info.st_mode)) return Unavailable(path + ": not a regular file");
  std::string bytes;
  char block[1 << 16];
  for (;;) {
    const ssize_t got = read(file.get(), block, sizeof block);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Failure(Failed(path, "read", errno));
    if (got == 0) return bytes;
    if (bytes.size() + static_cast<std::size_t>(got) > most_bytes) {
      return ResourceExhausted(path + ": larger than " + std::to_string(most_bytes) + " bytes");
    }
    bytes.append(block, static_cast<std::size_t>(got));
  }
}

}  // namespace stillwatch
