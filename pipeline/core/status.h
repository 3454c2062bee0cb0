// Status and Result<T>: how an expected failure travels.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

namespace stillwatch {

// A code says what the caller may do about the failure; the message says what happened to what.
enum class StatusCode : std::uint8_t {
  kOk,
  kInvalidArgument,    // The request is wrong: fix the call, the file or the configuration.
  kNotFound,           // Looked, and there is nothing.  Often no failure for the caller.
  kUnavailable,        // Could not look: a peer, a locked or unreadable file.  Try again later.
  kResourceExhausted,  // Full: a queue, a disk, memory.
  kDataLoss,           // Stored or received bytes do not parse.  Retrying does not help.
  kCancelled,          // Somebody asked to stop.
  kInternal,           // A bug of ours, or a library that threw.
};

class [[nodiscard]] Status {
 public:
  Status() = default;  // OK.
  Status(StatusCode code, std::string message) : code_(code), message_(std::move(message)) {}

  bool ok() const { return code_ == StatusCode::kOk; }
  StatusCode code() const { return code_; }
  const std::string& message() const { return message_; }

  // The same failure with what the caller knows in front: "camera door: <message>".
  Status WithContext(std::string_view context) const {
    return ok() ? *this : Status(code_, std::string(context) + ": " + message_);
  }

 private:
  StatusCode code_ = StatusCode::kOk;
  std::string message_;
};

// A T, or the Status that says why there is none.  tl::expected is not [[nodiscard]] and an alias
// cannot make it so: every function that returns a Result says [[nodiscard]] (a lint checks).
template <typename T>
using Result = tl::expected<T, Status>;

// What the makers below return.  Converts to Status and to every Result<T>, so that
// `return NotFound("...")` reads the same in both kinds of function.
class [[nodiscard]] Failure : public tl::unexpected<Status> {
 public:
  explicit Failure(Status status) : tl::unexpected<Status>(std::move(status)) {}
  Failure(StatusCode code, std::string message) : Failure(Status(code, std::move(message))) {}

  operator Status() const { return value(); }  // NOLINT(google-explicit-constructor): see above.
};

inline Failure InvalidArgument(std::string message) {
  return {StatusCode::kInvalidArgument, std::move(message)};
}
inline Failure NotFound(std::string message) { return {StatusCode::kNotFound, std::move(message)}; }
inline Failure Unavailable(std::string message) {
  return {StatusCode::kUnavailable, std::move(message)};
}
inline Failure ResourceExhausted(std::string message) {
  return {StatusCode::kResourceExhausted, std::move(message)};
}
inline Failure DataLoss(std::string message) { return {StatusCode::kDataLoss, std::move(message)}; }
inline Failure Cancelled(std::string message) {
  return {StatusCode::kCancelled, std::move(message)};
}
inline Failure Internal(std::string message) { return {StatusCode::kInternal, std::move(message)}; }

}  // namespace stillwatch
