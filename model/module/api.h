// ModelApi: what the model library offers to programs that do not link LibTorch.

#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "model/m3diff/convert.h"
#include "model/runtime/bench.h"
#include "model/runtime/caption_model.h"
#include "model/runtime/captioner.h"
#include "model/runtime/model_folder.h"
#include "model/train/train.h"
#include "pipeline/core/status.h"

namespace stillwatch::model {

// Raised with every change to this file or to a type in it: program and library are built
// together, and this is how a stale pair is noticed.
inline constexpr int kModelApiVersion = 4;

// C++ types cross this boundary, so `compiler` must match, too.  A table and not virtual
// functions: the first two fields can be read whatever the rest looks like.
struct ModelApi {
  int version = kModelApiVersion;
  const char* compiler = __VERSION__;
  Result<std::unique_ptr<Captioner>> (*open_captioner)(const CaptionerOptions&) = nullptr;
  // For a CaptionServer.
  Result<std::unique_ptr<CaptionModel>> (*open_model)(const CaptionerOptions&) = nullptr;
  Status (*bench)(const BenchOptions&, const std::function<void(const BenchRow&)>&) = nullptr;
  Result<ConvertReport> (*convert)(const ConvertOptions&) = nullptr;
  Result<ModelDescription> (*describe)(const std::string& folder) = nullptr;
  Result<TrainReport> (*train)(const TrainOptions&,
                               const std::function<void(const TrainProgress&)>&,
                               std::stop_token) = nullptr;
  Result<Figures> (*evaluate)(const std::string& model_folder, const std::string& data,
                              const std::string& split, int limit, int threads,
                              const std::function<void(const Sample&)>&) = nullptr;
};

// The library's one exported function, and its name for dlsym.
inline constexpr const char* kModelApiSymbol = "stillwatch_model_api";

}  // namespace stillwatch::model
