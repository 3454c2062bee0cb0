#include "storage/store/event_store.h"

#include <algorithm>
#include <cerrno>
#include <set>
#include <utility>

#include <SQLiteCpp/SQLiteCpp.h>
#include <sys/stat.h>

#include "storage/store/durable_file.h"
#include "storage/store/event_merge.h"
#include "storage/store/event_rows.h"
#include "storage/store/open_database.h"
#include "storage/store/picture_folder.h"
#include "storage/store/search_words.h"
#include "storage/store/sha256.h"
#include "storage/store/store_check.h"
#include "storage/store/store_prune.h"

namespace stillwatch::store {
namespace {

using Clock = std::chrono::steady_clock;

double MsSince(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

// A delivery with what is found out about it before the transaction.
struct Prepared {
  std::string reference_picture{};
  std::string current_picture{};
  Status status{};  // Not OK: left out of the transaction.
};

std::optional<MessageRow> First(std::vector<MessageRow> rows) {
  if (rows.empty()) return std::nullopt;
  return std::move(rows.front());
}

Status CheckPicture(std::string_view jpeg, const char* role) {
  if (jpeg.empty()) return {};
  if (jpeg.size() > kMaxPictureBytes) {
    return InvalidArgument(std::string(role) + " picture is longer than 16 MiB");
  }
  // Served to browsers as image/jpeg: nothing else gets in.
  if (!jpeg.starts_with("\xFF\xD8\xFF")) {
    return InvalidArgument(std::string(role) + " picture is no JPEG");
  }
  return {};
}

}  // namespace

struct EventStore::Impl {
  StorePaths paths{};
  DatabasePtr database{};
  PictureFolder pictures{{}};
  std::string source{};
  ino_t inode = 0;  // Of the database file when it was opened.
  dev_t device = 0;

  Status CheckStillThere() const;
  bool PictureKnown(const std::string& sha256) const;
  std::optional<MessageRow> FindEvent(std::string_view id) const;
  std::optional<MessageRow> FindMessage(const std::string& identity) const;
  std::optional<MessageRow> FindKnown(const ChangeEvent& event) const;

  Status WritePictures(std::span<const Delivery> deliveries, std::vector<Prepared>* prepared) const;
  Result<Appended> Apply(const Delivery& delivery, const Prepared& prepared,
                         Clock::time_point start) const;
  Appended Insert(MessageRow row, bool is_new) const;
  Result<std::vector<ChangeEvent>> ReadAll(SQLite::Statement* rows) const;
};

// A file removed or replaced under us would take commits that nobody can find again.
Status EventStore::Impl::CheckStillThere() const {
  struct stat about {};
  if (::stat(paths.database.c_str(), &about) == 0 && about.st_ino == inode &&
      about.st_dev == device) {
    return {};
  }
  return Unavailable("the event store " + paths.database.string() +
                     " was removed or replaced while it was open; put it back or restart");
}

bool EventStore::Impl::PictureKnown(const std::string& sha256) const {
  SQLite::Statement find(*database, "SELECT 1 FROM pictures WHERE sha256 = ?");
  find.bind(1, sha256);
  return find.executeStep();
}

std::optional<MessageRow> EventStore::Impl::FindEvent(std::string_view id) const {
  SQLite::Statement find(*database, std::string("SELECT ") + kMessageColumns +
                                        " FROM events e JOIN messages m ON m.seq = e.seq"
                                        " WHERE e.id = ?");
  find.bind(1, std::string(id));
  return First(ReadMessages(database.get(), &find));
}

std::optional<MessageRow> EventStore::Impl::FindMessage(const std::string& identity) const {
  SQLite::Statement find(*database, std::string("SELECT ") + kMessageColumns +
                                        " FROM messages m JOIN events e ON e.number = m.event"
                                        " WHERE m.identity = ?");
  find.bind(1, identity);
  return First(ReadMessages(database.get(), &find));
}

// The message that a camera's message repeats, if it was here before.
std::optional<MessageRow> EventStore::Impl::FindKnown(const ChangeEvent& event) const {
  std::optional<MessageRow> known = FindMessage(IdentityOf(event));
  // An event whose first message was another one is detected all the same.
  if (!known && event.type == EventType::kChangeDetected) known = FindEvent(event.id);
  return known;
}

Status EventStore::Impl::WritePictures(std::span<const Delivery> deliveries,
                                       std::vector<Prepared>* prepared) const {
  std::vector<PictureFolder::Picture> missing;
  std::set<std::string> listed;
  for (std::size_t i = 0; i < deliveries.size(); ++i) {
    Prepared& item = (*prepared)[i];
    const auto* event = std::get_if<ChangeEvent>(&deliveries[i].message);
    if (!item.status.ok() || event == nullptr) continue;
    // Neither a repeated message nor one that closes an event brings pictures to keep.
    if (FindKnown(*event) || (IsClosing(event->type) && FindEvent(event->id))) continue;
    const auto take = [&](std::string_view jpeg, std::string* name) {
      if (jpeg.empty()) return true;
      *name = Sha256Hex(jpeg);
      if (!PictureKnown(*name) && listed.insert(*name).second) {
        missing.push_back({*name, FormatTime(event->time).substr(0, 10), jpeg});
      }
      return !name->empty();
    };
    if (!take(deliveries[i].reference_jpeg, &item.reference_picture) ||
        !take(deliveries[i].current_jpeg, &item.current_picture)) {
      return ResourceExhausted("no memory for a picture's SHA-256");
    }
  }
  if (Status written = pictures.Write(missing); !written.ok()) return written;
  for (const PictureFolder::Picture& picture : missing) {
    SQLite::Statement insert(*database,
                             "INSERT INTO pictures (sha256, day, bytes) VALUES (?, ?, ?)");
    insert.bind(1, picture.sha256);
    insert.bind(2, picture.day);
    insert.bind(3, static_cast<std::int64_t>(picture.jpeg.size()));
    insert.exec();
  }
  return {};
}

Result<Appended> EventStore::Impl::Apply(const Delivery& delivery, const Prepared& prepared,
                                         Clock::time_point start) const {
  if (const auto* update = std::get_if<CaptionUpdate>(&delivery.message)) {
    std::optional<MessageRow> known = FindEvent(update->id);
    if (!known) return NotFound("no event " + update->id + " in the store");
    if (Says(known->event, *update)) {
      return Appended{.seq = known->event.seq, .already_known = true, .event = known->event};
    }
    known->identity = "caption|" + update->id + "|" + std::to_string(known->event.seq);
    known->event = Merge(known->event, *update);
    return Insert(*std::move(known), /*is_new=*/false);
  }
  const auto& event = std::get<ChangeEvent>(delivery.message);
  if (const auto known = FindKnown(event)) {
    return Appended{.seq = known->event.seq, .already_known = true, .event = known->event};
  }
  MessageRow row{.event = event,
                 .identity = IdentityOf(event),
                 .reference_picture = prepared.reference_picture,
                 .current_picture = prepared.current_picture};
  const std::optional<MessageRow> known = FindEvent(event.id);
  if (known) {
    if (!event.source.empty() && event.source != known->event.source) {
      return InvalidArgument("event " + event.id + " is known from source " + known->event.source);
    }
    if (event.camera != known->event.camera) {
      return InvalidArgument("event " + event.id + " is known from camera " + known->event.camera);
    }
    row.event = Merge(known->event, event);
    row.event_number = known->event_number;
    if (row.reference_picture.empty()) row.reference_picture = known->reference_picture;
    if (row.current_picture.empty()) row.current_picture = known->current_picture;
  } else if (row.event.source.empty()) {
    row.event.source = source;
  }
  // Until just before the commit: the time of the commit itself cannot be in the commit.
  row.event.latency.store_ms = MsSince(start);
  return Insert(std::move(row), !known);
}

Appended EventStore::Impl::Insert(MessageRow row, bool is_new) const {
  ChangeEvent& event = row.event;
  if (is_new) {
    SQLite::Statement insert(*database,
                             "INSERT INTO events (id, source, seq, opened_ns, changed_ns, camera, "
                             "kind, state, caption_status) VALUES (?, ?, 0, ?, 0, ?, '', '', '')");
    insert.bind(1, event.id);
    insert.bind(2, event.source);
    insert.bind(3, Nanoseconds(event.time));
    insert.bind(4, event.camera);
    insert.exec();
    row.event_number = database->getLastInsertRowid();
  }
  event.seq = InsertMessage(database.get(), row);
  SQLite::Statement update(*database,
                           "UPDATE events SET seq = ?, changed_ns = ?, kind = ?, state = ?, "
                           "caption_status = ? WHERE number = ?");
  update.bind(1, static_cast<std::int64_t>(event.seq));
  update.bind(2, Nanoseconds(event.time));
  update.bind(3, std::string(Name(event.kind)));
  update.bind(4, std::string(Name(event.state)));
  update.bind(5, std::string(Name(event.caption_status)));
  update.bind(6, row.event_number);
  update.exec();

  SQLite::Statement text(*database,
                         "INSERT OR REPLACE INTO events_text (rowid, caption, kind, camera, zones) "
                         "VALUES (?, ?, ?, ?, ?)");
  std::string zones;
  for (const std::string& zone : event.zones) zones += zone + " ";
  text.bind(1, row.event_number);
  text.bind(2, event.caption);
  text.bind(3, std::string(Name(event.kind)));
  text.bind(4, event.camera);
  text.bind(5, zones);
  text.exec();
  return {.seq = event.seq, .already_known = false, .event = std::move(event)};
}

Result<std::vector<ChangeEvent>> EventStore::Impl::ReadAll(SQLite::Statement* rows) const {
  std::vector<ChangeEvent> events;
  for (MessageRow& row : ReadMessages(database.get(), rows)) {
    events.push_back(std::move(row.event));
  }
  return events;
}

EventStore::EventStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
EventStore::EventStore(EventStore&&) noexcept = default;
EventStore& EventStore::operator=(EventStore&&) noexcept = default;
EventStore::~EventStore() = default;

const std::string& EventStore::source() const { return impl_->source; }

Result<EventStore> EventStore::Open(const std::filesystem::path& path, OpenMode mode,
                                    std::chrono::milliseconds busy_timeout) {
  auto impl = std::make_unique<Impl>();
  impl->paths = PathsOf(path);
  Result<DatabasePtr> database = OpenDatabase(impl->paths, mode, busy_timeout);
  if (!database) return Failure(database.error());
  impl->database = std::move(*database);
  impl->pictures = PictureFolder(impl->paths.pictures);
  struct stat about {};
  if (::stat(impl->paths.database.c_str(), &about) != 0) {
    return Failure(ErrnoStatus(errno, "look at", impl->paths.database));
  }
  impl->inode = about.st_ino;
  impl->device = about.st_dev;
  const Status named = Guarded("reading the installation's name", [&]() -> Status {
    impl->source = "urn:stillwatch:" + impl->database
                                           ->execAndGet(
                                               "SELECT value FROM meta WHERE key = "
                                               "'installation'")
                                           .getString();
    return {};
  });
  if (!named.ok()) return Failure(named);
  return EventStore(std::move(impl));
}

std::vector<Result<Appended>> EventStore::AppendBatch(std::span<const Delivery> deliveries) {
  const Clock::time_point start = Clock::now();
  std::vector<Prepared> prepared(deliveries.size());
  for (std::size_t i = 0; i < deliveries.size(); ++i) {
    Status& status = prepared[i].status;
    if (const auto* event = std::get_if<ChangeEvent>(&deliveries[i].message)) {
      status = CheckEvent(*event);
      if (status.ok()) status = CheckPicture(deliveries[i].reference_jpeg, "reference");
      if (status.ok()) status = CheckPicture(deliveries[i].current_jpeg, "current");
    } else {
      status = CheckCaption(std::get<CaptionUpdate>(deliveries[i].message));
    }
  }
  std::vector<Result<Appended>> answers;
  const std::string what = "writing to " + impl_->paths.database.string();
  const Status committed = Guarded(what, impl_->database.get(), [&]() -> Status {
    if (Status there = impl_->CheckStillThere(); !there.ok()) return there;
    // The lock is held while pictures are written: nobody may remove what is about to be listed.
    SQLite::Transaction transaction(*impl_->database, SQLite::TransactionBehavior::IMMEDIATE);
    if (Status written = impl_->WritePictures(deliveries, &prepared); !written.ok()) return written;
    for (std::size_t i = 0; i < deliveries.size(); ++i) {
      if (prepared[i].status.ok()) {
        answers.push_back(impl_->Apply(deliveries[i], prepared[i], start));
      } else {
        answers.emplace_back(Failure(prepared[i].status));
      }
    }
    transaction.commit();
    return {};
  });
  if (!committed.ok()) {
    answers.clear();
    for (const Prepared& item : prepared) {
      answers.emplace_back(Failure(item.status.ok() ? committed : item.status));
    }
  }
  return answers;
}

Result<Appended> EventStore::Append(const ChangeEvent& event, std::string_view reference_jpeg,
                                    std::string_view current_jpeg) {
  const Delivery delivery{
      .message = event, .reference_jpeg = reference_jpeg, .current_jpeg = current_jpeg};
  return AppendBatch({&delivery, 1}).front();
}

Result<Appended> EventStore::UpdateCaption(const CaptionUpdate& update) {
  const Delivery delivery{.message = update};
  return AppendBatch({&delivery, 1}).front();
}

Result<std::vector<ChangeEvent>> EventStore::Query(const EventQuery& query) const {
  if (query.limit < 1 || query.limit > kMaxQueryLimit) {
    return InvalidArgument("limit " + std::to_string(query.limit) + " is not within 1 to " +
                           std::to_string(kMaxQueryLimit));
  }
  const std::string words = MatchExpression(query.words);
  const bool has_words =
      std::any_of(query.words.begin(), query.words.end(), [](char c) { return c != ' '; });
  if (has_words && words.empty()) return std::vector<ChangeEvent>{};  // "?!" occurs nowhere.

  // The newest are found first and read then: sorting ten thousand whole rows costs 20 ms.
  std::string sql = std::string("SELECT ") + kMessageColumns +
                    " FROM (SELECT e.number, e.seq, e.id, e.source, e.camera, e.changed_ns"
                    " FROM events e WHERE 1";
  std::vector<std::string> values;
  const auto restrict = [&](const std::string& condition, std::string value) {
    sql += " AND " + condition;
    values.push_back(std::move(value));
  };
  if (!words.empty()) {
    restrict("e.number IN (SELECT rowid FROM events_text WHERE events_text MATCH ?)", words);
  }
  if (!query.camera.empty()) restrict("e.camera = ?", query.camera);
  if (query.kind) restrict("e.kind = ?", std::string(Name(*query.kind)));
  if (query.state) restrict("e.state = ?", std::string(Name(*query.state)));
  if (query.caption_status) {
    restrict("e.caption_status = ?", std::string(Name(*query.caption_status)));
  }
  if (!query.zone.empty()) {
    restrict("EXISTS (SELECT 1 FROM zones z WHERE z.seq = e.seq AND z.zone = ?)", query.zone);
  }
  // Numbers are ours, not the user's text.
  const std::string since = std::to_string(Nanoseconds(query.since.value_or(TimePoint::min())));
  const std::string until = std::to_string(Nanoseconds(query.until.value_or(TimePoint::max())));
  if (query.since || query.until) {
    sql += " AND ((e.opened_ns >= " + since + " AND e.opened_ns < " + until +
           ") OR (e.changed_ns >= " + since + " AND e.changed_ns < " + until + "))";
  }
  sql += " ORDER BY e.changed_ns DESC, e.number DESC LIMIT " + std::to_string(query.limit) +
         ") e JOIN messages m ON m.seq = e.seq ORDER BY e.changed_ns DESC, e.number DESC";
  return Guarded("searching " + impl_->paths.database.string(),
                 [&]() -> Result<std::vector<ChangeEvent>> {
                   SQLite::Statement rows(*impl_->database, sql);
                   for (std::size_t i = 0; i < values.size(); ++i) {
                     rows.bind(static_cast<int>(i) + 1, values[i]);
                   }
                   return impl_->ReadAll(&rows);
                 });
}

Result<ChangeEvent> EventStore::Get(std::string_view id) const {
  return Guarded("reading " + impl_->paths.database.string(), [&]() -> Result<ChangeEvent> {
    std::optional<MessageRow> row = impl_->FindEvent(id);
    if (!row) return NotFound("no event " + std::string(id) + " in the store");
    return std::move(row->event);
  });
}

Result<std::string> EventStore::ReadPicture(std::string_view id, PictureRole role) const {
  PictureFolder::Picture picture;
  const std::string what = "reading " + impl_->paths.database.string();
  const Status found = Guarded(what, [&]() -> Status {
    const std::optional<MessageRow> row = impl_->FindEvent(id);
    if (!row) return NotFound("no event " + std::string(id) + " in the store");
    picture.sha256 =
        role == PictureRole::kReference ? row->reference_picture : row->current_picture;
    SQLite::Statement find(*impl_->database, "SELECT day FROM pictures WHERE sha256 = ?");
    find.bind(1, picture.sha256);
    if (!find.executeStep()) return NotFound("event " + std::string(id) + " has no such picture");
    picture.day = find.getColumn(0).getString();
    return {};
  });
  if (!found.ok()) return Failure(found);
  return impl_->pictures.Read(picture.day, picture.sha256);
}

Result<std::vector<ChangeEvent>> EventStore::ReplaySince(std::uint64_t seq, int limit) const {
  if (limit < 1 || limit > kMaxQueryLimit) return InvalidArgument("limit is out of range");
  return Guarded("reading " + impl_->paths.database.string(),
                 [&]() -> Result<std::vector<ChangeEvent>> {
                   SQLite::Statement rows(*impl_->database,
                                          std::string("SELECT ") + kMessageColumns +
                                              " FROM messages m JOIN events e ON e.number = m.event"
                                              " WHERE m.seq > ? ORDER BY m.seq LIMIT ?");
                   const std::uint64_t top = INT64_MAX;
                   rows.bind(1, static_cast<std::int64_t>(std::min(seq, top)));
                   rows.bind(2, limit);
                   return impl_->ReadAll(&rows);
                 });
}

Result<std::uint64_t> EventStore::LastSeq() const {
  return Guarded("reading " + impl_->paths.database.string(), [&]() -> Result<std::uint64_t> {
    return static_cast<std::uint64_t>(
        impl_->database->execAndGet("SELECT ifnull(max(seq), 0) FROM messages").getInt64());
  });
}

Result<CheckReport> EventStore::Check() const {
  return CheckOpened(impl_->database.get(), impl_->pictures);
}

Result<PruneReport> EventStore::Prune(const PrunePolicy& policy, TimePoint now) {
  if (Status there = impl_->CheckStillThere(); !there.ok()) return Failure(there);
  return PruneOpened(impl_->database.get(), impl_->pictures, policy, now);
}

Result<CheckReport> CheckStore(const std::filesystem::path& path) {
  const Result<EventStore> opened = EventStore::Open(path, OpenMode::kRead);
  if (opened) return opened->Check();
  if (opened.error().code() != StatusCode::kDataLoss) return Failure(opened.error());
  CheckReport report;
  report.problems.push_back(opened.error().message());
  return report;
}

}  // namespace stillwatch::store
