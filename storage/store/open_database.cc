#include "storage/store/open_database.h"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <system_error>

#include <SQLiteCpp/SQLiteCpp.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/store/durable_file.h"
#include "storage/store/migrations.h"
#include "storage/store/picture_folder.h"

namespace stillwatch::store {
namespace {

namespace fs = std::filesystem;

std::uint32_t BigEndian(const unsigned char* at) {
  return static_cast<std::uint32_t>(at[0]) << 24U | static_cast<std::uint32_t>(at[1]) << 16U |
         static_cast<std::uint32_t>(at[2]) << 8U | at[3];
}

// Looks at the file's first bytes before SQLite does: opening a foreign database could already
// change it (SQLite replays a journal it finds).
Status CheckHeader(const fs::path& path) {
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) {
      return Unavailable("no event store at " + path.string() +
                         "; check the path, or record something first (stillwatch scan --store, "
                         "stillwatch record)");
    }
    return ErrnoStatus(errno, "look at", path);
  }
  if (!S_ISREG(about.st_mode)) return InvalidArgument(path.string() + " is no file");
  if (about.st_size == 0) {
    return DataLoss(path.string() +
                    " is empty: its content is lost.  Restore a backup, or move it away to begin "
                    "anew.  Nothing was changed");
  }
  std::array<unsigned char, 100> header{};
  std::FILE* const file = std::fopen(path.c_str(), "rbe");
  if (file == nullptr) return ErrnoStatus(errno, "open", path);
  const std::size_t got = std::fread(header.data(), 1, header.size(), file);
  std::fclose(file);
  if (got < header.size() || std::memcmp(header.data(), "SQLite format 3", 16) != 0) {
    return InvalidArgument(path.string() + " is no SQLite database; nothing was changed");
  }
  // Bytes 68 to 71 hold the application id (sqlite.org/fileformat.html, 1.3).
  if (BigEndian(header.data() + 68) != static_cast<std::uint32_t>(kApplicationId)) {
    return InvalidArgument(path.string() +
                           " is an SQLite database of another program; nothing was changed");
  }
  // Bytes 60 to 63: the schema's version.  One that is still in the WAL is seen after opening.
  return CheckVersion(static_cast<int>(BigEndian(header.data() + 60)), Migrations());
}

// A random UUID (RFC 4122, version 4).
std::string NewInstallation() {
  std::array<unsigned char, 16> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) return {};
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0FU) | 0x40U);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3FU) | 0x80U);
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::array<char, 3> hex{};
    std::snprintf(hex.data(), hex.size(), "%02x", bytes[i]);
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += hex.data();
  }
  return text;
}

// Fills an empty file with a new store's database.
Status FillNew(const std::string& file) {
  const std::string installation = NewInstallation();
  if (installation.empty()) return Unavailable("no random bytes from the system");
  return Guarded("making an event store", [&]() -> Status {
    SQLite::Database database(file, SQLite::OPEN_READWRITE);
    // Nobody knows the file yet: it is synced once, when it is whole.
    database.exec("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY");
    database.exec("PRAGMA application_id = " + std::to_string(kApplicationId));
    if (Status migrated = Migrate(&database, Migrations()); !migrated.ok()) return migrated;
    SQLite::Statement insert(database, "INSERT INTO meta (key, value) VALUES ('installation', ?)");
    insert.bind(1, installation);
    insert.exec();
    database.exec("PRAGMA journal_mode = WAL");  // Kept in the file.
    return {};
  });
}

// Makes the database under another name first: whoever is killed here leaves either no store or a
// whole one.  link() and not rename(): what has appeared at the path meanwhile stays.
Status CreateStore(const StorePaths& paths) {
  if (Status pictures = PictureFolder(paths.pictures).Create(); !pictures.ok()) return pictures;
  const fs::path folder = paths.database.parent_path();
  std::string temporary = (folder / ".new-store.XXXXXX").string();
  const int fd = ::mkstemp(temporary.data());
  if (fd < 0) return ErrnoStatus(errno, "create a file in", folder);
  ::fchmod(fd, 0644);
  ::close(fd);
  Status status = FillNew(temporary);
  if (status.ok()) status = SyncFile(temporary);
  if (status.ok() && ::link(temporary.c_str(), paths.database.c_str()) != 0 && errno != EEXIST) {
    status = ErrnoStatus(errno, "create", paths.database);
  }
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
    ::unlink((temporary + suffix).c_str());
  }
  return status.ok() ? SyncFolder(folder) : status;
}

}  // namespace

StorePaths PathsOf(const fs::path& given) {
  std::error_code error;
  // Absolute: the store stays where it is if the process changes its folder.
  const fs::path path = fs::absolute(given, error).lexically_normal();
  const std::string suffix = path.extension().string();
  const bool file_name = suffix == ".db" || suffix == ".sqlite" || suffix == ".sqlite3";
  if (!fs::is_directory(path, error) && (file_name || fs::exists(path, error))) {
    return {.database = path, .pictures = path.string() + ".pictures"};
  }
  return {.database = path / "events.db", .pictures = path / "pictures"};
}

void CloseDatabase::operator()(SQLite::Database* database) const noexcept { delete database; }

Result<DatabasePtr> OpenDatabase(const StorePaths& paths, OpenMode mode,
                                 std::chrono::milliseconds busy_timeout) {
  std::error_code error;
  if (mode == OpenMode::kCreate && !fs::exists(paths.database, error)) {
    if (Status created = CreateStore(paths); !created.ok()) return Failure(created);
  }
  if (Status header = CheckHeader(paths.database); !header.ok()) return Failure(header);
  return Guarded("opening " + paths.database.string(), [&]() -> Result<DatabasePtr> {
    const bool read = mode == OpenMode::kRead;
    DatabasePtr database(new SQLite::Database(paths.database.string(),
                                              read ? SQLite::OPEN_READONLY : SQLite::OPEN_READWRITE,
                                              static_cast<int>(busy_timeout.count())));
    database->exec("PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF");
    if (!read) {
      database->exec("PRAGMA synchronous = FULL");
      const std::string journal = database->execAndGet("PRAGMA journal_mode = WAL").getString();
      if (journal != "wal") return Unavailable("the file system cannot do SQLite's WAL");
      if (Status migrated = Migrate(database.get(), Migrations()); !migrated.ok()) {
        return Failure(migrated);
      }
    }
    const Result<int> version = SchemaVersion(database.get(), Migrations());
    if (!version) return Failure(version.error());
    if (*version < Migrations().back().version) {
      return Unavailable("the store has version " + std::to_string(*version) + " and needs " +
                         std::to_string(Migrations().back().version) +
                         "; open it for writing once (stillwatch record, or scan --store)");
    }
    return database;
  });
}

}  // namespace stillwatch::store
