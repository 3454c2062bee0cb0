// CpuTeam: a few threads that share the rows of one matrix product after another.

#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace stillwatch::model {

// Decoding is hundreds of short products a token, so what counts is the hand-off: a helper spins
// for some 50 us after its last piece of work and then sleeps until the next.  Pieces are claimed
// one by one, so a helper that wakes late, or shares its core with another program, delays nobody.
//
// Not thread-safe: one caller at a time.  `work` runs on the caller's thread and on the helpers.
class CpuTeam {
 public:
  // `threads` counts the caller; 0: as many as the process may run on.  Fewer where the system
  // refuses to start them.
  explicit CpuTeam(int threads = 0);
  ~CpuTeam();
  CpuTeam(const CpuTeam&) = delete;
  CpuTeam& operator=(const CpuTeam&) = delete;

  [[nodiscard]] int size() const { return static_cast<int>(helpers_.size()) + 1; }

  // Calls work(piece) once for each piece in 0..pieces-1, in any order, on any of the threads;
  // returns when all are done.  REQUIRES: work does not throw and does not call Run.
  template <typename Work>
  void Run(int pieces, const Work& work) {
    RunErased(
        pieces, [](const void* self, int piece) { (*static_cast<const Work*>(self))(piece); },
        &work);
  }

 private:
  using Function = void (*)(const void* self, int piece);

  void RunErased(int pieces, Function function, const void* self);
  bool RunOnePiece(std::uint64_t ticket);
  void Help();

  // A ticket is job << 40 | pieces << 20 | next piece.  A helper claims a piece by adding one; that
  // fails where the job is another by now, so what it read of the job was still valid.
  std::atomic<std::uint64_t> ticket_{0};
  std::atomic<Function> function_{nullptr};
  std::atomic<const void*> self_{nullptr};
  alignas(64) std::atomic<int> unfinished_{0};
  alignas(64) std::atomic<std::uint32_t> job_{0};  // Helpers sleep on it.
  std::atomic<bool> stop_{false};
  std::vector<std::jthread> helpers_;  // Last: they use what stands above.
};

}  // namespace stillwatch::model
