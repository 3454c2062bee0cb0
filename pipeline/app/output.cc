#include "pipeline/app/output.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

#include <CLI/CLI.hpp>
#include <sys/ioctl.h>
#include <unistd.h>

namespace stillwatch::app {
namespace {

// Characters, not bytes: continuation bytes of UTF-8 take no column.
std::size_t Width(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

// The first `columns` characters.
std::string Cut(const std::string& text, std::size_t columns) {
  std::size_t seen = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((text[i] & 0xC0) != 0x80 && ++seen > columns) return text.substr(0, i);
  }
  return text;
}

// Columns of the terminal on `fd`; 0 where there is none.
std::size_t TerminalWidth(int fd) {
  winsize size{};
  if (isatty(fd) == 0 || ioctl(fd, TIOCGWINSZ, &size) != 0) return 0;
  return size.ws_col;
}

std::string Where(const ChangeEvent& event) {
  if (event.regions.empty()) return "";
  const Region box = BoundingBox(event.regions);
  char text[32];
  std::snprintf(text, sizeof text, "%2.0f%%,%2.0f%%", 100 * (box.x + box.w / 2),
                100 * (box.y + box.h / 2));
  return text;
}

std::string CaptionText(const ChangeEvent& event) {
  switch (event.caption_status) {
    case CaptionStatus::kReady:
      return event.caption;
    case CaptionStatus::kPending:
      return "(caption pending)";
    case CaptionStatus::kFailed:
      return "(no caption: the model failed)";
    case CaptionStatus::kOff:
      return "(captions are off)";
  }
  return "";
}

}  // namespace

void AddOutputOption(CLI::App* command, OutputFormat* format) {
  static const std::map<std::string, OutputFormat> kFormats = {{"table", OutputFormat::kTable},
                                                               {"jsonl", OutputFormat::kJsonl}};
  command->add_option("--output", *format, "table (default on a terminal) or jsonl")
      ->transform(CLI::CheckedTransformer(kFormats).description(""))
      ->type_name("FORMAT");
}

OutputFormat Resolve(OutputFormat format) {
  if (format != OutputFormat::kAuto) return format;
  return isatty(STDOUT_FILENO) != 0 ? OutputFormat::kTable : OutputFormat::kJsonl;
}

std::string Table::Format() const {
  std::vector<std::size_t> widths;
  for (const auto& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Width(row[i]));
  }
  const std::size_t terminal = TerminalWidth(STDOUT_FILENO);
  std::string out;
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i > 0) line += "  ";
      line += row[i];
      if (i + 1 < row.size()) line.append(widths[i] - Width(row[i]), ' ');
    }
    out += terminal > 0 ? Cut(line, terminal) : line;
    out += '\n';
  }
  return out;
}

Table EventTable(const std::vector<ChangeEvent>& events) {
  Table table({"TIME", "CAMERA", "KIND", "STATE", "WHERE", "SURE", "CAPTION"});
  for (const ChangeEvent& event : events) {
    const bool captioned = event.caption_status == CaptionStatus::kReady;
    table.Add({FormatTime(event.time), event.camera, std::string(Name(event.kind)),
               std::string(Name(event.state)), Where(event),
               captioned ? std::to_string(std::lround(100 * event.confidence)) + "%" : "",
               CaptionText(event)});
  }
  return table;
}

std::string EventLineHeader() { return "AT        STATE     KIND       WHERE    SURE  CAPTION\n"; }

std::string EventLine(const ChangeEvent& event) {
  char text[80];
  const double at =
      event.current.pts ? std::chrono::duration<double>(*event.current.pts).count() : 0;
  const bool captioned = event.caption_status == CaptionStatus::kReady;
  const std::string sure =
      captioned ? std::to_string(std::lround(100 * event.confidence)) + "%" : "";
  const int size =
      std::snprintf(text, sizeof text, "%3.0f:%04.1f   %-9s %-10s %-8s %-4s  ", std::floor(at / 60),
                    std::fmod(at, 60), std::string(Name(event.state)).c_str(),
                    std::string(Name(event.kind)).c_str(), Where(event).c_str(), sure.c_str());
  const std::string line = std::string(text, static_cast<std::size_t>(size)) + CaptionText(event);
  const std::size_t terminal = TerminalWidth(STDOUT_FILENO);
  return (terminal > 0 ? Cut(line, terminal) : line) + "\n";
}

Progress::Progress(std::string what)
    : what_(std::move(what)), on_terminal_(isatty(STDERR_FILENO) != 0) {}

Progress::~Progress() { Clear(); }

void Progress::Show(double done, const std::string& note) {
  constexpr int kBar = 24;
  if (!on_terminal_) return;
  const auto now = std::chrono::steady_clock::now();
  if (now - drawn_at_ < std::chrono::milliseconds(100)) return;
  drawn_at_ = now;
  std::string line = what_;
  if (done >= 0) {
    const int filled = static_cast<int>(std::lround(std::clamp(done, 0.0, 1.0) * kBar));
    line += " [" + std::string(static_cast<std::size_t>(filled), '#') +
            std::string(static_cast<std::size_t>(kBar - filled), ' ') + "] " +
            std::to_string(std::lround(100 * std::clamp(done, 0.0, 1.0))) + "%";
  }
  if (!note.empty()) line += "  " + note;
  const std::size_t width = TerminalWidth(STDERR_FILENO);
  if (width > 0) line = Cut(line, width - 1);
  std::fprintf(stderr, "\r\033[K%s", line.c_str());
  std::fflush(stderr);
  visible_ = true;
}

void Progress::Clear() {
  if (!visible_) return;
  std::fputs("\r\033[K", stderr);
  std::fflush(stderr);
  visible_ = false;
}

std::string Count(std::size_t n, std::string_view noun) {
  return std::to_string(n) + " " + std::string(noun) + (n == 1 ? "" : "s");
}

}  // namespace stillwatch::app
