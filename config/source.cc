#include "config/source.h"

#include <algorithm>
#include <array>
#include <optional>

#include "config/text.h"

namespace stillwatch::config {
namespace {

constexpr std::array<std::string_view, 5> kSchemes = {"rtsp", "rtsps", "http", "https", "file"};

// The text with its variables filled in.
struct Filled {
  std::string text{};
  std::string owner{};  // As long as `text`: per byte 0, or 1 + its variable's index.
  std::vector<std::string> names{};
  std::vector<std::string> problems{};

  bool literal(std::size_t i) const { return owner[i] == 0; }
};

bool IsVariableName(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !name.empty() && name.size() <= 128 && std::all_of(name.begin(), name.end(), allowed);
}

void FillVariable(const std::string& name, const Environment& environment, Filled* filled) {
  const std::string subject = "environment variable " + name;
  const std::optional<std::string> value = environment(name);
  if (!value) {
    filled->problems.push_back(subject + " is not set");
  } else if (value->empty()) {
    filled->problems.push_back(subject + " is empty");
  } else if (HasControl(*value)) {
    filled->problems.push_back(subject + " holds a control character, such as a line end");
  } else if (filled->names.size() >= 100) {
    filled->problems.push_back("more than 100 environment variables");
  } else {
    filled->names.push_back(name);
    filled->text += *value;
    filled->owner.append(value->size(), static_cast<char>(filled->names.size()));
  }
}

Filled Fill(std::string_view text, const Environment& environment) {
  Filled filled;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '{') {
      const std::size_t end = text.find('}', i);
      const std::string name(text.substr(i + 1, end == std::string_view::npos ? end : end - i - 1));
      if (end != std::string_view::npos && IsVariableName(name)) {
        FillVariable(name, environment, &filled);
        i = end;
        continue;
      }
    }
    if (text[i] == '{' || text[i] == '}') {
      filled.problems.push_back(
          "braces hold the name of an environment variable, such as {DOCK_PASSWORD}");
      break;
    }
    filled.text += text[i];
    filled.owner += '\0';
  }
  return filled;
}

// Where "scheme" of "scheme://" ends, or nothing: then it is a path.
std::optional<std::size_t> SchemeEnd(std::string_view text) {
  const std::size_t end = text.find("://");
  if (end == std::string_view::npos || end == 0) return std::nullopt;
  const bool plain =
      std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '+' || c == '-' || c == '.';
      });
  return plain ? std::optional(end) : std::nullopt;
}

// Looks at user:password@host:port of an address that begins at `begin`.
void CheckAuthority(const Filled& filled, std::size_t begin, std::vector<std::string>* problems) {
  const std::string& text = filled.text;
  std::size_t end = begin;
  while (end < text.size() &&
         !(filled.literal(end) && (text[end] == '/' || text[end] == '?' || text[end] == '#'))) {
    ++end;
  }
  for (std::size_t i = begin; i < end; ++i) {
    if (!filled.literal(i) && std::string_view("/?#@ ").find(text[i]) != std::string_view::npos) {
      problems->push_back("environment variable " +
                          filled.names[static_cast<unsigned char>(filled.owner[i]) - 1U] +
                          " holds one of the characters / ? # @ or a space; percent-encode them "
                          "(@ is %40)");
      return;
    }
  }
  const std::size_t at = text.rfind('@', end == 0 ? 0 : end - 1);
  std::size_t host = begin;
  if (at != std::string::npos && at >= begin && at < end) {
    host = at + 1;
    const std::size_t colon = text.find(':', begin);
    for (std::size_t i = colon; colon < at && i + 1 < at; ++i) {
      if (!filled.literal(i + 1)) continue;
      problems->push_back(
          "holds a password; put it into an environment variable and write {NAME} in its place");
      return;
    }
  }
  const std::string_view host_port = std::string_view(text).substr(host, end - host);
  const std::size_t bracket = host_port.rfind(']');  // IPv6: [::1]:554
  const std::size_t colon = host_port.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (host_port.empty() || colon == 0) {
    problems->push_back("names no host after ://");
    return;
  }
  if (colon == std::string_view::npos) return;
  const std::optional<int> port = ParseInteger(host_port.substr(colon + 1));
  if (!port || *port < 1 || *port > 65535) {
    problems->push_back("must have a port of 1 to 65535 after the host's colon");
  }
}

// Refuses secrets written out behind the '?': password=... or token=...
void CheckQuery(const Filled& filled, std::size_t begin, std::vector<std::string>* problems) {
  constexpr std::array<std::string_view, 9> kSecrets = {
      "password", "passwd", "pass", "pwd", "token", "access_token", "secret", "key", "api_key"};
  std::size_t i = filled.text.find('?', begin);
  while (i < filled.text.size()) {
    const std::size_t name = i + 1;
    const std::size_t end = std::min(filled.text.find('&', name), filled.text.size());
    const std::size_t equals = std::min(filled.text.find('=', name), end);
    std::string word = filled.text.substr(name, equals - name);
    std::transform(word.begin(), word.end(), word.begin(), ToLower);
    for (std::size_t j = equals + 1; j < end; ++j) {
      if (!filled.literal(j)) continue;
      if (std::find(kSecrets.begin(), kSecrets.end(), word) == kSecrets.end()) break;
      problems->push_back(
          "holds a secret behind the '?'; put it into an environment variable and "
          "write {NAME} in its place");
      return;
    }
    i = end;
  }
}

void CheckAddress(const Filled& filled, std::size_t scheme_end,
                  std::vector<std::string>* problems) {
  std::string scheme = filled.text.substr(0, scheme_end);
  const bool from_file = filled.owner.find_first_not_of('\0') >= scheme_end;
  if (std::find(kSchemes.begin(), kSchemes.end(), scheme) == kSchemes.end()) {
    const std::string_view nearest = Nearest(scheme, kSchemes);
    problems->push_back("must be a file or an address of " + Join(kSchemes) +
                        (from_file ? ", found " + Shown(scheme) : "") +
                        (nearest.empty() ? "" : "; did you mean '" + std::string(nearest) + "'?"));
    return;
  }
  const std::size_t begin = scheme_end + 3;
  if (scheme == "file") {
    if (begin >= filled.text.size() || filled.text[begin] != '/') {
      problems->push_back("must go on with a full path: file:///...");
    }
    return;
  }
  // An address that is one variable as a whole is taken as it is.
  if (!filled.literal(scheme_end)) return;
  CheckAuthority(filled, begin, problems);
  CheckQuery(filled, begin, problems);
}

}  // namespace

std::string ResolvePath(std::string_view path, const std::filesystem::path& folder) {
  return (folder / path).lexically_normal().string();
}

Source ResolveSource(std::string_view text, const std::filesystem::path& folder,
                     const Environment& environment) {
  Filled filled = Fill(text, environment);
  Source source{.problems = std::move(filled.problems)};
  if (!source.problems.empty()) return source;
  if (const auto scheme_end = SchemeEnd(filled.text)) {
    CheckAddress(filled, *scheme_end, &source.problems);
    source.opened = std::move(filled.text);
    source.shown = text;
  } else if (filled.literal(0)) {
    if (text.starts_with("~"))
      source.problems.push_back("'~' is not replaced here; write the path out");
    source.opened = ResolvePath(filled.text, folder);
    source.shown = ResolvePath(text, folder);
  } else {
    // Relative to what would be a riddle, once it is shown with its name again.
    if (!filled.text.starts_with('/')) {
      source.problems.push_back("environment variable " + filled.names[0] +
                                " must begin with / or scheme://");
    }
    source.opened = std::move(filled.text);
    source.shown = text;
  }
  return source;
}

}  // namespace stillwatch::config
