#include "model/tokenizer/added_token_finder.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace stillwatch::model {

void AddedTokenFinder::Add(std::string content, int id) {
  auto& entries = by_first_byte_[static_cast<std::uint8_t>(content[0])];
  if (entries.empty()) first_bytes_.push_back(content[0]);
  const auto place = std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) {
    return entry.content.size() < content.size();
  });
  entries.insert(place, {std::move(content), id});
}

std::optional<AddedTokenFinder::Match> AddedTokenFinder::Find(std::string_view text,
                                                              std::size_t from) const {
  for (std::size_t begin = from; (begin = text.find_first_of(first_bytes_, begin)) < text.size();
       ++begin) {
    for (const Entry& entry : by_first_byte_[static_cast<std::uint8_t>(text[begin])]) {
      if (text.substr(begin).starts_with(entry.content)) {
        return Match{.begin = begin, .end = begin + entry.content.size(), .id = entry.id};
      }
    }
  }
  return std::nullopt;
}

}  // namespace stillwatch::model
