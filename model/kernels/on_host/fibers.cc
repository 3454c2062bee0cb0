// Runs a grid: the threads of a block as fibers, switched by hand.
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "model/kernels/on_host/cuda_on_host.h"

#if defined(__has_feature)  // clang's way to say it.
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#define STILLWATCH_FIBER_ASAN 1
#endif

// Saves the callee's registers on the stack, stores the stack pointer in *from and goes on at `to`.
// swapcontext() would do, but for two system calls each time.
extern "C" void stillwatch_switch_fiber(void** from, void* to);
asm(R"(
.text
.globl stillwatch_switch_fiber
.type stillwatch_switch_fiber, @function
stillwatch_switch_fiber:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size stillwatch_switch_fiber, .-stillwatch_switch_fiber
)");

namespace cuda_on_host {
namespace {

constexpr std::size_t kStackBytes = 256 * 1024;  // Sanitized frames are large.
constexpr int kMostThreads = 1024;

// Threads wait here until all that have not ended are here.
struct Barrier {
  int arrived = 0;
  unsigned generation = 0;
};

struct Fiber {
  dim3 index;
  void* stack_pointer = nullptr;
  void* fake_stack = nullptr;  // The address sanitizer's.
  bool done = false;
  const Barrier* waits_for = nullptr;  // And for its generation to pass this one.
  unsigned generation = 0;
  unsigned exchanges = 0;  // Which of the warp's two mailboxes is next.
};

struct Warp {
  Barrier barrier;
  int living = 0;
  alignas(16) std::byte mailbox[2][32][64];
};

struct Block {
  Fiber fibers[kMostThreads];
  Warp warps[kMostThreads / 32];
  Barrier barrier;
  int threads = 0;
  int living = 0;
  Fiber* current = nullptr;
  void* scheduler = nullptr;  // Its stack pointer, while a fiber runs.
  const void* scheduler_stack = nullptr;
  std::size_t scheduler_stack_bytes = 0;
  void* scheduler_fake_stack = nullptr;
  bool progress = false;
  const std::function<void()>* thread = nullptr;
  std::unique_ptr<unsigned char[]> shared;
  std::unique_ptr<char[]> stacks{
      new char[kStackBytes * kMostThreads]};  // Untouched pages cost nothing.
};

Block* block = nullptr;

char* StackOf(const Fiber* fiber) {
  return block->stacks.get() + static_cast<std::size_t>(fiber - block->fibers) * kStackBytes;
}

void ToScheduler(Fiber* fiber) {
#if defined(STILLWATCH_FIBER_ASAN)
  __sanitizer_start_switch_fiber(fiber->done ? nullptr : &fiber->fake_stack, block->scheduler_stack,
                                 block->scheduler_stack_bytes);
#endif
  stillwatch_switch_fiber(&fiber->stack_pointer, block->scheduler);
#if defined(STILLWATCH_FIBER_ASAN)
  __sanitizer_finish_switch_fiber(fiber->fake_stack, nullptr, nullptr);
#endif
}

void ToFiber(Fiber* fiber) {
  block->current = fiber;
#if defined(STILLWATCH_FIBER_ASAN)
  __sanitizer_start_switch_fiber(&block->scheduler_fake_stack, StackOf(fiber), kStackBytes);
#endif
  stillwatch_switch_fiber(&block->scheduler, fiber->stack_pointer);
#if defined(STILLWATCH_FIBER_ASAN)
  __sanitizer_finish_switch_fiber(block->scheduler_fake_stack, nullptr, nullptr);
#endif
}

void Release(Barrier* barrier) {
  barrier->arrived = 0;
  ++barrier->generation;
  block->progress = true;
}

void Wait(Barrier* barrier, const int* living) {
  Fiber* self = block->current;
  if (++barrier->arrived == *living) return Release(barrier);
  self->waits_for = barrier;
  self->generation = barrier->generation;
  ToScheduler(self);
  self->waits_for = nullptr;
}

Warp& WarpOf(const Fiber* fiber) { return block->warps[(fiber - block->fibers) / 32]; }

[[noreturn]] void Main() {
#if defined(STILLWATCH_FIBER_ASAN)
  __sanitizer_finish_switch_fiber(nullptr, &block->scheduler_stack, &block->scheduler_stack_bytes);
#endif
  Fiber* self = block->current;
  (*block->thread)();
  self->done = true;
  // Threads that have ended count as arrived.
  Warp& warp = WarpOf(self);
  if (--warp.living > 0 && warp.barrier.arrived == warp.living) Release(&warp.barrier);
  if (--block->living > 0 && block->barrier.arrived == block->living) Release(&block->barrier);
  block->progress = true;
  ToScheduler(self);
  std::abort();  // Nobody resumes a fiber that is done.
}

void Prepare(Fiber* fiber, unsigned linear) {
  *fiber = {};
  fiber->index = dim3(linear % block_dim.x, linear / block_dim.x % block_dim.y,
                      linear / (block_dim.x * block_dim.y));
  auto** top = reinterpret_cast<void**>(StackOf(fiber) + kStackBytes);
  *--top = nullptr;  // Main's return address, for alignment: the ABI wants rsp % 16 == 8 on entry.
  *--top = reinterpret_cast<void*>(&Main);
  for (int i = 0; i < 6; ++i) *--top = nullptr;
  fiber->stack_pointer = top;
}

void RunBlock() {
  block->barrier = {};
  block->living = block->threads;
  for (int w = 0; w * 32 < block->threads; ++w) {
    block->warps[w].barrier = {};
    block->warps[w].living = block->threads - w * 32 < 32 ? block->threads - w * 32 : 32;
  }
  for (int i = 0; i < block->threads; ++i) Prepare(&block->fibers[i], static_cast<unsigned>(i));
  while (block->living > 0) {
    block->progress = false;
    for (int i = 0; i < block->threads; ++i) {
      Fiber* fiber = &block->fibers[i];
      const bool waits =
          fiber->waits_for != nullptr && fiber->waits_for->generation == fiber->generation;
      if (!fiber->done && !waits) ToFiber(fiber);
    }
    if (!block->progress) {
      std::fprintf(stderr, "deadlock: threads of block (%u, %u, %u) wait at different barriers\n",
                   block_idx.x, block_idx.y, block_idx.z);
      std::abort();
    }
  }
}

}  // namespace

thread_local dim3 block_idx, block_dim, grid_dim;

dim3& ThreadIdx() { return block->current->index; }
void SyncThreads() { Wait(&block->barrier, &block->living); }
void SyncWarp() {
  Warp& warp = WarpOf(block->current);
  Wait(&warp.barrier, &warp.living);
}

const std::byte* ExchangeAll(const void* mine, std::size_t bytes) {
  Fiber* self = block->current;
  Warp& warp = WarpOf(self);
  // Two mailboxes in turn: nobody can write into this one again before all have read it, because
  // the other one's barrier lies between.
  const unsigned turn = self->exchanges++ % 2;
  const auto lane = (self - block->fibers) % 32;
  std::memcpy(warp.mailbox[turn][lane], mine, bytes);
  Wait(&warp.barrier, &warp.living);
  return warp.mailbox[turn][0];
}

const void* Exchange(const void* mine, std::size_t bytes, int from) {
  return ExchangeAll(mine, bytes) + static_cast<std::ptrdiff_t>(64) * from;
}

unsigned char* DynamicShared() { return block->shared.get(); }

void RunGrid(dim3 grid, dim3 block_shape, std::size_t shared_bytes,
             const std::function<void()>& thread) {
  static const auto instance = std::make_unique<Block>();
  block = instance.get();
  block->thread = &thread;
  block->threads = static_cast<int>(block_shape.x * block_shape.y * block_shape.z);
  if (block->threads < 1 || block->threads > kMostThreads) std::abort();
  block_dim = block_shape;
  grid_dim = grid;
  for (unsigned z = 0; z < grid.z; ++z) {
    for (unsigned y = 0; y < grid.y; ++y) {
      for (unsigned x = 0; x < grid.x; ++x) {
        block_idx = dim3(x, y, z);
        block->shared = std::make_unique<unsigned char[]>(shared_bytes);
        std::memset(block->shared.get(), 0xFF, shared_bytes);  // NaN until it is written.
        RunBlock();
      }
    }
  }
}

}  // namespace cuda_on_host
