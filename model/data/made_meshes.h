// Made meshes: simple things that no catalogue holds in enough variety, built from formulas.

#pragma once

#include <cstdint>
#include <string>

#include "model/data/mesh.h"

namespace stillwatch::data {

struct MadeMesh {
  Mesh mesh{};
  std::string color{};   // Of the thing; empty: none to speak of.
  std::string detail{};  // What it has on: "a blue cap"; often empty.
};

// All draw their shape and colour from `seed`.
MadeMesh MakeBottle(std::uint64_t seed);        // Plastic, half transparent, coloured cap.
MadeMesh MakeBag(std::uint64_t seed);           // Soft, standing or lying, mostly dark.
MadeMesh MakeCardboardBox(std::uint64_t seed);  // With tape.
MadeMesh MakePlasticBox(std::uint64_t seed);    // One colour, with a lid.
MadeMesh MakeUtilityBox(std::uint64_t seed);    // A street cabinet, painted.
MadeMesh MakeCup(std::uint64_t seed);
MadeMesh MakeBall(std::uint64_t seed);
MadeMesh MakeCube(std::uint64_t seed);    // The three shapes of CLEVR, rubber or metal,
MadeMesh MakeSphere(std::uint64_t seed);  // each in one of eight colours.
MadeMesh MakeCylinder(std::uint64_t seed);

}  // namespace stillwatch::data
