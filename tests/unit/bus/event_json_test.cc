#include "pipeline/bus/event_json.h"

#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "pipeline/bus/acknowledgement.h"
#include "tests/unit/bus/made_events.h"

namespace stillwatch::bus {
namespace {

void ExpectEqual(const ChangeEvent& got, const ChangeEvent& want) {
  EXPECT_EQ(got.id, want.id);
  EXPECT_EQ(got.source, want.source);
  EXPECT_EQ(got.type, want.type);
  EXPECT_EQ(got.time, want.time);
  EXPECT_EQ(got.seq, want.seq);
  EXPECT_EQ(got.camera, want.camera);
  EXPECT_EQ(got.zones, want.zones);
  EXPECT_EQ(got.severity, want.severity);
  EXPECT_EQ(got.state, want.state);
  EXPECT_EQ(got.kind, want.kind);
  EXPECT_EQ(got.caption, want.caption);
  EXPECT_EQ(got.caption_status, want.caption_status);
  EXPECT_EQ(got.confidence, want.confidence);
  EXPECT_EQ(got.regions, want.regions);
  EXPECT_EQ(got.reference, want.reference);
  EXPECT_EQ(got.current, want.current);
  EXPECT_EQ(got.why, want.why);
  EXPECT_EQ(got.model, want.model);
  EXPECT_EQ(got.latency.select_ms, want.latency.select_ms);
  EXPECT_EQ(got.latency.caption_ms, want.latency.caption_ms);
  EXPECT_EQ(got.latency.store_ms, want.latency.store_ms);
}

TEST(EventJsonTest, IsTheJsonOfTheContract) {
  ChangeEvent event = MadeEvent();
  event.source = "urn:stillwatch:here";
  event.seq = 4711;
  const std::string picture = "/api/v1/events/" + event.id + "/";
  EXPECT_EQ(
      EncodeEvent(event),
      R"({"specversion":"1.0","id":")" + event.id +
          R"(","source":"urn:stillwatch:here","type":"org.stillwatch.change.detected.v1",)"
          R"("subject":"camera/dock_door","time":"2026-01-01T08:00:00.120Z",)"
          R"("datacontenttype":"application/json","data":{"seq":4711,"camera":"dock_door",)"
          R"("zones":["bay","gate"],"severity":"high","state":"open","kind":"added",)"
          R"("caption":"two blue bottles have been left next to the box",)"
          R"("caption_status":"ready","confidence":0.8725,)"
          R"("regions":[{"x":0.41,"y":0.62,"w":0.1,"h":0.1425},{"x":0,"y":0,"w":1,"h":1}],)"
          R"("reference":{"time":"2026-01-01T07:59:49.120Z","frame":120,"pts_s":4.02,"image":")" +
          picture +
          R"(reference.jpg"},"current":{"time":"2026-01-01T08:00:00.120Z","frame":455,)"
          R"("pts_s":15.250033,"image":")" +
          picture +
          R"(current.jpg"},"why":{"aligned_px":1.25,"illumination_delta":0.0625,)"
          R"("changed_ratio":0.014,"settled_s":8.002,"score":0.91},)"
          R"("model":{"name":"m3diff-nano","fingerprint":"sha256:0123abcd"},)"
          R"("latency_ms":{"select":41.5,"caption":93,"store":6}}})");
}

TEST(EventJsonTest, EveryFieldReadsBack) {
  ChangeEvent event = MadeEvent();
  event.source = "urn:stillwatch:here";
  event.seq = std::numeric_limits<std::int64_t>::max();
  const Result<ChangeEvent> got = DecodeEvent(EncodeEvent(event));
  ASSERT_TRUE(got) << got.error().message();
  ExpectEqual(*got, event);
}

TEST(EventJsonTest, WhatIsUnknownIsLeftOutAndReadsBackAsUnknown) {
  ChangeEvent event = MadeEvent();
  event.source.clear();
  event.reference.frame = event.current.frame = std::nullopt;
  event.reference.pts = event.current.pts = std::nullopt;
  event.zones.clear();
  event.regions.clear();
  event.caption.clear();
  event.caption_status = CaptionStatus::kPending;
  event.model = {};
  const std::string json = EncodeEvent(event);
  EXPECT_EQ(json.find("frame"), std::string::npos);
  EXPECT_EQ(json.find("pts_s"), std::string::npos);
  EXPECT_EQ(json.find("model"), std::string::npos);
  const Result<ChangeEvent> got = DecodeEvent(json);
  ASSERT_TRUE(got) << got.error().message();
  ExpectEqual(*got, event);
}

TEST(EventJsonTest, AnEventBeyondAllLimitsStillFitsAndReadsBack) {
  ChangeEvent event = MadeEvent();
  event.camera = std::string(10'000, '\x01');  // Six bytes each in JSON.
  event.source = std::string(10'000, '"');
  event.caption = std::string(100'000, '\x02');
  event.caption[5] = '\xFF';
  event.zones.assign(1000, std::string(1000, '\x03'));
  event.regions.assign(5000, {.x = 0.12345, .y = -4, .w = NAN, .h = INFINITY});
  event.confidence = std::numeric_limits<double>::quiet_NaN();
  event.why = {.aligned_px = NAN,
               .illumination_delta = -INFINITY,
               .changed_ratio = -1,
               .settled_s = -0.5,
               .score = 1e300};
  event.model = {.name = std::string(10'000, 'm'), .fingerprint = std::string(10'000, 'f')};
  event.latency = {.select_ms = -1, .caption_ms = NAN, .store_ms = 1e300};
  event.reference.frame = -5;
  event.current.pts = std::chrono::nanoseconds::max();
  const std::string json = EncodeEvent(event);
  EXPECT_LE(json.size(), kMaxEventBytes);
  const Result<ChangeEvent> got = DecodeEvent(json);
  ASSERT_TRUE(got) << got.error().message();
  EXPECT_EQ(got->caption.size(), kMaxCaptionBytes);
  EXPECT_EQ(got->zones.size(), kMaxZones);
  EXPECT_EQ(got->regions.size(), kMaxRegions);
}

TEST(EventJsonTest, ACutCaptionIsStillUtf8) {
  ChangeEvent event = MadeEvent();
  event.caption.clear();
  while (event.caption.size() <= kMaxCaptionBytes) event.caption += "\xE2\x82\xAC";  // Euro sign.
  const Result<ChangeEvent> got = DecodeEvent(EncodeEvent(event));
  ASSERT_TRUE(got) << got.error().message();
  EXPECT_EQ(got->caption.size(), kMaxCaptionBytes / 3 * 3);
}

TEST(EventJsonTest, UnknownFieldsAreIgnored) {
  std::string json = EncodeEvent(MadeEvent());
  json.insert(1, R"("traceparent":"00-1","future":[{"a":{}}],)");
  json.insert(json.find("\"seq\""), R"("weather":"rain",)");
  EXPECT_TRUE(DecodeEvent(json));
}

struct Broken {
  const char* replace;
  const char* with;
  const char* named;
};

TEST(EventJsonTest, NamesTheFieldThatIsMissingOrWrong) {
  const Broken kBroken[] = {
      {R"("specversion":"1.0")", R"("specversion":"2.0")", "specversion"},
      {R"("specversion":"1.0",)", "", "specversion"},
      {R"("id":")", R"("id":"x)", "'id'"},
      {R"("source":"urn:stillwatch:local")", R"("source":"")", "'source'"},
      {"change.detected", "change.imagined", "'type'"},
      {"change.detected", "camera.blinked", "'type'"},
      {".v1\"", ".v2\"", "'type'"},
      {R"("subject":"camera/dock_door")", R"("subject":"camera/other")", "'subject'"},
      {R"("time":"2026-01-01T08:00:00.120Z")", R"("time":"yesterday")", "'time'"},
      {R"("data":{)", R"("datum":{)", "'data'"},
      {R"("camera":"dock_door")", R"("camera":7)", "'camera'"},
      {R"("camera":"dock_door")", R"("camera":"")", "'camera'"},
      {R"("seq":0)", R"("seq":-1)", "'seq'"},
      {R"("seq":0)", R"("seq":18446744073709551615)", "'seq'"},
      {R"("zones":["bay")", R"("zones":[3)", "'zones'"},
      {R"("state":"open")", R"("state":"ajar")", "'state'"},
      {R"("kind":"added",)", "", "'kind'"},
      {R"("caption_status":"ready")", R"("caption_status":null)", "'caption_status'"},
      {R"("confidence":0.8725)", R"("confidence":1.5)", "'confidence'"},
      {R"("x":0.41)", R"("x":"0.41")", "'x'"},
      {R"("x":0.41)", R"("x":-0.41)", "'x'"},
      {R"("frame":120)", R"("frame":1.5)", "'frame'"},
      {R"("pts_s":4.02)", R"("pts_s":-4.02)", "'pts_s'"},
      {R"("reference":{)", R"("referenc":{)", "'reference'"},
      {R"("why":{)", R"("why":[{)", "not a JSON object"},
  };
  for (const Broken& broken : kBroken) {
    std::string json = EncodeEvent(MadeEvent());
    const std::size_t at = json.find(broken.replace);
    ASSERT_NE(at, std::string::npos) << broken.replace;
    json.replace(at, std::string(broken.replace).size(), broken.with);
    const Result<ChangeEvent> got = DecodeEvent(json);
    ASSERT_FALSE(got) << broken.with;
    EXPECT_EQ(got.error().code(), StatusCode::kDataLoss);
    EXPECT_NE(got.error().message().find(broken.named), std::string::npos)
        << got.error().message() << " should name " << broken.named;
  }
}

TEST(EventJsonTest, WhatIsNoJsonObjectInUtf8IsRefused) {
  for (const std::string& bad : {std::string(), std::string("{"), std::string("[]"),
                                 std::string("null"), std::string("{\"id\":\"\xFF\"}"),
                                 std::string(kMaxEventBytes + 1, ' '), std::string(60'000, '[')}) {
    EXPECT_FALSE(DecodeEvent(bad));
    EXPECT_FALSE(DecodeCaption(bad));
    EXPECT_FALSE(DecodeAcknowledgement(bad));
  }
}

// Seeded: a failure can be repeated.
TEST(EventJsonTest, RandomMutationsNeverCrashAndWhatIsReadCanBeWritten) {
  std::mt19937 random(20261123);
  const std::string good = EncodeEvent(MadeEvent());
  const std::string parts[] = {
      "\"",      "{",    "}",   "[", "]", ",", ":", "null", "1e999", "-1", "9223372036854775808",
      "\\u0000", "\xFF", "true"};
  int accepted = 0;
  for (int i = 0; i < 2000; ++i) {
    std::string json = good;
    for (auto edits = 1 + random() % 4; edits > 0; --edits) {
      const std::size_t at = random() % json.size();
      switch (random() % 4) {
        case 0:
          json[at] = static_cast<char>(random());
          break;
        case 1:
          json.erase(at, 1 + random() % 20);
          break;
        case 2:
          json.insert(at, parts[random() % std::size(parts)]);
          break;
        default:
          json.insert(at, json.substr(random() % json.size(), random() % 50));
      }
    }
    const Result<ChangeEvent> got = DecodeEvent(json);
    if (!got) continue;
    ++accepted;
    EXPECT_TRUE(DecodeEvent(EncodeEvent(*got))) << json;
  }
  EXPECT_GT(accepted, 0);  // Else the mutations would test the JSON parser alone.
}

TEST(EventJsonTest, CaptionsReadBack) {
  CaptionUpdate update{.id = MadeEvent().id,
                       .status = CaptionStatus::kReady,
                       .caption = "a \"bag\" is gone",
                       .confidence = 0.5,
                       .kind = ChangeKind::kRemoved,
                       .model = {.name = "m3diff-nano", .fingerprint = "sha256:01"},
                       .caption_ms = 93.5};
  Result<CaptionUpdate> got = DecodeCaption(EncodeCaption(update));
  ASSERT_TRUE(got) << got.error().message();
  EXPECT_EQ(got->id, update.id);
  EXPECT_EQ(got->status, update.status);
  EXPECT_EQ(got->caption, update.caption);
  EXPECT_EQ(got->confidence, update.confidence);
  EXPECT_EQ(got->kind, update.kind);
  EXPECT_EQ(got->model, update.model);
  EXPECT_EQ(got->caption_ms, update.caption_ms);

  update.kind = std::nullopt;
  got = DecodeCaption(EncodeCaption(update));
  ASSERT_TRUE(got) << got.error().message();
  EXPECT_EQ(got->kind, std::nullopt);
}

TEST(EventJsonTest, AcknowledgementsReadBack) {
  for (const Verdict verdict : {Verdict::kOk, Verdict::kRefused, Verdict::kRetry}) {
    const auto got = DecodeAcknowledgement(EncodeAcknowledgement(
        {.id = MadeEvent().id, .seq = 17, .verdict = verdict, .message = "why"}));
    ASSERT_TRUE(got) << got.error().message();
    EXPECT_EQ(got->id, MadeEvent().id);
    EXPECT_EQ(got->seq, 17);
    EXPECT_EQ(got->verdict, verdict);
    EXPECT_EQ(got->message, "why");
  }
}

}  // namespace
}  // namespace stillwatch::bus
