#include "model/checkpoint/json_check.h"

#include <string>
#include <unordered_set>
#include <vector>

#include <nlohmann/json.hpp>

namespace stillwatch::model {
namespace {

using nlohmann::json;

// nlohmann's parser calls these in the order of the text; false stops it.  Its sax parser keeps a
// stack of its own, so deep nesting cannot overflow ours before `max_depth` stops it.
class Checker final : public nlohmann::json_sax<json> {
 public:
  explicit Checker(int max_depth) : max_depth_(max_depth) {}

  const std::string& complaint() const { return complaint_; }

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return Enter(); }
  bool end_object() override { return Leave(); }
  bool start_array(std::size_t) override { return Enter(); }
  bool end_array() override { return Leave(); }

  bool key(string_t& name) override {
    if (keys_.back().insert(name).second) return true;
    complaint_ = "key '" + name + "' stands twice in one object";
    return false;
  }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception& e) override {
    complaint_ = "no valid JSON at byte " + std::to_string(position) + ": " + e.what();
    return false;
  }

 private:
  bool Enter() {
    keys_.emplace_back();
    if (static_cast<int>(keys_.size()) <= max_depth_) return true;
    complaint_ = "nested deeper than " + std::to_string(max_depth_);
    return false;
  }
  bool Leave() {
    keys_.pop_back();
    return true;
  }

  const int max_depth_;
  std::vector<std::unordered_set<std::string>> keys_;  // Of the open objects and arrays.
  std::string complaint_;
};

}  // namespace

Status CheckJson(std::string_view text, int max_depth) {
  Checker checker(max_depth);
  try {
    if (json::sax_parse(text, &checker)) return {};
  } catch (const std::exception& e) {
    return DataLoss(e.what());
  }
  return DataLoss(checker.complaint());
}

}  // namespace stillwatch::model
