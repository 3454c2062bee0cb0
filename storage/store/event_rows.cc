#include "storage/store/event_rows.h"

#include <optional>
#include <string_view>

#include <SQLiteCpp/SQLiteCpp.h>

namespace stillwatch::store {
namespace {

// A word that this version does not know can only come from damage: enums are CHECKed on the way
// in.  Becomes kDataLoss in StatusOfException.
template <typename Enum>
Enum Word(const std::string& name, std::optional<Enum> (*parse)(std::string_view)) {
  const std::optional<Enum> value = parse(name);
  if (!value) throw SQLite::Exception("unknown word '" + name + "' in a row", 11 /* CORRUPT */);
  return *value;
}

// Reads columns one after another.
class Columns {
 public:
  explicit Columns(SQLite::Statement* row) : row_(row) {}
  std::string Text() { return row_->getColumn(at_++).getString(); }
  std::int64_t Integer() { return row_->getColumn(at_++).getInt64(); }
  double Real() { return row_->getColumn(at_++).getDouble(); }
  TimePoint Time() { return TimePoint(std::chrono::nanoseconds(Integer())); }
  std::optional<std::int64_t> MaybeInteger() {
    const SQLite::Column column = row_->getColumn(at_++);
    if (column.isNull()) return std::nullopt;
    return column.getInt64();
  }
  Moment At() {
    Moment moment;
    moment.time = Time();
    moment.frame = MaybeInteger();
    if (const auto pts = MaybeInteger()) moment.pts = std::chrono::nanoseconds(*pts);
    return moment;
  }

 private:
  SQLite::Statement* const row_;
  int at_ = 0;
};

// Binds parameters one after another.
class Parameters {
 public:
  explicit Parameters(SQLite::Statement* statement) : statement_(statement) {}
  void Text(std::string_view text) { statement_->bind(++at_, std::string(text)); }
  void Integer(std::int64_t value) { statement_->bind(++at_, value); }
  void Real(double value) { statement_->bind(++at_, value); }
  void MaybeInteger(std::optional<std::int64_t> value) {
    value ? statement_->bind(++at_, *value) : statement_->bind(++at_);
  }
  void MaybeText(const std::string& text) {
    text.empty() ? statement_->bind(++at_) : statement_->bind(++at_, text);
  }
  void At(const Moment& moment, const std::string& picture) {
    Integer(Nanoseconds(moment.time));
    MaybeInteger(moment.frame);
    MaybeInteger(moment.pts ? std::optional(std::int64_t{moment.pts->count()}) : std::nullopt);
    MaybeText(picture);
  }

 private:
  SQLite::Statement* const statement_;
  int at_ = 0;
};

// The columns of kMessageColumns.
MessageRow ReadColumns(SQLite::Statement* row) {
  Columns columns(row);
  MessageRow message;
  ChangeEvent& event = message.event;
  const std::int64_t seq = columns.Integer();
  event.seq = static_cast<std::uint64_t>(seq);
  message.event_number = columns.Integer();
  event.id = columns.Text();
  event.source = columns.Text();
  event.camera = columns.Text();
  event.type = Word(columns.Text(), ParseEventType);
  event.time = columns.Time();
  event.severity = Word(columns.Text(), ParseSeverity);
  event.state = Word(columns.Text(), ParseEventState);
  event.kind = Word(columns.Text(), ParseChangeKind);
  event.caption = columns.Text();
  event.caption_status = Word(columns.Text(), ParseCaptionStatus);
  event.confidence = columns.Real();
  event.reference = columns.At();
  event.current = columns.At();
  event.why.aligned_px = columns.Real();
  event.why.illumination_delta = columns.Real();
  event.why.changed_ratio = columns.Real();
  event.why.settled_s = columns.Real();
  event.why.score = columns.Real();
  event.model.name = columns.Text();
  event.model.fingerprint = columns.Text();
  event.latency.select_ms = columns.Real();
  event.latency.caption_ms = columns.Real();
  event.latency.store_ms = columns.Real();
  message.reference_picture = columns.Text();
  message.current_picture = columns.Text();
  return message;
}

}  // namespace

const char* const kMessageColumns =
    "m.seq, e.number, e.id, e.source, e.camera, m.type, m.time_ns, m.severity, m.state, m.kind, "
    "m.caption, m.caption_status, m.confidence, m.reference_ns, m.reference_frame, "
    "m.reference_pts_ns, m.current_ns, m.current_frame, m.current_pts_ns, m.aligned_px, "
    "m.illumination_delta, m.changed_ratio, m.settled_s, m.score, m.model_name, "
    "m.model_fingerprint, m.select_ms, m.caption_ms, m.store_ms, "
    "ifnull(m.reference_picture, ''), ifnull(m.current_picture, '')";

std::vector<MessageRow> ReadMessages(SQLite::Database* database, SQLite::Statement* rows) {
  SQLite::Statement regions(*database,
                            "SELECT x, y, w, h FROM regions WHERE seq = ? ORDER BY position");
  SQLite::Statement zones(*database, "SELECT zone FROM zones WHERE seq = ? ORDER BY position");
  std::vector<MessageRow> messages;
  while (rows->executeStep()) {
    ChangeEvent& event = messages.emplace_back(ReadColumns(rows)).event;
    const auto seq = static_cast<std::int64_t>(event.seq);
    regions.bind(1, seq);
    while (regions.executeStep()) {
      Columns region(&regions);
      const double x = region.Real(), y = region.Real(), w = region.Real(), h = region.Real();
      event.regions.push_back({.x = x, .y = y, .w = w, .h = h});
    }
    regions.reset();
    zones.bind(1, seq);
    while (zones.executeStep()) event.zones.push_back(zones.getColumn(0).getString());
    zones.reset();
  }
  return messages;
}

std::uint64_t InsertMessage(SQLite::Database* database, const MessageRow& row) {
  const ChangeEvent& event = row.event;
  SQLite::Statement insert(
      *database,
      "INSERT INTO messages (event, identity, type, time_ns, severity, state, kind, caption, "
      "caption_status, confidence, reference_ns, reference_frame, reference_pts_ns, "
      "reference_picture, current_ns, current_frame, current_pts_ns, current_picture, aligned_px, "
      "illumination_delta, changed_ratio, settled_s, score, model_name, model_fingerprint, "
      "select_ms, caption_ms, store_ms) VALUES "
      "(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
  Parameters values(&insert);
  values.Integer(row.event_number);
  values.Text(row.identity);
  values.Text(Name(event.type));
  values.Integer(Nanoseconds(event.time));
  values.Text(Name(event.severity));
  values.Text(Name(event.state));
  values.Text(Name(event.kind));
  values.Text(event.caption);
  values.Text(Name(event.caption_status));
  values.Real(event.confidence);
  values.At(event.reference, row.reference_picture);
  values.At(event.current, row.current_picture);
  values.Real(event.why.aligned_px);
  values.Real(event.why.illumination_delta);
  values.Real(event.why.changed_ratio);
  values.Real(event.why.settled_s);
  values.Real(event.why.score);
  values.Text(event.model.name);
  values.Text(event.model.fingerprint);
  values.Real(event.latency.select_ms);
  values.Real(event.latency.caption_ms);
  values.Real(event.latency.store_ms);
  insert.exec();
  const std::int64_t seq = database->getLastInsertRowid();

  SQLite::Statement region(
      *database, "INSERT INTO regions (seq, position, x, y, w, h) VALUES (?, ?, ?, ?, ?, ?)");
  for (std::size_t i = 0; i < event.regions.size(); ++i) {
    Parameters corner(&region);
    corner.Integer(seq);
    corner.Integer(static_cast<std::int64_t>(i));
    corner.Real(event.regions[i].x);
    corner.Real(event.regions[i].y);
    corner.Real(event.regions[i].w);
    corner.Real(event.regions[i].h);
    region.exec();
    region.reset();
  }
  SQLite::Statement zone(*database, "INSERT INTO zones (seq, position, zone) VALUES (?, ?, ?)");
  for (std::size_t i = 0; i < event.zones.size(); ++i) {
    Parameters name(&zone);
    name.Integer(seq);
    name.Integer(static_cast<std::int64_t>(i));
    name.Text(event.zones[i]);
    zone.exec();
    zone.reset();
  }
  return static_cast<std::uint64_t>(seq);
}

}  // namespace stillwatch::store
