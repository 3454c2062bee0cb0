// SharedFolder: where the material lies that is not part of the repository.

#pragma once

#include <cstdlib>
#include <filesystem>

namespace stillwatch::model {

// Tests skip where a path below it does not exist.
inline std::filesystem::path SharedFolder() {
  const char* folder = std::getenv("STILLWATCH_SHARED");
  return folder != nullptr ? folder : STILLWATCH_SOURCE_DIR "/../shared";
}

}  // namespace stillwatch::model
