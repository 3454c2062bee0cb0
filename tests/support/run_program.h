// RunProgram: runs a program of this build and gives what it printed.

#pragma once

#include <optional>
#include <string>
#include <vector>

namespace stillwatch {

struct RunOptions {
  std::vector<std::string> environment{};  // "NAME=value", in addition to this process's.
  // Sends SIGINT once so many lines have come on stdout.
  std::optional<int> interrupt_after_lines{};
  // Kills it (SIGKILL) once so many lines have come on stdout.
  std::optional<int> kill_after_lines{};
  // Largest file that the program may write (RLIMIT_FSIZE), as a stand-in for a full disk.
  std::optional<unsigned long> file_size_limit{};
};

struct RunResult {
  int exit_code = -1;  // 128 + signal where a signal ended it.
  std::string out{};
  std::string err{};
};

// A program that runs beside the test, for servers.  It is interrupted and waited for at the end.
class BackgroundProgram {
 public:
  explicit BackgroundProgram(const std::vector<std::string>& arguments,
                             const RunOptions& options = {});
  ~BackgroundProgram();
  BackgroundProgram(const BackgroundProgram&) = delete;
  BackgroundProgram& operator=(const BackgroundProgram&) = delete;

  // Reads on until `text` stands on stderr; false if the program ended without it.
  bool WaitForError(const std::string& text);
  // Interrupts (SIGINT) and waits.
  RunResult Stop();
  // Waits for its end.
  RunResult Wait();

 private:
  bool ReadMore();
  const RunOptions options_;
  int child_ = -1;
  int out_ = -1, err_ = -1;
  RunResult result_;
};

// `arguments[0]` is the program's path.
RunResult RunProgram(const std::vector<std::string>& arguments, const RunOptions& options = {});

// Lines of a text, without the empty ones.
std::vector<std::string> Lines(const std::string& text);

}  // namespace stillwatch
