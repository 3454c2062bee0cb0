#include "pipeline/app/open_store.h"

#include <utility>

namespace stillwatch::app {

Result<store::EventStore> OpenStore(const std::string& path, store::OpenMode mode) {
  auto store = store::EventStore::Open(path, mode);
  if (store) return store;
  const std::string& message = store.error().message();
  return Unavailable(message.find(path) == std::string::npos ? path + ": " + message : message);
}

}  // namespace stillwatch::app
