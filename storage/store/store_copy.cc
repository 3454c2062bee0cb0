#include "storage/store/store_copy.h"

#include <cerrno>
#include <cstdint>
#include <string>
#include <system_error>
#include <vector>

#include <SQLiteCpp/Backup.h>
#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>
#include <unistd.h>

#include "storage/store/durable_file.h"
#include "storage/store/open_database.h"
#include "storage/store/picture_folder.h"

namespace stillwatch::store {
namespace {

namespace fs = std::filesystem;

// Synced together.
constexpr std::size_t kTogether = 64;

Status CheckNothingThere(const StorePaths& to) {
  std::error_code error;
  for (const fs::path& path : {to.database, to.pictures}) {
    if (fs::exists(fs::symlink_status(path, error))) {
      return InvalidArgument(path.string() + " is there already; give a path where nothing is");
    }
  }
  return {};
}

// Removes a temporary database and what SQLite puts beside it.
class Temporary {
 public:
  explicit Temporary(fs::path path) : path_(std::move(path)) {}
  ~Temporary() {
    for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
      ::unlink((path_.string() + suffix).c_str());
    }
  }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  const fs::path& path() const { return path_; }

 private:
  const fs::path path_;
};

// One moment of the database, by SQLite's backup interface: the writer goes on meanwhile.
Status CopyDatabase(SQLite::Database* from, const fs::path& to) {
  SQLite::Database copy(to.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  SQLite::Backup backup(copy, *from);
  if (backup.executeStep(-1) == SQLITE_DONE) return {};  // Throws but for a lock.
  return Unavailable("the database is locked by another program; try again");
}

Status CopyPictures(const fs::path& database, const PictureFolder& from, const PictureFolder& to,
                    CheckReport* report) {
  SQLite::Database copy(database.string(), SQLite::OPEN_READONLY);
  report->events =
      static_cast<std::uint64_t>(copy.execAndGet("SELECT count(*) FROM events").getInt64());
  report->messages =
      static_cast<std::uint64_t>(copy.execAndGet("SELECT count(*) FROM messages").getInt64());
  SQLite::Statement rows(copy, "SELECT day, sha256 FROM pictures");
  bool more = true;
  while (more) {
    std::vector<std::string> jpegs;
    std::vector<PictureFolder::Picture> pictures;
    while (jpegs.size() < kTogether && (more = rows.executeStep())) {
      const std::string day = rows.getColumn(0).getString();
      const std::string name = rows.getColumn(1).getString();
      Result<std::string> jpeg = from.Read(day, name);
      if (!jpeg) {
        report->problems.push_back(jpeg.error().message());
        continue;
      }
      ++report->pictures;
      report->picture_bytes += jpeg->size();
      jpegs.push_back(*std::move(jpeg));
      pictures.push_back({.sha256 = name, .day = day});
    }
    for (std::size_t i = 0; i < pictures.size(); ++i) pictures[i].jpeg = jpegs[i];
    if (Status written = to.Write(pictures); !written.ok()) return written;
  }
  return {};
}

}  // namespace

Result<CheckReport> CopyStore(const fs::path& from, const fs::path& to) {
  const StorePaths source = PathsOf(from);
  const StorePaths target = PathsOf(to);
  if (Status free = CheckNothingThere(target); !free.ok()) return Failure(free);
  const Result<DatabasePtr> database =
      OpenDatabase(source, OpenMode::kRead, std::chrono::seconds(5));
  if (!database) return Failure(database.error());
  const PictureFolder pictures(target.pictures);
  if (Status made = pictures.Create(); !made.ok()) return Failure(made);

  const fs::path folder = target.database.parent_path();
  const Temporary temporary(folder / (".copy-of-store." + std::to_string(::getpid())));
  CheckReport report;
  Status done = Guarded("copying " + source.database.string(), database->get(), [&]() -> Status {
    if (Status copied = CopyDatabase(database->get(), temporary.path()); !copied.ok()) {
      return copied;
    }
    return CopyPictures(temporary.path(), PictureFolder(source.pictures), pictures, &report);
  });
  if (done.ok()) done = SyncFile(temporary.path());
  if (done.ok() && ::link(temporary.path().c_str(), target.database.c_str()) != 0) {
    done = ErrnoStatus(errno, "create", target.database);
  }
  if (done.ok()) done = SyncFolder(folder);
  if (!done.ok()) {
    return Failure(done.WithContext("no copy was made; remove " + target.pictures.string() +
                                    " before the next try"));
  }
  return report;
}

}  // namespace stillwatch::store
