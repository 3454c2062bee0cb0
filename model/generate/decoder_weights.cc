#include <new>
#include <string>

#include "model/generate/decoder_weights_torch.h"

namespace stillwatch::model {
namespace {

using torch::Tensor;

// Tensors of equal row length, one above the other.
Tensor Join(std::vector<Tensor*> parts) {
  std::int64_t rows = 0;
  bool adjacent = true;
  const char* next = static_cast<const char*>(parts[0]->data_ptr());
  for (const Tensor* part : parts) {
    adjacent = adjacent && part->is_contiguous() && part->is_cpu() && part->data_ptr() == next;
    next = static_cast<const char*>(part->data_ptr()) + part->nbytes();
    rows += part->size(0);
  }
  std::vector<std::int64_t> shape = parts[0]->sizes().vec();
  shape[0] = rows;
  if (adjacent) {
    std::vector<Tensor> owners;
    for (const Tensor* part : parts) owners.push_back(part->detach());
    return torch::from_blob(
        parts[0]->data_ptr(), shape, [owners](void*) {}, parts[0]->options().requires_grad(false));
  }
  std::vector<Tensor> copies;
  for (const Tensor* part : parts) copies.push_back(part->detach());
  Tensor joined = torch::cat(copies, 0);
  std::int64_t row = 0;
  for (Tensor* part : parts) {
    part->set_data(joined.narrow(0, row, part->size(0)));
    row += part->size(0);
  }
  return joined;
}

}  // namespace

DecoderWeights WeightsOf(Qwen2Impl& module, const TextConfig& config) {
  const torch::NoGradGuard no_grad;
  auto parameters = module.named_parameters();
  const auto find = [&](const std::string& name) -> Tensor& { return parameters[name]; };
  DecoderWeights weights{.config = config};
  weights.embed = find("model.embed_tokens.weight").detach();
  weights.norm = find("model.norm.weight").detach();
  weights.head =
      parameters.contains("lm_head.weight") ? find("lm_head.weight").detach() : weights.embed;
  for (int i = 0; i < config.num_hidden_layers; ++i) {
    const std::string layer = "model.layers." + std::to_string(i) + ".";
    const std::string attention = layer + "self_attn.";
    DecoderLayerWeights w;
    w.input_norm = find(layer + "input_layernorm.weight").detach();
    w.post_norm = find(layer + "post_attention_layernorm.weight").detach();
    w.qkv = Join({&find(attention + "q_proj.weight"), &find(attention + "k_proj.weight"),
                  &find(attention + "v_proj.weight")});
    w.qkv_bias = Join({&find(attention + "q_proj.bias"), &find(attention + "k_proj.bias"),
                       &find(attention + "v_proj.bias")});
    w.output = find(attention + "o_proj.weight").detach();
    w.gate_up = Join({&find(layer + "mlp.gate_proj.weight"), &find(layer + "mlp.up_proj.weight")});
    w.down = find(layer + "mlp.down_proj.weight").detach();
    weights.layers.push_back(std::move(w));
  }
  return weights;
}

Failure DecoderFailure() {
  try {
    throw;
  } catch (const c10::OutOfMemoryError& e) {
    return ResourceExhausted(std::string("LibTorch: ") + e.what_without_backtrace());
  } catch (const std::bad_alloc&) {
    return ResourceExhausted("no memory left for the decoder");
  } catch (const std::exception& e) {
    return Internal(std::string("LibTorch: ") + e.what());
  }
}

}  // namespace stillwatch::model
