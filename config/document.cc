#include "config/document.h"

#include <algorithm>
#include <cerrno>
#include <exception>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <system_error>
#include <utility>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include "config/text.h"

namespace stillwatch::config {
namespace {

tl::unexpected<ConfigError> Bad(const std::string& file, Place place, std::string message) {
  return tl::unexpected(ConfigError{
      .file = file, .line = place.line, .column = place.column, .message = std::move(message)});
}

// yaml-cpp counts from 0, and gives -1 where it knows no place.
Place PlaceOf(const YAML::Mark& mark) {
  return mark.is_null() ? Place{} : Place{.line = mark.line + 1, .column = mark.column + 1};
}

// Ends the parse from within yaml-cpp; never leaves this file.
struct Stop : std::exception {
  Stop(Place at, std::string text) : place(at), message(std::move(text)) {}
  const char* what() const noexcept override { return message.c_str(); }
  Place place;
  std::string message;
};

struct Size {
  int nodes = 1;
  int depth = 1;
};
Size SizeOf(const Node& node) {
  Size size;
  for (const Node& child : node.children) {
    const Size inner = SizeOf(child);
    size.nodes += inner.nodes + (node.kind == Node::Kind::kMap ? 1 : 0);
    size.depth = std::max(size.depth, inner.depth + 1);
  }
  return size;
}

// Builds the tree from yaml-cpp's events.  Events and not YAML::Node, because those lose the
// places of empty values, drop repeated keys, and keep every alias before a limit can look.
//
// Not thread-safe: belongs to one call of ParseYaml.
class TreeBuilder final : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override {
    if (root_) throw Stop(PlaceOf(mark), "a second document starts here; one file holds one");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Add({.kind = Node::Kind::kNull, .place = PlaceOf(mark)}, anchor);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    RefuseTag(mark, tag);
    last_text_ = mark;
    // yaml-cpp tags what is quoted, and blocks (| and >), with "!".
    Add({.kind = Node::Kind::kText, .place = PlaceOf(mark), .text = value, .quoted = tag == "!"},
        anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) throw Stop(PlaceOf(mark), "an alias inside its own anchor");
    const Size size = SizeOf(found->second);
    CheckDepth(PlaceOf(mark), static_cast<int>(open_.size()) + size.depth);
    CountNodes(PlaceOf(mark), size.nodes);
    Append(found->second);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Begin(Node::Kind::kList, mark, tag, anchor);
  }
  void OnSequenceEnd() override { End(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Begin(Node::Kind::kMap, mark, tag, anchor);
  }
  void OnMapEnd() override { End(); }

  // Where the last text began.
  const YAML::Mark& last_text() const { return last_text_; }

  std::optional<Node> TakeRoot() { return std::exchange(root_, std::nullopt); }

 private:
  struct Open {
    Node node{};
    YAML::anchor_t anchor = YAML::NullAnchor;
    std::optional<Node> key{};  // In a map: read, its value still to come.
  };

  static void RefuseTag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!") return;
    throw Stop(PlaceOf(mark), "YAML tags (such as !!str) are not used here");
  }

  static void CheckDepth(Place place, int depth) {
    if (depth <= kMaxDepth) return;
    throw Stop(place, "nested deeper than " + std::to_string(kMaxDepth) + " levels");
  }

  void CountNodes(Place place, int nodes) {
    nodes_ += nodes;
    if (nodes_ <= kMaxNodes) return;
    throw Stop(place, "more than " + std::to_string(kMaxNodes) +
                          " keys and values (each use of an alias counts as a copy)");
  }

  void Begin(Node::Kind kind, const YAML::Mark& mark, const std::string& tag,
             YAML::anchor_t anchor) {
    RefuseTag(mark, tag);
    open_.push_back({.node = {.kind = kind, .place = PlaceOf(mark)}, .anchor = anchor});
    CheckDepth(PlaceOf(mark), static_cast<int>(open_.size()));
  }

  void End() {
    Open done = std::move(open_.back());
    open_.pop_back();
    Add(std::move(done.node), done.anchor);
  }

  void Add(Node node, YAML::anchor_t anchor) {
    CountNodes(node.place, 1);
    if (anchor != YAML::NullAnchor) {
      CountNodes(node.place, SizeOf(node).nodes);  // The copy below.
      anchors_[anchor] = node;
    }
    Append(std::move(node));
  }

  void Append(Node node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.kind == Node::Kind::kMap) {
      if (!parent.key) {
        if (node.kind != Node::Kind::kText) throw Stop(node.place, "a key must be a word");
        if (node.text == "<<" && !node.quoted) {
          throw Stop(node.place, "merge keys (<<) are not supported; an alias as a value is");
        }
        parent.key = std::move(node);
        return;
      }
      node.key = std::move(parent.key->text);
      node.key_place = parent.key->place;
      parent.key.reset();
    }
    parent.node.children.push_back(std::move(node));
  }

  std::vector<Open> open_;  // Outermost first; at most kMaxDepth.
  std::map<YAML::anchor_t, Node> anchors_;
  std::optional<Node> root_;
  YAML::Mark last_text_ = YAML::Mark::null_mark();
  int nodes_ = 0;
};

// True if quotes open at `text[begin]` (behind an anchor, perhaps) and never close: yaml-cpp 0.7
// takes the end of the file for the closing quote if a line end comes before it.
bool LacksClosingQuote(std::string_view text, int begin) {
  if (begin < 0 || static_cast<std::size_t>(begin) >= text.size()) return false;
  text.remove_prefix(static_cast<std::size_t>(begin));
  while (text.starts_with('&') || text.starts_with('!')) {
    text.remove_prefix(std::min(text.find_first_of(" \t\r\n"), text.size()));
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  }
  if (!text.starts_with('"') && !text.starts_with('\'')) return false;
  const char quote = text[0];
  for (std::size_t i = 1; i < text.size(); ++i) {
    const bool pair = quote == '"' ? text[i] == '\\' : text.substr(i).starts_with("''");
    if (!pair && text[i] == quote) return false;
    if (pair) ++i;  // An escape, or '' for one '.
  }
  return true;
}

// yaml-cpp takes 0x04 and 0xFF for the end of the file, and would drop the rest without a word.
std::optional<Stop> FindBadText(std::string_view text) {
  Place place{.line = 1, .column = 1};
  bool indentation = true;
  bool tab = false;
  while (!text.empty()) {
    const std::size_t length = Utf8Length(text);
    const char c = text.front();
    if (length == 0) return Stop(place, "not UTF-8; save the file as UTF-8");
    if (c == '\0') return Stop(place, "a NUL byte; is this a text file?");
    const bool line_end = c == '\n' || text.starts_with("\r\n");
    if (IsControl(text) && c != '\t' && !line_end) return Stop(place, "a control character");
    if (indentation && c != ' ' && c != '\t') {
      indentation = false;
      if (tab && !line_end && c != '#') {
        return Stop({.line = place.line, .column = 1},
                    "a tab in the indentation; YAML wants spaces");
      }
    }
    tab = tab || (indentation && c == '\t');
    text.remove_prefix(length);
    place.column += static_cast<int>(length);
    if (c == '\n') {
      place = {.line = place.line + 1, .column = 1};
      indentation = true;
      tab = false;
    }
  }
  return std::nullopt;
}

}  // namespace

ReadResult ReadFile(const std::string& path) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) {
    return Bad(path, {}, "no such file");
  }
  if (error) return Bad(path, {}, "cannot be read: " + error.message());
  if (status.type() == std::filesystem::file_type::directory) {
    return Bad(path, {}, "is a folder; name the YAML file in it");
  }
  // A pipe or a device might never end, or never start.
  if (status.type() != std::filesystem::file_type::regular) {
    return Bad(path, {}, "is not a regular file");
  }
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  std::string text(kMaxFileBytes + 1, '\0');
  if (stream) stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!stream.is_open() || stream.bad()) {
    return Bad(path, {}, "cannot be read: " + std::generic_category().message(errno));
  }
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (text.size() > kMaxFileBytes) {
    return Bad(path, {}, "is larger than " + std::to_string(kMaxFileBytes >> 20) + " MiB");
  }
  return text;
}

ParseResult ParseYaml(std::string_view text, const std::string& file) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // Byte order mark.
  if (const std::optional<Stop> bad = FindBadText(text)) {
    return Bad(file, bad->place, bad->message);
  }
  TreeBuilder builder;
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
    if (LacksClosingQuote(text, builder.last_text().pos)) {
      return Bad(file, PlaceOf(builder.last_text()), "this text lacks its closing quote");
    }
  } catch (const Stop& stop) {
    return Bad(file, stop.place, stop.message);
  } catch (const YAML::Exception& e) {
    return Bad(file, PlaceOf(e.mark), "not valid YAML: " + e.msg);
  } catch (const std::exception& e) {
    return Bad(file, {}, std::string("cannot be parsed: ") + e.what());
  }
  std::optional<Node> root = builder.TakeRoot();
  if (!root || root->kind == Node::Kind::kNull) return Bad(file, {}, "holds no settings");
  return *std::move(root);
}

}  // namespace stillwatch::config
