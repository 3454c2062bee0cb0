// CpuIsa: the instruction sets that the CPU kernels are compiled for.

#pragma once

namespace stillwatch::model {

// One source (simd_kernels.inc) is compiled for each; a program starts on every x86-64 and picks.
enum class CpuIsa { kBaseline, kAvx2, kAvx512, kAvx512Bf16 };

// The best that this processor (and the operating system) can run.
[[nodiscard]] CpuIsa BestCpuIsa();
[[nodiscard]] const char* CpuIsaName(CpuIsa isa);

}  // namespace stillwatch::model
