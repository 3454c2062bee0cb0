#include "model/eval/child_process.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace stillwatch::model {
namespace {

constexpr std::size_t kComplaint_bytes = 4096;

void Close(int& file) {
  if (file >= 0) ::close(file);
  file = -1;
}

}  // namespace

struct ChildProcess::Impl {
  std::string name;
  pid_t child = -1;
  int data = -1;   // A socket, both ways: a write to a dead program is an error there, no signal.
  int error = -1;  // Its standard error.
  bool input_open = true;
  std::string pending{};    // Read, and not yet given.
  std::string complaint{};  // The end of its standard error.
  int status = -1;

  ~Impl() {
    Wait(std::chrono::seconds(5));
    Close(data);
    Close(error);
  }

  void CloseInput() {
    if (input_open && data >= 0) ::shutdown(data, SHUT_WR);
    input_open = false;
  }

  // Waits until there is something to read (or room to write), taking standard error meanwhile.
  bool Poll(short wanted) {
    while (true) {
      std::array<pollfd, 2> files = {{{data, wanted, 0}, {error, POLLIN, 0}}};
      if (::poll(files.data(), error >= 0 ? 2 : 1, -1) < 0) {
        if (errno == EINTR) continue;
        return false;
      }
      if (error >= 0 && files[1].revents != 0) TakeComplaint();
      if (files[0].revents != 0) return true;
    }
  }

  void TakeComplaint() {
    std::array<char, 1024> buffer{};
    const ssize_t got = ::read(error, buffer.data(), buffer.size());
    if (got <= 0) return Close(error);
    complaint.append(buffer.data(), static_cast<std::size_t>(got));
    if (complaint.size() > kComplaint_bytes) {
      complaint.erase(0, complaint.size() - kComplaint_bytes);
    }
  }

  Status Ended() {
    while (error >= 0) {
      pollfd file{error, POLLIN, 0};
      if (::poll(&file, 1, 1000) <= 0) break;
      TakeComplaint();
    }
    while (!complaint.empty() && complaint.back() == '\n') complaint.pop_back();
    return Unavailable(name + ": ended before its answer" +
                       (complaint.empty() ? "" : ", saying: " + complaint));
  }

  void Wait(std::chrono::milliseconds patience) {
    if (child < 0) return;
    CloseInput();
    const auto end = std::chrono::steady_clock::now() + patience;
    while (::waitpid(child, &status, WNOHANG) == 0) {
      if (std::chrono::steady_clock::now() > end) {
        ::kill(child, SIGKILL);
        ::waitpid(child, &status, 0);
        break;
      }
      // Output that nobody reads would block it.
      std::array<char, 4096> buffer{};
      while (::recv(data, buffer.data(), buffer.size(), MSG_DONTWAIT) > 0) {
      }
      if (error >= 0) {
        pollfd file{error, POLLIN, 0};
        if (::poll(&file, 1, 10) > 0) TakeComplaint();
      } else {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
      }
    }
    child = -1;
  }
};

ChildProcess::ChildProcess(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ChildProcess::ChildProcess(ChildProcess&&) noexcept = default;
ChildProcess::~ChildProcess() = default;

Result<ChildProcess> ChildProcess::Start(const std::vector<std::string>& arguments,
                                         const std::string& folder) {
  auto impl = std::make_unique<Impl>();
  impl->name = arguments.front();
  std::array<int, 2> data{};
  std::array<int, 2> error{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, data.data()) != 0) {
    return Unavailable(impl->name + ": " + std::strerror(errno));
  }
  impl->data = data[0];
  if (::pipe2(error.data(), O_CLOEXEC) != 0) {
    ::close(data[1]);
    return Unavailable(impl->name + ": " + std::strerror(errno));
  }
  impl->error = error[0];
  std::vector<char*> argv;  // Made before fork: nothing may allocate after it.
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  impl->child = ::fork();
  if (impl->child == 0) {
    ::dup2(data[1], STDIN_FILENO);
    ::dup2(data[1], STDOUT_FILENO);
    ::dup2(error[1], STDERR_FILENO);
    if (folder.empty() || ::chdir(folder.c_str()) == 0) ::execvp(argv[0], argv.data());
    const char* why = std::strerror(errno);
    if (::write(STDERR_FILENO, why, std::strlen(why)) < 0) ::_exit(126);
    ::_exit(127);
  }
  const int why = errno;
  ::close(data[1]);
  ::close(error[1]);
  if (impl->child < 0) return Unavailable(impl->name + ": " + std::strerror(why));
  return ChildProcess(std::move(impl));
}

Status ChildProcess::Write(std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = ::send(impl_->data, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return impl_->Ended();
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return {};
}

Result<std::string> ChildProcess::ReadLine() {
  while (true) {
    if (const std::size_t end = impl_->pending.find('\n'); end != std::string::npos) {
      std::string line = impl_->pending.substr(0, end);
      impl_->pending.erase(0, end + 1);
      return line;
    }
    if (!impl_->Poll(POLLIN)) return Failure(impl_->Ended());
    std::array<char, 4096> buffer{};
    const ssize_t got = ::recv(impl_->data, buffer.data(), buffer.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return Failure(impl_->Ended());
    impl_->pending.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

int ChildProcess::Wait() {
  impl_->Wait(std::chrono::hours(24));
  return WIFEXITED(impl_->status) ? WEXITSTATUS(impl_->status) : 128 + WTERMSIG(impl_->status);
}

}  // namespace stillwatch::model
