#include "model/datasets/problems.h"

namespace stillwatch::model {
namespace {

constexpr std::size_t kNames = 8;  // Of each sort: enough to see a pattern.

}  // namespace

void Problems::Add(const std::string& sort, const std::string& name) {
  Sort& entry = sorts_[sort];
  ++count_;
  ++entry.count;
  if (entry.names.size() < kNames) entry.names.push_back(name);
}

Status Problems::Check() const {
  if (count_ <= limit_) return {};
  return DataLoss("more than " + std::to_string(limit_) + " pairs are unusable:\n" + Report() +
                  "Repair the set, or allow more");
}

std::string Problems::Report() const {
  std::string text;
  for (const auto& [sort, entry] : sorts_) {
    text += "  " + std::to_string(entry.count) + " x " + sort + ": ";
    for (std::size_t i = 0; i < entry.names.size(); ++i)
      text += (i > 0 ? ", " : "") + entry.names[i];
    if (entry.count > static_cast<std::int64_t>(entry.names.size())) text += ", ...";
    text += "\n";
  }
  return text;
}

}  // namespace stillwatch::model
