// The C boundary: where C code calls ours, and nothing may be thrown.

#pragma once

#include <concepts>
#include <exception>
#include <type_traits>
#include <utility>

namespace stillwatch {

namespace internal {
template <typename F>
inline constexpr bool kNeverThrows = false;
template <typename R, typename... Args>
inline constexpr bool kNeverThrows<R (*)(Args...) noexcept> = true;
}  // namespace internal

template <typename F>
concept NoexceptFunction = internal::kNeverThrows<F>;

// Puts `fn` into a slot of a C struct: `SetCallback(base_class->start, Start)`.  C slots take any
// function; here one that is not noexcept does not compile.
template <typename R, typename... Args>
constexpr void SetCallback(R (*&slot)(Args...),
                           std::type_identity_t<R (*)(Args...) noexcept> fn) noexcept {
  slot = fn;
}

// The same for a callback given as an argument: `gst_pad_add_probe(..., CCallback<OnBuffer>, ...)`.
template <auto Fn>
requires NoexceptFunction<decltype(Fn)>
inline constexpr auto CCallback = Fn;

// Runs the body of a C callback and stops what it throws: `report` gets the text, the C caller
// gets `fallback`.  By the time `report` runs the body's stack is unwound, so it may lock and post.
template <typename R, typename Report, typename Body>
requires std::is_trivially_copyable_v<R> && std::is_nothrow_invocable_v<Report&, const char*> &&
    std::convertible_to<std::invoke_result_t<Body&>, R>
        R CatchAtCBoundary(R fallback, Report&& report, Body&& body)
noexcept {
  try {
    return static_cast<R>(std::forward<Body>(body)());
  } catch (const std::exception& e) {
    report(e.what());
  } catch (...) {
    report("an exception that is no std::exception");
  }
  return fallback;
}

// The same for a callback that returns nothing.
template <typename Report, typename Body>
requires std::is_nothrow_invocable_v<Report&, const char*> &&
    std::is_void_v<std::invoke_result_t<Body&>>
void CatchAtCBoundary(Report&& report, Body&& body) noexcept {
  CatchAtCBoundary(0, std::forward<Report>(report), [&body] {
    std::forward<Body>(body)();
    return 0;
  });
}

}  // namespace stillwatch
