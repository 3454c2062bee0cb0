#include "pipeline/ingest/container_check.h"

#include "tests/unit/ingest/clips.h"

namespace stillwatch::ingest {
namespace {

using namespace std::string_literals;

using ContainerCheckTest = IngestTest;

TEST_F(ContainerCheckTest, ReadsTheSizesThatFilesState) {
  const std::string ftyp = "\0\0\0\x10"s + "ftypisom\0\0\0\0"s;
  const std::string moov = "\0\0\0\x08moov"s;
  const std::string mdat = "\0\0\0\x10mdat12345678"s;
  const std::string large = "\0\0\0\1mdat\0\0\0\0\0\0\0\x18"s + "12345678";
  const std::string huge = "\0\0\0\1mdat\xff\xff\xff\xff\xff\xff\xff\xff"s;
  const struct {
    const char* what;
    std::string bytes;
    Container is;
  } kCases[] = {
      {"whole", ftyp + moov + mdat, Container::kWhole},
      {"index at the end", ftyp + mdat + moov, Container::kWhole},
      {"64 bit size", ftyp + large + moov, Container::kWhole},
      {"up to the end of the file", ftyp + moov + "\0\0\0\0mdat1234"s, Container::kWhole},
      {"cut in the pictures", ftyp + moov + mdat.substr(0, 12), Container::kCutOff},
      {"cut before the index", ftyp + mdat, Container::kNoIndex},
      {"cut in the pictures before the index", ftyp + mdat.substr(0, 12), Container::kNoIndex},
      {"a size beyond everything", ftyp + huge, Container::kNoIndex},
      {"a box smaller than its head", ftyp + "\0\0\0\4moov"s, Container::kNoIndex},
      {"AVI", "RIFF\x0c\0\0\0AVI LIST...."s, Container::kWhole},
      {"cut AVI", "RIFF\xff\0\0\0AVI LIST...."s, Container::kCutOff},
      {"streamed AVI", "RIFF\xff\xff\xff\xff"s + "AVI LIST....", Container::kWhole},
      {"text", "only a few words in a file", Container::kWhole},
      {"short", "RIFF", Container::kWhole},
      {"empty", "", Container::kWhole},
  };
  for (const auto& c : kCases) {
    Write(Path("file"), c.bytes);
    EXPECT_EQ(CheckContainer(Path("file")), c.is) << c.what;
  }
  EXPECT_EQ(CheckContainer(Path("missing")), Container::kWhole);
}

}  // namespace
}  // namespace stillwatch::ingest
