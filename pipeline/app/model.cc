// stillwatch model: what is inside a checkpoint, and the same in another form.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <memory>
#include <sstream>
#include <string>

#include <CLI/CLI.hpp>

#include "model/checkpoint/network_weights.h"
#include "model/checkpoint/summary.h"
#include "model/m3diff/hf_config.h"
#include "model/module/loader.h"
#include "pipeline/app/command.h"
#include "pipeline/app/model_source.h"
#include "pipeline/app/output.h"

namespace stillwatch::app {
namespace {

struct ConvertArguments {
  std::string model{}, adapter{}, out{}, dtype{}, naming{}, quantize{};
  std::string shard = "4GB";
};

// Bytes as people write them: "4GB", "500MB", "1000000".  0: none of these.
std::int64_t ParseBytes(const std::string& text) {
  char* rest = nullptr;
  const double number = std::strtod(text.c_str(), &rest);
  const std::string unit(rest);
  const double scale = unit.empty() || unit == "B" ? 1
                       : unit == "MB"              ? 1e6
                       : unit == "GB"              ? 1e9
                                                   : 0;
  const double bytes = number * scale;
  return bytes >= 1 && bytes < 1e18 ? static_cast<std::int64_t>(bytes) : 0;
}

// What a family's network is made of, once config and weights have been held against each other.
void PrintNetwork(const model::HfConfig& hf,
                  const std::function<void(const char*, const std::string&)>& line) {
  const model::M3DiffConfig& c = hf.config;
  const auto number = [](int n) { return std::to_string(n); };
  line("tower", "SigLIP " + number(c.mdp.width) + " wide, " + number(c.vision.layers) +
                    " layers of " + number(c.vision.heads) + " heads, " +
                    number(c.vision.image_size) + " px in patches of " +
                    number(c.vision.patch_size) + ": " + number(c.vision.grid * c.vision.grid) +
                    " tokens");
  line("maps from", "layers " + number(c.vision.taps[0]) + ", " + number(c.vision.taps[1]) + ", " +
                        number(c.vision.taps[2]) + ", " + number(c.vision.taps[3]));
  line("decoder", "Qwen2 " + number(c.text.hidden_size) + " wide, " +
                      number(c.text.num_hidden_layers) + " layers of " +
                      number(c.text.num_attention_heads) + " heads (" +
                      number(c.text.num_key_value_heads) + " for keys), MLP " +
                      number(c.text.intermediate_size));
}

Result<Outcome> Info(const std::string& model, const std::string& adapter) {
  const auto named = ModelFolder(model);
  if (!named) return Failure(named.error());
  const auto line = [](const char* what, const std::string& value) {
    std::printf("%-14s %s\n", what, value.c_str());
  };
  // A checkpoint that cannot be read is no usage error: exit code 3.
  const auto weights = model::NetworkWeights::Open(*named, adapter);
  if (!weights) return Unavailable(weights.error().message());
  const std::string base = (*weights)->folder().string();
  const auto summary = model::Summarise(base);
  if (!summary) return Unavailable(summary.error().message());
  line("folder", base);
  line("architecture",
       summary->architecture.empty() ? "(config.json does not say)" : summary->architecture);
  line("naming", std::string(model::Name(summary->naming)));
  char text[64];
  std::snprintf(text, sizeof text, "%.2f million in %lld tensors",
                static_cast<double>(summary->parameters) / 1e6,
                static_cast<long long>(summary->tensors));
  line("parameters", text);
  std::snprintf(text, sizeof text, "%.1f MB in %d file(s)",
                static_cast<double>(summary->bytes) / 1e6, summary->files);
  line("size", text);
  for (const auto& [dtype, bytes] : summary->bytes_by_dtype) {
    std::snprintf(text, sizeof text, "%s %.1f MB", std::string(model::Name(dtype)).c_str(),
                  static_cast<double>(bytes) / 1e6);
    line("", text);
  }
  line("vocabulary", std::to_string(summary->vocabulary) +
                         (summary->tied_head ? " (head tied to the embedding)" : ""));
  if (summary->vision_layers == 0) {
    line("decoder", std::to_string(summary->text_layers) + " layers");
  }
  line("MDP",
       summary->has_mdp ? "yes" : "no: plain LLaVA-OneVision, it has not learned to compare");
  if (const model::LoraAdapter* lora = (*weights)->adapter()) {
    line("adapter", Count(lora->deltas.size(), "weight") + " changed, " +
                        Count(lora->replaced.size(), "tensor") + " replaced; merged on load");
  }
  const auto& others = (*weights)->others();
  if (summary->naming != model::Naming::kStillwatch && !others.empty()) {
    line("left out", Count(others.size(), "tensor") + ", no part of the network: " + others[0] +
                         (others.size() > 1 ? ", ..." : ""));
  }
  std::ifstream config(base + "/config.json", std::ios::binary);
  std::stringstream content;
  content << config.rdbuf();
  if (!model::IsHfConfig(content.str())) return Outcome::kFound;
  const auto hf = model::ReadHfConfig(**weights, summary->has_mdp ? "ccexpert" : "onevision");
  if (!hf) return Unavailable(hf.error().message());
  PrintNetwork(*hf, line);
  for (const std::string& note : hf->notes) line("note", note);
  return Outcome::kFound;
}

Result<Outcome> Convert(const ConvertArguments& arguments) {
  const auto folder = ModelFolder(arguments.model);
  if (!folder) return Failure(folder.error());
  if (!arguments.quantize.empty()) {
    return InvalidArgument("--quantize " + arguments.quantize +
                           ": quantised checkpoints do not exist yet; convert to bf16 and let the "
                           "captioner quantise on load");
  }
  model::ConvertOptions options{.model = *folder,
                                .adapter = arguments.adapter,
                                .out = arguments.out,
                                .dtype = arguments.dtype,
                                .naming = arguments.naming,
                                .max_shard_bytes = ParseBytes(arguments.shard)};
  if (options.max_shard_bytes == 0) {
    return InvalidArgument("--shard-size " + arguments.shard + ": wanted a size like 4GB or 500MB");
  }
  const auto api = model::LoadModelApi();
  if (!api) return Failure(api.error());
  const auto report = (*api)->convert(options);
  if (!report) return Failure(report.error());
  std::printf("%s: %s, %.1f MB in %s\n", arguments.out.c_str(),
              Count(static_cast<std::size_t>(report->tensors), "tensor").c_str(),
              static_cast<double>(report->bytes) / 1e6,
              Count(static_cast<std::size_t>(report->files), "file").c_str());
  if (report->left_out > 0) {
    std::fprintf(stderr, "left out %s that are no part of the network (stillwatch model info)\n",
                 Count(static_cast<std::size_t>(report->left_out), "tensor").c_str());
  }
  return Outcome::kFound;
}

}  // namespace

std::vector<Command> AddModel(CLI::App& root) {
  CLI::App* group =
      root.add_subcommand("model", "What is inside a checkpoint, and how fast it runs");
  group->require_subcommand(1);
  const auto read = std::make_shared<ConvertArguments>();
  CLI::App* info = group->add_subcommand("info", "Architecture, sizes, naming of the tensors");
  info->add_option("MODEL", read->model, "nano, or a checkpoint folder")->required();
  info->add_option("--adapter", read->adapter, "Folder of a LoRA adapter");
  const auto arguments = std::make_shared<ConvertArguments>();
  CLI::App* convert =
      group->add_subcommand("convert", "The same weights in another type, naming or cut");
  convert->add_option("MODEL", arguments->model, "nano, or a checkpoint folder")->required();
  convert->add_option("OUT", arguments->out, "Folder to write: new, or empty")->required();
  convert->add_option("--dtype", arguments->dtype, "fp32, fp16 or bf16 (default: as it is)")
      ->check(CLI::IsMember({"fp32", "fp16", "bf16"}));
  convert
      ->add_option("--naming", arguments->naming,
                   "llava-next, hf-old, hf-old-nowrap, hf-new or hf-new-nowrap (default: as it is)")
      ->check(CLI::IsMember(
          {"llava-next", "hf-old", "hf-old-nowrap", "hf-new", "hf-new-nowrap", "stillwatch"}));
  convert->add_option("--adapter", arguments->adapter, "Folder of a LoRA adapter to merge");
  convert->add_option("--shard-size", arguments->shard, "More weights become several files")
      ->capture_default_str();
  convert->add_option("--quantize", arguments->quantize, "int8: not there yet")
      ->check(CLI::IsMember({"int8"}));
  return {{info, [read] { return Info(read->model, read->adapter); }},
          {convert, [arguments] { return Convert(*arguments); }},
          AddModelBench(*group)};
}

}  // namespace stillwatch::app
