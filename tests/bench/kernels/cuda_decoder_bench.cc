// cuda_decoder_bench: the CUDA decoder on random weights, beside the floors measured in the same
// run.
//
// Usage: cuda_decoder_bench [--shape 7b|0.5b] [--format bf16|int8|int4|fp8] [--tokens N]
//
// Prints the bandwidth of a copy on the device, then for each batch a decode step and what share of
// that bandwidth it reads weights and cache at, and the prefill of 1,518 rows.  Needs a GPU.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <cuda_runtime_api.h>

#include "model/kernels/cuda/decoder.h"

namespace stillwatch::model {
namespace {

constexpr int kPrompt = 1518;  // Two pictures of 729 tokens and 60 of text.

double Now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

[[noreturn]] void Fail(const std::string& why) {
  std::fprintf(stderr, "cuda_decoder_bench: %s\n", why.c_str());
  std::exit(1);
}

void Check(const CudaStatus& status) {
  if (!status.ok()) Fail(status.message);
}

// Bytes read and written a second by a copy within the device.
double CopyBandwidth() {
  constexpr std::size_t kBytes = std::size_t{2} << 30;
  void* from = nullptr;
  void* to = nullptr;
  if (cudaMalloc(&from, kBytes) != cudaSuccess || cudaMalloc(&to, kBytes) != cudaSuccess) {
    Fail("no memory for the copy");
  }
  double best = 1e9;
  for (int round = 0; round < 10; ++round) {
    const double start = Now();
    if (cudaMemcpyAsync(to, from, kBytes, cudaMemcpyDeviceToDevice, nullptr) != cudaSuccess ||
        cudaStreamSynchronize(nullptr) != cudaSuccess) {
      Fail("the copy failed");
    }
    best = std::min(best, Now() - start);
  }
  cudaFree(from);
  cudaFree(to);
  return 2.0 * static_cast<double>(kBytes) / best;
}

double BytesAWeight(WeightFormat format) {
  switch (format) {
    case WeightFormat::kFloat32:
      return 4;
    case WeightFormat::kBf16:
      return 2;
    case WeightFormat::kInt4:
      return 0.5 + 4.0 / kInt4Group;
    default:
      return 1;
  }
}

// Small numbers; the values do not matter, that they are not denormal does.
std::vector<Bf16> Weights(std::int64_t count) {
  std::vector<Bf16> weights(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < weights.size(); ++i) {
    weights[i].bits = static_cast<std::uint16_t>((i % 2 << 15) | (0x3C00U + i % 61));
  }
  return weights;
}

void Load(const CudaDecoderConfig& c, CudaDecoder* decoder) {
  const int attended = c.shape.heads * c.shape.head_dim;
  const int kv = c.shape.kv_heads * c.shape.head_dim;
  const std::int64_t largest =
      std::int64_t{c.hidden} * std::max({c.intermediate, c.vocabulary, attended});
  const std::vector<Bf16> w = Weights(largest);  // One set of bytes serves every matrix.
  const auto matrix = [&](int outputs, int inputs) {
    return HostMatrix{WeightFormat::kBf16, w.data(), nullptr, outputs, inputs};
  };
  for (int layer = 0; layer < c.layers; ++layer) {
    Check(decoder->LoadLayer(
        layer, {w.data(), w.data(), matrix(attended, c.hidden), matrix(kv, c.hidden),
                matrix(kv, c.hidden), matrix(c.hidden, attended), matrix(c.intermediate, c.hidden),
                matrix(c.intermediate, c.hidden), matrix(c.hidden, c.intermediate), w.data(),
                w.data(), w.data()}));
  }
  Check(decoder->LoadEnds(w.data(), w.data(), matrix(c.vocabulary, c.hidden)));
}

void Run(CudaDecoderConfig config, int tokens) {
  const double bandwidth = CopyBandwidth();
  std::printf("copy on the device: %.2f TB/s\n", bandwidth / 1e12);
  std::unique_ptr<CudaDecoder> decoder;
  Check(CudaDecoder::Create(config, MakeCublasLtGemm(), &decoder));
  Load(config, decoder.get());
  const double body =
      static_cast<double>(config.layers) * config.hidden *
      ((config.shape.heads * 2.0 + config.shape.kv_heads * 2.0) * config.shape.head_dim +
       3.0 * config.intermediate);
  const double weights =
      body * BytesAWeight(config.format) +
      static_cast<double>(config.vocabulary) * config.hidden * BytesAWeight(config.head_format);
  const std::vector<Bf16> prompt = Weights(std::int64_t{kPrompt} * config.hidden);
  std::vector<WrittenToken> written;
  for (const int batch : {1, 2, 4, 8, 16, 32, 64}) {
    std::vector<int> slots;
    double prefill = 1e9;
    for (int i = 0; i < batch; ++i) {
      slots.push_back(decoder->Open(10000));
      const double start = Now();
      Check(decoder->Prefill({{slots.back(), prompt.data(), kPrompt, true}}, &written));
      prefill = std::min(prefill, Now() - start);
    }
    Check(decoder->Decode(1, &written));  // Makes the graph.
    written.clear();
    const double start = Now();
    for (int done = 0; done < tokens; done += config.steps)
      Check(decoder->Decode(config.steps, &written));
    const double step = (Now() - start) * batch / static_cast<double>(written.size());
    const double cache = static_cast<double>(batch) * kPrompt * 4.0 * config.layers *
                         config.shape.kv_heads * config.shape.head_dim;
    const double floor = (weights + cache) / bandwidth;
    std::printf(
        "batch %2d: prefill of %d rows %6.1f ms; step %6.2f ms, floor %6.2f ms (%3.0f %%), "
        "%.0f tokens/s\n",
        batch, kPrompt, prefill * 1e3, step * 1e3, floor * 1e3, 100 * floor / step, batch / step);
    for (const int slot : slots) decoder->Close(slot);
  }
}

}  // namespace
}  // namespace stillwatch::model

int main(int argc, char** argv) {
  using namespace stillwatch::model;
  std::map<std::string, std::string> options = {
      {"--shape", "7b"}, {"--format", "bf16"}, {"--tokens", "80"}};
  for (int i = 1; i < argc; i += 2) {
    if (!options.contains(argv[i]) || i + 1 == argc) Fail(std::string("unknown option ") + argv[i]);
    options[argv[i]] = argv[i + 1];
  }
  const std::map<std::string, WeightFormat> formats = {{"bf16", WeightFormat::kBf16},
                                                       {"int8", WeightFormat::kInt8},
                                                       {"int4", WeightFormat::kInt4},
                                                       {"fp8", WeightFormat::kFp8}};
  if (!formats.contains(options["--format"])) Fail("--format is bf16, int8, int4 or fp8");
  CudaDecoderConfig config;
  config.format = formats.at(options["--format"]);
  config.head_format = config.format == WeightFormat::kInt4 ? WeightFormat::kInt8 : config.format;
  if (options["--shape"] == "7b") {
    config.vocabulary = 152064;
    config.hidden = 3584;
    config.intermediate = 18944;
    config.layers = 28;
    config.shape = {28, 4, 128};
  } else if (options["--shape"] == "0.5b") {
    config.vocabulary = 151936;
    config.hidden = 896;
    config.intermediate = 4864;
    config.layers = 24;
    config.shape = {14, 2, 64};
  } else {
    Fail("--shape is 7b or 0.5b");
  }
  int devices = 0;
  if (cudaGetDeviceCount(&devices) != cudaSuccess || devices == 0) Fail("no GPU");
  Run(config, std::atoi(options["--tokens"].c_str()));
}
