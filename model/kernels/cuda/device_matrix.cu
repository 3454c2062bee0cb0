#include <algorithm>

#include "model/kernels/cuda/device_matrix.cuh"
#include "model/kernels/quantize.h"

namespace stillwatch::model {
namespace {

constexpr int kRowsAtATime = 256;  // Quantised rows that wait on the host.

std::size_t RowBytes(WeightFormat format, int inputs) {
  return format == WeightFormat::kBf16 ? std::size_t{2} * static_cast<std::size_t>(inputs)
                                       : QuantizedRowBytes(format, inputs);
}

CudaStatus Invalid(std::string message) { return {CudaStatus::Code::kInvalid, std::move(message)}; }

// Copies `part` to row `first` of the matrix, quantising it where it is not of the format yet.
CudaStatus UploadPart(const HostMatrix& part, WeightFormat format, int first, cudaStream_t stream,
                      DeviceMatrix* matrix) {
  const std::size_t row_bytes = RowBytes(format, part.inputs);
  const auto row_scales = static_cast<std::size_t>(ScalesPerRow(format, part.inputs));
  std::uint8_t* data = matrix->data.data() + static_cast<std::size_t>(first) * row_bytes;
  float* scales = matrix->scales.data() + static_cast<std::size_t>(first) * row_scales;
  const auto rows = static_cast<std::size_t>(part.outputs);
  if (part.format == format) {
    CudaStatus status =
        Upload(static_cast<const std::uint8_t*>(part.data), rows * row_bytes, data, stream);
    if (status.ok() && format != WeightFormat::kBf16) {
      status = Upload(part.scales, rows * row_scales, scales, stream);
    }
    return status;
  }
  const auto* halves = static_cast<const Bf16*>(part.data);
  std::vector<float> row(static_cast<std::size_t>(part.inputs));
  std::vector<std::uint8_t> bytes(kRowsAtATime * row_bytes);
  std::vector<float> row_scale(kRowsAtATime * row_scales);
  for (std::size_t at = 0; at < rows; at += kRowsAtATime) {
    const std::size_t count = std::min<std::size_t>(kRowsAtATime, rows - at);
    for (std::size_t r = 0; r < count; ++r) {
      for (std::size_t c = 0; c < row.size(); ++c) {
        row[c] = ToFloat(halves[(at + r) * row.size() + c]);
      }
      QuantizeRow(format, row.data(), part.inputs, &bytes[r * row_bytes],
                  &row_scale[r * row_scales]);
    }
    CudaStatus status = Upload(bytes.data(), count * row_bytes, data + at * row_bytes, stream);
    if (status.ok()) {
      status = Upload(row_scale.data(), count * row_scales, scales + at * row_scales, stream);
    }
    // The vectors are filled again.
    if (status.ok()) status = StatusOf(cudaStreamSynchronize(stream), "copying to the device");
    if (!status.ok()) return status;
  }
  return {};
}

}  // namespace

CudaStatus UploadMatrix(const std::string& name, std::initializer_list<HostMatrix> parts,
                        WeightFormat format, cudaStream_t stream, DeviceMatrix* matrix) {
  int outputs = 0;
  const int inputs = parts.begin()->inputs;
  for (const HostMatrix& part : parts) {
    outputs += part.outputs;
    const bool convertible = part.format == format ||
                             (part.format == WeightFormat::kBf16 && CanQuantize(format, inputs));
    if (part.inputs != inputs || part.data == nullptr || !convertible) {
      return Invalid(name + ": rows of " + std::to_string(part.inputs) +
                     " weights cannot become this format");
    }
  }
  const auto rows = static_cast<std::size_t>(outputs);
  CudaStatus status = matrix->data.Allocate(rows * RowBytes(format, inputs), name);
  if (status.ok() && format != WeightFormat::kBf16) {
    status = matrix->scales.Allocate(rows * static_cast<std::size_t>(ScalesPerRow(format, inputs)),
                                     name + "'s scales");
  }
  int first = 0;
  for (const HostMatrix& part : parts) {
    if (status.ok()) status = UploadPart(part, format, first, stream, matrix);
    first += part.outputs;
  }
  matrix->weight = {format, matrix->data.data(), matrix->scales.data(), outputs, inputs};
  return status;
}

}  // namespace stillwatch::model
