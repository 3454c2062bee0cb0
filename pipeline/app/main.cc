// stillwatch: the one program.  Finds the subcommand, runs it, turns its result into an exit code.

#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "pipeline/app/command.h"

namespace stillwatch::app {

int ExitCode(const Result<Outcome>& result) {
  if (result) return *result == Outcome::kFound ? 0 : 1;
  return result.error().code() == StatusCode::kInvalidArgument ? 2 : 3;
}

namespace {

constexpr const char* kFooter = R"(
Exit codes: 0 done, 1 nothing matched or a check found a difference,
2 usage or configuration, 3 could not do it.
Results go to stdout, everything else to stderr.  `stillwatch COMMAND --help` tells more.)";

// Commands that are announced, and do not exist yet, are told apart from misspelt ones.
std::string WhyNotThere(const std::string& command) {
  for (const char* planned : {"watch", "diff"}) {
    if (command == planned) return "'" + command + "' does not exist yet in this version";
  }
  return "there is no command '" + command + "'";
}

bool Knows(CLI::App& root, const std::string& command) {
  return !root.get_subcommands([&](const CLI::App* app) { return app->get_name() == command; })
              .empty();
}

int Main(int argc, char** argv) {
  CLI::App root("Stillwatch says, in a sentence, what has lastingly changed in front of a camera.");
  root.name("stillwatch");
  root.set_version_flag("--version", "stillwatch " STILLWATCH_VERSION);
  root.require_subcommand(1);
  root.footer(kFooter);
  root.get_formatter()->column_width(24);

  std::vector<Command> commands;
  for (const auto add : {AddDemo, AddScan, AddCaption, AddQuery, AddRecord, AddStore, AddConfig,
                         AddModel, AddData, AddTrain, AddEval, AddBench}) {
    for (Command& command : add(root)) commands.push_back(std::move(command));
  }
  if (argc > 1 && argv[1][0] != '-' && !Knows(root, argv[1])) {
    std::fprintf(stderr, "stillwatch: %s; `stillwatch --help` lists the commands\n",
                 WhyNotThere(argv[1]).c_str());
    return 2;
  }
  try {
    root.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // CLI11 answers --help and --version by exceptions too; those exit with 0.
    return root.exit(error) == 0 ? 0 : 2;
  }
  for (const Command& command : commands) {
    if (!command.app->parsed()) continue;
    const Result<Outcome> result = command.run();
    if (!result) std::fprintf(stderr, "stillwatch: %s\n", result.error().message().c_str());
    return ExitCode(result);
  }
  return 2;
}

}  // namespace
}  // namespace stillwatch::app

int main(int argc, char** argv) {
  try {
    return stillwatch::app::Main(argc, argv);
  } catch (const std::exception& error) {
    // Nothing of ours throws this far: a library did, where it was not expected to.
    std::fprintf(stderr, "stillwatch: internal error: %s\n", error.what());
    return 3;
  }
}
