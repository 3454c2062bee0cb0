#include "model/prompt/template.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace stillwatch::model {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxSource = 64 << 10;
constexpr std::size_t kMaxOutput = 1 << 20;
constexpr int kMaxSteps = 10'000;  // Tags executed and expressions read.
constexpr int kMaxDepth = 32;

// Thrown and caught in this file only.
struct NotUnderstood {
  std::string what;
};

[[noreturn]] void Refuse(const std::string& what) { throw NotUnderstood{what}; }

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::string_view Trim(std::string_view text) {
  while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
  return text;
}

struct Piece {
  enum class Kind { kText, kOutput, kTag } kind = Kind::kText;
  std::string text{};
};

// Cuts the source into text, {{ outputs }} and {% tags %}; comments fall away.
std::vector<Piece> Cut(std::string_view source) {
  std::vector<Piece> pieces;
  bool eat_space = false;    // After "-%}".
  bool eat_newline = false;  // trim_blocks.
  std::size_t at = 0;
  while (at < source.size()) {
    std::size_t open = at;
    while ((open = source.find('{', open)) != std::string_view::npos) {
      const char next = open + 1 < source.size() ? source[open + 1] : '\0';
      if (next == '{' || next == '%' || next == '#') break;
      ++open;
    }
    std::string_view text = source.substr(at, open == std::string_view::npos ? open : open - at);
    if (eat_space) {
      while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
    } else if (eat_newline && text.starts_with('\n')) {
      text.remove_prefix(1);
    }
    if (open == std::string_view::npos) {
      if (text.ends_with('\n')) text.remove_suffix(1);  // Jinja's keep_trailing_newline is off.
      pieces.push_back({Piece::Kind::kText, std::string(text)});
      break;
    }
    const char kind = source[open + 1];
    const bool strip = open + 2 < source.size() && source[open + 2] == '-';
    if (strip) {
      while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
    } else if (kind != '{') {  // lstrip_blocks: blanks between a line's start and a tag.
      std::size_t line = open;
      while (line > at && (source[line - 1] == ' ' || source[line - 1] == '\t')) --line;
      if (line == 0 || source[line - 1] == '\n') {
        text.remove_suffix(std::min(open - line, text.size()));
      }
    }
    pieces.push_back({Piece::Kind::kText, std::string(text)});
    const std::string_view end = kind == '{' ? "}}" : kind == '%' ? "%}" : "#}";
    // A string may hold the end mark.
    std::size_t close = open + 2;
    char quote = '\0';
    for (; close < source.size(); ++close) {
      const char c = source[close];
      if (quote != '\0') {
        if (c == '\\')
          ++close;
        else if (c == quote)
          quote = '\0';
      } else if (kind != '#' && (c == '\'' || c == '"')) {
        quote = c;
      } else if (source.substr(close).starts_with(end)) {
        break;
      }
    }
    if (close >= source.size()) Refuse("a tag without its end");
    std::string_view inner = source.substr(open + 2, close - open - 2);
    eat_space = inner.ends_with('-');
    eat_newline = kind != '{';
    if (strip) inner.remove_prefix(1);
    if (eat_space && !inner.empty()) inner.remove_suffix(1);
    if (kind != '#') {
      pieces.push_back(
          {kind == '{' ? Piece::Kind::kOutput : Piece::Kind::kTag, std::string(Trim(inner))});
    }
    at = close + 2;
  }
  return pieces;
}

// Reads and computes one expression.
class Expression {
 public:
  Expression(std::string_view text, const Json& scope) : text_(text), scope_(scope) {}

  Json Whole() {
    Json value = Or();
    Skip();
    if (at_ != text_.size()) Refuse("'" + std::string(text_.substr(at_)).substr(0, 60) + "'");
    return value;
  }

  static bool Truth(const Json& value) {
    if (value.is_boolean()) return value.get<bool>();
    if (value.is_number()) return value.get<double>() != 0;
    if (value.is_string()) return !value.get_ref<const std::string&>().empty();
    return !value.is_null() && !value.empty();
  }

 private:
  void Skip() {
    while (at_ < text_.size() && IsSpace(text_[at_])) ++at_;
  }
  bool Take(std::string_view sign) {
    Skip();
    if (!text_.substr(at_).starts_with(sign)) return false;
    at_ += sign.size();
    return true;
  }
  static bool IsWord(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
  }
  bool TakeWord(std::string_view word) {
    Skip();
    const std::string_view rest = text_.substr(at_);
    if (!rest.starts_with(word) || (rest.size() > word.size() && IsWord(rest[word.size()]))) {
      return false;
    }
    at_ += word.size();
    return true;
  }
  std::string Word() {
    Skip();
    const std::size_t from = at_;
    while (at_ < text_.size() && IsWord(text_[at_])) ++at_;
    if (from == at_) Refuse("'" + std::string(text_.substr(from)).substr(0, 60) + "'");
    return std::string(text_.substr(from, at_ - from));
  }

  Json Or() {
    if (++depth_ > kMaxDepth) Refuse("an expression nested too deep");
    Json left = And();
    while (TakeWord("or")) {
      Json right = And();
      if (!Truth(left)) left = std::move(right);
    }
    --depth_;
    return left;
  }
  Json And() {
    Json left = Not();
    while (TakeWord("and")) {
      Json right = Not();
      if (Truth(left)) left = std::move(right);
    }
    return left;
  }
  Json Not() {
    bool negate = false;
    while (TakeWord("not")) negate = !negate;
    Json value = Comparison();
    return negate ? Json(!Truth(value)) : value;
  }
  Json Comparison() {
    Json left = Sum();
    for (;;) {
      if (Take("==")) {
        left = left == Sum();
      } else if (Take("!=")) {
        left = left != Sum();
      } else if (TakeWord("is")) {
        const bool negate = TakeWord("not");
        left = Test(left, Word()) != negate;
      } else if (TakeWord("in")) {
        left = In(left, Sum());
      } else {
        Skip();
        if (at_ < text_.size() && (text_[at_] == '<' || text_[at_] == '>')) Refuse("'<' or '>'");
        return left;
      }
    }
  }
  static bool Test(const Json& value, const std::string& test) {
    if (test == "defined") return !value.is_null();
    if (test == "none") return value.is_null();
    if (test == "string") return value.is_string();
    Refuse("the test 'is " + test + "'");
  }
  static bool In(const Json& value, const Json& container) {
    if (container.is_string() && value.is_string()) {
      return container.get_ref<const std::string&>().find(value.get_ref<const std::string&>()) !=
             std::string::npos;
    }
    if (container.is_object() && value.is_string()) {
      return container.contains(value.get_ref<const std::string&>());
    }
    if (!container.is_array()) Refuse("'in' on something that holds nothing");
    for (const Json& item : container) {
      if (item == value) return true;
    }
    return false;
  }
  Json Sum() {
    Json left = Postfix();
    for (;;) {
      const bool plus = Take("+");
      if (!plus && !Take("~")) return left;
      const Json right = Postfix();
      if (!left.is_string() || !right.is_string()) {
        Refuse(
            "'+' between other things than texts (is the content a list where this template "
            "wants a text?)");
      }
      left = left.get<std::string>() + right.get<std::string>();
      if (left.get_ref<const std::string&>().size() > kMaxOutput) Refuse("more than 1 MiB of text");
    }
  }
  Json Postfix() {
    Json value = Primary();
    for (;;) {
      if (Take("[")) {
        const Json key = Or();
        if (!Take("]")) Refuse("'[' without ']'");
        value = Item(value, key);
      } else if (Take(".")) {
        value = Item(value, Json(Word()));
      } else if (Take("|")) {
        value = Filter(std::move(value), Word());
      } else {
        return value;
      }
    }
  }
  static Json Item(const Json& value, const Json& key) {
    if (value.is_object() && key.is_string()) {
      const auto found = value.find(key.get_ref<const std::string&>());
      return found == value.end() ? Json() : *found;
    }
    if (value.is_array() && key.is_number_integer()) {
      const auto size = static_cast<long long>(value.size());
      const auto index = key.get<long long>();
      const long long place = index < 0 ? size + index : index;
      return place >= 0 && place < size ? value[static_cast<std::size_t>(place)] : Json();
    }
    Refuse("'" + key.dump().substr(0, 40) + "' of something that has no parts");
  }
  Json Filter(Json value, const std::string& name) {
    std::vector<Json> arguments;
    if (Take("(")) {
      while (!Take(")")) {
        arguments.push_back(Or());
        if (!Take(",") && at_ < text_.size() && text_[at_] != ')') Refuse("the filter " + name);
      }
    }
    if (name == "trim" && value.is_string() && arguments.empty()) {
      return std::string(Trim(value.get_ref<const std::string&>()));
    }
    if (name == "length" && arguments.empty() && !value.is_null()) {
      return value.is_string() ? value.get_ref<const std::string&>().size() : value.size();
    }
    if (name == "selectattr" && value.is_array() && arguments.size() == 3 &&
        arguments[0].is_string() &&
        (arguments[1] == "equalto" || arguments[1] == "eq" || arguments[1] == "==")) {
      Json kept = Json::array();
      for (const Json& item : value) {
        if (Item(item, arguments[0]) == arguments[2]) kept.push_back(item);
      }
      return kept;
    }
    Refuse("the filter '" + name + "' as it is used here");
  }
  Json Primary() {
    Skip();
    if (at_ == text_.size()) Refuse("an expression that ends too early");
    const char c = text_[at_];
    if (c == '\'' || c == '"') return Text(c);
    if (Take("(")) {
      Json value = Or();
      if (!Take(")")) Refuse("'(' without ')'");
      return value;
    }
    if (std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '-') return Number();
    const std::string word = Word();
    if (word == "true" || word == "True") return true;
    if (word == "false" || word == "False") return false;
    if (word == "none" || word == "None") return nullptr;
    Skip();
    if (at_ < text_.size() && text_[at_] == '(') Refuse("the function '" + word + "'");
    const auto found = scope_.find(word);
    return found == scope_.end() ? Json() : *found;
  }
  Json Number() {
    std::string digits(Take("-") ? "-" : "");
    while (at_ < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at_])) != 0) {
      digits += text_[at_++];
    }
    if (digits.size() > 9 || digits.empty() || digits == "-") Refuse("the number " + digits);
    return std::stoi(digits);
  }
  Json Text(char quote) {
    std::string value;
    for (++at_; at_ < text_.size() && text_[at_] != quote; ++at_) {
      char c = text_[at_];
      if (c == '\\' && at_ + 1 < text_.size()) {
        c = text_[++at_];
        if (c == 'n')
          c = '\n';
        else if (c == 't')
          c = '\t';
        else if (c == 'r')
          c = '\r';
        else if (c != '\\' && c != '\'' && c != '"')
          Refuse(std::string("the escape \\") + c);
      }
      value += c;
    }
    if (at_ == text_.size()) Refuse("a text without its end");
    ++at_;
    return value;
  }

  const std::string_view text_;
  const Json& scope_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

class Renderer {
 public:
  Renderer(std::vector<Piece> pieces, Json scope)
      : pieces_(std::move(pieces)), scope_(std::move(scope)) {}

  std::string Render() {
    const std::size_t end = Block(0, /*run=*/true, 0);
    if (end != pieces_.size()) Refuse("{% " + pieces_[end].text + " %} without its beginning");
    return std::move(out_);
  }

 private:
  static bool Is(const std::string& tag, std::string_view word) {
    return tag.starts_with(word) && (tag.size() == word.size() || IsSpace(tag[word.size()]));
  }
  Json Value(std::string_view expression) {
    if (++steps_ > kMaxSteps) Refuse("more work than a chat template makes");
    return Expression(expression, scope_).Whole();
  }

  // Runs (or passes over) pieces from `at` to the tag that ends the block; its place is returned.
  std::size_t Block(std::size_t at, bool run, int depth) {
    if (depth > kMaxDepth) Refuse("tags nested too deep");
    while (at < pieces_.size()) {
      const Piece& piece = pieces_[at];
      if (piece.kind == Piece::Kind::kText) {
        if (run) out_ += piece.text;
        ++at;
      } else if (piece.kind == Piece::Kind::kOutput) {
        if (run) Print(Value(piece.text));
        ++at;
      } else if (Is(piece.text, "for")) {
        at = For(at, run, depth);
      } else if (Is(piece.text, "if")) {
        at = If(at, run, depth);
      } else if (piece.text == "generation") {  // Marks what training looks at.
        at = Block(at + 1, run, depth + 1);
        End(at, "endgeneration");
        ++at;
      } else {
        return at;
      }
      if (out_.size() > kMaxOutput) Refuse("more than 1 MiB of text");
    }
    return at;
  }
  void End(std::size_t at, std::string_view tag) const {
    if (at < pieces_.size() && pieces_[at].text == tag) return;
    Refuse(at < pieces_.size() ? "{% " + pieces_[at].text.substr(0, 60) + " %}"
                               : "a block without {% " + std::string(tag) + " %}");
  }
  void Print(const Json& value) {
    if (value.is_number_integer()) {
      out_ += std::to_string(value.get<long long>());
    } else if (value.is_string()) {
      out_ += value.get_ref<const std::string&>();
    } else if (!value.is_null()) {
      Refuse("an output that is no text");
    }
  }

  std::size_t If(std::size_t at, bool run, int depth) {
    bool open = run;  // No branch taken yet.
    std::string_view condition = std::string_view(pieces_[at].text).substr(2);
    for (;;) {
      const bool take = open && Expression::Truth(Value(condition));
      at = Block(at + 1, take, depth + 1);
      open = open && !take;
      if (at >= pieces_.size() || !Is(pieces_[at].text, "elif")) break;
      condition = std::string_view(pieces_[at].text).substr(4);
    }
    if (at < pieces_.size() && pieces_[at].text == "else") at = Block(at + 1, open, depth + 1);
    End(at, "endif");
    return at + 1;
  }

  std::size_t For(std::size_t at, bool run, int depth) {
    const std::string& tag = pieces_[at].text;
    const std::size_t in = tag.find(" in ");
    if (in == std::string::npos) Refuse("{% " + tag.substr(0, 60) + " %}");
    const std::string name(Trim(std::string_view(tag).substr(3, in - 3)));
    if (name.find_first_of(", ()") != std::string::npos) Refuse("{% " + tag.substr(0, 60) + " %}");
    std::string_view list = std::string_view(tag).substr(in + 4);
    std::string_view filter;
    if (const std::size_t at_if = list.find(" if "); at_if != std::string_view::npos) {
      filter = list.substr(at_if + 4);
      list = list.substr(0, at_if);
    }
    const std::size_t end = Block(at + 1, /*run=*/false, depth + 1);
    End(end, "endfor");
    if (!run) return end + 1;
    const Json items = Value(list);
    if (!items.is_array()) {
      Refuse("{% " + tag.substr(0, 60) +
             " %}: that is no list (does this template want the "
             "content as a text?)");
    }
    const Json outer = scope_;
    Json kept = Json::array();
    for (const Json& item : items) {
      scope_[name] = item;
      if (filter.empty() || Expression::Truth(Value(filter))) kept.push_back(item);
    }
    for (std::size_t i = 0; i < kept.size(); ++i) {
      if (++steps_ > kMaxSteps) Refuse("more work than a chat template makes");
      scope_[name] = kept[i];
      scope_["loop"] = {{"first", i == 0},
                        {"last", i + 1 == kept.size()},
                        {"index0", i},
                        {"index", i + 1},
                        {"length", kept.size()}};
      Block(at + 1, /*run=*/true, depth + 1);
    }
    scope_ = outer;
    return end + 1;
  }

  const std::vector<Piece> pieces_;
  Json scope_;
  std::string out_;
  int steps_ = 0;
};

}  // namespace

Result<std::string> RenderTemplate(std::string_view source, std::string_view context) {
  if (source.size() > kMaxSource) {
    return InvalidArgument("a chat template of more than 64 KiB cannot be understood");
  }
  Json scope = Json::parse(context, nullptr, /*allow_exceptions=*/false);
  if (!scope.is_object()) return InvalidArgument("the variables are no JSON object");
  try {
    return Renderer(Cut(source), std::move(scope)).Render();
  } catch (const NotUnderstood& refused) {
    return InvalidArgument("this chat template cannot be understood: " + refused.what);
  } catch (const Json::exception& e) {
    return InvalidArgument(std::string("this chat template cannot be understood: ") + e.what());
  }
}

}  // namespace stillwatch::model
