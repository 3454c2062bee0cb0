#include "model/runtime/fingerprint.h"

#include <algorithm>
#include <span>

#include "model/checkpoint/mapped_file.h"
#include "model/checkpoint/sha256.h"

namespace stillwatch::model {
namespace {

constexpr std::uint64_t kSampledFrom_bytes = 512ULL << 20;
constexpr std::size_t kSample_bytes = 1 << 20;
constexpr std::size_t kStride_bytes = 64 << 20;

// Where to look, and what of it.
class Digest {
 public:
  explicit Digest(std::uint64_t total_bytes) : sampled_(total_bytes > kSampledFrom_bytes) {}

  Status Add(const std::filesystem::path& path) {
    const auto file = MappedFile::Open(path);
    if (!file) return file.error();
    const auto bytes = file->bytes();
    if (!sampled_) {
      last_ = Sha256(bytes);
    } else {
      Sha256Stream stream;
      for (std::size_t at = 0; at < bytes.size(); at += kStride_bytes) {
        stream.Update(bytes.subspan(at, std::min(kSample_bytes, bytes.size() - at)));
      }
      stream.Update(bytes.last(std::min(kSample_bytes, bytes.size())));
      const std::string size = std::to_string(bytes.size());
      stream.Update(std::as_bytes(std::span(size)));
      last_ = stream.Finish();
    }
    ++files_;
    all_.Update(std::as_bytes(std::span(last_)));
    return {};
  }

  // One file: its own digest, which other tools give, too.
  std::string Finish() {
    return (sampled_ ? "sha256-sampled:" : "sha256:") + (files_ == 1 ? last_ : all_.Finish());
  }

 private:
  const bool sampled_;
  int files_ = 0;
  std::string last_;
  Sha256Stream all_;
};

Result<std::string> Of(const Checkpoint& checkpoint, const LoraAdapter* adapter) {
  std::uint64_t total = 0;
  for (const auto& [name, view] : checkpoint.tensors()) total += view.bytes.size();
  Digest digest(total);
  for (const auto& path : checkpoint.files()) {
    if (Status s = digest.Add(path); !s.ok()) return Failure(s);
  }
  if (adapter != nullptr) {
    if (Status s = digest.Add(adapter->path); !s.ok()) return Failure(s);
  }
  return digest.Finish();
}

}  // namespace

Result<std::string> Fingerprint(const Checkpoint& checkpoint) { return Of(checkpoint, nullptr); }

Result<std::string> Fingerprint(const NetworkWeights& weights) {
  return Of(weights.checkpoint(), weights.adapter());
}

}  // namespace stillwatch::model
