#define STILLWATCH_SIMD_KERNELS Avx2Kernels
#define STILLWATCH_SIMD_LANES 8
#include "model/kernels/cpu/simd_kernels.inc"
