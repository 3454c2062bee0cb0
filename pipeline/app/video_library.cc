#include "pipeline/app/video_library.h"

#include <filesystem>
#include <string>
#include <system_error>

#include <dlfcn.h>

#include "pipeline/app/paths.h"

namespace stillwatch::app {

Result<const VideoLibrary*> LoadVideoLibrary() {
  const auto path = FindLibrary("libstillwatchvideo.so");
  if (!path) return Failure(path.error());
  void* library = dlopen(path->c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return Unavailable(std::string(dlerror()));
  const auto entry =
      reinterpret_cast<const VideoLibrary* (*)()>(dlsym(library, "stillwatch_video_library"));
  const VideoLibrary* video = entry == nullptr ? nullptr : entry();
  if (video == nullptr || std::string(video->version) != STILLWATCH_VERSION ||
      std::string(video->compiler) != __VERSION__) {
    return Unavailable(path->string() + ": built for another version of stillwatch; rebuild both");
  }
  return video;
}

}  // namespace stillwatch::app
