#include "model/runtime/bench.h"

namespace stillwatch::model {

Result<M3DiffConfig> ShapeConfig(std::string_view shape) {
  M3DiffConfig config;
  if (shape == "nano") return config;  // The defaults are nano's.
  if (shape != "7b" && shape != "0.5b") {
    return InvalidArgument("shape " + std::string(shape) + ": wanted 7b, 0.5b or nano");
  }
  config.name = "m3diff-" + std::string(shape);
  config.vision.type = "siglip";
  config.vision.image_size = 384;
  config.vision.grid = 27;
  config.vision.pixel_mean = 127.5;
  config.vision.pixel_scale = 127.5;
  config.mdp.width = 1152;
  config.mdp.heads = 9;
  config.mdp.hidden = 4608;
  config.text.rope_theta = 1e6;
  config.prompt.eos_token_id = 151645;
  config.prompt.image_token_id = 151646;
  if (shape == "0.5b") {
    config.text.vocab_size = 151936;
    config.text.hidden_size = 896;
    config.text.intermediate_size = 4864;
    config.text.num_hidden_layers = 24;
    config.text.num_attention_heads = 14;
    config.text.num_key_value_heads = 2;
    config.text.head_dim = 64;
  } else {
    config.text.vocab_size = 152064;
    config.text.hidden_size = 3584;
    config.text.intermediate_size = 18944;
    config.text.num_hidden_layers = 28;
    config.text.num_attention_heads = 28;
    config.text.num_key_value_heads = 4;
    config.text.head_dim = 128;
    config.text.tie_word_embeddings = false;
  }
  return config;
}

}  // namespace stillwatch::model
