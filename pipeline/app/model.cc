// stillwatch model: what is inside a checkpoint.

#include <cstdio>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "model/checkpoint/summary.h"
#include "pipeline/app/command.h"
#include "pipeline/app/model_source.h"

namespace stillwatch::app {
namespace {

Result<Outcome> Info(const std::string& model) {
  const auto folder = ModelFolder(model);
  if (!folder) return Failure(folder.error());
  const auto summary = model::Summarise(*folder);
  // A checkpoint that cannot be read is no usage error: exit code 3.
  if (!summary) return Unavailable(summary.error().message());
  const auto line = [](const char* what, const std::string& value) {
    std::printf("%-14s %s\n", what, value.c_str());
  };
  line("folder", *folder);
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
  line("decoder", std::to_string(summary->text_layers) + " layers");
  if (summary->vision_layers > 0) {
    line("vision", "SigLIP, " + std::to_string(summary->vision_layers) + " layers");
  }
  line("MDP",
       summary->has_mdp ? "yes" : "no: plain LLaVA-OneVision, it has not learned to compare");
  return Outcome::kFound;
}

}  // namespace

std::vector<Command> AddModel(CLI::App& root) {
  CLI::App* group = root.add_subcommand("model", "What is inside a checkpoint");
  group->require_subcommand(1);
  const auto folder = std::make_shared<std::string>();
  CLI::App* info = group->add_subcommand("info", "Architecture, sizes, naming of the tensors");
  info->add_option("MODEL", *folder, "nano, or a checkpoint folder")->required();
  return {{info, [folder] { return Info(*folder); }}};
}

}  // namespace stillwatch::app
