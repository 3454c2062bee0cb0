#include "model/m3diff/hf_config.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include <nlohmann/json.hpp>

#include "model/checkpoint/json_check.h"

namespace stillwatch::model {
namespace {

using Json = nlohmann::json;
using Entry = NetworkWeights::Entry;

constexpr std::string_view kText = "language_model.model.";
constexpr int kGoogleLayers = 27;  // Of so400m; LLaVA-OneVision computes with all but the last.
constexpr int kSo400mWidth = 1152, kSo400mHeads = 16;
constexpr int kMdpHeadWidth = 128;  // CCExpert: heads = width / 128.

Result<Json> ReadJson(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return NotFound(path.string() + ": no such file; is this a model folder?");
  std::stringstream text;
  text << in.rdbuf();
  const std::string content = text.str();
  if (Status s = CheckJson(content); !s.ok()) return Failure(s.WithContext(path.string()));
  Json json = Json::parse(content, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return DataLoss(path.string() + ": expected a JSON object");
  return json;
}

// One part of config.json.  Keeps the first complaint, so that readers need no error handling.
class Part {
 public:
  Part(const Json& json, std::string prefix, Status& status)
      : json_(json), prefix_(std::move(prefix)), status_(status) {}

  const Json* Find(const char* key) const {
    const auto found = json_.find(key);
    return found == json_.end() || found->is_null() ? nullptr : &*found;
  }

  void Complain(const std::string& key, const std::string& what,
                StatusCode code = StatusCode::kDataLoss) const {
    if (status_.ok()) status_ = Status(code, "config.json: " + prefix_ + key + ": " + what);
  }

  std::optional<int> Int(const char* key, int least, int most) const {
    const Json* found = Find(key);
    if (found == nullptr) return std::nullopt;
    const double number = found->is_number_integer() ? found->get<double>() : std::nan("");
    if (number >= least && number <= most) return static_cast<int>(number);
    Complain(key, "wanted a whole number from " + std::to_string(least) + " to " +
                      std::to_string(most) + ", found " + found->dump().substr(0, 40));
    return std::nullopt;
  }

  double Real(const char* key, double usual, double least, double most) const {
    const Json* found = Find(key);
    if (found == nullptr) return usual;
    const double number = found->is_number() ? found->get<double>() : std::nan("");
    if (number >= least && number <= most) return number;
    Complain(key, "wanted a number from " + Json(least).dump() + " to " + Json(most).dump() +
                      ", found " + found->dump().substr(0, 40));
    return usual;
  }

  // The key may be absent, or must be `wanted`.
  void Demand(const char* key, const Json& wanted) const {
    const Json* found = Find(key);
    if (found == nullptr || *found == wanted) return;
    Complain(key, "only " + wanted.dump() + " is supported, found " + found->dump().substr(0, 40),
             StatusCode::kInvalidArgument);
  }

  // A size that the config may state and the weights decide.
  void Agree(const char* key, int found, const std::string& evidence) const {
    const auto said = Int(key, 0, 1 << 24);
    if (said && *said != found) {
      Complain(key, "is " + std::to_string(*said) + ", but " + evidence);
    }
  }

 private:
  const Json& json_;
  const std::string prefix_;
  Status& status_;
};

class ConfigReader {
 public:
  ConfigReader(const NetworkWeights& weights, const Json& root)
      : weights_(weights), root_json_(root), root_(root, "", status_) {}

  Result<HfConfig> Read(std::string_view preset) {
    ReadText();
    if (status_.ok()) ReadVision();
    if (status_.ok()) ReadProjector();
    if (status_.ok()) ReadMdp(preset);
    if (status_.ok()) ReadTokens();
    if (status_.ok()) {
      if (const std::string wrong = CrossCheck(out_.config); !wrong.empty()) {
        status_ = DataLoss("config.json: " + wrong);
      }
    }
    if (!status_.ok()) return Failure(status_.WithContext(weights_.folder().string()));
    return std::move(out_);
  }

 private:
  // The matrix of that name, which must have `rank` dimensions.
  const Entry* Need(const std::string& canonical, std::size_t rank) {
    const Entry* entry = weights_.Find(canonical);
    if (entry == nullptr) {
      if (status_.ok()) {
        status_ = NotFound("tensor '" + NameIn(weights_.naming(), canonical) + "' is missing");
      }
      return nullptr;
    }
    bool usable = entry->view.shape.size() == rank;
    for (const std::int64_t size : entry->view.shape)
      usable = usable && size >= 1 && size < 1 << 24;
    if (usable) return entry;
    if (status_.ok()) {
      status_ = DataLoss("tensor '" + entry->name + "' is " + Shape(*entry) + ", expected " +
                         std::to_string(rank) + " sizes from 1 to 16777215");
    }
    return nullptr;
  }

  static int Size(const Entry& entry, std::size_t axis) {
    return static_cast<int>(entry.view.shape[axis]);
  }
  static std::string Shape(const Entry& entry) {
    return Describe(entry.view.dtype, entry.view.shape);
  }
  static std::string Evidence(const Entry& entry) {
    return "tensor '" + entry.name + "' is " + Shape(entry);
  }

  // How many layers stand under `prefix`: one more than the highest number.
  int Layers(const std::string& prefix) const {
    int layers = 0;
    for (auto it = weights_.entries().lower_bound(prefix);
         it != weights_.entries().end() && it->first.starts_with(prefix); ++it) {
      const int number = std::atoi(it->first.c_str() + prefix.size());
      if (number >= 0 && number < 1024) layers = std::max(layers, number + 1);
    }
    return layers;
  }

  void ReadText() {
    const bool nested =
        root_.Find("text_config") != nullptr && root_.Find("text_config")->is_object();
    const Part text(nested ? *root_.Find("text_config") : root_json_, nested ? "text_config." : "",
                    status_);
    TextConfig& c = out_.config.text;
    const std::string first = std::string(kText) + "layers.0.";
    const Entry* words = Need(std::string(kText) + "embed_tokens.weight", 2);
    const Entry* gate = Need(first + "mlp.gate_proj.weight", 2);
    const Entry* q = Need(first + "self_attn.q_proj.weight", 2);
    const Entry* k = Need(first + "self_attn.k_proj.weight", 2);
    if (words == nullptr || gate == nullptr || q == nullptr || k == nullptr) return;
    c.vocab_size = Size(*words, 0);
    c.hidden_size = Size(*words, 1);
    text.Agree("hidden_size", c.hidden_size, Evidence(*words));
    c.intermediate_size = Size(*gate, 0);
    text.Agree("intermediate_size", c.intermediate_size, Evidence(*gate));
    c.num_hidden_layers = Layers(std::string(kText) + "layers.");
    text.Agree("num_hidden_layers", c.num_hidden_layers,
               "the weights hold " + std::to_string(c.num_hidden_layers) + " decoder layers");

    const auto heads = text.Int("num_attention_heads", 1, 1024);
    if (!heads) {
      text.Complain("num_attention_heads", "missing; no shape tells it");
      return;
    }
    c.num_attention_heads = *heads;
    c.head_dim = text.Int("head_dim", 1, 4096).value_or(c.hidden_size / *heads);
    if (c.head_dim < 1 || Size(*q, 0) != *heads * c.head_dim) {
      text.Complain("num_attention_heads", "is " + std::to_string(*heads) + " heads of " +
                                               std::to_string(c.head_dim) + ", but " +
                                               Evidence(*q));
      return;
    }
    c.num_key_value_heads = std::max(Size(*k, 0) / c.head_dim, 1);
    text.Agree("num_key_value_heads", c.num_key_value_heads, Evidence(*k));
    c.rms_norm_eps = text.Real("rms_norm_eps", 1e-6, 1e-12, 1e-1);
    text.Demand("hidden_act", "silu");
    text.Demand("use_sliding_window", false);
    ReadRope(text);

    const Entry* head = weights_.Find("language_model.lm_head.weight");
    c.tie_word_embeddings = head == nullptr;
    const Json* tied = root_.Find("tie_word_embeddings");
    if (tied == nullptr && nested) tied = text.Find("tie_word_embeddings");
    if (head == nullptr && tied != nullptr && *tied == false) {
      status_ = NotFound("tensor '" + NameIn(weights_.naming(), "language_model.lm_head.weight") +
                         "' is missing, and config.json: tie_word_embeddings is false: expected " +
                         Describe(words->view.dtype, words->view.shape) +
                         "; some fine-tuning tools lose it, take it from the base model");
    }
    if (head != nullptr && head->view.shape != words->view.shape) {
      status_ = DataLoss("tensor '" + head->name + "' is " + Shape(*head) +
                         ", expected the shape of " + Evidence(*words));
    }
    const auto said = text.Int("vocab_size", 0, 1 << 24);
    if (said && *said != c.vocab_size) {
      out_.notes.push_back("config.json says vocab_size " + std::to_string(*said) +
                           ", the weights have " + std::to_string(c.vocab_size) +
                           " rows; the weights count");
    }
  }

  void ReadRope(const Part& text) {
    TextConfig& c = out_.config.text;
    c.rope_theta = text.Real("rope_theta", 10000, 1, 1e9);  // Qwen2Config's own default.
    for (const char* key : {"rope_parameters", "rope_scaling"}) {
      const Json* rope = text.Find(key);
      if (rope == nullptr) continue;
      if (!rope->is_object()) return text.Complain(key, "wanted an object");
      const Part part(*rope, std::string(key) + ".", status_);
      part.Demand("rope_type", "default");
      part.Demand("type", "default");
      c.rope_theta = part.Real("rope_theta", c.rope_theta, 1, 1e9);
    }
    const Json* types = text.Find("layer_types");
    if (types == nullptr || !types->is_array()) return;
    for (const Json& type : *types) {
      if (type != "full_attention") {
        return text.Complain("layer_types",
                             "only full_attention is supported, found " + type.dump().substr(0, 40),
                             StatusCode::kInvalidArgument);
      }
    }
  }

  void ReadVision() {
    static const Json kNone = Json::object();
    const Json* nested = root_.Find("vision_config");
    if (nested != nullptr && !nested->is_object()) {
      return root_.Complain("vision_config", "wanted an object");
    }
    const Part vision(nested != nullptr ? *nested : kNone, "vision_config.", status_);
    VisionConfig& c = out_.config.vision;
    c.type = "siglip";
    const Entry* patch = Need("vision_tower.embeddings.patch_embedding.weight", 4);
    const Entry* position = Need("vision_tower.embeddings.position_embedding.weight", 2);
    const Entry* fc1 = Need("vision_tower.encoder.layers.0.mlp.fc1.weight", 2);
    if (patch == nullptr || position == nullptr || fc1 == nullptr) return;
    const int width = out_.config.mdp.width = Size(*patch, 0);
    vision.Agree("hidden_size", width, Evidence(*patch));
    c.patch_size = Size(*patch, 2);
    vision.Agree("patch_size", c.patch_size, Evidence(*patch));
    vision.Demand("num_channels", 3);
    c.hidden = Size(*fc1, 0);
    vision.Agree("intermediate_size", c.hidden, Evidence(*fc1));
    c.norm_eps = vision.Real("layer_norm_eps", 1e-6, 1e-12, 1e-1);
    vision.Demand("hidden_act", "gelu_pytorch_tanh");

    c.grid = static_cast<int>(std::lround(std::sqrt(Size(*position, 0))));
    if (c.grid * c.grid != Size(*position, 0)) {
      status_ = DataLoss(Evidence(*position) + ", expected a square number of rows");
      return;
    }
    c.image_size = vision.Int("image_size", 1, 8192).value_or(GuessImageSize(c));
    if (c.image_size / c.patch_size != c.grid) {
      return vision.Complain("image_size", "is " + std::to_string(c.image_size) +
                                               ", in patches of " + std::to_string(c.patch_size) +
                                               " a grid of " +
                                               std::to_string(c.image_size / c.patch_size) +
                                               " a side, but " + Evidence(*position));
    }
    const auto heads = vision.Int("num_attention_heads", 1, 1024);
    if (!heads && width != kSo400mWidth) {
      return vision.Complain("num_attention_heads", "missing; no shape tells it");
    }
    c.heads = heads.value_or(kSo400mHeads);
    if (width % c.heads != 0) {
      return vision.Complain("num_attention_heads",
                             "is " + std::to_string(c.heads) +
                                 ", which does not divide the width: " + Evidence(*patch));
    }
    ReadVisionLayers(vision);
  }

  // For LLaVA-NeXT's folders, which name their tower only.
  static int GuessImageSize(const VisionConfig& c) {
    constexpr int kSo400m = 384;
    return kSo400m / c.patch_size == c.grid ? kSo400m : c.grid * c.patch_size;
  }

  void ReadVisionLayers(const Part& vision) {
    VisionConfig& c = out_.config.vision;
    const int held = Layers("vision_tower.encoder.layers.");
    const auto said = vision.Int("num_hidden_layers", 1, 256);
    const bool google = held == kGoogleLayers && out_.config.mdp.width == kSo400mWidth;
    int used = said.value_or(google ? kGoogleLayers - 1 : held);
    // Hugging Face's index into embeddings and blocks; LLaVA-NeXT's is ignored by its own code.
    if (const Json* layer = root_.Find("vision_feature_layer")) {
      const int index = layer->is_number_integer() && std::abs(layer->get<double>()) < 1000
                            ? layer->get<int>()
                            : 0;
      used = index < 0 ? used + 1 + index : index;
      if (used < 1 || index == 0) {
        return root_.Complain(
            "vision_feature_layer",
            "wanted one layer behind the embeddings, found " + layer->dump().substr(0, 40));
      }
    } else if (said && *said == kGoogleLayers && google) {
      used = kGoogleLayers - 1;
    }
    root_.Demand("vision_feature_select_strategy", "full");
    const bool surplus = google && used == kGoogleLayers - 1;
    if (used > held || (said && *said != held && !surplus && *said < held)) {
      return vision.Complain("num_hidden_layers", "is " + std::to_string(said.value_or(used)) +
                                                      ", but the weights hold " +
                                                      std::to_string(held) + " layers");
    }
    c.layers = used;
    // CCExpert's hidden_states[-11, -8, -5, -2] of 27 layers; spread alike over a shallower tower.
    for (std::size_t i = 0; i < c.taps.size(); ++i) {
      constexpr std::array<int, 4> kOf26 = {17, 20, 23, 26};
      const int shallow = static_cast<int>(std::lround(used * kOf26[i] / 26.0));
      c.taps[i] = std::max(used >= 10 ? used - (26 - kOf26[i]) : shallow, 1);
    }
  }

  void ReadProjector() {
    const Entry* first = Need("multi_modal_projector.linear_1.weight", 2);
    const Entry* second = Need("multi_modal_projector.linear_2.weight", 2);
    if (first == nullptr || second == nullptr) return;
    root_.Demand("projector_hidden_act", "gelu");
    root_.Demand("mm_projector_type", "mlp2x_gelu");
  }

  void ReadMdp(std::string_view preset) {
    MdpConfig& c = out_.config.mdp;
    PromptConfig& prompt = out_.config.prompt;
    prompt.pad = prompt.newline = preset == "onevision";
    const Entry* mapping =
        weights_.Find("mdp.expert_change_feature_extractor_model.linear_mapping.weight");
    out_.has_mdp = mapping != nullptr;
    c.preset = preset == "onevision" || !out_.has_mdp ? "none" : std::string(preset);
    if (!out_.has_mdp) {
      if (preset == "paper") {
        status_ = NotFound(
            "the weights hold no difference module, and preset 'paper' means nothing without a "
            "trained one; take 'm3diff' (equal to none until it is trained) or 'onevision'");
      } else if (preset != "onevision") {
        out_.notes.push_back("no difference module in these weights: preset '" +
                             std::string(preset) +
                             "' lays out pictures and prompt, and the decoder alone compares");
      }
      c.heads = 1;
      return;
    }
    const Entry* lin1 = Need("mdp.layers.0.mlp.lin1.weight", 2);
    if (lin1 == nullptr) return;
    c.hidden = Size(*lin1, 0);
    c.layers = Layers("mdp.layers.");
    c.heads = std::max(c.width / kMdpHeadWidth, 1);
    const Json* own = root_.Find("mdp_config");  // Ours: what CCExpert builds in.
    if (own != nullptr && own->is_object()) {
      const Part part(*own, "mdp_config.", status_);
      c.heads = part.Int("heads", 1, 256).value_or(c.heads);
      c.norm_eps = part.Real("norm_eps", c.norm_eps, 1e-12, 1e-1);
    }
  }

  void ReadTokens() {
    PromptConfig& prompt = out_.config.prompt;
    std::vector<int> eos;
    const auto take = [&](const Json* value) {
      const Json list = value == nullptr    ? Json::array()
                        : value->is_array() ? *value
                                            : Json{*value};
      for (const Json& id : list) {
        if (!id.is_number_integer() || id.get<double>() < 0 ||
            id.get<double>() >= out_.config.text.vocab_size) {
          return root_.Complain("eos_token_id", "wanted token ids below " +
                                                    std::to_string(out_.config.text.vocab_size) +
                                                    ", found " + id.dump().substr(0, 40));
        }
        if (std::find(eos.begin(), eos.end(), id.get<int>()) == eos.end()) eos.push_back(id);
      }
    };
    const auto generation = ReadJson(weights_.folder() / "generation_config.json");
    if (generation && generation->contains("eos_token_id") &&
        !(*generation)["eos_token_id"].is_null()) {
      take(&(*generation)["eos_token_id"]);
    }
    const Json* text = root_.Find("text_config");
    if (text != nullptr && text->is_object() && text->contains("eos_token_id") &&
        !(*text)["eos_token_id"].is_null()) {
      take(&(*text)["eos_token_id"]);
    }
    take(root_.Find("eos_token_id"));
    // None: the tokenizer's <|im_end|> takes its place.
    prompt.eos_token_id = eos.empty() ? -1 : eos.front();
    if (eos.size() > 1) prompt.other_eos.assign(eos.begin() + 1, eos.end());
    const int vocabulary = out_.config.text.vocab_size;
    prompt.image_token_id = -1;  // LLaVA-NeXT has none; a tokenizer may know "<image>".
    for (const char* key : {"image_token_index", "image_token_id"}) {
      if (const auto id = root_.Int(key, 0, vocabulary - 1)) prompt.image_token_id = *id;
    }
    prompt.max_tokens = 256;  // A guess: M3Diff's captions have 60 words on average.
  }

  const NetworkWeights& weights_;
  const Json& root_json_;
  Status status_;
  const Part root_;
  HfConfig out_;
};

// Mean, deviation and filter of the picture processor; defaults are SigLIP's.
Status ReadPreprocessor(const std::filesystem::path& path, VisionConfig& config) {
  constexpr double kWhite = 255;
  config.pixel_mean = config.pixel_scale = 0.5 * kWhite;
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return {};
  const auto json = ReadJson(path);
  if (!json) return json.error();
  const auto channel = [&](const char* key, double& value) -> Status {
    const auto found = json->find(key);
    if (found == json->end() || found->is_null()) return {};
    if (!found->is_array() || found->size() != 3 || !(*found)[0].is_number() ||
        (*found)[1] != (*found)[0] || (*found)[2] != (*found)[0] ||
        !((*found)[0].get<double>() >= 0 && (*found)[0].get<double>() <= 1)) {
      return InvalidArgument(path.string() + ": " + key +
                             ": only three equal numbers from 0 to 1 are supported, found " +
                             found->dump().substr(0, 60));
    }
    value = (*found)[0].get<double>() * kWhite;
    return {};
  };
  if (Status s = channel("image_mean", config.pixel_mean); !s.ok()) return s;
  if (Status s = channel("image_std", config.pixel_scale); !s.ok()) return s;
  const auto resample = json->find("resample");
  if (resample != json->end() && *resample != 3) {
    return InvalidArgument(path.string() + ": resample: only 3 (bicubic) is supported, found " +
                           resample->dump().substr(0, 40));
  }
  return {};
}

}  // namespace

bool IsPreset(std::string_view word) {
  return word == "m3diff" || word == "paper" || word == "ccexpert" || word == "onevision";
}

bool IsHfConfig(std::string_view json) {
  const Json root = Json::parse(json, nullptr, /*allow_exceptions=*/false);
  return root.is_object() && (root.contains("model_type") || root.contains("architectures"));
}

Result<HfConfig> ReadHfConfig(const NetworkWeights& weights, std::string_view preset) {
  if (!IsPreset(preset)) {
    return InvalidArgument("preset '" + std::string(preset) +
                           "': wanted m3diff, paper, ccexpert or onevision");
  }
  const auto root = ReadJson(weights.folder() / "config.json");
  if (!root) return Failure(root.error());
  const auto type = root->find("model_type");
  if (type != root->end() && *type != "llava_onevision" && *type != "llava" &&
      *type != "llava_qwen" && *type != "qwen2") {
    return InvalidArgument((weights.folder() / "config.json").string() +
                           ": model_type: wanted llava_onevision, or llava with a Qwen2 decoder, "
                           "found " +
                           type->dump().substr(0, 40));
  }
  ConfigReader reader(weights, *root);
  auto out = reader.Read(preset);
  if (!out) return Failure(out.error());
  out->config.name = weights.folder().filename().string();
  if (out->config.name.empty()) {
    out->config.name = weights.folder().parent_path().filename().string();
  }
  if (Status s =
          ReadPreprocessor(weights.folder() / "preprocessor_config.json", out->config.vision);
      !s.ok()) {
    return Failure(s);
  }
  return out;
}

}  // namespace stillwatch::model
