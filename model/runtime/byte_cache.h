// ByteCache: values kept for later, the longest unused leave first.

#pragma once

#include <cstdint>
#include <list>
#include <string>
#include <unordered_map>
#include <utility>

namespace stillwatch::model {

// Holds values of at most `capacity_bytes` together; one that is larger than that alone is not
// kept.
//
// Not thread-safe: belongs to whoever owns it.
template <typename Value>
class ByteCache {
 public:
  explicit ByteCache(std::int64_t capacity_bytes) : capacity_bytes_(capacity_bytes) {}

  // Null if there is none.  Valid until the next Put.
  const Value* Find(const std::string& key) {
    const auto at = places_.find(key);
    if (at == places_.end()) {
      ++misses_;
      return nullptr;
    }
    ++hits_;
    entries_.splice(entries_.begin(), entries_, at->second);  // Used last, so it leaves last.
    return &at->second->value;
  }

  void Put(const std::string& key, Value value, std::int64_t bytes) {
    if (bytes > capacity_bytes_ || places_.contains(key)) return;
    while (bytes_ + bytes > capacity_bytes_) {
      bytes_ -= entries_.back().bytes;
      places_.erase(entries_.back().key);
      entries_.pop_back();
      ++evicted_;
    }
    entries_.push_front({key, std::move(value), bytes});
    places_[key] = entries_.begin();
    bytes_ += bytes;
  }

  std::uint64_t hits() const { return hits_; }
  std::uint64_t misses() const { return misses_; }
  std::uint64_t evicted() const { return evicted_; }
  std::int64_t bytes() const { return bytes_; }

 private:
  struct Entry {
    std::string key{};
    Value value{};
    std::int64_t bytes = 0;
  };

  const std::int64_t capacity_bytes_;
  std::list<Entry> entries_;  // Used last first.
  std::unordered_map<std::string, typename std::list<Entry>::iterator> places_;
  std::int64_t bytes_ = 0;
  std::uint64_t hits_ = 0, misses_ = 0, evicted_ = 0;
};

}  // namespace stillwatch::model
