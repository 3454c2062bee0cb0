#include "pipeline/bus/event_json.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "pipeline/bus/acknowledgement.h"
#include "pipeline/core/time.h"
#include "pipeline/core/ulid.h"

namespace stillwatch::bus {
namespace {

using Json = nlohmann::ordered_json;  // Keeps the order of product.md, for readers of logs.

constexpr std::string_view kTypePrefix = "org.stillwatch.";
constexpr std::string_view kTypeSuffix = ".v1";
constexpr std::size_t kMaxMessageBytes = 1024;
constexpr double kMaxStreamSeconds = 9.2e9;  // 292 years: what fits 64 bits in nanoseconds.
constexpr double kMaxNumber = 1e12;          // Beyond any score, millisecond or second there is.

// --- Writing ---------------------------------------------------------------------------------

// A number with at most `decimals` decimals; whole ones without a point.
Json Number(double value, int decimals) {
  if (!std::isfinite(value)) return 0;
  const double scale = std::pow(10.0, decimals);
  const double rounded = std::round(std::clamp(value, -kMaxNumber, kMaxNumber) * scale) / scale;
  if (rounded == std::round(rounded)) return static_cast<std::int64_t>(rounded);
  return rounded;
}
Json Fraction(double value) { return Number(std::clamp(value, 0.0, 1.0), 4); }

// Not below 0, where the readers refuse a negative number.
Json Positive(double value, int decimals) { return Number(std::max(value, 0.0), decimals); }

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// In UTF-8 and at most `limit` bytes, not cut inside a sequence.
std::string Cut(std::string_view text, std::size_t limit) {
  // A replaced byte becomes three, so this comes before the cut.
  std::string clean = Json::parse(Dump(text)).get<std::string>();
  if (clean.size() > limit) {
    while (limit > 0 && (static_cast<unsigned char>(clean[limit]) & 0xC0U) == 0x80U) --limit;
    clean.resize(limit);
  }
  return clean;
}

Json MomentJson(const Moment& moment, const std::string& id, std::string_view picture) {
  Json json = {{"time", FormatTime(moment.time)}};
  if (moment.frame && *moment.frame >= 0) json["frame"] = *moment.frame;
  // Six decimals: a frame of 30 fps lasts 0.033333 s.
  if (moment.pts) {
    const double seconds = std::chrono::duration<double>(*moment.pts).count();
    json["pts_s"] = Number(std::clamp(seconds, 0.0, kMaxStreamSeconds), 6);
  }
  json["image"] = "/api/v1/events/" + id + "/" + std::string(picture) + ".jpg";
  return json;
}

Json ModelJson(const ModelName& model) {
  Json json = {{"name", Cut(model.name, kMaxNameBytes)}};
  if (!model.fingerprint.empty()) json["fingerprint"] = Cut(model.fingerprint, kMaxSourceBytes);
  return json;
}

// --- Reading ---------------------------------------------------------------------------------

// Reads fields of untrusted JSON and remembers the first thing that is wrong.
class Reader {
 public:
  bool ok() const { return problem_.empty(); }
  Failure failure(std::string_view what) const { return DataLoss(std::string(what) + problem_); }

  void Complain(std::string problem) {
    if (problem_.empty()) problem_ = std::move(problem);
  }

  // The member `name` of `from`, or nullptr; complains where it is required or of another type.
  const Json* Find(const Json& from, const char* name, bool required,
                   bool (Json::*is_type)() const noexcept, const char* type) {
    const auto at = from.is_object() ? from.find(name) : from.end();
    if (at == from.end() || at->is_null()) {
      if (required) Complain(std::string("'") + name + "' is missing");
      return nullptr;
    }
    if (!(*at.*is_type)()) {
      Complain(std::string("'") + name + "' is not " + type);
      return nullptr;
    }
    return &*at;
  }

  const Json* Object(const Json& from, const char* name, bool required) {
    return Find(from, name, required, &Json::is_object, "an object");
  }
  const Json* Array(const Json& from, const char* name, std::size_t limit) {
    const Json* array = Find(from, name, false, &Json::is_array, "a list");
    if (array != nullptr && array->size() > limit) {
      Complain(std::string("'") + name + "' has more than " + std::to_string(limit) + " items");
      return nullptr;
    }
    return array;
  }
  std::string Text(const Json& from, const char* name, bool required, std::size_t limit) {
    const Json* text = Find(from, name, required, &Json::is_string, "a text");
    return text == nullptr ? std::string() : Limited(*text, name, limit);
  }
  std::string Limited(const Json& text, const char* name, std::size_t limit) {
    const auto& value = text.get_ref<const std::string&>();
    if (value.size() > limit) {
      Complain(std::string("'") + name + "' is longer than " + std::to_string(limit) + " bytes");
      return {};
    }
    return value;
  }
  double Real(const Json& from, const char* name, double low, double high) {
    const Json* number = Find(from, name, false, &Json::is_number, "a number");
    const double value = number == nullptr ? 0.0 : number->get<double>();
    if (number != nullptr && !(value >= low && value <= high)) {
      Complain(std::string("'") + name + "' is out of range");
      return 0;
    }
    return value;
  }
  std::optional<std::int64_t> Count(const Json& from, const char* name) {
    const Json* number = Find(from, name, false, &Json::is_number_integer, "a whole number");
    if (number == nullptr) return std::nullopt;
    // A value above INT64_MAX is kept as unsigned and would turn negative.
    if (number->is_number_unsigned() && number->get<std::uint64_t>() > INT64_MAX) {
      Complain(std::string("'") + name + "' is out of range");
      return std::nullopt;
    }
    const auto value = number->get<std::int64_t>();
    if (value < 0) {
      Complain(std::string("'") + name + "' is negative");
      return std::nullopt;
    }
    return value;
  }
  TimePoint Time(const Json& from, const char* name) {
    const std::string text = Text(from, name, true, kMaxNameBytes);
    const Result<TimePoint> time = ParseTime(text);
    if (!time) Complain(std::string("'") + name + "': " + time.error().message());
    return time.value_or(TimePoint{});
  }
  template <typename Enum>
  Enum Word(const Json& from, const char* name, bool required, Enum otherwise,
            std::optional<Enum> (*parse)(std::string_view)) {
    const std::string text = Text(from, name, required, kMaxNameBytes);
    if (text.empty()) {
      if (required) Complain(std::string("'") + name + "' is empty");
      return otherwise;
    }
    const std::optional<Enum> value = parse(text);
    if (!value) Complain(std::string("'") + name + "': '" + text + "' is none of its words");
    return value.value_or(otherwise);
  }
  std::string Ulid(const Json& from, const char* name) {
    std::string id = Text(from, name, true, kMaxNameBytes);
    if (!IsUlid(id)) Complain(std::string("'") + name + "' is not a ULID");
    return id;
  }
  ModelName Model(const Json& from) {
    ModelName model;
    if (const Json* json = Object(from, "model", false)) {
      model.name = Text(*json, "name", false, kMaxNameBytes);
      model.fingerprint = Text(*json, "fingerprint", false, kMaxSourceBytes);
    }
    return model;
  }
  Moment MomentAt(const Json& from, const char* name) {
    Moment moment;
    if (const Json* json = Object(from, name, true)) {
      moment.time = Time(*json, "time");
      moment.frame = Count(*json, "frame");
      if (json->contains("pts_s")) {
        moment.pts = std::chrono::nanoseconds(
            std::llround(Real(*json, "pts_s", 0, kMaxStreamSeconds) * 1e9));
      }
    }
    return moment;
  }

 private:
  std::string problem_;
};

// The parsed object, or nullopt; `what` begins the message.
Result<Json> Parse(std::string_view text, std::string_view what) {
  if (text.size() > kMaxEventBytes) {
    return DataLoss(std::string(what) + "longer than " + std::to_string(kMaxEventBytes) + " bytes");
  }
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return DataLoss(std::string(what) + "not a JSON object in UTF-8");
  return json;
}

EventType ReadType(Reader* reader, const Json& json) {
  const std::string text = reader->Text(json, "type", true, kMaxNameBytes);
  std::string_view name = text;
  if (name.starts_with(kTypePrefix) && name.ends_with(kTypeSuffix) &&
      name.size() > kTypePrefix.size() + kTypeSuffix.size()) {
    name.remove_prefix(kTypePrefix.size());
    name.remove_suffix(kTypeSuffix.size());
    if (const auto type = ParseEventType(name)) return *type;
  }
  reader->Complain("'type': '" + text + "' is no change event of version 1");
  return EventType::kChangeDetected;
}

void ReadLists(Reader* reader, const Json& data, ChangeEvent* event) {
  if (const Json* zones = reader->Array(data, "zones", kMaxZones)) {
    for (const Json& zone : *zones) {
      if (!zone.is_string()) return reader->Complain("'zones' holds something that is no text");
      event->zones.push_back(reader->Limited(zone, "zones", kMaxNameBytes));
    }
  }
  if (const Json* regions = reader->Array(data, "regions", kMaxRegions)) {
    for (const Json& r : *regions) {
      event->regions.push_back({.x = reader->Real(r, "x", 0, 1),
                                .y = reader->Real(r, "y", 0, 1),
                                .w = reader->Real(r, "w", 0, 1),
                                .h = reader->Real(r, "h", 0, 1)});
    }
  }
}

constexpr std::array<std::string_view, 3> kVerdicts = {"ok", "refused", "retry"};

std::optional<Verdict> ParseVerdict(std::string_view name) {
  const auto* const at = std::find(kVerdicts.begin(), kVerdicts.end(), name);
  if (at == kVerdicts.end()) return std::nullopt;
  return static_cast<Verdict>(at - kVerdicts.begin());
}

}  // namespace

std::string_view Name(Verdict verdict) { return kVerdicts.at(static_cast<std::size_t>(verdict)); }

std::string EncodeEvent(const ChangeEvent& event) {
  const std::string camera = Cut(event.camera, kMaxNameBytes);
  Json zones = Json::array();
  for (std::size_t i = 0; i < std::min(event.zones.size(), kMaxZones); ++i) {
    zones.push_back(Cut(event.zones[i], kMaxNameBytes));
  }
  Json regions = Json::array();
  for (std::size_t i = 0; i < std::min(event.regions.size(), kMaxRegions); ++i) {
    const Region& r = event.regions[i];
    regions.push_back(
        {{"x", Fraction(r.x)}, {"y", Fraction(r.y)}, {"w", Fraction(r.w)}, {"h", Fraction(r.h)}});
  }
  Json data = {{"seq", event.seq},
               {"camera", camera},
               {"zones", std::move(zones)},
               {"severity", Name(event.severity)},
               {"state", Name(event.state)},
               {"kind", Name(event.kind)},
               {"caption", Cut(event.caption, kMaxCaptionBytes)},
               {"caption_status", Name(event.caption_status)},
               {"confidence", Fraction(event.confidence)},
               {"regions", std::move(regions)},
               {"reference", MomentJson(event.reference, event.id, "reference")},
               {"current", MomentJson(event.current, event.id, "current")},
               {"why",
                {{"aligned_px", Number(event.why.aligned_px, 2)},
                 {"illumination_delta", Number(event.why.illumination_delta, 4)},
                 {"changed_ratio", Positive(event.why.changed_ratio, 6)},
                 {"settled_s", Positive(event.why.settled_s, 3)},
                 {"score", Number(event.why.score, 4)}}}};
  if (!event.model.name.empty()) data["model"] = ModelJson(event.model);
  data["latency_ms"] = {{"select", Positive(event.latency.select_ms, 1)},
                        {"caption", Positive(event.latency.caption_ms, 1)},
                        {"store", Positive(event.latency.store_ms, 1)}};
  const std::string source =
      event.source.empty() ? std::string(kLocalSource) : Cut(event.source, kMaxSourceBytes);
  std::string type(kTypePrefix);
  type.append(Name(event.type)).append(kTypeSuffix);
  return Dump({{"specversion", "1.0"},
               {"id", event.id},
               {"source", source},
               {"type", type},
               {"subject", "camera/" + camera},
               {"time", FormatTime(event.time)},
               {"datacontenttype", "application/json"},
               {"data", std::move(data)}});
}

Result<ChangeEvent> DecodeEvent(std::string_view text) {
  const Result<Json> json = Parse(text, "event: ");
  if (!json) return Failure(json.error());
  Reader reader;
  ChangeEvent event;
  if (reader.Text(*json, "specversion", true, kMaxNameBytes) != "1.0") {
    reader.Complain("'specversion' is not 1.0");
  }
  event.id = reader.Ulid(*json, "id");
  event.source = reader.Text(*json, "source", true, kMaxSourceBytes);
  if (event.source.empty()) reader.Complain("'source' is empty");
  if (event.source == kLocalSource) event.source.clear();
  event.type = ReadType(&reader, *json);
  event.time = reader.Time(*json, "time");
  const Json* const data = reader.Object(*json, "data", true);
  if (data == nullptr) return reader.failure("event: ");

  event.seq = static_cast<std::uint64_t>(reader.Count(*data, "seq").value_or(0));
  event.camera = reader.Text(*data, "camera", true, kMaxNameBytes);
  if (event.camera.empty()) reader.Complain("'camera' is empty");
  if (const std::string subject = reader.Text(*json, "subject", false, kMaxSourceBytes);
      !subject.empty() && subject != "camera/" + event.camera) {
    reader.Complain("'subject' names another camera than 'camera'");
  }
  event.severity = reader.Word(*data, "severity", false, event.severity, ParseSeverity);
  event.state = reader.Word(*data, "state", true, event.state, ParseEventState);
  event.kind = reader.Word(*data, "kind", true, event.kind, ParseChangeKind);
  event.caption = reader.Text(*data, "caption", false, kMaxCaptionBytes);
  event.caption_status =
      reader.Word(*data, "caption_status", true, event.caption_status, ParseCaptionStatus);
  event.confidence = reader.Real(*data, "confidence", 0, 1);
  ReadLists(&reader, *data, &event);
  event.reference = reader.MomentAt(*data, "reference");
  event.current = reader.MomentAt(*data, "current");
  if (const Json* why = reader.Object(*data, "why", false)) {
    event.why = {
        .aligned_px = reader.Real(*why, "aligned_px", -kMaxNumber, kMaxNumber),
        .illumination_delta = reader.Real(*why, "illumination_delta", -kMaxNumber, kMaxNumber),
        .changed_ratio = reader.Real(*why, "changed_ratio", 0, kMaxNumber),
        .settled_s = reader.Real(*why, "settled_s", 0, kMaxNumber),
        .score = reader.Real(*why, "score", -kMaxNumber, kMaxNumber)};
  }
  event.model = reader.Model(*data);
  if (const Json* latency = reader.Object(*data, "latency_ms", false)) {
    event.latency = {.select_ms = reader.Real(*latency, "select", 0, kMaxNumber),
                     .caption_ms = reader.Real(*latency, "caption", 0, kMaxNumber),
                     .store_ms = reader.Real(*latency, "store", 0, kMaxNumber)};
  }
  if (!reader.ok()) return reader.failure("event: ");
  return event;
}

std::string EncodeCaption(const CaptionUpdate& update) {
  Json json = {{"id", update.id},
               {"caption_status", Name(update.status)},
               {"caption", Cut(update.caption, kMaxCaptionBytes)},
               {"confidence", Fraction(update.confidence)}};
  if (update.kind) json["kind"] = Name(*update.kind);
  if (!update.model.name.empty()) json["model"] = ModelJson(update.model);
  json["caption_ms"] = Positive(update.caption_ms, 1);
  return Dump(json);
}

Result<CaptionUpdate> DecodeCaption(std::string_view text) {
  const Result<Json> json = Parse(text, "caption: ");
  if (!json) return Failure(json.error());
  Reader reader;
  CaptionUpdate update;
  update.id = reader.Ulid(*json, "id");
  update.status = reader.Word(*json, "caption_status", true, update.status, ParseCaptionStatus);
  update.caption = reader.Text(*json, "caption", false, kMaxCaptionBytes);
  update.confidence = reader.Real(*json, "confidence", 0, 1);
  if (json->contains("kind")) {
    update.kind = reader.Word(*json, "kind", true, ChangeKind::kOther, ParseChangeKind);
  }
  update.model = reader.Model(*json);
  update.caption_ms = reader.Real(*json, "caption_ms", 0, kMaxNumber);
  if (!reader.ok()) return reader.failure("caption: ");
  return update;
}

std::string EncodeAcknowledgement(const Acknowledgement& acknowledgement) {
  return Dump({{"id", acknowledgement.id},
               {"seq", acknowledgement.seq},
               {"status", Name(acknowledgement.verdict)},
               {"message", Cut(acknowledgement.message, kMaxMessageBytes)}});
}

Result<Acknowledgement> DecodeAcknowledgement(std::string_view text) {
  const Result<Json> json = Parse(text, "acknowledgement: ");
  if (!json) return Failure(json.error());
  Reader reader;
  Acknowledgement answer;
  answer.id = reader.Text(*json, "id", true, kMaxNameBytes);
  answer.seq = static_cast<std::uint64_t>(reader.Count(*json, "seq").value_or(0));
  answer.verdict = reader.Word(*json, "status", true, answer.verdict, ParseVerdict);
  answer.message = reader.Text(*json, "message", false, kMaxMessageBytes);
  if (!reader.ok()) return reader.failure("acknowledgement: ");
  return answer;
}

}  // namespace stillwatch::bus
