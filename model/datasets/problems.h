// Problems: what is wrong with a set of pairs, counted and named, up to a limit.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "pipeline/core/status.h"

namespace stillwatch::model {

// Not thread-safe.
class Problems {
 public:
  // With more than `limit` problems a set is not worth reading on.
  explicit Problems(std::int64_t limit) : limit_(limit) {}

  // "missing picture", "a/3.png".  The first few names of every sort are kept.
  void Add(const std::string& sort, const std::string& name);

  std::int64_t count() const { return count_; }
  // Fails with kDataLoss, and all of Report, once the limit is passed.
  [[nodiscard]] Status Check() const;
  // A line for each sort: "3 x missing picture: a.png, b.png, c.png"; empty without problems.
  std::string Report() const;

 private:
  struct Sort {
    std::int64_t count = 0;
    std::vector<std::string> names{};
  };
  std::int64_t limit_;
  std::int64_t count_ = 0;
  std::map<std::string, Sort> sorts_;
};

}  // namespace stillwatch::model
