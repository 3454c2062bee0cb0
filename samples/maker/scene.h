// Scene: things placed in space, asked what a ray meets.

#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "samples/maker/material.h"
#include "samples/maker/model.h"
#include "samples/maker/timeline.h"

namespace stillwatch::sample {

struct Instance {
  const Model* model = nullptr;  // Borrowed; outlives the scene.
  Placement placement{};
  int id = 0;  // What a Hit on it reports; 0: scenery.
};

struct Hit {
  float distance = 0;
  Vec3 position{};
  Vec3 normal{};  // Towards the ray's origin.
  Surface surface{};
  int id = 0;
};

// Over Embree: each model is a mesh and a set of round curves of its own.
//
// Thread-safe after construction.
class Scene {
 public:
  explicit Scene(std::vector<Instance> instances);
  ~Scene();
  Scene(Scene&&) noexcept;
  Scene& operator=(Scene&&) noexcept;

  std::optional<Hit> Trace(Vec3 origin, Vec3 direction, float limit) const;
  bool Blocked(Vec3 origin, Vec3 direction, float limit) const;
  Vec3 low() const;  // Bounds.
  Vec3 high() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace stillwatch::sample
