#include "pipeline/core/ulid.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace stillwatch {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

// FNV-1a, then a finaliser (splitmix64) so that near-equal identities differ in every bit.
// Not cryptographic: an id is no secret, and it is unique only within one installation.
std::uint64_t Hash(std::string_view text, std::uint64_t seed) {
  std::uint64_t h = 14695981039346656037ULL ^ seed;
  for (const char c : text) {
    h = (h ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  }
  h = (h ^ (h >> 30)) * 0xBF58476D1CE4E5B9ULL;
  h = (h ^ (h >> 27)) * 0x94D049BB133111EBULL;
  return h ^ (h >> 31);
}

// The low `count` * 5 bits of `value`, most significant first.
void Append(std::string* out, std::uint64_t value, int count) {
  for (int i = count - 1; i >= 0; --i) out->push_back(kAlphabet[(value >> (5 * i)) & 31]);
}

}  // namespace

std::string UlidOf(TimePoint time, std::string_view identity) {
  const auto ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
  std::string out;
  out.reserve(26);
  Append(&out, static_cast<std::uint64_t>(std::max<std::int64_t>(ms, 0)) & 0xFFFFFFFFFFFFULL, 10);
  Append(&out, Hash(identity, 1), 8);
  Append(&out, Hash(identity, 2), 8);
  return out;
}

bool IsUlid(std::string_view text) {
  return text.size() == 26 && text[0] <= '7' && std::all_of(text.begin(), text.end(), [](char c) {
           return kAlphabet.find(c) != std::string_view::npos;
         });
}

}  // namespace stillwatch
