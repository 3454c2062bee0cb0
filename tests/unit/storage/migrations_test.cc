#include "storage/store/migrations.h"

#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>

namespace stillwatch::store {
namespace {

int Version(SQLite::Database* database) {
  return database->execAndGet("PRAGMA user_version").getInt();
}

TEST(MigrationsTest, AreNumberedFromOneWithoutHoles) {
  ASSERT_FALSE(Migrations().empty());
  for (std::size_t i = 0; i < Migrations().size(); ++i) {
    EXPECT_EQ(Migrations()[i].version, static_cast<int>(i) + 1) << Migrations()[i].name;
  }
}

// Every later version begins at a database of version 1 that has rows.
TEST(MigrationsTest, ADatabaseOfVersion1WithRowsReachesTheNewest) {
  SQLite::Database database(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  ASSERT_TRUE(Migrate(&database, Migrations().first(1)).ok());
  ASSERT_EQ(Version(&database), 1);
  database.exec(
      "INSERT INTO events VALUES (1, '01KDV0Q4Y00000000000000000', 'urn:stillwatch:x', 1, 5, 5, "
      "'dock_door', 'added', 'open', 'ready')");
  const std::vector<Migration> more = [] {
    std::vector<Migration> all(Migrations().begin(), Migrations().end());
    all.push_back({.version = static_cast<int>(all.size()) + 1,
                   .name = "next",
                   .sql = "ALTER TABLE events ADD COLUMN note TEXT; UPDATE events SET note = 'x'"});
    return all;
  }();
  const Status migrated = Migrate(&database, more);
  ASSERT_TRUE(migrated.ok()) << migrated.message();
  EXPECT_EQ(Version(&database), static_cast<int>(more.size()));
  EXPECT_EQ(database.execAndGet("SELECT camera || note FROM events").getString(), "dock_doorx");
  EXPECT_TRUE(Migrate(&database, more).ok());  // Nothing left to do.
}

TEST(MigrationsTest, OneThatFailsLeavesTheVersionBeforeIt) {
  SQLite::Database database(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  const Migration kBroken[] = {
      {.version = 1, .name = "good", .sql = "CREATE TABLE a (x)"},
      {.version = 2, .name = "bad", .sql = "CREATE TABLE b (x); INSERT INTO nowhere VALUES (1)"}};
  const Status migrated = Migrate(&database, kBroken);
  ASSERT_FALSE(migrated.ok());
  EXPECT_NE(migrated.message().find("migration bad"), std::string::npos) << migrated.message();
  EXPECT_EQ(Version(&database), 1);
  EXPECT_TRUE(database.tableExists("a"));
  EXPECT_FALSE(database.tableExists("b"));
}

TEST(MigrationsTest, ANewerDatabaseIsRefused) {
  SQLite::Database database(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  database.exec("PRAGMA user_version = 999");
  const Status migrated = Migrate(&database, Migrations());
  EXPECT_EQ(migrated.code(), StatusCode::kInvalidArgument);
  EXPECT_NE(migrated.message().find("999"), std::string::npos);
  EXPECT_NE(migrated.message().find("Update Stillwatch"), std::string::npos);
}

}  // namespace
}  // namespace stillwatch::store
