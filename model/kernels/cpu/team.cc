#include "model/kernels/cpu/team.h"

#include <algorithm>
#include <cassert>
#include <system_error>

#include <sched.h>

namespace stillwatch::model {
namespace {

constexpr std::uint64_t kPieceMask = (1U << 20) - 1;
constexpr int kSpins = 2000;  // About 50 us of pauses on the processors tried; a guess as such.

int UsableCpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) == 0) return std::max(1, CPU_COUNT(&set));
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

void Pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#else
  std::this_thread::yield();
#endif
}

}  // namespace

CpuTeam::CpuTeam(int threads) {
  const int wanted = threads > 0 ? threads : UsableCpus();
  helpers_.reserve(static_cast<std::size_t>(wanted - 1));
  try {
    for (int i = 1; i < wanted; ++i) helpers_.emplace_back([this] { Help(); });
  } catch (const std::system_error&) {  // No more threads to be had: those there are do the work.
  }
}

CpuTeam::~CpuTeam() {
  stop_.store(true);
  job_.fetch_add(1);
  job_.notify_all();
}

void CpuTeam::RunErased(int pieces, Function function, const void* self) {
  assert(pieces >= 0 && static_cast<std::uint64_t>(pieces) < kPieceMask);
  if (helpers_.empty() || pieces <= 1) {
    for (int i = 0; i < pieces; ++i) function(self, i);
    return;
  }
  function_.store(function, std::memory_order_relaxed);
  self_.store(self, std::memory_order_relaxed);
  unfinished_.store(pieces, std::memory_order_relaxed);
  const std::uint64_t job = (ticket_.load(std::memory_order_relaxed) >> 40) + 1;
  const std::uint64_t first = (job << 40) | (static_cast<std::uint64_t>(pieces) << 20);
  ticket_.store(first, std::memory_order_release);
  job_.fetch_add(1);
  job_.notify_all();
  while (RunOnePiece(ticket_.load(std::memory_order_acquire))) {
  }
  for (int spins = 0; unfinished_.load(std::memory_order_acquire) != 0; ++spins) {
    spins < kSpins ? Pause() : std::this_thread::yield();
  }
}

// Claims and runs a piece; false where none is left.
bool CpuTeam::RunOnePiece(std::uint64_t ticket) {
  while ((ticket & kPieceMask) < ((ticket >> 20) & kPieceMask)) {
    const Function function = function_.load(std::memory_order_relaxed);
    const void* self = self_.load(std::memory_order_relaxed);
    if (!ticket_.compare_exchange_weak(ticket, ticket + 1, std::memory_order_acq_rel)) continue;
    function(self, static_cast<int>(ticket & kPieceMask));
    unfinished_.fetch_sub(1, std::memory_order_acq_rel);
    return true;
  }
  return false;
}

void CpuTeam::Help() {
  int idle = 0;
  while (!stop_.load(std::memory_order_relaxed)) {
    const std::uint32_t seen = job_.load();
    if (RunOnePiece(ticket_.load(std::memory_order_acquire))) {
      idle = 0;
    } else if (++idle < kSpins) {
      Pause();
    } else {
      job_.wait(seen);
      idle = 0;
    }
  }
}

}  // namespace stillwatch::model
