// Section: reads one map of the document by its key table, and notes every mistake.

#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/document.h"
#include "config/keys.h"
#include "config/load.h"
#include "pipeline/core/polygon.h"

namespace stillwatch::config {

// Collects mistakes in the order found.
struct Errors {
  std::string file{};
  std::vector<ConfigError> list{};

  void Add(Place place, std::string key, std::string message);
};

// One map with known keys.  The constructor reports unknown, repeated and missing keys; each
// getter reports a value that is not what the table wants, and gives nothing for it as for a key
// that is not there: so a caller reads on and all mistakes are found in one pass.
//
// Each key of the table must be read exactly once (a value nobody reads is not checked; a test
// holds this).  Borrows the document and `errors`.  Not thread-safe: belongs to one Load.
class Section {
 public:
  using Named = std::vector<std::pair<std::string, Section>>;

  Section(const Node& map, std::span<const Key> keys, std::string path, Place place,
          Errors* errors);

  // For kText with free content, and for kChoice.
  std::optional<std::string> Text(std::string_view name);
  std::optional<std::chrono::milliseconds> Duration(std::string_view name);
  std::optional<double> Number(std::string_view name);
  std::optional<int> Integer(std::string_view name);
  std::optional<Polygon> Coordinates(std::string_view name);
  std::optional<Section> Child(std::string_view name);
  Named Children(std::string_view name);

  // For checks beyond the table; of a key that is not there: of this section.
  void Report(std::string_view name, std::string message);
  bool Has(std::string_view name) const { return Find(name) != nullptr; }

 private:
  const Node* Find(std::string_view name) const;
  // The value if it is there and of the kind; reports it if it is of another.
  const Node* Value(std::string_view name, Node::Kind kind);
  void ReportUnknown(const Node& entry);
  void ReportWrong(const Node& value, const std::string& wanted);
  std::string PathOf(std::string_view name) const;

  const Node* map_;
  std::span<const Key> keys_;
  std::string path_;  // "cameras.door"; empty at the top.
  Place place_;
  Errors* errors_;
};

}  // namespace stillwatch::config
