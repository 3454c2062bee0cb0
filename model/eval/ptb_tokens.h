// PtbTokens: cuts a caption into the words that the caption metrics count.
// (Ours, because the original is a Java program: Stanford CoreNLP's PTBTokenizer.)

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace stillwatch::model {

// Penn Treebank words in lower case, without the punctuation that coco-caption drops: "The car
// isn't there." -> the car is n't there.  Follows CoreNLP 3.4.1 with -preserveLines -lowerCase in
// what captions hold (README.md lists what it leaves out).  A caption of nothing but punctuation
// has no tokens.  Thread-safe.
std::vector<std::string> PtbTokens(std::string_view caption);

}  // namespace stillwatch::model
