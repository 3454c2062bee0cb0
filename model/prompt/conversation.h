// Conversation: the text in which a decoder is shown two pictures and asked what changed.

#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/tokenizer/tokenizer.h"
#include "pipeline/core/status.h"

namespace stillwatch::model {

// What a picture is called in the text.
inline constexpr std::string_view kImageMark = "<image>";

// What is asked where nobody asks something else: CCExpert's question in its conversation, ours
// (and that of the parity fixtures) in a checkpoint's own template.
inline constexpr std::string_view kCcexpertQuestion =
    "What difference happened from Image1 to Image2?";
inline constexpr std::string_view kChatQuestion = "What changed between the two images?";

// LLaVA-NeXT's `qwen_1_5` conversation as CCExpert fills it: a system turn, and the pictures named
// Image1 and Image2 in front of the question.  A question with two kImageMark is the whole turn.
std::string CcexpertConversation(std::string_view question);

// The checkpoint's own chat template for one user turn of two pictures and a question.
//
// Thread-safe once loaded; cheap to copy.
class ChatTemplate {
 public:
  // The folder's chat_template.jinja, chat_template.json, or chat_template in processor_config.json
  // or tokenizer_config.json, in this order.  kNotFound: it has none.  kInvalidArgument: it is more
  // than model/prompt/template.h understands, or does not show two pictures and the question once.
  [[nodiscard]] static Result<ChatTemplate> Load(const std::filesystem::path& folder);

  // From its source; `label` starts every message.
  [[nodiscard]] static Result<ChatTemplate> Parse(std::string_view source, std::string_view label);

  // The conversation as text, ready for the assistant's answer.  A question with two kImageMark
  // brings its pictures along.
  std::string Render(std::string_view question) const;

 private:
  ChatTemplate() = default;
  std::string before_, after_;            // Around the question, pictures before it.
  std::string bare_before_, bare_after_;  // The same without pictures.
};

// The text's token ids, each kImageMark as one `image_id`: the text between is encoded piece by
// piece, as LLaVA-NeXT does it, which gives what one pass gives where the tokenizer knows the mark.
// kInvalidArgument unless the text has exactly two marks.
[[nodiscard]] Result<std::vector<int>> EncodeConversation(const Tokenizer& tokenizer,
                                                          std::string_view text, int image_id);

// The ids with every `image_id` repeated `times` times: how Hugging Face writes them.
std::vector<int> ExpandPictures(std::span<const int> ids, int image_id, int times);

}  // namespace stillwatch::model
