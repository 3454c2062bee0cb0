#include "model/checkpoint/safetensors.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "model/checkpoint/json_check.h"

namespace stillwatch::model {
namespace {

using nlohmann::json;

constexpr std::size_t kLengthBytes = 8;  // Unsigned, little-endian: length of the JSON header.
// The format's own limit (safetensors' MAX_HEADER_SIZE); a 7B model needs about 0.1 MB.
constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;
constexpr int kMaxRank = 8;  // Ours: models have up to 4 dimensions.

// A tensor's place after the header, to look for overlaps and gaps.
struct Extent {
  std::uint64_t begin = 0, end = 0;
  const std::string* name = nullptr;
};

std::optional<std::uint64_t> Unsigned(const json& value) {
  if (!value.is_number_unsigned()) return std::nullopt;
  return value.get<std::uint64_t>();
}

// Fills `view` but for its bytes, and `extent`.  `text` is what the header says of the tensor.
Status ParseTensor(const json& text, TensorView& view, Extent& extent) {
  if (!text.is_object()) return DataLoss("expected an object with dtype, shape and data_offsets");
  for (const auto& [key, value] : text.items()) {
    if (key != "dtype" && key != "shape" && key != "data_offsets") {
      return DataLoss("unknown key '" + key + "'; expected dtype, shape and data_offsets");
    }
  }
  const auto dtype = text.find("dtype");
  if (dtype == text.end() || !dtype->is_string()) return DataLoss("dtype: expected a text");
  const auto parsed = ParseDtype(dtype->get_ref<const std::string&>());
  if (!parsed) {
    return DataLoss("dtype: '" + dtype->get<std::string>() +
                    "' is not known; expected one of F64 F32 F16 BF16 I64 I32 I16 I8 U8 BOOL "
                    "F8_E4M3");
  }
  view.dtype = *parsed;
  const auto shape = text.find("shape");
  if (shape == text.end() || !shape->is_array() || shape->size() > kMaxRank) {
    return DataLoss("shape: expected a list of at most " + std::to_string(kMaxRank) + " sizes");
  }
  for (const json& size : *shape) {
    const auto number = Unsigned(size);
    if (!number || *number > std::numeric_limits<std::int64_t>::max()) {
      return DataLoss("shape: expected whole numbers from 0, found " + size.dump());
    }
    view.shape.push_back(static_cast<std::int64_t>(*number));
  }
  const auto offsets = text.find("data_offsets");
  if (offsets == text.end() || !offsets->is_array() || offsets->size() != 2 ||
      !Unsigned((*offsets)[0]) || !Unsigned((*offsets)[1])) {
    return DataLoss("data_offsets: expected [begin, end], whole numbers from 0");
  }
  extent.begin = *Unsigned((*offsets)[0]);
  extent.end = *Unsigned((*offsets)[1]);
  if (extent.end < extent.begin) {
    return DataLoss("data_offsets: the end " + std::to_string(extent.end) +
                    " is before the begin " + std::to_string(extent.begin));
  }
  const auto wanted = ByteCount(view.dtype, view.shape);
  const std::string what = Describe(view.dtype, view.shape);
  if (!wanted) return DataLoss(what + " has more bytes than 63 bits can count");
  if (extent.end - extent.begin != static_cast<std::uint64_t>(*wanted)) {
    return DataLoss(what + " takes " + std::to_string(*wanted) + " bytes, data_offsets hold " +
                    std::to_string(extent.end - extent.begin));
  }
  return {};
}

// The tensors must cover the data without overlap or gap: bytes that nobody names could hide
// anything, and a truncated file is recognised here.
Status CheckCover(std::vector<Extent> extents, std::uint64_t data_bytes) {
  std::sort(extents.begin(), extents.end(), [](const Extent& a, const Extent& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  std::uint64_t reached = 0;
  for (const Extent& extent : extents) {
    const std::string where = "tensor '" + *extent.name + "': data_offsets [" +
                              std::to_string(extent.begin) + ", " + std::to_string(extent.end) +
                              "]";
    if (extent.begin < reached) {
      return DataLoss(where + " overlap the tensor before, which ends at " +
                      std::to_string(reached));
    }
    if (extent.begin > reached) {
      return DataLoss(where + " leave a gap after byte " + std::to_string(reached));
    }
    if (extent.end > data_bytes) {
      return DataLoss(where + " leave the file, which has " + std::to_string(data_bytes) +
                      " bytes of data: truncated? Fetch it again");
    }
    reached = extent.end;
  }
  if (reached != data_bytes) {
    return DataLoss("the tensors end at byte " + std::to_string(reached) + " of " +
                    std::to_string(data_bytes) + " bytes of data");
  }
  return {};
}

Result<SafetensorsContent> Parse(std::span<const std::byte> file) {
  if (file.size() < kLengthBytes) {
    return DataLoss("has " + std::to_string(file.size()) +
                    " bytes; a safetensors file starts with 8 bytes of header length");
  }
  std::uint64_t header_bytes = 0;
  for (std::size_t i = kLengthBytes; i-- > 0;) {
    header_bytes = header_bytes << 8 | std::to_integer<std::uint64_t>(file[i]);
  }
  if (header_bytes > kMaxHeaderBytes || header_bytes > file.size() - kLengthBytes) {
    return DataLoss("header length " + std::to_string(header_bytes) + " does not fit a file of " +
                    std::to_string(file.size()) + " bytes: truncated, or no safetensors file");
  }
  const std::string_view header(reinterpret_cast<const char*>(file.data()) + kLengthBytes,
                                static_cast<std::size_t>(header_bytes));
  if (header.empty() || header.front() != '{') return DataLoss("header: expected a JSON object");
  if (Status status = CheckJson(header, 4); !status.ok()) {
    return Failure(status.WithContext("header"));
  }
  const auto data = file.subspan(kLengthBytes + static_cast<std::size_t>(header_bytes));

  const json document = json::parse(header);
  SafetensorsContent content;
  std::vector<Extent> extents;
  for (const auto& [name, value] : document.items()) {
    if (name == "__metadata__") {
      if (!value.is_object()) return DataLoss("__metadata__: expected an object of texts");
      for (const auto& [key, text] : value.items()) {
        if (!text.is_string()) return DataLoss("__metadata__." + key + ": expected a text");
        content.metadata.emplace(key, text.get<std::string>());
      }
      continue;
    }
    const auto place = content.tensors.emplace(name, TensorView{}).first;
    Extent extent{.name = &place->first};
    if (Status status = ParseTensor(value, place->second, extent); !status.ok()) {
      return Failure(status.WithContext("tensor '" + name + "'"));
    }
    extents.push_back(extent);
  }
  if (Status status = CheckCover(extents, data.size()); !status.ok()) return Failure(status);
  for (const Extent& extent : extents) {
    content.tensors.find(*extent.name)->second.bytes =
        data.subspan(static_cast<std::size_t>(extent.begin),
                     static_cast<std::size_t>(extent.end - extent.begin));
  }
  return content;
}

}  // namespace

Result<SafetensorsContent> ParseSafetensors(std::span<const std::byte> file,
                                            std::string_view label) {
  try {
    auto content = Parse(file);
    if (!content) return Failure(content.error().WithContext(label));
    return content;
  } catch (const std::exception& e) {  // nlohmann's, or no memory for a huge header.
    return DataLoss(std::string(label) + ": header: " + e.what());
  }
}

Result<SafetensorsFile> SafetensorsFile::Open(const std::filesystem::path& path) {
  auto file = MappedFile::Open(path);
  if (!file) return Failure(file.error());
  auto content = ParseSafetensors(file->bytes(), path.string());
  if (!content) return Failure(content.error());
  return SafetensorsFile(std::move(*file), std::move(*content));
}

const TensorView* SafetensorsFile::Find(std::string_view name) const {
  const auto found = content_.tensors.find(name);
  return found == content_.tensors.end() ? nullptr : &found->second;
}

}  // namespace stillwatch::model
