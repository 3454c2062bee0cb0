// Mesh files: thinned meshes as they are kept between runs.

#pragma once

#include <filesystem>

#include "model/data/mesh.h"
#include "pipeline/core/status.h"

namespace stillwatch::data {

// Native byte order: the files are a cache of this machine.  kUnavailable: disk.
[[nodiscard]] Status WriteMesh(const std::filesystem::path& file, const Mesh& mesh);

// kNotFound: no such file.  kDataLoss: another version, cut short, or sizes that do not fit.
[[nodiscard]] Result<Mesh> ReadMesh(const std::filesystem::path& file);

}  // namespace stillwatch::data
