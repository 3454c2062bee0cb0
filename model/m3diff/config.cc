#include "model/m3diff/config.h"

#include <cmath>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace stillwatch::model {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kVersion = 1;

// One pass over all fields serves reading and writing: `io` is a Reader or a Writer.  Ranges are
// wide enough for the 7B model and narrow enough that sizes cannot overflow.
template <typename Io, typename Config>
void VisitFields(Io& io, Config& config) {
  io.Text("name", config.name, {});
  io.Enter("vision");
  io.Text("type", config.vision.type, {"efficientnet-lite0", "siglip"});
  const bool siglip = config.vision.type == "siglip";
  io.Int("image_size", config.vision.image_size, siglip ? 1 : 32, 2048);
  io.Int("grid", config.vision.grid, 1, 128);
  io.Real("pixel_mean", config.vision.pixel_mean, 0, 255);
  io.Real("pixel_scale", config.vision.pixel_scale, 1e-3, 1e3);
  if (siglip) {
    io.Int("patch_size", config.vision.patch_size, 1, 256);
    io.Int("heads", config.vision.heads, 1, 256);
    io.Int("hidden", config.vision.hidden, 1, 65536);
    io.Int("layers", config.vision.layers, 1, 256);
    io.Real("norm_eps", config.vision.norm_eps, 1e-12, 1e-1);
    io.Ints("taps", config.vision.taps, 1, 256);
  }
  io.Leave();
  io.Enter("mdp");
  io.Text("preset", config.mdp.preset, {"m3diff", "paper", "ccexpert", "none"});
  io.Int("width", config.mdp.width, 4, 8192);
  io.Int("heads", config.mdp.heads, 1, 256);
  io.Int("hidden", config.mdp.hidden, 1, 65536);
  io.Int("layers", config.mdp.layers, 1, 16);
  io.Real("norm_eps", config.mdp.norm_eps, 1e-12, 1e-1);
  io.Leave();
  io.Enter("text");
  io.Int("vocab_size", config.text.vocab_size, 2, 1 << 20);
  io.Int("hidden_size", config.text.hidden_size, 4, 16384);
  io.Int("intermediate_size", config.text.intermediate_size, 1, 131072);
  io.Int("num_hidden_layers", config.text.num_hidden_layers, 1, 256);
  io.Int("num_attention_heads", config.text.num_attention_heads, 1, 256);
  io.Int("num_key_value_heads", config.text.num_key_value_heads, 1, 256);
  io.Int("head_dim", config.text.head_dim, 2, 512);
  io.Real("rope_theta", config.text.rope_theta, 1, 1e9);
  io.Real("rms_norm_eps", config.text.rms_norm_eps, 1e-12, 1e-1);
  io.Bool("tie_word_embeddings", config.text.tie_word_embeddings);
  io.Leave();
  io.Enter("prompt");
  if (siglip) {
    io.Int("image_token_id", config.prompt.image_token_id, -1, (1 << 20) - 1);
    io.Bool("pad", config.prompt.pad);
    io.Bool("newline", config.prompt.newline);
    io.Ints("other_eos", config.prompt.other_eos, 0, (1 << 20) - 1);
  } else {
    io.Int("merge", config.prompt.merge, 1, 16);
    io.Bool("change_tokens", config.prompt.change_tokens);
    io.Bool("focus_tokens", config.prompt.focus_tokens);
  }
  io.Int("eos_token_id", config.prompt.eos_token_id, siglip ? -1 : 0, (1 << 20) - 1);
  io.Int("max_tokens", config.prompt.max_tokens, 1, 4096);
  io.Leave();
  io.Enter("calibration");
  io.Real("changed_temperature", config.calibration.changed_temperature, 1e-2, 1e2);
  io.Real("kind_temperature", config.calibration.kind_temperature, 1e-2, 1e2);
  io.Leave();
}

struct Writer {
  Json root = Json::object();
  Json* at = &root;

  void Enter(const char* key) { at = &(root[key] = Json::object()); }
  void Leave() { at = &root; }
  void Text(const char* key, const std::string& v, const std::vector<std::string>&) {
    (*at)[key] = v;
  }
  void Int(const char* key, int v, int, int) { (*at)[key] = v; }
  template <typename List>
  void Ints(const char* key, const List& list, int, int) {
    (*at)[key] = list;
  }
  void Real(const char* key, double v, double, double) { (*at)[key] = v; }
  void Bool(const char* key, bool v) { (*at)[key] = v; }
};

// Keeps the first complaint and reads on, so that the visitor needs no error handling.
struct Reader {
  const Json& root;
  const Json* at = &root;
  std::string prefix{};
  std::vector<std::string> known{};
  std::string complaint{};

  explicit Reader(const Json& json) : root(json) {}

  void Complain(const std::string& key, const std::string& what) {
    if (complaint.empty()) complaint = prefix + key + ": " + what;
  }
  const Json* Find(const char* key) {
    known.emplace_back(key);
    if (at == nullptr) return nullptr;
    const auto found = at->find(key);
    if (found != at->end()) return &*found;
    Complain(key, "missing");
    return nullptr;
  }
  void RefuseOthers() {
    if (at == nullptr) return;
    for (const auto& [key, value] : at->items()) {
      if (std::find(known.begin(), known.end(), key) == known.end()) Complain(key, "unknown key");
    }
  }
  void Enter(const char* key) {
    const Json* found = Find(key);
    if (found != nullptr && !found->is_object()) {
      Complain(key, "wanted an object");
      found = nullptr;
    }
    outer = std::move(known);
    known.clear();
    at = found;
    prefix = std::string(key) + ".";
  }
  void Leave() {
    RefuseOthers();
    known = std::move(outer);
    at = &root;
    prefix.clear();
  }
  void Text(const char* key, std::string& v, const std::vector<std::string>& allowed) {
    const Json* found = Find(key);
    if (found == nullptr) return;
    if (!found->is_string()) return Complain(key, "wanted a text");
    v = found->get<std::string>();
    if (allowed.empty() || std::find(allowed.begin(), allowed.end(), v) != allowed.end()) return;
    std::string list;
    for (const std::string& word : allowed) list += (list.empty() ? "" : ", ") + word;
    Complain(key, "wanted one of " + list + ", found '" + v.substr(0, 40) + "'");
  }
  void Int(const char* key, int& v, int least, int most) {
    const Json* found = Find(key);
    if (found == nullptr) return;
    if (found->is_number_integer()) {
      const double number = found->get<double>();  // Exact where the range check passes.
      if (number >= least && number <= most) {
        v = static_cast<int>(number);
        return;
      }
    }
    Complain(key, "wanted a whole number from " + std::to_string(least) + " to " +
                      std::to_string(most) + ", found " + found->dump().substr(0, 40));
  }
  // A list of any length up to 16, or of the array's.
  template <typename List>
  void Ints(const char* key, List& list, int least, int most) {
    const Json* found = Find(key);
    if (found == nullptr) return;
    if (!found->is_array() || found->size() > 16) return Complain(key, "wanted a list of numbers");
    if constexpr (requires { list.resize(1); }) {
      list.resize(found->size());
    } else if (found->size() != list.size()) {
      return Complain(key, "wanted " + std::to_string(list.size()) + " numbers");
    }
    for (std::size_t i = 0; i < list.size(); ++i) {
      const Json& item = (*found)[i];
      const double number = item.is_number_integer() ? item.get<double>() : std::nan("");
      if (!(number >= least && number <= most)) {
        return Complain(key, "wanted whole numbers from " + std::to_string(least) + " to " +
                                 std::to_string(most) + ", found " + item.dump().substr(0, 40));
      }
      list[i] = static_cast<int>(number);
    }
  }
  void Real(const char* key, double& v, double least, double most) {
    const Json* found = Find(key);
    if (found == nullptr) return;
    const double number = found->is_number() ? found->get<double>() : std::nan("");
    if (number >= least && number <= most) {
      v = number;
      return;
    }
    Complain(key, "wanted a number from " + Json(least).dump() + " to " + Json(most).dump() +
                      ", found " + found->dump().substr(0, 40));
  }
  void Bool(const char* key, bool& v) {
    const Json* found = Find(key);
    if (found == nullptr) return;
    if (!found->is_boolean()) return Complain(key, "wanted true or false");
    v = found->get<bool>();
  }

  std::vector<std::string> outer{};
};

}  // namespace

std::string CrossCheck(const M3DiffConfig& c) {
  if (c.mdp.width % c.mdp.heads != 0) return "mdp.heads: must divide mdp.width";
  if (c.mdp.width % 4 != 0) return "mdp.width: must be a multiple of 4 (sine position embedding)";
  if (c.text.num_attention_heads % c.text.num_key_value_heads != 0) {
    return "text.num_key_value_heads: must divide text.num_attention_heads";
  }
  if (c.text.head_dim % 2 != 0) return "text.head_dim: must be even (rotary embedding)";
  if (!c.conversation() && c.vision.grid % c.prompt.merge != 0) {
    return "prompt.merge: must divide vision.grid";
  }
  if (c.prompt.eos_token_id >= c.text.vocab_size) {
    return "prompt.eos_token_id: must be below text.vocab_size";
  }
  if (c.vision.type == "efficientnet-lite0") {
    if (c.vision.image_size % 32 != 0) {
      return "vision.image_size: must be a multiple of 32 for efficientnet-lite0";
    }
    if (c.vision.grid * 16 != c.vision.image_size) {
      return "vision.grid: must be vision.image_size / 16 for efficientnet-lite0";
    }
  }
  if (c.vision.type == "siglip") {
    if (c.vision.grid != c.vision.image_size / c.vision.patch_size) {
      return "vision.grid: must be vision.image_size / vision.patch_size, rounded down, for siglip";
    }
    if (c.mdp.width % c.vision.heads != 0) return "vision.heads: must divide mdp.width";
    for (std::size_t i = 0; i < c.vision.taps.size(); ++i) {
      if (c.vision.taps[i] > c.vision.layers ||
          (i > 0 && c.vision.taps[i] < c.vision.taps[i - 1])) {
        return "vision.taps: must rise and be at most vision.layers";
      }
    }
    if (c.prompt.image_token_id >= c.text.vocab_size) {
      return "prompt.image_token_id: must be below text.vocab_size";
    }
  }
  return {};
}

Result<M3DiffConfig> ParseM3DiffConfig(std::string_view json) {
  const Json root = Json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (!root.is_object()) return DataLoss("not a JSON object");
  const auto version = root.find("version");
  if (version == root.end() || *version != kVersion) {
    return DataLoss("version: wanted " + std::to_string(kVersion));
  }
  M3DiffConfig config;
  Reader reader(root);
  reader.known.emplace_back("version");
  VisitFields(reader, config);
  reader.RefuseOthers();
  if (reader.complaint.empty()) reader.complaint = CrossCheck(config);
  if (!reader.complaint.empty()) return DataLoss(reader.complaint);
  return config;
}

std::string ToJson(const M3DiffConfig& config) {
  Writer writer;
  writer.root["version"] = kVersion;
  VisitFields(writer, config);
  return writer.root.dump(2) + "\n";
}

}  // namespace stillwatch::model
