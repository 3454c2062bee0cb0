// DeviceGemm without a GPU: plain loops on the host that plays one.
#include <vector>

#include "model/kernels/bf16.h"
#include "model/kernels/cuda/gemm.h"
#include "model/kernels/fp8.h"
#include "model/kernels/on_host/cuda_on_host.h"

namespace stillwatch::model {
namespace {

template <typename X, typename W>
void Multiply(const X& x, const W& w, int rows, int outputs, int inputs, const Bf16* bias,
              Bf16* y) {
  for (int r = 0; r < rows; ++r) {
    for (int o = 0; o < outputs; ++o) {
      float sum = bias == nullptr ? 0 : ToFloat(bias[o]);
      for (int c = 0; c < inputs; ++c) sum += x(r, c) * w(o, c);
      y[r * outputs + o] = ToBf16(sum);
    }
  }
}

class GemmOnHost final : public DeviceGemm {
 public:
  bool Run(const Bf16* x, int rows, const Bf16* w, int outputs, int inputs, const Bf16* bias,
           Bf16* y, cudaStream_t stream) override {
    cuda_on_host::Enqueue(stream, [=] {
      Multiply([=](int r, int c) { return ToFloat(x[r * inputs + c]); },
               [=](int o, int c) { return ToFloat(w[o * inputs + c]); }, rows, outputs, inputs,
               bias, y);
    });
    return true;
  }
  bool RunFp8(const std::uint8_t* x, const float* x_scales, int rows, const std::uint8_t* w,
              const float* w_scales, int outputs, int inputs, const Bf16* bias, Bf16* y,
              cudaStream_t stream) override {
    cuda_on_host::Enqueue(stream, [=] {
      Multiply([=](int r, int c) { return Fp8ToFloat(x[r * inputs + c]) * x_scales[r]; },
               [=](int o, int c) { return Fp8ToFloat(w[o * inputs + c]) * w_scales[o]; }, rows,
               outputs, inputs, bias, y);
    });
    return true;
  }
};

}  // namespace

std::unique_ptr<DeviceGemm> MakeCublasLtGemm() { return std::make_unique<GemmOnHost>(); }

}  // namespace stillwatch::model
