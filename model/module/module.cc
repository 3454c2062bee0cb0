// libstillwatchmodel.so: M3Diff and LibTorch, loaded when a caption is wanted.

#include "model/module/api.h"

extern "C" const stillwatch::model::ModelApi* stillwatch_model_api() noexcept {
  static constexpr stillwatch::model::ModelApi kApi = {
      .open_captioner = stillwatch::model::OpenCaptioner,
      .open_model = stillwatch::model::OpenCaptionModel,
      .bench = stillwatch::model::Bench,
      .convert = stillwatch::model::ConvertModel,
      .describe = stillwatch::model::DescribeModel,
      .train = stillwatch::model::Train,
      .evaluate = stillwatch::model::Evaluate};
  return &kApi;
}
