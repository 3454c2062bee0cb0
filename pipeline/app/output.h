// What commands print: tables for people, JSON lines for programs, progress on stderr.

#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/core/event.h"

namespace CLI {
class App;
}

namespace stillwatch::app {

enum class OutputFormat { kAuto, kTable, kJsonl };

// Adds `--output table|jsonl` to a command.
void AddOutputOption(CLI::App* command, OutputFormat* format);

// kAuto becomes a table on a terminal and JSON lines elsewhere.
OutputFormat Resolve(OutputFormat format);

// Rows under a header, columns as wide as their widest cell; the last one is cut to the terminal's
// width.  (Ours: Debian 12 has no C++ library for it.)
class Table {
 public:
  explicit Table(std::vector<std::string> header) { Add(std::move(header)); }
  void Add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  std::size_t rows() const { return rows_.size() - 1; }
  std::string Format() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

// Events as people read them: when, camera, kind, state, where, caption.
Table EventTable(const std::vector<ChangeEvent>& events);

// The same for events that come one by one: fixed columns, with the place in the stream in front.
std::string EventLineHeader();
std::string EventLine(const ChangeEvent& event);

// A line on stderr that redraws itself; silent where stderr is no terminal.
// Not thread-safe: belongs to the command's thread.
class Progress {
 public:
  explicit Progress(std::string what);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // `done` is 0..1; a negative value means unknown.  Redraws at most ten times a second.
  void Show(double done, const std::string& note);
  // Takes the line away, for instance before something else is printed.
  void Clear();

 private:
  const std::string what_;
  const bool on_terminal_;
  std::chrono::steady_clock::time_point drawn_at_{};
  bool visible_ = false;
};

// "1 event", "3 events".
std::string Count(std::size_t n, std::string_view noun);

}  // namespace stillwatch::app
