// Catalogue: which things there are to render, and their meshes.

#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "model/data/archive.h"
#include "model/data/made_meshes.h"
#include "model/data/mesh.h"
#include "model/data/thing.h"
#include "pipeline/core/status.h"

namespace stillwatch::data {

// One thing as it can be loaded or made.
struct Listed {
  Thing thing{};          // Without views.
  bool paint = false;     // Its largest plain part takes any colour.
  std::string archive{};  // Empty: a made mesh.
  std::string model{};
  MeshWish wish{};
  std::string painted{};  // Colour of its largest plain part, or empty.
  MadeMesh (*make)(std::uint64_t) = nullptr;
  std::uint64_t seed = 0;
};

struct CatalogueOptions {
  std::filesystem::path catalogue{};  // models3d/catalog.jsonl; empty: made meshes alone.
  std::filesystem::path libraries{};  // The *.sh3f archives.
  std::uint64_t seed = 1;
  double variety = 1;   // Share of the made meshes; at least one of each.
  bool copies = false;  // Things that take any colour several times, in several colours.
};

// The made meshes, then the models of the catalogue that nouns.tsv lists.
// kNotFound / kDataLoss: catalogue or library; the message names the file (and line).
[[nodiscard]] Result<std::vector<Listed>> ListThings(const CatalogueOptions& options);

// The archives one thread has open.
class Libraries {
 public:
  explicit Libraries(std::filesystem::path folder);

  // REQUIRES: a thing of the catalogue.  Its mesh in its real size.
  [[nodiscard]] Result<Mesh> Load(const Listed& listed);

 private:
  struct Library {
    Archive archive;
    std::map<std::string, std::array<double, 9>> turns;
  };
  std::filesystem::path folder_;
  std::map<std::string, Library> open_;
};

}  // namespace stillwatch::data
