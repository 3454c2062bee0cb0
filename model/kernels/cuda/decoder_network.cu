#include <algorithm>
#include <string>

#include "model/kernels/cpu/token_ops.h"
#include "model/kernels/cuda/decoder_network.cuh"

namespace stillwatch::model {
namespace {

constexpr int kSmall = 8;  // Rows that LaunchSmallGemm takes.
// Rows up to which several small products beat one large one on dequantised weights, which moves
// five times int8's bytes.  A guess until it is measured on a GPU.
constexpr int kPasses = 4;
// A prompt's rows are rounded up to this for large products, so that their shapes are few.
constexpr int kRowStep = 64;

int RoundedUp(int rows) { return (rows + kRowStep - 1) / kRowStep * kRowStep; }

std::size_t Size(std::int64_t a, std::int64_t b) { return static_cast<std::size_t>(a * b); }

}  // namespace

CudaStatus DecoderNetwork::Allocate(cudaStream_t stream) {
  const CudaDecoderConfig& c = config_;
  const std::int64_t rows = RoundedUp(std::max(c.prefill_rows, CudaDecoder::kMostRows));
  const std::int64_t attended = std::int64_t{c.shape.heads} * c.shape.head_dim;
  const std::int64_t qkv = attended + std::int64_t{2} * c.shape.kv_heads * c.shape.head_dim;
  CudaStatus status = StatusOf(
      cudaDeviceGetAttribute(&processors_, cudaDevAttrMultiProcessorCount, 0), "asking the device");
  const auto take = [&](auto& buffer, std::size_t count, const char* name) {
    if (status.ok()) status = buffer.Allocate(count, name);
  };
  take(x_, Size(rows, c.hidden), "activations");
  take(delta_, Size(rows, c.hidden), "activations");
  take(normed_, Size(rows, c.hidden), "activations");
  take(qkv_, Size(rows, qkv), "activations");
  take(attended_, Size(rows, attended), "activations");
  take(gate_up_, Size(rows, std::int64_t{2} * c.intermediate), "activations");
  take(inner_, Size(rows, c.intermediate), "activations");
  take(picked_, Size(CudaDecoder::kMostRows, c.hidden), "activations");
  take(logits_, Size(CudaDecoder::kMostRows, c.vocabulary), "logits");
  std::int64_t partial = 1;
  for (int batch = 1; batch <= CudaDecoder::kMostRows; batch *= 2) {
    partial = std::max(
        partial,
        DecodeAttentionScratch(c.shape, batch, DecodeAttentionSplits(c.shape, batch, processors_)));
  }
  take(partial_, static_cast<std::size_t>(partial), "attention");
  const std::int64_t widest = std::max<std::int64_t>({c.hidden, c.intermediate, attended});
  if (c.format == WeightFormat::kFp8 || c.head_format == WeightFormat::kFp8) {
    take(fp8_, Size(rows, widest), "activations in fp8");
    take(fp8_scales_, static_cast<std::size_t>(rows), "activations in fp8");
  }
  if (c.format != WeightFormat::kBf16 || c.head_format != WeightFormat::kBf16) {
    std::int64_t largest = std::max<std::int64_t>(qkv, std::int64_t{2} * c.intermediate) * c.hidden;
    if (c.head_format != WeightFormat::kBf16) {
      largest = std::max(largest, std::int64_t{c.vocabulary} * c.hidden);
    }
    take(dequantized_, static_cast<std::size_t>(largest), "a matrix dequantised");
  }
  layers_.resize(static_cast<std::size_t>(c.layers));
  for (DeviceLayer& layer : layers_) {
    const std::size_t size =
        Size(std::int64_t{c.slots} * c.shape.kv_heads * c.capacity, c.shape.head_dim);
    take(layer.keys, size, "keys");
    take(layer.values, size, "values");
  }
  const RopeTable table = MakeRopeTable(c.shape.head_dim, c.rope_theta, c.capacity, true);
  take(cos_, table.cos.size(), "rotation");
  take(sin_, table.sin.size(), "rotation");
  if (status.ok()) status = Upload(table.cos.data(), table.cos.size(), cos_.data(), stream);
  if (status.ok()) status = Upload(table.sin.data(), table.sin.size(), sin_.data(), stream);
  if (status.ok()) status = StatusOf(cudaStreamSynchronize(stream), "copying to the device");
  return status;
}

CudaStatus DecoderNetwork::LoadLayer(int index, const DecoderLayerWeights& w, cudaStream_t stream) {
  const CudaDecoderConfig& c = config_;
  DeviceLayer& layer = layers_.at(static_cast<std::size_t>(index));
  const std::string name = "layer " + std::to_string(index);
  const int attended = c.shape.heads * c.shape.head_dim;
  const int kv = c.shape.kv_heads * c.shape.head_dim;
  const auto is = [](const HostMatrix& m, int outputs, int inputs) {
    return m.outputs == outputs && m.inputs == inputs;
  };
  if (!is(w.q, attended, c.hidden) || !is(w.k, kv, c.hidden) || !is(w.v, kv, c.hidden) ||
      !is(w.o, c.hidden, attended) || !is(w.gate, c.intermediate, c.hidden) ||
      !is(w.up, c.intermediate, c.hidden) || !is(w.down, c.hidden, c.intermediate)) {
    return {CudaStatus::Code::kInvalid, name + ": a matrix is not of the configuration's size"};
  }
  CudaStatus status =
      UploadMatrix(name + " q, k, v", {w.q, w.k, w.v}, c.format, stream, &layer.qkv);
  const auto then = [&](auto&& next) {
    if (status.ok()) status = next();
  };
  then([&] { return UploadMatrix(name + " o", {w.o}, c.format, stream, &layer.o); });
  then([&] {
    return UploadMatrix(name + " gate, up", {w.gate, w.up}, c.format, stream, &layer.gate_up);
  });
  then([&] { return UploadMatrix(name + " down", {w.down}, c.format, stream, &layer.down); });
  const auto vector = [&](const Bf16* from, int count, DeviceBuffer<Bf16>* to) {
    then([&] { return to->Allocate(static_cast<std::size_t>(count), name); });
    then([&] { return Upload(from, static_cast<std::size_t>(count), to->data(), stream); });
  };
  vector(w.input_norm, c.hidden, &layer.input_norm);
  vector(w.post_attention_norm, c.hidden, &layer.post_attention_norm);
  if (w.q_bias != nullptr) {
    then([&] {
      return layer.qkv.bias_data.Allocate(static_cast<std::size_t>(attended + 2 * kv), name);
    });
    Bf16* bias = layer.qkv.bias_data.data();
    then([&] { return Upload(w.q_bias, static_cast<std::size_t>(attended), bias, stream); });
    then([&] { return Upload(w.k_bias, static_cast<std::size_t>(kv), bias + attended, stream); });
    then([&] {
      return Upload(w.v_bias, static_cast<std::size_t>(kv), bias + attended + kv, stream);
    });
    layer.qkv.bias = bias;
  }
  then([&] { return StatusOf(cudaStreamSynchronize(stream), "copying " + name); });
  return status;
}

CudaStatus DecoderNetwork::LoadEnds(const Bf16* embedding, const Bf16* final_norm,
                                    const HostMatrix& head, cudaStream_t stream) {
  const CudaDecoderConfig& c = config_;
  const std::size_t size = Size(c.vocabulary, c.hidden);
  CudaStatus status = embedding_.Allocate(size, "embedding");
  const auto then = [&](auto&& next) {
    if (status.ok()) status = next();
  };
  then([&] { return Upload(embedding, size, embedding_.data(), stream); });
  then([&] { return final_norm_.Allocate(static_cast<std::size_t>(c.hidden), "final norm"); });
  then([&] {
    return Upload(final_norm, static_cast<std::size_t>(c.hidden), final_norm_.data(), stream);
  });
  const bool tied = head.data == nullptr;
  if (tied && c.head_format == WeightFormat::kBf16) {
    head_.weight = {WeightFormat::kBf16, embedding_.data(), nullptr, c.vocabulary, c.hidden};
  } else {
    const HostMatrix own =
        tied ? HostMatrix{WeightFormat::kBf16, embedding, nullptr, c.vocabulary, c.hidden} : head;
    if (own.outputs != c.vocabulary || own.inputs != c.hidden) {
      return {CudaStatus::Code::kInvalid, "the head is not of the configuration's size"};
    }
    then([&] { return UploadMatrix("head", {own}, c.head_format, stream, &head_); });
  }
  then([&] { return StatusOf(cudaStreamSynchronize(stream), "copying the embedding"); });
  return status;
}

bool DecoderNetwork::Linear(const DeviceMatrix& m, const Bf16* x, int rows, Bf16* y,
                            cudaStream_t stream) {
  const bool several =
      m.weight.format == WeightFormat::kInt8 || m.weight.format == WeightFormat::kInt4;
  if (rows > kSmall && (!several || rows > kSmall * kPasses)) return Large(m, x, rows, y, stream);
  for (int first = 0; first < rows; first += kSmall) {
    if (!LaunchSmallGemm(m.weight, x + Size(first, m.weight.inputs), std::min(kSmall, rows - first),
                         m.bias, nullptr, y + Size(first, m.weight.outputs), stream)) {
      return false;
    }
  }
  return true;
}

bool DecoderNetwork::Large(const DeviceMatrix& m, const Bf16* x, int rows, Bf16* y,
                           cudaStream_t stream) {
  const DeviceWeight& w = m.weight;
  if (w.format == WeightFormat::kBf16) {
    return gemm_->Run(x, rows, static_cast<const Bf16*>(w.data), w.outputs, w.inputs, m.bias, y,
                      stream);
  }
  if (w.format == WeightFormat::kFp8) {
    if (!LaunchQuantizeFp8(x, fp8_.data(), fp8_scales_.data(), rows, w.inputs, stream))
      return false;
    if (gemm_->RunFp8(fp8_.data(), fp8_scales_.data(), rows,
                      static_cast<const std::uint8_t*>(w.data), w.scales, w.outputs, w.inputs,
                      m.bias, y, stream)) {
      return true;
    }
  }
  return LaunchDequantize(w, dequantized_.data(), stream) &&
         gemm_->Run(x, rows, dequantized_.data(), w.outputs, w.inputs, m.bias, y, stream);
}

template <typename Attention>
bool DecoderNetwork::Layers(const RowsOnDevice& at, const Attention& attention,
                            cudaStream_t stream) {
  const CudaDecoderConfig& c = config_;
  // Rows beyond at.rows hold whatever was there; rows do not mix, and nobody reads these.
  const int rows = at.rows <= CudaDecoder::kMostRows ? at.rows : RoundedUp(at.rows);
  const Bf16* delta = nullptr;
  for (const DeviceLayer& layer : layers_) {
    if (!LaunchAddRmsNorm(x_.data(), delta, layer.input_norm.data(), normed_.data(), rows, c.hidden,
                          c.norm_epsilon, stream) ||
        !Linear(layer.qkv, normed_.data(), rows, qkv_.data(), stream) ||
        !LaunchRopeAppend(qkv_.data(), cos_.data(), sin_.data(), at.positions, at.slots, Kv(layer),
                          c.shape, at.rows, stream) ||
        !attention(layer) || !Linear(layer.o, attended_.data(), rows, delta_.data(), stream) ||
        !LaunchAddRmsNorm(x_.data(), delta_.data(), layer.post_attention_norm.data(),
                          normed_.data(), rows, c.hidden, c.norm_epsilon, stream)) {
      return false;
    }
    const bool fused = rows <= kSmall;
    if (fused
            ? !LaunchSmallGateUp(layer.gate_up.weight, normed_.data(), rows, inner_.data(), stream)
            : !Linear(layer.gate_up, normed_.data(), rows, gate_up_.data(), stream) ||
                  !LaunchSwiGlu(gate_up_.data(), inner_.data(), rows, c.intermediate, stream)) {
      return false;
    }
    if (!Linear(layer.down, inner_.data(), rows, delta_.data(), stream)) return false;
    delta = delta_.data();
  }
  return LaunchAddRmsNorm(x_.data(), delta, final_norm_.data(), normed_.data(), rows, c.hidden,
                          c.norm_epsilon, stream);
}

bool DecoderNetwork::DecodeStep(const RowsOnDevice& at, cudaStream_t stream) {
  const int splits = DecodeAttentionSplits(config_.shape, at.rows, processors_);
  const auto attention = [&](const DeviceLayer& layer) {
    return LaunchDecodeAttention(qkv_.data(), at.positions, at.slots, Kv(layer), config_.shape,
                                 at.rows, splits, partial_.data(), attended_.data(), stream);
  };
  return Layers(at, attention, stream) &&
         Linear(head_, normed_.data(), at.rows, logits_.data(), stream);
}

bool DecoderNetwork::PrefillPass(const RowsOnDevice& at, const PrefillSpan* spans, int count,
                                 int longest_rows, cudaStream_t stream) {
  const auto attention = [&](const DeviceLayer& layer) {
    return LaunchPrefillAttention(qkv_.data(), spans, count, longest_rows, Kv(layer), config_.shape,
                                  attended_.data(), stream);
  };
  return Layers(at, attention, stream);
}

bool DecoderNetwork::LogitsOf(const std::int32_t* rows_wanted, int total_rows, int count,
                              cudaStream_t stream) {
  return LaunchEmbed(normed_.data(), rows_wanted, picked_.data(), count, config_.hidden, total_rows,
                     stream) &&
         Linear(head_, picked_.data(), count, logits_.data(), stream);
}

}  // namespace stillwatch::model
