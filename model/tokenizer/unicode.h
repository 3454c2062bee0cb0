// Unicode: the classes and the normal form that Qwen2's tokenizer is defined by.
// (Ours, because ICU is not on every machine that model/ must build on.)

#pragma once

#include <string>

namespace stillwatch::model {

// All functions: thread-safe.

bool IsLetter(char32_t code_point);  // \p{L}
bool IsNumber(char32_t code_point);  // \p{N}
bool IsSpace(char32_t code_point);   // \s: the property White_Space.

// Normalisation form C (UAX 15).  Linear but for runs of combining marks, which are sorted.
std::u32string Nfc(std::u32string text);

}  // namespace stillwatch::model
