// In builds without cuBLASLt: there is no CudaDecoder then, and its Create says so.
#include "model/kernels/cuda/gemm.h"

namespace stillwatch::model {

std::unique_ptr<DeviceGemm> MakeCublasLtGemm() { return nullptr; }

}  // namespace stillwatch::model
