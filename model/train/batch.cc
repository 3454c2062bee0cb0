#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <ATen/CPUGeneratorImpl.h>

#include "model/m3diff/config.h"
#include "model/train/batch_torch.h"
#include "model/train/random.h"

namespace stillwatch::model {
namespace {

using torch::Tensor;

// A window of a stored picture in pixels, before it is brought to the network's size.
struct Window {
  std::int64_t x = 0, y = 0, side = 0;
};

// Strengths are guesses; they stay below what makes a thing another colour.
constexpr double kLeastZoom = 0.86;
constexpr std::int64_t kShake = 2;

Tensor ToPlanes(std::span<const std::byte> bytes, std::int64_t size) {
  // from_blob wants a pointer to mutable bytes; nothing writes through it.
  auto* data = const_cast<std::byte*>(bytes.data());
  return torch::from_blob(data, {1, size, size, 3}, torch::kUInt8).permute({0, 3, 1, 2});
}

Tensor Load(std::span<const std::byte> bytes, std::int64_t size, const Window& window, int side) {
  const Tensor cut = ToPlanes(bytes, size)
                         .slice(2, window.y, window.y + window.side)
                         .slice(3, window.x, window.x + window.side)
                         .to(torch::kFloat32);
  if (window.side == side) return cut;
  return at::_upsample_bilinear2d_aa(cut, {side, side}, /*align_corners=*/false);
}

// Gain, contrast and tint, each picture's own on top of what both share.
void Relight(Tensor& reference, Tensor& current, CounterRandom& random) {
  const double gain = std::exp(0.15 * random.Normal());
  const double contrast = std::exp(0.15 * random.Normal());
  for (Tensor* picture : {&reference, &current}) {
    const double own = gain * std::exp(0.06 * random.Normal());
    std::array<float, 3> tint{};
    for (float& value : tint) value = static_cast<float>(own * std::exp(0.03 * random.Normal()));
    const double noise = random.Uniform(0, 4);
    const Tensor mean = picture->mean();
    Tensor x = ((*picture - mean) * contrast + mean) *
               torch::tensor({tint[0], tint[1], tint[2]}).view({1, 3, 1, 1});
    auto generator = at::make_generator<at::CPUGeneratorImpl>(random.Next());
    x = x + torch::randn(x.sizes(), generator) * noise;
    *picture = x.clamp(0, 255);
  }
}

// The region's box after the crop was narrowed to `window`.
std::array<float, 4> Narrow(const std::array<float, 4>& region, const Window& window,
                            std::int64_t size) {
  if (region[2] <= 0 || region[3] <= 0) return {};
  const auto along = [&](float at, float length, std::int64_t offset) {
    const double scale = static_cast<double>(size) / static_cast<double>(window.side);
    const double from = static_cast<double>(offset) / static_cast<double>(size);
    const double low = std::clamp((static_cast<double>(at) - from) * scale, 0.0, 1.0);
    const double high = std::clamp(
        (static_cast<double>(at) + static_cast<double>(length) - from) * scale, 0.0, 1.0);
    return std::pair(static_cast<float>(low), static_cast<float>(high - low));
  };
  const auto [x, w] = along(region[0], region[2], window.x);
  const auto [y, h] = along(region[1], region[3], window.y);
  return {x, y, w, h};
}

}  // namespace

Batch MakeBatch(const PairSet& set, const Tokenizer& tokenizer,
                std::span<const std::int64_t> indices, const BatchOptions& options) {
  const auto rows = static_cast<std::int64_t>(indices.size());
  const std::int64_t size = set.size();
  std::vector<Tensor> references;
  std::vector<Tensor> currents;
  std::vector<std::vector<int>> captions;
  Batch batch;
  batch.geometry = torch::zeros({rows, kGeometrySize});
  batch.kinds = torch::zeros({rows}, torch::kInt64);
  batch.changed = torch::zeros({rows});
  if (options.vocabulary > 0) batch.names = torch::zeros({rows, options.vocabulary});
  std::size_t longest = 0;
  for (std::int64_t row = 0; row < rows; ++row) {
    const std::int64_t index = indices[static_cast<std::size_t>(row)];
    const PairEntry& pair = set.pair(index);
    CounterRandom random(options.seed, 1,
                         options.position * 4096 + static_cast<std::uint64_t>(row));
    Window window{.x = 0, .y = 0, .side = size};
    Window other = window;
    if (options.augment) {
      const auto least = static_cast<std::int64_t>(kLeastZoom * static_cast<double>(size));
      window.side = least + static_cast<std::int64_t>(
                                random.Below(static_cast<std::uint64_t>(size - least + 1)));
      const std::int64_t room = size - window.side;
      window.x = static_cast<std::int64_t>(random.Below(static_cast<std::uint64_t>(room + 1)));
      window.y = static_cast<std::int64_t>(random.Below(static_cast<std::uint64_t>(room + 1)));
      other = window;
      const auto shake = [&](std::int64_t at) {
        const auto by = static_cast<std::int64_t>(random.Below(2 * kShake + 1)) - kShake;
        return std::clamp<std::int64_t>(at + by, 0, room);
      };
      other.x = shake(other.x);
      other.y = shake(other.y);
    }
    Tensor reference = Load(set.Reference(index), size, window, options.side);
    Tensor current = Load(set.Current(index), size, other, options.side);
    if (options.augment) Relight(reference, current, random);
    references.push_back(reference);
    currents.push_back(current);

    auto geometry = batch.geometry[row];
    const auto scale = static_cast<float>(window.side) / static_cast<float>(size);
    const std::array<float, 4> crop = {
        pair.crop[0] + pair.crop[2] * static_cast<float>(window.x) / static_cast<float>(size),
        pair.crop[1] + pair.crop[3] * static_cast<float>(window.y) / static_cast<float>(size),
        pair.crop[2] * scale, pair.crop[3] * scale};
    const std::array<float, 4> region = Narrow(pair.region, window, size);
    for (std::int64_t i = 0; i < 4; ++i) {
      geometry[i] = crop[static_cast<std::size_t>(i)];
      geometry[i + 4] = region[static_cast<std::size_t>(i)];
    }
    if (options.vocabulary > 0 && !pair.noun.empty()) {
      // With the space before it, as it stands in a caption.
      const std::vector<int> words = tokenizer.EncodePlain(" " + pair.noun);
      const float share = 1 / static_cast<float>(words.size());
      auto* names = batch.names.data_ptr<float>() + row * options.vocabulary;
      for (const int id : words) names[id] += share;
    }
    batch.kinds[row] = pair.kind;
    batch.changed[row] = pair.changed ? 1 : 0;
    const std::size_t pick = options.augment ? random.Below(pair.captions.size()) : 0;
    captions.push_back(tokenizer.EncodePlain(pair.captions[pick]));
    const auto most = static_cast<std::size_t>(options.max_tokens);
    if (captions.back().size() > most) captions.back().resize(most);
    longest = std::max(longest, captions.back().size());
  }
  batch.reference = torch::cat(references, 0).contiguous(at::MemoryFormat::ChannelsLast);
  batch.current = torch::cat(currents, 0).contiguous(at::MemoryFormat::ChannelsLast);

  const auto columns = static_cast<std::int64_t>(longest);
  batch.ids = torch::full({rows, columns}, options.eos, torch::kInt64);
  batch.labels = torch::full({rows, columns + 1}, -100, torch::kInt64);
  for (std::int64_t row = 0; row < rows; ++row) {
    const auto& caption = captions[static_cast<std::size_t>(row)];
    auto* ids = batch.ids.data_ptr<std::int64_t>() + row * columns;
    auto* labels = batch.labels.data_ptr<std::int64_t>() + row * (columns + 1);
    std::copy(caption.begin(), caption.end(), ids);
    std::copy(caption.begin(), caption.end(), labels);
    labels[caption.size()] = options.eos;
  }
  return batch;
}

}  // namespace stillwatch::model
