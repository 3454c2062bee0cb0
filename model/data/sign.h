// Sign: a board with a text, and the same board with another.

#pragma once

#include <memory>
#include <string>

#include "model/data/random.h"
#include "model/data/thing.h"

namespace stillwatch::data {

struct SignPair {
  std::shared_ptr<Thing> thing{};  // views[0] shows `before`, views[1] shows `after`.
  std::string before{};
  std::string after{};
};

SignPair DrawSign(Random& random);

}  // namespace stillwatch::data
