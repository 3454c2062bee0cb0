#define STILLWATCH_SIMD_KERNELS Avx512Kernels
#define STILLWATCH_SIMD_LANES 16
#include "model/kernels/cpu/simd_kernels.inc"
