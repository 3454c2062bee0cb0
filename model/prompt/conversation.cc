#include "model/prompt/conversation.h"

#include <fstream>
#include <optional>
#include <sstream>
#include <system_error>

#include <nlohmann/json.hpp>

#include "model/checkpoint/json_check.h"
#include "model/prompt/template.h"

namespace stillwatch::model {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

// Stands for the question while a template is looked at; no template has a reason to hold it.
constexpr std::string_view kSentinel = "\x01question\x01";

std::size_t Occurrences(std::string_view text, std::string_view mark) {
  std::size_t count = 0;
  for (std::size_t at = text.find(mark); at != std::string_view::npos;
       at = text.find(mark, at + mark.size())) {
    ++count;
  }
  return count;
}

Result<std::string> RenderTurn(std::string_view source, const Json& content) {
  const Json context = {{"messages", Json::array({{{"role", "user"}, {"content", content}}})},
                        {"add_generation_prompt", true},
                        {"bos_token", ""}};
  return RenderTemplate(source, context.dump());
}

// The turn with `pictures` pictures.  Templates of pictures take a list of parts as the content,
// templates of text a text; which one it is shows when the list is not understood.
Result<std::string> RenderPictures(std::string_view source, int pictures) {
  Json parts = Json::array();
  std::string text;
  for (int i = 0; i < pictures; ++i) {
    parts.push_back({{"type", "image"}});
    text += std::string(kImageMark) + "\n";
  }
  parts.push_back({{"type", "text"}, {"text", kSentinel}});
  auto rendered = RenderTurn(source, parts);
  if (rendered) return rendered;
  auto plain = RenderTurn(source, text + std::string(kSentinel));
  return plain ? plain : rendered;
}

Status Split(const std::string& rendered, int pictures, std::string& before, std::string& after) {
  const std::size_t marks = Occurrences(rendered, kImageMark);
  const std::size_t questions = Occurrences(rendered, kSentinel);
  if (marks != static_cast<std::size_t>(pictures) || questions != 1) {
    return InvalidArgument("this chat template cannot be understood: of " +
                           std::to_string(pictures) + " pictures and one question it writes " +
                           std::to_string(marks) + " and " + std::to_string(questions));
  }
  const std::size_t at = rendered.find(kSentinel);
  before = rendered.substr(0, at);
  after = rendered.substr(at + kSentinel.size());
  return {};
}

Result<std::string> ReadText(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return NotFound(path.string() + ": no such file");
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

// The template in a JSON file: a text, or a list of named ones of which "default" counts.
Result<std::optional<std::string>> FromJson(const fs::path& path) {
  const auto text = ReadText(path);
  if (!text) return std::optional<std::string>();
  if (Status s = CheckJson(*text, 32); !s.ok()) return Failure(s.WithContext(path.string()));
  const Json json = Json::parse(*text, nullptr, /*allow_exceptions=*/false);
  const auto found = json.is_object() ? json.find("chat_template") : json.end();
  if (!json.is_object() || found == json.end() || found->is_null()) {
    return std::optional<std::string>();
  }
  if (found->is_string()) return std::optional(found->get<std::string>());
  if (found->is_array()) {
    for (const Json& item : *found) {
      if (item.is_object() && item.value("name", Json()) == "default" &&
          item.value("template", Json()).is_string()) {
        return std::optional(item["template"].get<std::string>());
      }
    }
  }
  return DataLoss(path.string() + ": chat_template: wanted a text");
}

}  // namespace

std::string CcexpertConversation(std::string_view question) {
  std::string turn(question);
  if (Occurrences(question, kImageMark) != 2) {
    turn = "This is the Image1 <image>. This is the second Image2 <image>.\n" + turn;
  }
  return "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n<|im_start|>user\n" + turn +
         "<|im_end|>\n<|im_start|>assistant\n";
}

Result<ChatTemplate> ChatTemplate::Parse(std::string_view source, std::string_view label) {
  ChatTemplate chat;
  const auto pictures = RenderPictures(source, 2);
  if (!pictures) return Failure(pictures.error().WithContext(label));
  if (Status s = Split(*pictures, 2, chat.before_, chat.after_); !s.ok()) {
    return Failure(s.WithContext(label));
  }
  const auto bare = RenderPictures(source, 0);
  if (!bare) return Failure(bare.error().WithContext(label));
  if (Status s = Split(*bare, 0, chat.bare_before_, chat.bare_after_); !s.ok()) {
    return Failure(s.WithContext(label));
  }
  return chat;
}

Result<ChatTemplate> ChatTemplate::Load(const fs::path& folder) {
  const fs::path jinja = folder / "chat_template.jinja";
  std::error_code error;
  if (fs::exists(jinja, error)) {
    const auto text = ReadText(jinja);
    if (!text) return Failure(text.error());
    return Parse(*text, jinja.string());
  }
  for (const char* name :
       {"chat_template.json", "processor_config.json", "tokenizer_config.json"}) {
    const auto source = FromJson(folder / name);
    if (!source) return Failure(source.error());
    if (*source) return Parse(**source, (folder / name).string());
  }
  return NotFound(folder.string() +
                  ": has no chat template (looked for chat_template.jinja, chat_template.json, "
                  "processor_config.json, tokenizer_config.json)");
}

std::string ChatTemplate::Render(std::string_view question) const {
  const bool own = Occurrences(question, kImageMark) == 2;
  return (own ? bare_before_ : before_) + std::string(question) + (own ? bare_after_ : after_);
}

Result<std::vector<int>> EncodeConversation(const Tokenizer& tokenizer, std::string_view text,
                                            int image_id) {
  const std::size_t marks = Occurrences(text, kImageMark);
  if (marks != 2) {
    return InvalidArgument("the prompt has " + std::to_string(marks) +
                           " times <image>; wanted none of your own, or 2");
  }
  std::vector<int> ids;
  std::size_t done = 0;
  for (;;) {
    const std::size_t at = text.find(kImageMark, done);
    const auto piece = tokenizer.Encode(text.substr(done, at - done));
    ids.insert(ids.end(), piece.begin(), piece.end());
    if (at == std::string_view::npos) return ids;
    ids.push_back(image_id);
    done = at + kImageMark.size();
  }
}

std::vector<int> ExpandPictures(std::span<const int> ids, int image_id, int times) {
  std::vector<int> expanded;
  for (const int id : ids) {
    expanded.insert(expanded.end(), id == image_id ? static_cast<std::size_t>(times) : 1, id);
  }
  return expanded;
}

}  // namespace stillwatch::model
