// EventStore: the record of every change event, its history and its pictures.

#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "pipeline/core/caption_update.h"
#include "pipeline/core/event.h"
#include "pipeline/core/status.h"

namespace stillwatch::store {

enum class OpenMode : std::uint8_t {
  kRead,    // Queries only.  Any number of readers beside the writer.
  kWrite,   // The store must exist.
  kCreate,  // As kWrite; where there is nothing at all, makes a store.
};

// Words, and what an event must be; empty fields do not restrict.
struct EventQuery {
  std::string words{};   // As a person types them; every one must occur.  "bottle" finds "bottles".
  std::string camera{};  // Exact.
  std::optional<ChangeKind> kind{};
  std::string zone{};  // Exact.
  std::optional<EventState> state{};
  std::optional<CaptionStatus> caption_status{};
  // Of the event's opening or of its latest message: since <= time < until.
  std::optional<TimePoint> since{};
  std::optional<TimePoint> until{};
  int limit = 100;  // 1 to kMaxQueryLimit.
};
inline constexpr int kMaxQueryLimit = 100'000;

struct Appended {
  std::uint64_t seq = 0;
  bool already_known = false;  // Delivered before; nothing was written.
  ChangeEvent event{};         // What the store says now, with seq and source: to be published.
};

// One message for the store: of a camera (with pictures, JPEG) or of the captioner.
struct Delivery {
  std::variant<ChangeEvent, CaptionUpdate> message{};
  std::string_view reference_jpeg{};  // Empty: no picture is kept.
  std::string_view current_jpeg{};
};

enum class PictureRole : std::uint8_t { kReference, kCurrent };

// What Check found.  Problems name the thing; notes are harmless (left by a kill, cleaned later).
struct CheckReport {
  std::vector<std::string> problems{};
  std::vector<std::string> notes{};
  std::uint64_t events = 0;
  std::uint64_t messages = 0;
  std::uint64_t pictures = 0;
  std::uint64_t picture_bytes = 0;
};

// How long to keep what.  Open events are kept, however old.
struct PrunePolicy {
  std::optional<std::chrono::nanoseconds> events{};    // Since their last message.
  std::optional<std::chrono::nanoseconds> pictures{};  // The same; the event stays.
  std::optional<std::uint64_t> max_picture_bytes{};    // The oldest go first.
};

struct PruneReport {
  std::uint64_t events = 0;
  std::uint64_t pictures = 0;
  std::uint64_t picture_bytes = 0;
  std::vector<std::string> quarantined{};  // Files that nobody owned, by their old path.
};

// Keeps events in an SQLite database and pictures as files beside it; storage/README.md has the
// layout and the rules by which messages of one event become one row.
//
// What Append has returned is on disk: pictures are written and fsynced first, then the row is
// committed with synchronous=FULL.  Fails closed: a database that is missing, empty, foreign,
// newer or broken, or a picture folder that is gone, is an error and never a reason to create,
// overwrite or delete anything.
//
// Memory is bounded by the limit of a query.  Not thread-safe: one EventStore belongs to one
// thread.  Open another one, even on the same path, for another thread.
class EventStore {
 public:
  // `path` is a folder (events.db and pictures/ in it), or the database file itself if it ends in
  // .db, .sqlite or .sqlite3 or is a file; its pictures are in "<path>.pictures" then.
  // kUnavailable: nothing there, or not to be opened now.  kInvalidArgument: not a store of ours,
  // or of a newer version.  kDataLoss: empty or damaged.  `busy_timeout`: how long to wait for
  // another process's commit, which takes milliseconds; the default is a guess.
  [[nodiscard]] static Result<EventStore> Open(
      const std::filesystem::path& path, OpenMode mode,
      std::chrono::milliseconds busy_timeout = std::chrono::seconds(5));

  EventStore(EventStore&&) noexcept;
  EventStore& operator=(EventStore&&) noexcept;
  ~EventStore();

  // "urn:stillwatch:<installation>": made once with the store, the source of its events.
  const std::string& source() const;

  // Takes one message of a camera.  Delivered again, it gives the same seq and writes nothing.
  // kInvalidArgument: the event can never be stored as it is.  kResourceExhausted: disk full;
  // kUnavailable: locked, read-only or gone; try again later.  Nothing is half-written.
  [[nodiscard]] Result<Appended> Append(const ChangeEvent& event, std::string_view reference_jpeg,
                                        std::string_view current_jpeg);
  // Adds what the model says.  kNotFound: there is no such event.
  [[nodiscard]] Result<Appended> UpdateCaption(const CaptionUpdate& update);
  // Several messages in one commit, an answer for each, in order.  Ten times as fast as one by one
  // (storage/README.md).
  [[nodiscard]] std::vector<Result<Appended>> AppendBatch(std::span<const Delivery> deliveries);

  // Newest first.  Nothing found is an empty list; an error means that it could not look.
  [[nodiscard]] Result<std::vector<ChangeEvent>> Query(const EventQuery& query) const;
  // kNotFound: no such event.
  [[nodiscard]] Result<ChangeEvent> Get(std::string_view id) const;
  // The JPEG.  kNotFound: no such event, or it has no such picture.  kDataLoss: the file is
  // missing, or is not what was stored.
  [[nodiscard]] Result<std::string> ReadPicture(std::string_view id, PictureRole role) const;
  // Messages with seq > `seq`, oldest first, at most `limit`.
  [[nodiscard]] Result<std::vector<ChangeEvent>> ReplaySince(std::uint64_t seq, int limit) const;
  // The highest seq; 0 for a new store.
  [[nodiscard]] Result<std::uint64_t> LastSeq() const;

  // Reads every page and every picture: minutes on a large store.  An error means that it could
  // not look.  A database too damaged to open: see CheckStore.
  [[nodiscard]] Result<CheckReport> Check() const;

  // Forgets what is older than the policy allows and deletes those pictures; files that no event
  // owns are moved to pictures/quarantine/.  kDataLoss from a database that is not healthy, and
  // nothing is touched then.  May run beside the recorder.
  [[nodiscard]] Result<PruneReport> Prune(const PrunePolicy& policy, TimePoint now);

 private:
  struct Impl;
  explicit EventStore(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Opens and checks; damage that keeps the store from opening is a problem in the report.
[[nodiscard]] Result<CheckReport> CheckStore(const std::filesystem::path& path);

}  // namespace stillwatch::store
