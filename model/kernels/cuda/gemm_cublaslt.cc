// cuBLASLt, loaded when it is first wanted: the program starts where there is none.
#include <map>
#include <string>
#include <tuple>
#include <type_traits>

#include <cublasLt.h>
#include <cuda_runtime_api.h>
#include <dlfcn.h>

#include "model/kernels/cuda/gemm.h"

namespace stillwatch::model {
namespace {

constexpr std::size_t kWorkspaceBytes = std::size_t{32} << 20;  // NVIDIA's advice for Hopper.

bool Ok(cublasStatus_t status) { return status == CUBLAS_STATUS_SUCCESS; }

// The library's functions under their own names.
struct Library {
// clang-format never agrees with itself about this list.
// clang-format off
#define STILLWATCH_CUBLASLT_FUNCTIONS(X) \
  X(Create) \
  X(Destroy) \
  X(Matmul) \
  X(MatmulDescCreate) \
  X(MatmulDescDestroy) \
  X(MatmulDescSetAttribute) \
  X(MatrixLayoutCreate) \
  X(MatrixLayoutDestroy) \
  X(MatmulPreferenceCreate) \
  X(MatmulPreferenceDestroy) \
  X(MatmulPreferenceSetAttribute) \
  X(MatmulAlgoGetHeuristic)
// clang-format on
#define STILLWATCH_CUBLASLT_POINTER(name) decltype(&cublasLt##name) name = nullptr;
  STILLWATCH_CUBLASLT_FUNCTIONS(STILLWATCH_CUBLASLT_POINTER)
#undef STILLWATCH_CUBLASLT_POINTER

  bool Load() {
    // The version that the header is of; a process with torch for CUDA has it loaded already.
    const std::string name = "libcublasLt.so." + std::to_string(CUBLAS_VER_MAJOR);
    void* handle = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) return false;
    const auto find = [handle](auto* pointer, const char* symbol) {
      *pointer = reinterpret_cast<std::remove_pointer_t<decltype(pointer)>>(dlsym(handle, symbol));
      return *pointer != nullptr;
    };
    bool all = true;
#define STILLWATCH_CUBLASLT_FIND(name) all = find(&name, "cublasLt" #name) && all;
    STILLWATCH_CUBLASLT_FUNCTIONS(STILLWATCH_CUBLASLT_FIND)
#undef STILLWATCH_CUBLASLT_FIND
#undef STILLWATCH_CUBLASLT_FUNCTIONS
    return all;
  }
};

// nullptr where it is not installed.
const Library* Lt() {
  static Library library;
  static const bool loaded = library.Load();
  return loaded ? &library : nullptr;
}

template <typename T>
bool Set(cublasLtMatmulDesc_t description, cublasLtMatmulDescAttributes_t attribute,
         const T& value) {
  return Ok(Lt()->MatmulDescSetAttribute(description, attribute, &value, sizeof(value)));
}

// One shape's description, layouts and chosen algorithm.
struct Plan {
  cublasLtMatmulDesc_t description = nullptr;
  cublasLtMatrixLayout_t w = nullptr;
  cublasLtMatrixLayout_t x = nullptr;
  cublasLtMatrixLayout_t y = nullptr;
  cublasLtMatmulAlgo_t algorithm{};
  bool usable = false;

  Plan() = default;
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;
  ~Plan() {
    if (y != nullptr) Lt()->MatrixLayoutDestroy(y);
    if (x != nullptr) Lt()->MatrixLayoutDestroy(x);
    if (w != nullptr) Lt()->MatrixLayoutDestroy(w);
    if (description != nullptr) Lt()->MatmulDescDestroy(description);
  }
};

// cuBLASLt counts columns first: row-major y = x w^T is its y' = w'^T x', with w' [inputs,
// outputs], x' [inputs, rows] and y' [outputs, rows].
class CublasLtGemm final : public DeviceGemm {
 public:
  CublasLtGemm(cublasLtHandle_t handle, void* workspace) : handle_(handle), workspace_(workspace) {}
  ~CublasLtGemm() override {
    plans_.clear();
    cudaFree(workspace_);
    Lt()->Destroy(handle_);
  }

  bool Run(const Bf16* x, int rows, const Bf16* w, int outputs, int inputs, const Bf16* bias,
           Bf16* y, cudaStream_t stream) override {
    Plan& plan = PlanFor(rows, outputs, inputs, bias != nullptr, false);
    return plan.usable && Multiply(plan, x, w, bias, y, stream);
  }

  bool RunFp8(const std::uint8_t* x, const float* x_scales, int rows, const std::uint8_t* w,
              const float* w_scales, int outputs, int inputs, const Bf16* bias, Bf16* y,
              cudaStream_t stream) override {
    Plan& plan = PlanFor(rows, outputs, inputs, bias != nullptr, true);
    return plan.usable && Set(plan.description, CUBLASLT_MATMUL_DESC_A_SCALE_POINTER, w_scales) &&
           Set(plan.description, CUBLASLT_MATMUL_DESC_B_SCALE_POINTER, x_scales) &&
           Multiply(plan, x, w, bias, y, stream);
  }

 private:
  using Key = std::tuple<int, int, int, bool, bool>;

  bool Multiply(Plan& plan, const void* x, const void* w, const Bf16* bias, Bf16* y,
                cudaStream_t stream) {
    if (bias != nullptr && !Set(plan.description, CUBLASLT_MATMUL_DESC_BIAS_POINTER, bias)) {
      return false;
    }
    const float one = 1;
    const float zero = 0;
    return Ok(Lt()->Matmul(handle_, plan.description, &one, w, plan.w, x, plan.x, &zero, y, plan.y,
                           y, plan.y, &plan.algorithm, workspace_, kWorkspaceBytes, stream));
  }

  // The heuristic takes some 50 us, so its answer is kept.  Shapes are few: a batch's buckets, and
  // prefill chunks, whose rows the decoder rounds up.
  Plan& PlanFor(int rows, int outputs, int inputs, bool bias, bool fp8) {
    const auto [it, made] = plans_.try_emplace(Key{rows, outputs, inputs, bias, fp8});
    if (made) it->second.usable = Fill(it->second, rows, outputs, inputs, bias, fp8);
    return it->second;
  }

  bool Fill(Plan& plan, int rows, int outputs, int inputs, bool bias, bool fp8) {
    const cudaDataType_t type = fp8 ? CUDA_R_8F_E4M3 : CUDA_R_16BF;
    const auto n = static_cast<std::uint64_t>(outputs);
    const auto m = static_cast<std::uint64_t>(rows);
    const auto k = static_cast<std::uint64_t>(inputs);
    if (!Ok(Lt()->MatmulDescCreate(&plan.description, CUBLAS_COMPUTE_32F, CUDA_R_32F)) ||
        !Ok(Lt()->MatrixLayoutCreate(&plan.w, type, k, n, inputs)) ||
        !Ok(Lt()->MatrixLayoutCreate(&plan.x, type, k, m, inputs)) ||
        !Ok(Lt()->MatrixLayoutCreate(&plan.y, CUDA_R_16BF, n, m, outputs)) ||
        !Set(plan.description, CUBLASLT_MATMUL_DESC_TRANSA, CUBLAS_OP_T)) {
      return false;
    }
    if (bias && !(Set(plan.description, CUBLASLT_MATMUL_DESC_EPILOGUE, CUBLASLT_EPILOGUE_BIAS) &&
                  Set(plan.description, CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE, CUDA_R_16BF))) {
      return false;
    }
    if (fp8) {
      const cublasLtMatmulMatrixScale_t by_row = CUBLASLT_MATMUL_MATRIX_SCALE_OUTER_VEC_32F;
      if (!Set(plan.description, CUBLASLT_MATMUL_DESC_A_SCALE_MODE, by_row) ||
          !Set(plan.description, CUBLASLT_MATMUL_DESC_B_SCALE_MODE, by_row)) {
        return false;
      }
    }
    cublasLtMatmulPreference_t preference = nullptr;
    if (!Ok(Lt()->MatmulPreferenceCreate(&preference))) return false;
    cublasLtMatmulHeuristicResult_t result{};
    int found = 0;
    const bool ok =
        Ok(Lt()->MatmulPreferenceSetAttribute(preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES,
                                              &kWorkspaceBytes, sizeof(kWorkspaceBytes))) &&
        Ok(Lt()->MatmulAlgoGetHeuristic(handle_, plan.description, plan.w, plan.x, plan.y, plan.y,
                                        preference, 1, &result, &found)) &&
        found == 1;
    Lt()->MatmulPreferenceDestroy(preference);
    plan.algorithm = result.algo;
    return ok;
  }

  cublasLtHandle_t handle_;
  void* workspace_;
  std::map<Key, Plan> plans_;
};

}  // namespace

std::unique_ptr<DeviceGemm> MakeCublasLtGemm() {
  cublasLtHandle_t handle = nullptr;
  if (Lt() == nullptr || !Ok(Lt()->Create(&handle))) return nullptr;
  void* workspace = nullptr;
  if (cudaMalloc(&workspace, kWorkspaceBytes) != cudaSuccess) {
    Lt()->Destroy(handle);
    return nullptr;
  }
  return std::make_unique<CublasLtGemm>(handle, workspace);
}

}  // namespace stillwatch::model
