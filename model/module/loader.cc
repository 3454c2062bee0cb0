#include "model/module/loader.h"

#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <system_error>

#include <dlfcn.h>

namespace stillwatch::model {
namespace {

constexpr const char* kVariable = "STILLWATCH_MODEL_MODULE";
constexpr const char* kFile = "libstillwatchmodel.so";

Result<const ModelApi*> Open(const std::filesystem::path& path) {
  // LibTorch's OpenMP threads wait by spinning unless told otherwise before they start, and take
  // the cores from decoding (on a busy machine four fifths of the time of a pass, measured).
  setenv("OMP_WAIT_POLICY", "PASSIVE", /*replace=*/0);
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* why = dlerror();
    return Unavailable(std::string("model library: ") + (why != nullptr ? why : path.c_str()));
  }
  using Entry = const ModelApi* (*)() noexcept;
  const auto entry = reinterpret_cast<Entry>(dlsym(library, kModelApiSymbol));
  if (entry == nullptr) {
    return Unavailable("model library " + path.string() + ": has no " + kModelApiSymbol);
  }
  const ModelApi* api = entry();
  if (api->version != kModelApiVersion || std::strcmp(api->compiler, __VERSION__) != 0) {
    return Unavailable("model library " + path.string() + ": built for version " +
                       std::to_string(api->version) + ", this program needs " +
                       std::to_string(kModelApiVersion) + " and compiler " + __VERSION__ +
                       "; install both from one build");
  }
  return api;
}

}  // namespace

std::vector<std::filesystem::path> ModelLibraryPlaces() {
  if (const char* named = std::getenv(kVariable); named != nullptr && *named != '\0') {
    return {named};
  }
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return {};
  const auto folder = program.parent_path();
  return {folder / kFile, folder.parent_path() / "lib" / "stillwatch" / kFile};
}

Result<const ModelApi*> LoadModelApi() {
  static std::mutex mutex;
  static const ModelApi* loaded = nullptr;  // Guarded by mutex.
  const std::lock_guard lock(mutex);
  if (loaded != nullptr) return loaded;
  std::string tried;
  for (const auto& path : ModelLibraryPlaces()) {
    std::error_code error;
    if (!std::filesystem::exists(path, error)) {
      tried += (tried.empty() ? "" : ", ") + path.string();
      continue;
    }
    auto api = Open(path);
    if (api) loaded = *api;
    return api;
  }
  return NotFound("model library not found (looked for " + tried +
                  "); build with LibTorch, or set " + kVariable);
}

Result<std::unique_ptr<Captioner>> OpenCaptionerFromLibrary(const CaptionerOptions& options) {
  const auto api = LoadModelApi();
  if (!api) return Failure(api.error());
  return (*api)->open_captioner(options);
}

}  // namespace stillwatch::model
