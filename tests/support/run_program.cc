#include "tests/support/run_program.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <sstream>

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace stillwatch {
namespace {

[[noreturn]] void Become(const std::vector<std::string>& arguments, const RunOptions& options,
                         int out, int err) {
  dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  for (const std::string& variable : options.environment) {
    const auto equals = variable.find('=');
    setenv(variable.substr(0, equals).c_str(), variable.substr(equals + 1).c_str(), 1);
  }
  if (options.file_size_limit) {
    const rlimit limit{*options.file_size_limit, *options.file_size_limit};
    setrlimit(RLIMIT_FSIZE, &limit);
    std::signal(SIGXFSZ, SIG_IGN);  // The write fails with EFBIG instead.
  }
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  execv(argv[0], argv.data());
  _exit(127);
}

// Appends what is there; false at the end.
bool Drain(int fd, std::string* text) {
  std::array<char, 65536> buffer{};
  const ssize_t size = read(fd, buffer.data(), buffer.size());
  if (size > 0) text->append(buffer.data(), static_cast<std::size_t>(size));
  return size > 0 || (size < 0 && errno == EINTR);
}

}  // namespace

BackgroundProgram::BackgroundProgram(const std::vector<std::string>& arguments,
                                     const RunOptions& options)
    : options_(options) {
  int out[2], err[2];
  if (pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0) std::abort();
  child_ = fork();
  if (child_ == 0) Become(arguments, options, out[1], err[1]);
  close(out[1]);
  close(err[1]);
  out_ = out[0];
  err_ = err[0];
}

BackgroundProgram::~BackgroundProgram() {
  if (child_ >= 0) Stop();
}

bool BackgroundProgram::ReadMore() {
  std::array<pollfd, 2> fds = {{{out_, POLLIN, 0}, {err_, POLLIN, 0}}};
  if (out_ < 0 && err_ < 0) return false;
  poll(fds.data(), fds.size(), -1);
  const auto drain = [](int* fd, std::string* text) {
    if (Drain(*fd, text)) return;
    close(*fd);
    *fd = -1;
  };
  if (fds[0].revents != 0) drain(&out_, &result_.out);
  if (fds[1].revents != 0) drain(&err_, &result_.err);
  return true;
}

bool BackgroundProgram::WaitForError(const std::string& text) {
  while (result_.err.find(text) == std::string::npos) {
    if (!ReadMore()) return false;
  }
  return true;
}

RunResult BackgroundProgram::Stop() {
  kill(child_, SIGINT);
  return Wait();
}

RunResult BackgroundProgram::Wait() {
  const auto after =
      options_.kill_after_lines ? options_.kill_after_lines : options_.interrupt_after_lines;
  bool interrupted = !after.has_value();
  while (ReadMore()) {
    if (!interrupted && std::count(result_.out.begin(), result_.out.end(), '\n') >= *after) {
      kill(child_, options_.kill_after_lines ? SIGKILL : SIGINT);
      interrupted = true;
    }
  }
  int status = 0;
  waitpid(child_, &status, 0);
  child_ = -1;
  result_.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result_;
}

RunResult RunProgram(const std::vector<std::string>& arguments, const RunOptions& options) {
  return BackgroundProgram(arguments, options).Wait();
}

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    if (!line.empty()) lines.push_back(line);
  }
  return lines;
}

}  // namespace stillwatch
