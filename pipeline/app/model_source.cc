#include "pipeline/app/model_source.h"
namespace stillwatch::app {
Result<std::unique_ptr<model::Captioner>> OpenModel(const std::string&, int) {
  return Unavailable("no model library yet");
}
}  // namespace stillwatch::app
