// CaptionPair: one record of pairselector through a captioner.

#pragma once

#include <functional>
#include <memory>

#include "model/runtime/captioner.h"
#include "pipeline/core/status.h"
#include "plugins/common/pair_record.h"

namespace stillwatch::gst {

// Opens a captioner.  The element library knows no LibTorch: the module that links it sets
// model::OpenCaptioner, a test sets a fake.
using CaptionerFactory =
    std::function<Result<std::unique_ptr<model::Captioner>>(const model::CaptionerOptions&)>;

// True for the steps that show something new.  A resolved or accepted change keeps its caption.
bool WantsCaption(const PairRecord& pair);

// What the captioner says of the pair.  Its failure is returned as it is.
[[nodiscard]] Result<CaptionMeta::Ptr> CaptionPair(model::Captioner& captioner,
                                                   const PairRecord& pair);

}  // namespace stillwatch::gst
