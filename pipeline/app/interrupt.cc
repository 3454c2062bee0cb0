#include "pipeline/app/interrupt.h"

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <thread>

#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace stillwatch::app {

struct Interrupt::Watcher {
  sigset_t before{};
  int signals = -1;
  int wake = -1;
  std::thread thread;
};

Interrupt::Interrupt() : watcher_(std::make_unique<Watcher>()) {
  sigset_t wanted;
  sigemptyset(&wanted);
  sigaddset(&wanted, SIGINT);
  sigaddset(&wanted, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &wanted, &watcher_->before);
  watcher_->signals = signalfd(-1, &wanted, SFD_CLOEXEC);
  watcher_->wake = eventfd(0, EFD_CLOEXEC);
  watcher_->thread = std::thread([this] {
    pthread_setname_np(pthread_self(), "signals");
    pollfd fds[] = {{watcher_->signals, POLLIN, 0}, {watcher_->wake, POLLIN, 0}};
    while (poll(fds, 2, -1) >= 0 || errno == EINTR) {
      if ((fds[1].revents & POLLIN) != 0) return;
      if ((fds[0].revents & POLLIN) == 0) continue;
      signalfd_siginfo info{};
      if (read(watcher_->signals, &info, sizeof info) != sizeof info) continue;
      if (!source_.request_stop()) _exit(128 + static_cast<int>(info.ssi_signo));
    }
  });
}

Interrupt::~Interrupt() {
  const std::uint64_t one = 1;
  // An eventfd takes eight bytes or fails for a reason that cannot occur here.
  if (write(watcher_->wake, &one, sizeof one) == sizeof one) watcher_->thread.join();
  close(watcher_->signals);
  close(watcher_->wake);
  pthread_sigmask(SIG_SETMASK, &watcher_->before, nullptr);
}

}  // namespace stillwatch::app
