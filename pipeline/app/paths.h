// Paths: where things are when nobody says otherwise.

#pragma once

#include <filesystem>
#include <string>

#include "pipeline/core/status.h"

namespace stillwatch::app {

// $STILLWATCH_STORE, else $XDG_DATA_HOME/stillwatch, else ~/.local/share/stillwatch.
std::filesystem::path DefaultStore();

// A file of the product, such as "model/weights/nano": searched beside the executable's build tree
// (a checkout) and in ../share/stillwatch (an installation).  kNotFound names the places searched.
[[nodiscard]] Result<std::filesystem::path> FindData(const std::string& relative);

// A library of the product: beside the program, or in ../lib/stillwatch from there.
[[nodiscard]] Result<std::filesystem::path> FindLibrary(const std::string& file);

// Letters, digits and '_' of a file's name without its ending, in lower case: a camera's name.
std::string CameraNameOf(const std::string& path);

}  // namespace stillwatch::app
