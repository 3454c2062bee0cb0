// Model: a thing as a mesh that may stand in many scenes.

#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "model/data/bank.h"
#include "model/data/mesh.h"
#include "model/data/random.h"
#include "model/data/scene/vec.h"
#include "pipeline/core/status.h"

struct RTCDeviceTy;
struct RTCSceneTy;

namespace stillwatch::data {

struct Model {
  std::string id{};
  std::string noun{};
  std::string places{};  // Of "trsc", as in nouns.tsv.
  double weight = 1;
  bool round = false;
  bool plant = false;
  bool person = false;
  bool vehicle = false;
  bool paint = false;  // Comes in any colour.
  bool test = false;   // Held out: for pairs of the test split alone.
  std::string detail{};
  Mesh mesh{};
  Vec low{}, high{};            // Bounds.
  int main_material = 0;        // The largest by area: what a new colour goes on.
  bool flat_top = false;        // Things can stand on it.
  RTCSceneTy* scene = nullptr;  // Its own ray tracing tree, shared by all its instances.
};

// All models, loaded once and shared by all threads.  Immutable after Load.
class ModelStock {
 public:
  // Loads what the catalogue lists (and the made meshes), thins heavy meshes out and keeps them in
  // the file `cache`, from which the next call reads them.  A model that does not load is named in
  // `left_out`.  kNotFound / kDataLoss: catalogue, library or cache.
  [[nodiscard]] static Result<ModelStock> Load(const std::filesystem::path& catalogue,
                                               const std::filesystem::path& libraries,
                                               const std::filesystem::path& cache,
                                               std::uint64_t seed, int threads, double variety,
                                               const Progress& progress,
                                               std::vector<std::string>& left_out);
  ModelStock(ModelStock&&) noexcept;
  ModelStock& operator=(ModelStock&&) noexcept;
  ~ModelStock();

  const std::vector<Model>& models() const { return models_; }
  RTCDeviceTy* device() const;

  // By weight among those of a place that `fits` accepts; nullptr where there is none.
  const Model* Draw(bool test, char place, Random& random,
                    const std::function<bool(const Model&)>& fits = {}) const;
  const Model* DrawPerson(bool test, Random& random) const;
  const Model* ByNoun(bool test, const std::string& noun, Random& random) const;

 private:
  struct Device;
  ModelStock();
  std::unique_ptr<Device> device_;
  std::vector<Model> models_;
};

// Merges points closer than about 1/`cells` of the extent until at most `most` triangles are left.
void Thin(Mesh& mesh, std::size_t most);

}  // namespace stillwatch::data
