#include "model/checkpoint/write_safetensors.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <string_view>
#include <system_error>
#include <tuple>
#include <vector>

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace stillwatch::model {
namespace {

constexpr std::size_t kAlignment = 8;  // Of the data's start: the largest element type.

Failure Failed(const std::filesystem::path& path, const char* what) {
  const int error = errno;
  std::string message = path.string() + ": " + what + ": " + std::generic_category().message(error);
  if (error == ENOENT || error == ENOTDIR) return NotFound(std::move(message));
  if (error == ENOSPC || error == EDQUOT) return ResourceExhausted(std::move(message));
  return Unavailable(std::move(message));
}

// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

bool WriteAll(int fd, const void* data, std::size_t size) {
  const auto* from = static_cast<const char*>(data);
  while (size > 0) {
    // The kernel writes at most about 2 GB at once.
    const ssize_t written = ::write(fd, from, std::min<std::size_t>(size, 1U << 30));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    from += written;
    size -= static_cast<std::size_t>(written);
  }
  return true;
}

Status CheckTensors(std::span<const NamedTensor* const> sorted) {
  std::vector<std::string_view> names;
  for (const NamedTensor* tensor : sorted) {
    const TensorView& view = tensor->view;
    const auto wanted = ByteCount(view.dtype, view.shape);
    if (!wanted || static_cast<std::size_t>(*wanted) != view.bytes.size()) {
      return InvalidArgument("tensor '" + tensor->name + "': " + Describe(view.dtype, view.shape) +
                             " takes " + (wanted ? std::to_string(*wanted) : "too many") +
                             " bytes, got " + std::to_string(view.bytes.size()));
    }
    if (tensor->name == "__metadata__") {
      return InvalidArgument("'__metadata__' is no name for a tensor");
    }
    names.push_back(tensor->name);
  }
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice != names.end()) return InvalidArgument("tensor '" + std::string(*twice) + "' twice");
  return {};
}

// The length and the JSON header, padded with spaces so that the data is aligned.
std::string Header(std::span<const NamedTensor* const> sorted,
                   const std::map<std::string, std::string>& metadata) {
  // Ordered: the header lists the tensors in the order of their data.
  nlohmann::ordered_json document = nlohmann::ordered_json::object();
  if (!metadata.empty()) document["__metadata__"] = metadata;
  std::uint64_t offset = 0;
  for (const NamedTensor* tensor : sorted) {
    const std::uint64_t end = offset + tensor->view.bytes.size();
    document[tensor->name] = {{"dtype", Name(tensor->view.dtype)},
                              {"shape", tensor->view.shape},
                              {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text = document.dump();
  text.append((kAlignment - text.size() % kAlignment) % kAlignment, ' ');
  std::string length;
  for (std::size_t i = 0; i < 8; ++i) {
    length.push_back(static_cast<char>(text.size() >> (8 * i) & 0xff));
  }
  return length + text;
}

Status WriteAndRename(const std::filesystem::path& path, const std::filesystem::path& temporary,
                      std::string_view header, std::span<const NamedTensor* const> sorted) {
  Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (file.get() < 0) return Failed(temporary, "cannot create");
  bool written = WriteAll(file.get(), header.data(), header.size());
  for (const NamedTensor* tensor : sorted) {
    written = written && WriteAll(file.get(), tensor->view.bytes.data(), tensor->view.bytes.size());
  }
  if (!written || ::fsync(file.get()) != 0) return Failed(temporary, "cannot write");
  if (::close(file.release()) != 0) return Failed(temporary, "cannot close");
  if (::rename(temporary.c_str(), path.c_str()) != 0) return Failed(path, "cannot rename to it");
  // The rename is on disk once its folder is.
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  Descriptor parent(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (parent.get() < 0 || ::fsync(parent.get()) != 0) return Failed(folder, "cannot sync");
  return {};
}

}  // namespace

Status WriteSafetensors(const std::filesystem::path& path, std::span<const NamedTensor> tensors,
                        const std::map<std::string, std::string>& metadata) {
  std::vector<const NamedTensor*> sorted;
  for (const NamedTensor& tensor : tensors) sorted.push_back(&tensor);
  std::sort(sorted.begin(), sorted.end(), [](const NamedTensor* a, const NamedTensor* b) {
    return std::tuple(ByteSize(b->view.dtype), std::string_view(a->name)) <
           std::tuple(ByteSize(a->view.dtype), std::string_view(b->name));
  });
  if (Status status = CheckTensors(sorted); !status.ok()) return status.WithContext(path.string());
  std::string header;
  try {
    header = Header(sorted, metadata);
  } catch (const std::exception& e) {  // A name or metadata that is not UTF-8.
    return InvalidArgument(path.string() + ": header: " + e.what());
  }
  // Unlike any other writer's, in this process or another.
  static std::atomic<unsigned> counter{0};
  std::filesystem::path temporary = path;
  temporary += ".tmp-" + std::to_string(::getpid()) + "-" + std::to_string(counter++);
  Status status = WriteAndRename(path, temporary, header, sorted);
  if (!status.ok()) ::unlink(temporary.c_str());
  return status;
}

}  // namespace stillwatch::model
