#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "model/kernels/cuda/decoder.h"
#include "model/kernels/cuda/decoder_network.cuh"

namespace stillwatch::model {
namespace {

constexpr int kRows = CudaDecoder::kMostRows;

CudaStatus Invalid(std::string message) { return {CudaStatus::Code::kInvalid, std::move(message)}; }
CudaStatus Queued(bool ok) {
  if (ok) return {};
  CudaStatus status = StatusOf(cudaGetLastError(), "queueing a kernel");
  if (status.ok()) status = {CudaStatus::Code::kFailed, "a kernel or a product was refused"};
  return status;
}

struct Sequence {
  bool open = false;
  bool running = false;  // Has a token to feed.
  int length = 0;        // Tokens in the cache.
  int left = 0;          // Tokens that it may still write.
  std::int32_t next_id = -1;
};

}  // namespace

struct CudaDecoder::Impl {
  Impl(const CudaDecoderConfig& c, std::unique_ptr<DeviceGemm> g)
      : config(c), gemm(std::move(g)), network(c, gemm.get()) {}
  ~Impl() {
    if (stream == nullptr) return;
    cudaStreamSynchronize(stream);
    for (const auto& [batch, graph] : graphs) cudaGraphExecDestroy(graph);
    cudaStreamDestroy(stream);
  }

  CudaStatus Prepare();
  CudaStatus Graph(int batch, cudaGraphExec_t* graph);
  bool Step(int batch);
  // What `id` means for its sequence; fills and appends the token.
  void Write(int slot, std::int32_t id, float log_prob, std::vector<WrittenToken>* written);

  const CudaDecoderConfig config;
  const std::unique_ptr<DeviceGemm> gemm;
  cudaStream_t stream = nullptr;
  DecoderNetwork network;
  std::vector<Sequence> sequences;
  std::map<int, cudaGraphExec_t> graphs;  // By batch.
  int turn = 0;                           // The slot at which the next Decode begins to look.

  // ids, positions, left, slots of kRows rows each; then Decode's step count.
  DeviceBuffer<std::int32_t> rows;
  DeviceBuffer<float> log_probs, written_log_probs;
  DeviceBuffer<std::int32_t> written, stop_ids, prompt_positions, prompt_slots, last_rows;
  DeviceBuffer<PrefillSpan> spans;
};

CudaStatus CudaDecoder::Impl::Prepare() {
  CudaStatus status =
      StatusOf(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "a stream");
  const auto take = [&](auto& buffer, int count) {
    if (status.ok()) status = buffer.Allocate(static_cast<std::size_t>(count), "the rows' state");
  };
  take(rows, 4 * kRows + 1);
  take(log_probs, kRows);
  take(written, kRows * config.steps);
  take(written_log_probs, kRows * config.steps);
  take(stop_ids, static_cast<int>(config.stop_ids.size()) + 1);
  take(prompt_positions, config.prefill_rows);
  take(prompt_slots, config.prefill_rows);
  take(last_rows, kRows);
  take(spans, kRows);
  if (status.ok()) {
    status = Upload(config.stop_ids.data(), config.stop_ids.size(), stop_ids.data(), stream);
  }
  if (status.ok()) status = network.Allocate(stream);
  sequences.resize(static_cast<std::size_t>(config.slots));
  return status;
}

bool CudaDecoder::Impl::Step(int batch) {
  std::int32_t* ids = rows.data();
  const DecodeRows state{ids, ids + kRows, ids + 2 * kRows, log_probs.data()};
  const RowsOnDevice at{batch, state.positions, ids + 3 * kRows};
  const int valid = config.valid_ids > 0 ? config.valid_ids : config.vocabulary;
  return LaunchEmbed(network.embedding(), ids, network.x(), batch, config.hidden, config.vocabulary,
                     stream) &&
         network.DecodeStep(at, stream) &&
         LaunchArgmax(network.logits(), batch, config.vocabulary, valid, ids, state.log_probs,
                      stream) &&
         LaunchAdvance(state, batch, stop_ids.data(), static_cast<int>(config.stop_ids.size()),
                       config.capacity, ids + 4 * kRows, written.data(), written_log_probs.data(),
                       stream);
}

// The step of `batch` rows as a graph, made when it is first wanted.
CudaStatus CudaDecoder::Impl::Graph(int batch, cudaGraphExec_t* graph) {
  const auto it = graphs.find(batch);
  if (it != graphs.end()) {
    *graph = it->second;
    return {};
  }
  // Once with idle rows (-1 everywhere), so that the library has chosen its algorithms.
  CudaStatus status =
      StatusOf(cudaMemsetAsync(rows.data(), 0xFF, 4 * kRows * sizeof(std::int32_t), stream),
               "clearing the rows");
  if (status.ok()) {
    status = StatusOf(cudaMemsetAsync(rows.data() + 4 * kRows, 0, sizeof(std::int32_t), stream),
                      "clearing the step");
  }
  if (status.ok()) status = Queued(Step(batch));
  if (status.ok()) status = StatusOf(cudaStreamSynchronize(stream), "a first step");
  if (!status.ok()) return status;

  status = StatusOf(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), "capturing");
  if (!status.ok()) return status;
  const bool queued = Step(batch);
  cudaGraph_t captured = nullptr;
  status = StatusOf(cudaStreamEndCapture(stream, &captured), "capturing a step");
  if (status.ok()) status = Queued(queued);
  cudaGraphExec_t made = nullptr;
  if (status.ok()) status = StatusOf(cudaGraphInstantiate(&made, captured, 0), "a step's graph");
  if (captured != nullptr) cudaGraphDestroy(captured);
  if (status.ok()) *graph = graphs[batch] = made;
  return status;
}

void CudaDecoder::Impl::Write(int slot, std::int32_t id, float log_prob,
                              std::vector<WrittenToken>* out) {
  Sequence& sequence = sequences[static_cast<std::size_t>(slot)];
  --sequence.left;
  const bool stop =
      std::find(config.stop_ids.begin(), config.stop_ids.end(), id) != config.stop_ids.end();
  // As LaunchAdvance decides.
  sequence.running = !stop && sequence.left > 0 && sequence.length < config.capacity;
  sequence.next_id = id;
  out->push_back({slot, id, log_prob, !sequence.running});
}

CudaDecoder::CudaDecoder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
CudaDecoder::~CudaDecoder() = default;

CudaStatus CudaDecoder::Create(const CudaDecoderConfig& config, std::unique_ptr<DeviceGemm> gemm,
                               std::unique_ptr<CudaDecoder>* decoder) {
  const HeadShape& shape = config.shape;
  if (gemm == nullptr) return Invalid("no library for large products (no GPU?)");
  if ((shape.head_dim != 64 && shape.head_dim != 128) || shape.kv_heads < 1 ||
      shape.heads % shape.kv_heads != 0 || shape.heads / shape.kv_heads > 8) {
    return Invalid("heads of " + std::to_string(shape.head_dim) + ", " +
                   std::to_string(shape.heads) + " over " + std::to_string(shape.kv_heads) +
                   ": wanted 64 or 128, at most 8 query heads a key head");
  }
  if (config.hidden % 8 != 0 || config.intermediate % 8 != 0 || config.layers < 1 ||
      config.vocabulary < 1 || config.slots < 1 || config.capacity < 2 || config.prefill_rows < 1 ||
      config.steps < 1 || config.head_format == WeightFormat::kInt4) {
    return Invalid("a size of the decoder is out of range");
  }
  auto impl = std::make_unique<Impl>(config, std::move(gemm));
  CudaStatus status = impl->Prepare();
  if (status.ok()) decoder->reset(new CudaDecoder(std::move(impl)));
  return status;
}

CudaStatus CudaDecoder::LoadLayer(int layer, const DecoderLayerWeights& weights) {
  if (layer < 0 || layer >= impl_->config.layers) return Invalid("no such layer");
  return impl_->network.LoadLayer(layer, weights, impl_->stream);
}

CudaStatus CudaDecoder::LoadEnds(const Bf16* embedding, const Bf16* final_norm,
                                 const HostMatrix& head) {
  return impl_->network.LoadEnds(embedding, final_norm, head, impl_->stream);
}

int CudaDecoder::Open(int max_tokens) {
  for (std::size_t slot = 0; slot < impl_->sequences.size() && max_tokens > 0; ++slot) {
    if (impl_->sequences[slot].open) continue;
    impl_->sequences[slot] = {.open = true, .left = max_tokens};
    return static_cast<int>(slot);
  }
  return -1;
}

void CudaDecoder::Close(int slot) { impl_->sequences.at(static_cast<std::size_t>(slot)) = {}; }

int CudaDecoder::running() const {
  return static_cast<int>(std::count_if(impl_->sequences.begin(), impl_->sequences.end(),
                                        [](const Sequence& s) { return s.running; }));
}
const Bf16* CudaDecoder::embedding() const { return impl_->network.embedding(); }
cudaStream_t CudaDecoder::stream() const { return impl_->stream; }

CudaStatus CudaDecoder::Prefill(const std::vector<PromptPart>& parts,
                                std::vector<WrittenToken>* written) {
  Impl& d = *impl_;
  const auto hidden = static_cast<std::size_t>(d.config.hidden);
  std::vector<PrefillSpan> spans;
  std::vector<std::int32_t> positions;
  std::vector<std::int32_t> slots;
  std::vector<std::int32_t> last_rows;
  std::vector<int> complete;
  int longest = 0;
  CudaStatus status;
  for (const PromptPart& part : parts) {
    if (part.slot < 0 || part.slot >= d.config.slots || part.rows < 1)
      return Invalid("no such slot");
    const Sequence& sequence = d.sequences[static_cast<std::size_t>(part.slot)];
    const bool twice = std::any_of(spans.begin(), spans.end(),
                                   [&](const PrefillSpan& s) { return s.slot == part.slot; });
    if (!sequence.open || sequence.running || twice ||
        sequence.length + part.rows > d.config.capacity) {
      return Invalid("slot " + std::to_string(part.slot) + " cannot take " +
                     std::to_string(part.rows) + " more tokens of a prompt");
    }
    const auto first = static_cast<std::int32_t>(positions.size());
    spans.push_back({first, part.rows, part.slot, sequence.length});
    for (int r = 0; r < part.rows; ++r) {
      positions.push_back(sequence.length + r);
      slots.push_back(part.slot);
    }
    if (part.last) {
      last_rows.push_back(first + part.rows - 1);
      complete.push_back(part.slot);
    }
    longest = std::max(longest, part.rows);
  }
  const auto rows = static_cast<int>(positions.size());
  if (rows > d.config.prefill_rows || static_cast<int>(parts.size()) > kRows) {
    return Invalid(std::to_string(rows) + " rows of " + std::to_string(parts.size()) +
                   " prompts at once; at most " + std::to_string(d.config.prefill_rows) + " of " +
                   std::to_string(kRows));
  }
  if (rows == 0) return {};
  for (std::size_t i = 0; i < parts.size() && status.ok(); ++i) {
    status = StatusOf(
        cudaMemcpyAsync(d.network.x() + static_cast<std::size_t>(spans[i].first_row) * hidden,
                        parts[i].embeddings,
                        static_cast<std::size_t>(parts[i].rows) * hidden * sizeof(Bf16),
                        cudaMemcpyDefault, d.stream),
        "copying embeddings");
  }
  const auto upload = [&](const auto& from, auto& to) {
    if (status.ok()) status = Upload(from.data(), from.size(), to.data(), d.stream);
  };
  upload(positions, d.prompt_positions);
  upload(slots, d.prompt_slots);
  upload(spans, d.spans);
  upload(last_rows, d.last_rows);
  if (status.ok()) {
    status = Queued(d.network.PrefillPass({rows, d.prompt_positions.data(), d.prompt_slots.data()},
                                          d.spans.data(), static_cast<int>(spans.size()), longest,
                                          d.stream));
  }
  const auto count = static_cast<int>(complete.size());
  const int valid = d.config.valid_ids > 0 ? d.config.valid_ids : d.config.vocabulary;
  std::vector<std::int32_t> ids(complete.size());
  std::vector<float> log_probs(complete.size());
  if (status.ok() && count > 0) {
    status = Queued(d.network.LogitsOf(d.last_rows.data(), rows, count, d.stream) &&
                    LaunchArgmax(d.network.logits(), count, d.config.vocabulary, valid,
                                 d.rows.data(), d.log_probs.data(), d.stream));
  }
  const auto download = [&](auto& to, const auto* from) {
    if (!status.ok() || to.empty()) return;
    status = StatusOf(cudaMemcpyAsync(to.data(), from, to.size() * sizeof(to[0]),
                                      cudaMemcpyDeviceToHost, d.stream),
                      "copying tokens");
  };
  download(ids, d.rows.data());
  download(log_probs, d.log_probs.data());
  // Also because the vectors above must outlive their copies.
  CudaStatus done = StatusOf(cudaStreamSynchronize(d.stream), "reading prompts");
  if (status.ok()) status = std::move(done);
  if (!status.ok()) return status;
  for (const PrefillSpan& span : spans) {
    d.sequences[static_cast<std::size_t>(span.slot)].length += span.rows;
  }
  for (std::size_t i = 0; i < complete.size(); ++i)
    d.Write(complete[i], ids[i], log_probs[i], written);
  return {};
}

CudaStatus CudaDecoder::Decode(int steps, std::vector<WrittenToken>* written) {
  Impl& d = *impl_;
  steps = std::clamp(steps, 0, d.config.steps);
  std::vector<int> taken;  // Slots; by turns, so that with more than kRows all get on.
  for (int i = 0; i < d.config.slots && static_cast<int>(taken.size()) < kRows; ++i) {
    const int slot = (d.turn + i) % d.config.slots;
    if (d.sequences[static_cast<std::size_t>(slot)].running) taken.push_back(slot);
  }
  if (taken.empty() || steps == 0) return {};
  d.turn = (taken.back() + 1) % d.config.slots;
  int batch = 1;
  while (batch < static_cast<int>(taken.size())) batch *= 2;
  cudaGraphExec_t graph = nullptr;
  CudaStatus status = d.Graph(batch, &graph);
  if (!status.ok()) return status;

  std::vector<std::int32_t> rows(4 * kRows + 1, -1);
  rows.back() = 0;  // The step.
  for (std::size_t r = 0; r < taken.size(); ++r) {
    const Sequence& sequence = d.sequences[static_cast<std::size_t>(taken[r])];
    rows[r] = sequence.next_id;
    rows[kRows + r] = sequence.length;
    rows[2 * kRows + r] = sequence.left;
    rows[3 * kRows + r] = taken[r];
  }
  for (std::size_t r = taken.size(); r < kRows; ++r)
    rows[3 * kRows + r] = 0;  // Idle, but a real slot.
  status = Upload(rows.data(), rows.size(), d.rows.data(), d.stream);
  for (int step = 0; step < steps && status.ok(); ++step) {
    status = StatusOf(cudaGraphLaunch(graph, d.stream), "a step");
  }
  const auto size = static_cast<std::size_t>(steps * batch);
  std::vector<std::int32_t> ids(size);
  std::vector<float> log_probs(size);
  const auto download = [&](auto& to, const auto* from) {
    if (!status.ok()) return;
    status = StatusOf(cudaMemcpyAsync(to.data(), from, to.size() * sizeof(to[0]),
                                      cudaMemcpyDeviceToHost, d.stream),
                      "copying tokens");
  };
  download(ids, d.written.data());
  download(log_probs, d.written_log_probs.data());
  CudaStatus done = StatusOf(cudaStreamSynchronize(d.stream), "decoding");
  if (status.ok()) status = std::move(done);
  if (!status.ok()) return status;
  for (int step = 0; step < steps; ++step) {
    for (std::size_t r = 0; r < taken.size(); ++r) {
      const std::size_t at = static_cast<std::size_t>(step * batch) + r;
      if (ids[at] < 0) continue;
      ++d.sequences[static_cast<std::size_t>(taken[r])].length;
      d.Write(taken[r], ids[at], log_probs[at], written);
    }
  }
  return {};
}

}  // namespace stillwatch::model
