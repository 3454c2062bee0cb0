// CudaStatus: what became of a request to the device.

#pragma once

#include <string>

namespace stillwatch::model {

// model/kernels sees nothing of the project; callers make a Status of this.
struct [[nodiscard]] CudaStatus {
  enum class Code {
    kOk,
    kOutOfMemory,  // Fewer slots, a smaller batch or a smaller format may do.
    kInvalid,      // The caller's sizes or tensors.
    kFailed,       // The device or its driver; `message` has its words.
  };
  Code code = Code::kOk;
  std::string message{};

  [[nodiscard]] bool ok() const { return code == Code::kOk; }
};

}  // namespace stillwatch::model
