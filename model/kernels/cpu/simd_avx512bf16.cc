#define STILLWATCH_SIMD_KERNELS Avx512Bf16Kernels
#define STILLWATCH_SIMD_LANES 16
#define STILLWATCH_SIMD_DPBF16 1
#include "model/kernels/cpu/simd_kernels.inc"
