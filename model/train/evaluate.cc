#include <algorithm>
#include <cmath>
#include <exception>
#include <fstream>
#include <future>
#include <sstream>
#include <string_view>
#include <thread>

#include <ATen/autocast_mode.h>

#include "model/eval/verdict_metrics.h"
#include "model/m3diff/precision.h"
#include "model/train/batch_torch.h"
#include "model/train/evaluate_torch.h"
#include "model/train/metrics.h"
#include "pipeline/core/event.h"

namespace stillwatch::model {
namespace {

constexpr std::size_t kBatch = 32;

std::string KindName(int kind) {
  return kind == kSameKind ? "same" : std::string(Name(static_cast<ChangeKind>(kind)));
}

}  // namespace

MixedPrecision::MixedPrecision(bool on) : on_(on) {
  if (!on_) return;
  at::autocast::set_autocast_dtype(at::kCPU, at::kBFloat16);
  at::autocast::set_autocast_enabled(at::kCPU, true);
  // The cache of cast weights is one for all threads: workers would share each other's graphs.
  at::autocast::set_autocast_cache_enabled(false);
}

MixedPrecision::~MixedPrecision() {
  if (!on_) return;
  at::autocast::set_autocast_enabled(at::kCPU, false);
  at::autocast::set_autocast_cache_enabled(true);
}

namespace {

// What the network said of some pairs, row by row.
struct Answers {
  double loss = 0;
  double tokens = 0;
  std::vector<float> changed_logits{};
  std::vector<float> kind_logits{};  // kSceneKinds a row.
  std::vector<int> said{};           // The verdict, 0..kSameKind.
  std::vector<std::string> captions{};
};

// The kind if something changed.
int Likeliest(const Answers& answer, std::size_t row) {
  const auto kinds = std::span(answer.kind_logits).subspan(row * kSceneKinds, kSceneKinds);
  return static_cast<int>(std::max_element(kinds.begin(), kinds.end()) - kinds.begin());
}

Answers Ask(M3Diff& network, const Tokenizer& tokenizer, const PairSet& set,
            std::span<const std::int64_t> rows, bool mixed, bool write) {
  const torch::NoGradGuard no_grad;
  const M3DiffConfig& config = network->config();
  const Batch batch = MakeBatch(set, tokenizer, rows,
                                {.side = config.vision.image_size,
                                 .eos = config.prompt.eos_token_id,
                                 .max_tokens = config.prompt.max_tokens});
  const MixedPrecision precision(mixed);
  const Observation seen = network->Observe(batch.reference, batch.current, batch.geometry);
  const torch::Tensor logits =
      network->CaptionLogits(network->Prompt(seen, batch.geometry, batch.kinds), batch.ids)
          .to(torch::kFloat32);
  namespace F = torch::nn::functional;
  Answers out;
  out.loss =
      F::cross_entropy(logits.flatten(0, 1), batch.labels.flatten(),
                       F::CrossEntropyFuncOptions().ignore_index(-100).reduction(torch::kSum))
          .item<double>();
  out.tokens = batch.labels.ne(-100).sum().item<double>();
  const torch::Tensor best = seen.kind_logits.argmax(1);
  const torch::Tensor said =
      torch::where(seen.changed_logit > 0, best, torch::full_like(best, kSameKind));
  for (std::int64_t row = 0; row < said.size(0); ++row) {
    out.changed_logits.push_back(seen.changed_logit[row].item<float>());
    out.said.push_back(static_cast<int>(said[row].item<std::int64_t>()));
    for (std::int64_t k = 0; k < kSceneKinds; ++k) {
      out.kind_logits.push_back(seen.kind_logits[row][k].item<float>());
    }
  }
  if (!write) return out;
  const torch::Tensor prompt = network->Prompt(seen, batch.geometry, said);
  for (const auto& ids : network->Write(prompt, config.prompt.max_tokens)) {
    out.captions.push_back(tokenizer.Decode(ids));
  }
  return out;
}

}  // namespace

Measurement Measure(M3Diff& network, const Tokenizer& tokenizer, const PairSet& set,
                    std::span<const std::int64_t> indices, bool mixed, int threads, bool write,
                    const std::function<void(const Sample&)>& sample) {
  const std::size_t batches = (indices.size() + kBatch - 1) / kBatch;
  const auto rows_of = [&](std::size_t batch) {
    return indices.subspan(batch * kBatch, std::min(kBatch, indices.size() - batch * kBatch));
  };
  // Declared before the threads, which keep them: the one below takes the answers in order.
  std::vector<std::promise<Answers>> promises(batches);
  const auto workers = static_cast<std::size_t>(std::max(threads, 1));
  std::vector<std::jthread> pool;
  for (std::size_t w = 0; w < workers; ++w) {
    pool.emplace_back([&, w] {
      at::set_num_threads(1);
      for (std::size_t b = w; b < batches; b += workers) {
        try {
          promises[b].set_value(Ask(network, tokenizer, set, rows_of(b), mixed, write));
        } catch (...) {
          promises[b].set_exception(std::current_exception());
        }
      }
    });
  }

  Measurement out;
  Figures& figures = out.figures;
  double loss = 0, tokens = 0, right_kind = 0, right_change = 0, exact = 0, f1 = 0;
  double named = 0, nouns = 0;
  std::vector<double> probabilities;
  for (std::size_t b = 0; b < batches; ++b) {
    const Answers answer = promises[b].get_future().get();
    loss += answer.loss;
    tokens += answer.tokens;
    for (std::size_t row = 0; row < rows_of(b).size(); ++row) {
      const PairEntry& pair = set.pair(rows_of(b)[row]);
      const float logit = answer.changed_logits[row];
      const double probability =
          1 / (1 + std::exp(-static_cast<double>(logit) /
                            network->config().calibration.changed_temperature));
      out.changed_logits.push_back(logit);
      out.changed.push_back(pair.changed);
      probabilities.push_back(probability);
      right_change += (logit > 0) == pair.changed ? 1 : 0;
      if (pair.changed) {
        const auto kinds = std::span(answer.kind_logits).subspan(row * kSceneKinds, kSceneKinds);
        out.kind_logits.insert(out.kind_logits.end(), kinds.begin(), kinds.end());
        out.kinds.push_back(pair.kind);
        right_kind += Likeliest(answer, row) == pair.kind ? 1 : 0;
      }
      if (!write) continue;
      const std::string& caption = answer.captions[row];
      double best = 0;
      bool same = false;
      for (const std::string& truth : pair.captions) {
        best = std::max(best, WordF1(caption, truth));
        same = same || caption == truth;
      }
      f1 += best;
      exact += same ? 1 : 0;
      if (pair.changed && !pair.noun.empty()) {
        ++nouns;
        named += caption.find(pair.noun) != std::string::npos ? 1 : 0;
      }
      if (sample) {
        sample({.id = pair.id,
                .kind = KindName(pair.kind),
                .said_kind = KindName(answer.said[row]),
                .likeliest_kind = KindName(Likeliest(answer, row)),
                .changed_probability = probability,
                .truth = pair.captions[0],
                .caption = caption});
      }
    }
  }
  const auto count = static_cast<double>(std::max<std::size_t>(indices.size(), 1));
  figures.pairs = static_cast<std::int64_t>(indices.size());
  figures.caption_loss = loss / std::max(tokens, 1.0);
  figures.changed_auc = AreaUnderCurve(out.changed_logits, out.changed);
  figures.changed_accuracy = right_change / count;
  figures.changed_error = CalibrationError(probabilities, out.changed);
  figures.kind_accuracy =
      right_kind / static_cast<double>(std::max<std::size_t>(out.kinds.size(), 1));
  figures.word_f1 = f1 / count;
  figures.noun_match = named / std::max(nouns, 1.0);
  figures.exact = exact / count;
  return out;
}

Result<Figures> Evaluate(const std::string& model_folder, const std::string& data,
                         const std::string& split, int limit, int threads,
                         const std::function<void(const Sample&)>& sample) try {
  std::ifstream in(model_folder + "/config.json");
  if (!in) return NotFound(model_folder + "/config.json: no such file");
  std::stringstream text;
  text << in.rdbuf();
  const auto config = ParseM3DiffConfig(text.str());
  if (!config) return tl::unexpected(config.error().WithContext(model_folder + "/config.json"));
  const auto tokenizer = Tokenizer::Load(model_folder);
  if (!tokenizer) return tl::unexpected(tokenizer.error());
  const auto checkpoint = Checkpoint::Open(model_folder);
  if (!checkpoint) return tl::unexpected(checkpoint.error());
  const auto set = PairSet::Open(data);
  if (!set) return tl::unexpected(set.error());
  if (split != "val" && split != "test") return InvalidArgument("split: wanted val or test");

  const int workers = threads > 0 ? threads : static_cast<int>(std::thread::hardware_concurrency());
  M3Diff network(*config);
  if (Status s = LoadWeights(*network, *checkpoint); !s.ok()) return tl::unexpected(s);
  network->eval();
  std::vector<std::int64_t> indices = set->Indices(split == "val" ? Split::kVal : Split::kTest);
  if (limit > 0 && indices.size() > static_cast<std::size_t>(limit)) {
    indices.resize(static_cast<std::size_t>(limit));
  }
  return Measure(network, *tokenizer, *set, indices, PrefersBf16(), workers, /*write=*/true, sample)
      .figures;
} catch (const std::exception& e) {
  return Internal(std::string("LibTorch: ") + e.what());
}

}  // namespace stillwatch::model
