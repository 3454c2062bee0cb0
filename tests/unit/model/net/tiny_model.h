// TinyModel: a model folder that runs in milliseconds, for tests.

#pragma once

#include <filesystem>
#include <string>

#include "model/m3diff/config.h"
#include "tests/unit/model/net/made_pairs.h"
#include "tests/unit/model/text/tiny_tokenizer.h"

namespace stillwatch::model {

inline M3DiffConfig TinyConfig() {
  M3DiffConfig config;
  config.name = "m3diff-tiny";
  config.vision.image_size = 64;
  config.vision.grid = 4;
  config.mdp = {.width = 32, .heads = 2, .hidden = 64};
  config.text = {.vocab_size = 303,
                 .hidden_size = 32,
                 .intermediate_size = 64,
                 .num_hidden_layers = 2,
                 .num_attention_heads = 2,
                 .num_key_value_heads = 1,
                 .head_dim = 16};
  config.prompt.eos_token_id = 300;
  config.prompt.max_tokens = 16;
  return config;
}

// tokenizer.json whose <|im_end|> is token 300.
inline void WriteTinyTokenizer(const std::filesystem::path& path) {
  nlohmann::json tokenizer = TinyTokenizer();
  tokenizer["added_tokens"][0]["content"] = "<|im_end|>";
  tokenizer["added_tokens"][1]["content"] = "<|im_end|>x";
  WriteText(path, tokenizer.dump());
}

}  // namespace stillwatch::model
