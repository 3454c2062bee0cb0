// Command: what the files of this folder have in common.

#pragma once

#include <functional>
#include <string>
#include <vector>

#include "pipeline/core/status.h"

namespace CLI {
class App;
}

namespace stillwatch::app {

// How a command that could do its work ended; what could not is a Status.
enum class Outcome {
  kFound,    // Exit code 0.
  kNothing,  // Exit code 1: nothing matched, or a check found a difference.
};

// Exit codes of a failure: 2 for usage and configuration, 3 for what could not be done.
int ExitCode(const Result<Outcome>& result);

using RunFunction = std::function<Result<Outcome>()>;

// One subcommand: main parses, runs the one that was named, and turns the result into an exit code.
struct Command {
  CLI::App* app = nullptr;  // Owned by the root.
  RunFunction run{};
};

// Each adds its subcommand(s) to the root.
std::vector<Command> AddDemo(CLI::App& root);
std::vector<Command> AddScan(CLI::App& root);
std::vector<Command> AddCaption(CLI::App& root);
std::vector<Command> AddQuery(CLI::App& root);
std::vector<Command> AddRecord(CLI::App& root);
std::vector<Command> AddStore(CLI::App& root);
std::vector<Command> AddConfig(CLI::App& root);
std::vector<Command> AddModel(CLI::App& root);
Command AddModelBench(CLI::App& group);  // Of `stillwatch model`.
std::vector<Command> AddData(CLI::App& root);
std::vector<Command> AddTrain(CLI::App& root);

}  // namespace stillwatch::app
