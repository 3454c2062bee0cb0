// TinyFamily: a LLaVA-OneVision folder that runs in milliseconds, for tests.

#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "model/checkpoint/naming.h"
#include "model/m3diff/attention_torch.h"
#include "model/m3diff/hf_config.h"
#include "model/m3diff/m3diff_torch.h"
#include "tests/unit/model/net/made_pairs.h"
#include "tests/unit/model/text/tiny_tokenizer.h"

namespace stillwatch::model {

inline M3DiffConfig TinyFamilyConfig() {
  M3DiffConfig config;
  config.vision.type = "siglip";
  config.vision.image_size = 30;  // A grid of 4; 2 pixels a side fall away.
  config.vision.patch_size = 7;
  config.vision.grid = 4;
  config.vision.heads = 2;
  config.vision.hidden = 24;
  config.vision.layers = 4;
  config.vision.taps = {1, 2, 3, 4};
  config.vision.pixel_mean = config.vision.pixel_scale = 127.5;
  config.mdp = {.preset = "none", .width = 16, .heads = 1, .hidden = 20};
  config.text = {.vocab_size = 310,
                 .hidden_size = 32,
                 .intermediate_size = 48,
                 .num_hidden_layers = 2,
                 .num_attention_heads = 4,
                 .num_key_value_heads = 2,
                 .head_dim = 8,
                 .rope_theta = 1e6,
                 .tie_word_embeddings = false};
  config.prompt.image_token_id = 302;
  config.prompt.eos_token_id = 300;
  config.prompt.newline = true;
  config.prompt.pad = true;
  return config;
}

// Random weights, none of them at a special value.
inline M3Diff TinyFamilyNetwork(const M3DiffConfig& config, int seed = 21) {
  torch::manual_seed(seed);
  M3Diff network(config);
  const torch::NoGradGuard no_grad;
  for (torch::Tensor& parameter : network->parameters()) {
    parameter.add_(0.2 * torch::randn_like(parameter));
  }
  return network;
}

inline std::vector<TensorEntry> Entries(M3Diff& network, Naming naming) {
  std::vector<TensorEntry> entries;
  for (const auto& item : network->named_parameters()) {
    entries.push_back({NameIn(naming, item.key()), item.value()});
  }
  return entries;
}

struct TinyFamilyOptions {
  Naming naming = Naming::kHfNew;
  Dtype dtype = Dtype::kF32;
  bool mdp = false;
  bool tied = false;
  std::function<void(std::vector<TensorEntry>&)> harm = [](auto&) {};
  std::function<void(nlohmann::json&)> lie = [](auto&) {};
};

// Writes the folder and returns it.
inline std::filesystem::path MakeTinyFamily(const TinyFamilyOptions& options = {}) {
  const std::filesystem::path folder = TestFolder();
  M3DiffConfig config = TinyFamilyConfig();
  if (options.mdp) config.mdp.preset = "ccexpert";
  config.text.tie_word_embeddings = options.tied;
  M3Diff network = TinyFamilyNetwork(config);
  std::vector<TensorEntry> entries = Entries(network, options.naming);
  options.harm(entries);
  EXPECT_TRUE(SaveTensors((folder / "model.safetensors").string(), entries, options.dtype).ok());
  nlohmann::json json = nlohmann::json::parse(WriteHfConfig(config, options.naming, options.dtype));
  options.lie(json);
  WriteText(folder / "config.json", json.dump());
  nlohmann::json tokenizer = TinyTokenizer();
  tokenizer["added_tokens"][0]["content"] = "<|im_end|>";
  tokenizer["added_tokens"][1]["content"] = "<|im_start|>";
  WriteText(folder / "tokenizer.json", tokenizer.dump());
  WriteText(folder / "chat_template.jinja",
            "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n'}}"
            "{% for content in message['content'] | selectattr('type', 'equalto', 'image') %}"
            "{{ '<image>\n' }}{% endfor %}"
            "{% for content in message['content'] | selectattr('type', 'equalto', 'text') %}"
            "{{ content['text'] }}{% endfor %}{{'<|im_end|>\n'}}{% endfor %}"
            "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}");
  return folder;
}

}  // namespace stillwatch::model
