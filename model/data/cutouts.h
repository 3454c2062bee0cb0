// Cut-outs: things taken out of photographs, with their masks.

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "model/data/thing.h"
#include "pipeline/core/status.h"

namespace stillwatch::data {

// Reads what there is of coco128seg, grocery_iconic, office_cutouts and humanseg below `material`
// (the folder `training` of the shared material).  A folder that is absent gives no things and is
// named in `absent`.  kDataLoss: a file of it is broken; the message names the file.
//
// Every tenth thing (by a hash of its file's name) is held out for the test split.
[[nodiscard]] Result<std::vector<Thing>> LoadCutouts(const std::filesystem::path& material,
                                                     std::vector<std::string>& absent);

// True for the file names that belong to the test split.  FNV-1a of the name, so that it does not
// depend on the order of the folder.
bool HeldOut(const std::string& name);

}  // namespace stillwatch::data
