// DecoderNetwork: the decoder's weights and activations on the device, and one pass over them.

#pragma once

#include <memory>
#include <vector>

#include "model/kernels/cuda/decoder.h"
#include "model/kernels/cuda/device_buffer.cuh"
#include "model/kernels/cuda/device_matrix.cuh"

namespace stillwatch::model {

struct DeviceLayer {
  DeviceBuffer<Bf16> input_norm, post_attention_norm;
  DeviceMatrix qkv, o, gate_up, down;
  DeviceBuffer<Bf16> keys, values;
};

// What a pass works on: one row a token.
struct RowsOnDevice {
  int rows = 0;
  const std::int32_t* positions = nullptr;
  const std::int32_t* slots = nullptr;
};

// Queues work on `stream` and never waits.  Not thread-safe.
class DecoderNetwork {
 public:
  DecoderNetwork(const CudaDecoderConfig& config, DeviceGemm* gemm)
      : config_(config), gemm_(gemm) {}

  CudaStatus Allocate(cudaStream_t stream);
  CudaStatus LoadLayer(int layer, const DecoderLayerWeights& weights, cudaStream_t stream);
  CudaStatus LoadEnds(const Bf16* embedding, const Bf16* final_norm, const HostMatrix& head,
                      cudaStream_t stream);

  // One token of each row; x() holds their embeddings, logits() gets what they predict.
  [[nodiscard]] bool DecodeStep(const RowsOnDevice& at, cudaStream_t stream);
  // Prompts' tokens, packed; x() holds their embeddings, normed() gets the result.
  [[nodiscard]] bool PrefillPass(const RowsOnDevice& at, const PrefillSpan* spans, int count,
                                 int longest_rows, cudaStream_t stream);
  // normed() rows `rows_wanted` [count] to logits().
  [[nodiscard]] bool LogitsOf(const std::int32_t* rows_wanted, int total_rows, int count,
                              cudaStream_t stream);

  [[nodiscard]] Bf16* x() const { return x_.data(); }
  [[nodiscard]] Bf16* logits() const { return logits_.data(); }
  [[nodiscard]] const Bf16* embedding() const { return embedding_.data(); }

 private:
  template <typename Attention>
  [[nodiscard]] bool Layers(const RowsOnDevice& at, const Attention& attention,
                            cudaStream_t stream);
  [[nodiscard]] bool Linear(const DeviceMatrix& matrix, const Bf16* x, int rows, Bf16* y,
                            cudaStream_t stream);
  [[nodiscard]] bool Large(const DeviceMatrix& matrix, const Bf16* x, int rows, Bf16* y,
                           cudaStream_t stream);
  [[nodiscard]] KvSlots Kv(const DeviceLayer& layer) const {
    return {layer.keys.data(), layer.values.data(), config_.capacity};
  }

  const CudaDecoderConfig config_;
  DeviceGemm* const gemm_;
  int processors_ = 1;
  std::vector<DeviceLayer> layers_;
  DeviceBuffer<Bf16> embedding_, final_norm_;
  DeviceMatrix head_;
  DeviceBuffer<float> cos_, sin_;
  // Activations of one pass.
  DeviceBuffer<Bf16> x_, delta_, normed_, qkv_, attended_, gate_up_, inner_, logits_, picked_;
  DeviceBuffer<float> partial_;
  DeviceBuffer<std::uint8_t> fp8_;
  DeviceBuffer<float> fp8_scales_;
  DeviceBuffer<Bf16> dequantized_;
};

}  // namespace stillwatch::model
