// Interrupt: Ctrl-C and SIGTERM as a question that long work asks between two steps.

#pragma once

#include <memory>
#include <stop_token>

namespace stillwatch::app {

// Blocks SIGINT and SIGTERM in this and all later threads and watches them on one of its own
// (`signals`); the first requests a stop, the second ends the process at once.  Make it first in a
// command, before anything starts threads.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  // Thread-safe.
  std::stop_token token() const { return source_.get_token(); }
  bool requested() const { return source_.stop_requested(); }

 private:
  struct Watcher;
  std::stop_source source_;
  std::unique_ptr<Watcher> watcher_;  // Thread, file descriptors, the signal mask before.
};

}  // namespace stillwatch::app
