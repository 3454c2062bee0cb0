#include <nlohmann/json.hpp>

#include "model/m3diff/hf_config.h"

namespace stillwatch::model {
namespace {

using Json = nlohmann::ordered_json;

Json TextKeys(const TextConfig& text) {
  return {{"hidden_size", text.hidden_size},
          {"intermediate_size", text.intermediate_size},
          {"num_hidden_layers", text.num_hidden_layers},
          {"num_attention_heads", text.num_attention_heads},
          {"num_key_value_heads", text.num_key_value_heads},
          {"head_dim", text.head_dim},
          {"vocab_size", text.vocab_size},
          {"hidden_act", "silu"},
          {"rms_norm_eps", text.rms_norm_eps},
          {"rope_theta", text.rope_theta},
          {"use_sliding_window", false}};
}

Json VisionKeys(const M3DiffConfig& config) {
  return {{"model_type", "siglip_vision_model"},        {"hidden_size", config.mdp.width},
          {"intermediate_size", config.vision.hidden},  {"num_hidden_layers", config.vision.layers},
          {"num_attention_heads", config.vision.heads}, {"image_size", config.vision.image_size},
          {"patch_size", config.vision.patch_size},     {"layer_norm_eps", config.vision.norm_eps},
          {"hidden_act", "gelu_pytorch_tanh"},          {"vision_use_head", false}};
}

}  // namespace

std::string WriteHfConfig(const M3DiffConfig& config, Naming naming, Dtype dtype) {
  const char* type = dtype == Dtype::kF32    ? "float32"
                     : dtype == Dtype::kBF16 ? "bfloat16"
                                             : "float16";
  Json json;
  if (naming == Naming::kLlavaNext) {
    json = TextKeys(config.text);
    json["architectures"] = {"LlavaQwenForCausalLM"};
    json["model_type"] = "llava";
    json["mm_projector_type"] = "mlp2x_gelu";
    json["mm_hidden_size"] = config.mdp.width;
    json["mm_vision_select_layer"] = -2;
    json["mm_patch_merge_type"] = "spatial_unpad";
    json["mm_vision_tower"] = "siglip";
  } else {
    json["architectures"] = {"LlavaOnevisionForConditionalGeneration"};
    json["model_type"] = "llava_onevision";
    json["text_config"] = TextKeys(config.text);
    json["text_config"]["model_type"] = "qwen2";
    json["projector_hidden_act"] = "gelu";
    json["vision_feature_layer"] = -1;
    json["vision_feature_select_strategy"] = "full";
    if (config.prompt.image_token_id >= 0) {
      json["image_token_index"] = config.prompt.image_token_id;
      json["image_token_id"] = config.prompt.image_token_id;  // Newer versions' word for it.
    }
  }
  json["vision_config"] = VisionKeys(config);
  json["tie_word_embeddings"] = config.text.tie_word_embeddings;
  json["torch_dtype"] = type;
  std::vector<int> eos = config.prompt.other_eos;
  if (config.prompt.eos_token_id >= 0) eos.insert(eos.begin(), config.prompt.eos_token_id);
  if (eos.size() == 1) json["eos_token_id"] = eos.front();
  if (eos.size() > 1) json["eos_token_id"] = eos;
  if (config.mdp.preset != "none") {
    json["mdp_config"] = {{"heads", config.mdp.heads}, {"norm_eps", config.mdp.norm_eps}};
  }
  return json.dump(2) + "\n";
}

}  // namespace stillwatch::model
