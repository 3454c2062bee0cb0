#define STILLWATCH_SIMD_KERNELS BaselineKernels
#define STILLWATCH_SIMD_LANES 4
#include "model/kernels/cpu/simd_kernels.inc"
