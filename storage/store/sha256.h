// SHA-256, the name of a picture.

#pragma once

#include <string>
#include <string_view>

namespace stillwatch::store {

// 64 lower-case hexadecimal digits; empty if the library refuses (no memory).
std::string Sha256Hex(std::string_view bytes);

}  // namespace stillwatch::store
