// stillwatch eval: how good a model's captions and verdicts are.

#include <memory>

#include <CLI/CLI.hpp>

#include "pipeline/app/command.h"
#include "pipeline/app/eval_job.h"
#include "pipeline/app/output.h"
#include "pipeline/app/video_library.h"

namespace stillwatch::app {

std::vector<Command> AddEval(CLI::App& root) {
  const auto options = std::make_shared<EvalOptions>();
  CLI::App* app = root.add_subcommand("eval", "Caption metrics and verdict figures of a model");
  app->add_option("SET", options->set,
                  "Folder of pairs, CLEVR-Change triples, footage with truth.json files");
  app->add_option("--model", options->model, "nano, or a checkpoint folder")->capture_default_str();
  app->add_option("--split", options->split, "Of a folder of pairs: test or val")
      ->capture_default_str();
  app->add_option("--limit", options->limit, "At most so many pairs (0: all)")
      ->check(CLI::NonNegativeNumber);
  app->add_option("--predictions", options->predictions,
                  "Any system's captions instead: COCO results JSON");
  app->add_option("--references", options->references, "What they are scored against: COCO JSON");
  app->add_option(
      "--training-references", options->training_references,
      "COCO JSON to choose the constant caption on (default: the set's training pairs)");
  app->add_option("--meteor-jar", options->meteor_jar, "meteor-1.5.jar, for METEOR");
  app->add_option("--spice-jar", options->spice_jar, "spice-1.0.jar, for SPICE");
  app->add_option("--java", options->java)->capture_default_str();
  app->add_option("--out", options->out, "Folder for report.html, samples.jsonl, summary.json");
  app->add_option("--worst", options->worst, "Pairs in each list of the report")
      ->capture_default_str()
      ->check(CLI::Range(0, 1000));
  app->add_option("--threads", options->threads, "0: as many as the machine has");
  AddOutputOption(app, &options->output);
  app->footer(
      "\nBLEU, ROUGE-L and CIDEr-D are coco-caption's; METEOR and SPICE are left out without "
      "their\n"
      "jars.  Beside the model stands the one sentence that scores best when said of every pair.");
  return {{app, [options]() -> Result<Outcome> {
             const auto video = LoadVideoLibrary();
             if (!video) return Failure(video.error());
             return (*video)->eval(*options);
           }}};
}

}  // namespace stillwatch::app
