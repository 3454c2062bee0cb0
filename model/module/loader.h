// LoadModelApi: the model library, found and loaded at run time.

#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "model/module/api.h"
#include "pipeline/core/status.h"

namespace stillwatch::model {

// Where the library is looked for, in this order: the file named by the environment variable
// STILLWATCH_MODEL_MODULE (alone, where it is set: whoever sets it wants that one), beside the
// program, in ../lib/stillwatch from there.
std::vector<std::filesystem::path> ModelLibraryPlaces();

// Loads the library on the first call (about a second, and LibTorch's memory) and keeps it:
// LibTorch cannot be unloaded.  kNotFound: it is in none of the places.  kUnavailable: it does not
// load, or was built for another version; a later call tries again.  Thread-safe.
[[nodiscard]] Result<const ModelApi*> LoadModelApi();

// LoadModelApi()->open_captioner(options).
[[nodiscard]] Result<std::unique_ptr<Captioner>> OpenCaptionerFromLibrary(
    const CaptionerOptions& options);

}  // namespace stillwatch::model
