// Fingerprint: a digest that names a set of weights.

#pragma once

#include <string>

#include "model/checkpoint/network_weights.h"
#include "pipeline/core/status.h"

namespace stillwatch::model {

// "sha256:" and the digest of one file, or of the digests of shards (in the order of their names)
// and of an adapter.  Above 512 MiB "sha256-sampled:", which reads each file's first and last MiB
// and one of every 64 between them: a 7B model's 16 GB would take a minute.
[[nodiscard]] Result<std::string> Fingerprint(const Checkpoint& checkpoint);
[[nodiscard]] Result<std::string> Fingerprint(const NetworkWeights& weights);

}  // namespace stillwatch::model
