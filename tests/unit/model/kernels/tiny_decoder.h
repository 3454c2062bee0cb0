// TinyDecoder: a decoder of random weights, and what plain C++ makes of it.

#pragma once

#include <cmath>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "model/kernels/bf16.h"
#include "model/kernels/cpu/token_ops.h"
#include "model/kernels/cuda/decoder.h"
#include "model/kernels/quantize.h"
#include "model/kernels/reference.h"
#include "tests/unit/model/kernels/random_floats.h"

namespace stillwatch::model {

class TinyDecoder {
 public:
  explicit TinyDecoder(WeightFormat format) {
    config.vocabulary = 24;
    config.valid_ids = 21;
    config.hidden = 128;
    config.intermediate = 128;
    config.layers = format == WeightFormat::kBf16 ? 2 : 1;  // Every sum runs on fibers.
    config.shape = {2, 1, 64};
    config.format = format;
    config.slots = 12;
    config.capacity = 24;
    config.prefill_rows = 40;
    config.steps = 3;
    const int attended = config.shape.heads * config.shape.head_dim;
    const int kv = config.shape.kv_heads * config.shape.head_dim;
    Make("embedding", config.vocabulary, config.hidden, 1);
    Make("norm", 1, config.hidden, 1);
    for (int l = 0; l < config.layers; ++l) {
      const std::string layer = std::to_string(l);
      Make(layer + "q", attended, config.hidden, 0.2F, format);
      Make(layer + "k", kv, config.hidden, 0.2F, format);
      Make(layer + "v", kv, config.hidden, 0.2F, format);
      Make(layer + "o", config.hidden, attended, 0.2F, format);
      Make(layer + "gate", config.intermediate, config.hidden, 0.2F, format);
      Make(layer + "up", config.intermediate, config.hidden, 0.2F, format);
      Make(layer + "down", config.hidden, config.intermediate, 0.2F, format);
      for (const char* name : {"norm1", "norm2"}) Make(layer + name, 1, config.hidden, 1);
      Make(layer + "q_bias", 1, attended, 0.5F);
      Make(layer + "k_bias", 1, kv, 0.5F);
      Make(layer + "v_bias", 1, kv, 0.5F);
    }
  }

  CudaStatus Load(CudaDecoder* decoder) const {
    for (int l = 0; l < config.layers; ++l) {
      const std::string layer = std::to_string(l);
      CudaStatus status = decoder->LoadLayer(
          l, {Half(layer + "norm1"), Half(layer + "norm2"), Matrix(layer + "q"),
              Matrix(layer + "k"), Matrix(layer + "v"), Matrix(layer + "o"), Matrix(layer + "gate"),
              Matrix(layer + "up"), Matrix(layer + "down"), Half(layer + "q_bias"),
              Half(layer + "k_bias"), Half(layer + "v_bias")});
      if (!status.ok()) return status;
    }
    return decoder->LoadEnds(Half("embedding"), Half("norm"), {});  // Tied.
  }

  // One sequence in plain C++.
  class Sequence {
   public:
    explicit Sequence(const TinyDecoder& owner) : owner_(owner) {
      const auto& shape = owner.config.shape;
      const auto size =
          static_cast<std::size_t>(shape.kv_heads * owner.config.capacity * shape.head_dim);
      keys_.assign(static_cast<std::size_t>(owner.config.layers), std::vector<float>(size));
      values_ = keys_;
    }

    // The logits after one more token.
    std::vector<float> Feed(std::vector<float> x) {
      const CudaDecoderConfig& c = owner_.config;
      const AttentionShape shape{c.shape.heads, c.shape.kv_heads, c.shape.head_dim};
      const RopeTable table = MakeRopeTable(shape.head_dim, c.rope_theta, c.capacity, true);
      for (int l = 0; l < c.layers; ++l) {
        const std::string layer = std::to_string(l);
        const auto at = static_cast<std::size_t>(l);
        const std::vector<float> normed = Norm(x, layer + "norm1");
        std::vector<float> qkv;
        for (const char* name : {"q", "k", "v"}) {
          const std::vector<float> part = Linear(normed, layer + name, layer + name + "_bias");
          qkv.insert(qkv.end(), part.begin(), part.end());
        }
        RopeAppendOnHost(shape, table, length_, qkv.data(), true,
                         {keys_[at].data(), values_[at].data(), false, c.capacity});
        std::vector<float> attended(static_cast<std::size_t>(shape.heads * shape.head_dim));
        AttendOnHost(shape, qkv.data(), keys_[at].data(), values_[at].data(), c.capacity,
                     length_ + 1, true, attended.data());
        Add(&x, Linear(attended, layer + "o", ""));
        const std::vector<float> inner = Norm(x, layer + "norm2");
        std::vector<float> gate_up = Linear(inner, layer + "gate", "");
        const std::vector<float> up = Linear(inner, layer + "up", "");
        gate_up.insert(gate_up.end(), up.begin(), up.end());
        std::vector<float> gated(up.size());
        SwiGluOnHost(gate_up.data(), 1, c.intermediate, true, gated.data());
        Add(&x, Linear(gated, layer + "down", ""));
      }
      ++length_;
      return Linear(Norm(x, "norm"), "embedding", "");
    }

   private:
    std::vector<float> Norm(const std::vector<float>& x, const std::string& name) const {
      std::vector<float> y(x.size());
      RmsNormOnHost(x.data(), owner_.floats_.at(name).data(), owner_.config.norm_epsilon, 1,
                    static_cast<int>(x.size()), true, y.data());
      return y;
    }
    std::vector<float> Linear(const std::vector<float>& x, const std::string& name,
                              const std::string& bias) const {
      const std::vector<float>& w = owner_.floats_.at(name);
      std::vector<float> y(w.size() / x.size());
      LinearOnHost(x.data(), w.data(), bias.empty() ? nullptr : owner_.floats_.at(bias).data(),
                   nullptr, 1, static_cast<int>(y.size()), static_cast<int>(x.size()), true,
                   y.data());
      return y;
    }
    static void Add(std::vector<float>* x, const std::vector<float>& delta) {
      for (std::size_t i = 0; i < x->size(); ++i) (*x)[i] = RoundToBf16((*x)[i] + delta[i]);
    }

    const TinyDecoder& owner_;
    std::vector<std::vector<float>> keys_, values_;
    int length_ = 0;
  };

  [[nodiscard]] std::vector<float> Embedding(std::int32_t id) const {
    const auto width = static_cast<std::ptrdiff_t>(config.hidden);
    const auto from = floats_.at("embedding").begin() + id * width;
    return {from, from + width};
  }

  CudaDecoderConfig config;

 private:
  // Floats hold what the device's format makes of the weights.
  void Make(const std::string& name, int outputs, int inputs, float scale,
            WeightFormat format = WeightFormat::kBf16) {
    std::vector<float> w = RandomFloats(static_cast<std::size_t>(outputs * inputs), ++seed_, scale);
    std::vector<Bf16> halves;
    for (float& x : w) {
      halves.push_back(ToBf16(x));
      x = ToFloat(halves.back());
    }
    if (format != WeightFormat::kBf16) {
      std::vector<std::uint8_t> data(QuantizedRowBytes(format, inputs));
      std::vector<float> scales(static_cast<std::size_t>(ScalesPerRow(format, inputs)));
      for (int o = 0; o < outputs; ++o) {
        float* row = &w[static_cast<std::size_t>(o * inputs)];
        QuantizeRow(format, row, inputs, data.data(), scales.data());
        DequantizeRow(format, data.data(), scales.data(), inputs, row);
      }
    }
    sizes_[name] = {outputs, inputs};
    floats_[name] = std::move(w);
    halves_[name] = std::move(halves);
  }
  [[nodiscard]] const Bf16* Half(const std::string& name) const { return halves_.at(name).data(); }
  [[nodiscard]] HostMatrix Matrix(const std::string& name) const {
    const auto& [outputs, inputs] = sizes_.at(name);
    return {WeightFormat::kBf16, Half(name), nullptr, outputs, inputs};
  }

  std::uint32_t seed_ = 100;
  std::map<std::string, std::pair<int, int>> sizes_;
  std::map<std::string, std::vector<float>> floats_;
  std::map<std::string, std::vector<Bf16>> halves_;
};

}  // namespace stillwatch::model
