// Bad input gets one clear line, the right exit code, and nothing half-written.

#include <sqlite3.h>

#include "tests/e2e/program.h"

namespace stillwatch::e2e {
namespace {

class BadInputTest : public E2eTest {
 protected:
  // The program failed with this code and one line on stderr that names `thing`.
  static void ExpectRefusal(const RunResult& result, int code, const std::string& thing) {
    EXPECT_EQ(result.exit_code, code) << result.out << result.err;
    EXPECT_NE(result.err.find(thing), std::string::npos) << result.err;
    EXPECT_EQ(result.out, "");
  }
};

TEST_F(BadInputTest, VideosThatAreNone) {
  std::filesystem::create_directories(Path("empty_folder"));
  const std::string broken = Write("broken.mp4", std::string("\0\0\0\x18", 4) + "ftypmp42");
  for (const std::string& path :
       {Path("missing.mp4"), Write("empty.mp4", ""), Write("text.mp4", "not a video\n"), broken,
        Path("empty_folder")}) {
    SCOPED_TRACE(path);
    ExpectRefusal(Stillwatch({"scan", path, "--no-caption", "--store", Path("store")}), 3,
                  std::filesystem::path(path).filename().string());
  }
}

TEST_F(BadInputTest, PicturesOfMixedSizesNameTheFirstThatDiffers) {
  std::filesystem::create_directories(Path("mixed"));
  const auto ppm = [](int width, int height) {
    return "P6\n" + std::to_string(width) + " " + std::to_string(height) + "\n255\n" +
           std::string(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3, 'x');
  };
  Write("mixed/1.ppm", ppm(64, 48));
  Write("mixed/2.ppm", ppm(64, 48));
  Write("mixed/3.ppm", ppm(80, 60));
  const RunResult result =
      Stillwatch({"scan", Path("mixed"), "--frame-interval", "1min", "--no-caption"});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_NE(result.err.find("3.ppm"), std::string::npos) << result.err;
  // Without times there is nothing to go by.
  const RunResult timeless = Stillwatch({"scan", Path("mixed"), "--no-caption"});
  EXPECT_NE(timeless.exit_code, 0);
  EXPECT_NE(timeless.err.find("--frame-interval"), std::string::npos) << timeless.err;
}

TEST_F(BadInputTest, ATruncatedVideoGivesItsFramesAndAWarning) {
  // The sample clip's first third: mp4 keeps its index at the end, so what is left has none.
  std::ifstream clip(kSampleClip, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(clip)), {});
  ASSERT_GT(bytes.size(), 1000u);
  bytes.resize(bytes.size() / 3);
  const RunResult result =
      Stillwatch({"scan", Write("cut.mp4", bytes), "--no-caption", "--output", "jsonl"});
  EXPECT_NE(result.err.find("cut.mp4"), std::string::npos) << result.err;
  EXPECT_TRUE(result.exit_code == 0 || result.exit_code == 3) << result.exit_code;
}

TEST_F(BadInputTest, ConfigurationsAreRefusedWithFileLineAndNearestName) {
  const std::string path = Write("bad.yaml",
                                 "cameras:\n"
                                 "  door:\n"
                                 "    source: door.mp4\n"
                                 "    zonse: {}\n");
  const RunResult check = Stillwatch({"config", "check", path});
  EXPECT_EQ(check.exit_code, 2);
  EXPECT_NE(check.out.find("bad.yaml:4:"), std::string::npos) << check.out;
  EXPECT_NE(check.out.find("zones"), std::string::npos) << check.out;
  ExpectRefusal(Stillwatch({"scan", kSampleClip.string(), "--camera", "door", "--config", path}), 2,
                "bad.yaml:4:");
}

TEST_F(BadInputTest, OptionsThatCannotBeMeantAreUsageErrors) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"scan"},
        {"scan", kSampleClip.string(), "--interval", "2"},
        {"scan", kSampleClip.string(), "--interval", "0s"},
        {"scan", kSampleClip.string(), "--interval", "10s", "--settle", "1s", "--no-caption"},
        {"scan", kSampleClip.string(), "--start", "yesterday"},
        {"scan", kSampleClip.string(), "--output", "xml"},
        {"query", "--kind", "vanished"},
        {"query", "--since", "noon"},
        {"caption", "one.jpg"},
        {"frobnicate"},
        {}}) {
    const RunResult result = Stillwatch(arguments);
    EXPECT_EQ(result.exit_code, 2) << (arguments.empty() ? "" : arguments.back()) << result.err;
    EXPECT_NE(result.err, "");
  }
}

TEST_F(BadInputTest, ModelsThatDoNotLoad) {
  const auto scan = [](const std::string& model) {
    return Stillwatch({"scan", kSampleClip.string(), "--model", model, "--output", "jsonl"});
  };
  ExpectRefusal(scan(Path("nowhere")), 3, "nowhere");
  // Weights that were cut off.
  std::filesystem::copy(kSource / "model/weights/nano", Path("cut"));
  std::filesystem::resize_file(Path("cut/model.safetensors"), 100'000);
  ExpectRefusal(scan(Path("cut")), 3, "model.safetensors");
}

TEST_F(BadInputTest, StoresThatAreNotOursOrNewerAreLeftAlone) {
  const std::string text = Write("text.db", "this is not a database, it is a diary\n");
  ExpectRefusal(Stillwatch({"scan", kSampleClip.string(), "--no-caption", "--store", text}), 3,
                "text.db");
  EXPECT_EQ(std::filesystem::file_size(text), 38u);
  ExpectRefusal(Stillwatch({"query", "--store", Path("nowhere")}), 3, "nowhere");
  EXPECT_FALSE(std::filesystem::exists(Path("nowhere")));

  ASSERT_EQ(Stillwatch({"scan", kSampleClip.string(), "--no-caption", "--interval", "5s",
                        "--settle", "10s", "--store", Path("store.db")})
                .exit_code,
            0);
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(Path("store.db").c_str(), &database), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(database, "PRAGMA user_version = 9999", nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(database);
  ExpectRefusal(Stillwatch({"query", "--store", Path("store.db")}), 3, "store.db");
}

TEST_F(BadInputTest, AFullDiskEndsTheScanAndTheStoreStaysWhole) {
  // No file may become larger than 48 KiB.
  const RunResult scan = Stillwatch({"scan", kSampleClip.string(), "--no-caption", "--interval",
                                     "500ms", "--settle", "3s", "--store", Path("store")},
                                    {.file_size_limit = 48 * 1024});
  EXPECT_EQ(scan.exit_code, 3);
  EXPECT_NE(scan.err.find(Path("store")), std::string::npos) << scan.err;
  const RunResult check = Stillwatch({"store", "check", Path("store")});
  EXPECT_TRUE(check.exit_code == 0 || check.exit_code == 3) << check.out << check.err;
}

}  // namespace
}  // namespace stillwatch::e2e
