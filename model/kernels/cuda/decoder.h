// CudaDecoder: Qwen2's decoder on one GPU, from embeddings to token ids.

#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "model/kernels/cuda/gemm.h"
#include "model/kernels/cuda/kernels.h"
#include "model/kernels/cuda/status.h"

namespace stillwatch::model {

struct CudaDecoderConfig {
  int vocabulary = 0;  // Rows of the embedding and of the head.
  int valid_ids = 0;   // Ids from here on are filler and never written; 0: all are valid.
  int hidden = 0;      // All widths are multiples of 8.
  int intermediate = 0;
  int layers = 0;
  HeadShape shape{};
  double rope_theta = 1e6;
  float norm_epsilon = 1e-6F;
  WeightFormat format = WeightFormat::kBf16;       // Of the layers' matrices.
  WeightFormat head_format = WeightFormat::kBf16;  // Not kInt4: the head is what int4 hurts most.
  std::vector<std::int32_t> stop_ids{};

  int slots = 64;       // Sequences that can be open; each takes SlotBytes().
  int capacity = 1664;  // Tokens of a slot: prompt and caption.
  int prefill_rows =
      4096;       // Most rows of one Prefill: about 60 ms of a 7B model on an H100 (a guess).
  int steps = 8;  // Most steps of one Decode, which waits for the device once.

  [[nodiscard]] std::int64_t SlotBytes() const {
    return std::int64_t{4} * layers * shape.kv_heads * shape.head_dim * capacity;
  }
};

// A matrix in host memory, in the format wanted or (kBf16 only) to be quantised on the way.
struct HostMatrix {
  WeightFormat format = WeightFormat::kBf16;
  const void* data = nullptr;
  const float* scales = nullptr;
  int outputs = 0;
  int inputs = 0;
};

struct DecoderLayerWeights {
  const Bf16* input_norm = nullptr;  // [hidden]
  const Bf16* post_attention_norm = nullptr;
  HostMatrix q{}, k{}, v{}, o{}, gate{}, up{}, down{};
  const Bf16* q_bias = nullptr;
  const Bf16* k_bias = nullptr;
  const Bf16* v_bias = nullptr;
};

// The next rows of a sequence's prompt.
struct PromptPart {
  int slot = -1;
  const Bf16* embeddings = nullptr;  // [rows, hidden], on the device or the host.
  int rows = 0;
  bool last = true;  // The prompt is complete: its first token is wanted.
};

struct WrittenToken {
  int slot = -1;
  std::int32_t id = -1;
  float log_prob = 0;
  bool ends = false;  // A stop id, the last token allowed, or a full slot: nothing more will come.
};

// Holds the weights (packed: q, k and v in one matrix, gate and up in another), the sequences' keys
// and values in static slots, and a CUDA graph of a step for each batch of 1, 2, 4, 8, 16, 32 and
// 64, in which the device itself finds the next token, moves on and notices a sequence's end.
//
// Use: Create, LoadLayer for each layer, LoadEnds; then, in turns, Open + Prefill for new sequences
// and Decode for all that are running.  Memory is taken in Create and the Load calls and never
// after. Prefill is the caller's to chunk: one call's rows are what a running sequence waits for.
//
// Not thread-safe: belongs to the inference thread.
class CudaDecoder {
 public:
  static constexpr int kMostRows = 64;  // Sequences of a step; others wait for the next Decode.

  // `gemm` serves products with many vectors.
  static CudaStatus Create(const CudaDecoderConfig& config, std::unique_ptr<DeviceGemm> gemm,
                           std::unique_ptr<CudaDecoder>* decoder);
  ~CudaDecoder();

  CudaStatus LoadLayer(int layer, const DecoderLayerWeights& weights);
  // `head` without data: tied to the embedding.
  CudaStatus LoadEnds(const Bf16* embedding, const Bf16* final_norm, const HostMatrix& head);

  // A free slot for a sequence that may write max_tokens tokens; -1: none is free.
  [[nodiscard]] int Open(int max_tokens);
  // The sequence is forgotten; its slot is free.
  void Close(int slot);

  // Takes prompts further, at most config.prefill_rows rows in all.  *written gets the first token
  // of each prompt that is complete; such a sequence takes part in Decode unless that token ends
  // it.
  CudaStatus Prefill(const std::vector<PromptPart>& parts, std::vector<WrittenToken>* written);

  // Up to `steps` (at most config.steps) more tokens of each running sequence, step by step.
  CudaStatus Decode(int steps, std::vector<WrittenToken>* written);

  // Sequences that Decode would take further.
  [[nodiscard]] int running() const;
  // Where the embedding lies, for LaunchEmbed of prompts; and the stream that everything is queued
  // on.
  [[nodiscard]] const Bf16* embedding() const;
  [[nodiscard]] cudaStream_t stream() const;

 private:
  struct Impl;
  explicit CudaDecoder(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace stillwatch::model
