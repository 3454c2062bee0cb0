// ChildProcess: a program that answers lines with lines; for the jars of METEOR and SPICE.

#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/core/status.h"

namespace stillwatch::model {

// The program reads its standard input from us and writes its standard output to us; what it
// writes to standard error is kept (the last 4 KiB) for messages.
//
// Not thread-safe.  The destructor closes its input and waits for it; one that does not end within
// five seconds is killed.
class ChildProcess {
 public:
  // Runs `arguments` (the first is searched in PATH) in `folder`.  kUnavailable: cannot be started.
  [[nodiscard]] static Result<ChildProcess> Start(const std::vector<std::string>& arguments,
                                                  const std::string& folder);
  ChildProcess(ChildProcess&&) noexcept;
  ~ChildProcess();

  // kUnavailable: it has ended; the message holds what it wrote to standard error.
  [[nodiscard]] Status Write(std::string_view text);
  // The next line, without its end.  kUnavailable as above.
  [[nodiscard]] Result<std::string> ReadLine();
  // Closes its input and waits for its end; the exit status.
  int Wait();

 private:
  struct Impl;
  explicit ChildProcess(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace stillwatch::model
