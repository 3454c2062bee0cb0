// Suites: scripts by the dozen, drawn from a seed.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/clips/scenery.h"
#include "pipeline/clips/script.h"
#include "pipeline/core/status.h"

namespace stillwatch::clips {

// light, viewpoint, tamper, change, repeat: README.md says what each is for.
const std::vector<std::string>& SuiteNames();

// The scripts of one suite; seed and scenery decide everything about them.  What is left or taken
// can be seen: it differs from its background, lies whole in the picture, and is no speck.
// kInvalidArgument: no such suite.
[[nodiscard]] Result<std::vector<Script>> MakeSuite(const std::string& suite, std::uint64_t seed,
                                                    const Scenery& scenery);

}  // namespace stillwatch::clips
