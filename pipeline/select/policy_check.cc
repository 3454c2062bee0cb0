#include <chrono>
#include <string>

#include "pipeline/core/time.h"
#include "pipeline/select/pair_selector.h"

namespace stillwatch::select {

Status CheckPolicy(const PairPolicy& policy) {
  using std::chrono::milliseconds;
  if (policy.interval <= milliseconds(0)) {
    return InvalidArgument("selection.interval: must be above 0, found " +
                           FormatDuration(policy.interval));
  }
  if (policy.settle <= milliseconds(0)) {
    return InvalidArgument("selection.settle: must be above 0, found " +
                           FormatDuration(policy.settle));
  }
  if (!(policy.min_area > 0) || policy.min_area >= 0.5) {
    return InvalidArgument("selection.min_area: must be above 0 and below 0.5, found " +
                           std::to_string(policy.min_area));
  }
  if (policy.sensitivity < 1 || policy.sensitivity > 100) {
    return InvalidArgument("selection.sensitivity: must be within 1..100, found " +
                           std::to_string(policy.sensitivity));
  }
  for (const Polygon& polygon : policy.ignore) {
    if (polygon.size() < 3) {
      return InvalidArgument("selection.ignore: a polygon needs at least 3 points, found " +
                             std::to_string(polygon.size()));
    }
  }
  return {};
}

}  // namespace stillwatch::select
