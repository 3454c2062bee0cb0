#include "pipeline/select/selector_state.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <opencv2/core.hpp>

#include "pipeline/select/bytes.h"

namespace stillwatch::select {
namespace {

// Stored: never renumber.
constexpr std::string_view kMagic = "SWselect";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kHeaderBytes = 8 + 4 + 8;  // Magic, version, length of the payload.
constexpr std::size_t kMaxParts = 64;            // Of one change: as many as there are candidates.
constexpr float kStepsPerLevel = 32;  // Planes are kept to a 32nd of a grey level, in 16 bits.

// FNV-1a.  Every step is a bijection, so one wrong byte never goes unnoticed.
std::uint64_t Checksum(std::string_view bytes) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return hash;
}

void WritePlane(const Image& plane, ByteWriter& to) {
  cv::Mat steps;
  plane.mat().convertTo(steps, CV_16S, static_cast<double>(kStepsPerLevel));  // Saturates.
  for (int row = 0; row < steps.rows; ++row) {
    to.Raw({steps.ptr<char>(row), static_cast<std::size_t>(steps.cols) * 2});
  }
}

Image ReadPlane(int width, int height, ByteReader& from) {
  const std::string_view bytes =
      from.Raw(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 2);
  cv::Mat plane(height, width, CV_32F, cv::Scalar(0));
  if (!from.ok()) return Image(std::move(plane));
  cv::Mat steps(height, width, CV_16S);
  std::copy(bytes.begin(), bytes.end(), steps.ptr<char>());
  steps.convertTo(plane, CV_32F, 1 / static_cast<double>(kStepsPerLevel));
  return Image(std::move(plane));
}

void WritePicture(const WorkingPicture& picture, ByteWriter& to) {
  for (const Image* plane : {&picture.y, &picture.cr, &picture.cb}) WritePlane(*plane, to);
}

WorkingPicture ReadPicture(int width, int height, ByteReader& from) {
  WorkingPicture picture;
  for (Image* plane : {&picture.y, &picture.cr, &picture.cb}) {
    *plane = ReadPlane(width, height, from);
  }
  return picture;
}

// A plane of bytes, one a pixel.
void WriteBytes(const cv::Mat& mask, ByteWriter& to) {
  for (int row = 0; row < mask.rows; ++row) {
    to.Raw({mask.ptr<char>(row), static_cast<std::size_t>(mask.cols)});
  }
}

cv::Mat ReadBytes(int width, int height, ByteReader& from) {
  const std::string_view bytes =
      from.Raw(static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
  cv::Mat mask(height, width, CV_8U, cv::Scalar(0));
  if (from.ok()) std::copy(bytes.begin(), bytes.end(), mask.ptr<char>());
  return mask;
}

Image ReadMask(int width, int height, ByteReader& from) {
  return Image(cv::Mat(ReadBytes(width, height, from) != 0));
}

void WriteTime(TimePoint time, ByteWriter& to) {
  to.Number(std::int64_t{time.time_since_epoch().count()});
}

TimePoint ReadTime(ByteReader& from) {
  return TimePoint(std::chrono::nanoseconds(from.Number<std::int64_t>()));
}

void WriteBox(const Box& box, ByteWriter& to) {
  for (const int value : {box.x, box.y, box.w, box.h}) to.Number(std::int32_t{value});
}

Box ReadBox(const Box& room, ByteReader& from) {
  Box box;
  for (int* value : {&box.x, &box.y, &box.w, &box.h}) *value = from.Number<std::int32_t>();
  // Written so that nothing overflows.
  const bool inside = box.x >= room.x && box.y >= room.y && box.w >= 1 && box.h >= 1 &&
                      box.w <= room.w && box.h <= room.h && box.x - room.x <= room.w - box.w &&
                      box.y - room.y <= room.h - box.h;
  if (inside) return box;
  from.Fail();
  return {room.x, room.y, 1, 1};
}

double ReadFinite(ByteReader& from) {
  const auto value = from.Number<double>();
  if (std::isfinite(value)) return value;
  from.Fail();
  return 0;
}

void WriteChanges(const OpenChanges& changes, ByteWriter& to) {
  to.Number(static_cast<std::uint16_t>(changes.size()));
  for (const OpenChange& change : changes.all()) {
    to.Text(change.id);
    to.Text(Name(change.kind));
    WriteTime(change.since, to);
    to.Number(static_cast<std::uint8_t>(change.dismissed));
    const std::size_t parts = std::min(change.parts.size(), kMaxParts);
    to.Number(static_cast<std::uint16_t>(parts));
    for (std::size_t i = 0; i < parts; ++i) {
      const OpenPart& part = change.parts[i];
      WriteBox(part.room, to);
      WriteBox(part.candidate.box, to);
      to.Number(std::int32_t{part.candidate.area});
      to.Number(part.candidate.score);
      to.Number(static_cast<std::uint8_t>(part.restored));
      WriteBytes(part.candidate.mask.mat(), to);
      WritePicture(part.before, to);
    }
  }
}

OpenChanges ReadChanges(WorkingSize size, ByteReader& from) {
  OpenChanges changes;
  const auto count = from.Number<std::uint16_t>();
  if (count > OpenChanges::kMost) from.Fail();
  for (int i = 0; i < count && from.ok(); ++i) {
    OpenChange change;
    change.id = from.Text();
    const auto kind = ParseChangeKind(from.Text());
    if (!kind) from.Fail();
    change.kind = kind.value_or(ChangeKind::kOther);
    change.since = ReadTime(from);
    change.dismissed = from.Number<std::uint8_t>() != 0;
    const auto parts = from.Number<std::uint16_t>();
    if (parts == 0 || parts > kMaxParts) from.Fail();
    for (int p = 0; p < parts && from.ok(); ++p) {
      OpenPart part;
      part.room = ReadBox({0, 0, size.width, size.height}, from);
      part.candidate.box = ReadBox(part.room, from);
      part.candidate.area = std::max(0, from.Number<std::int32_t>());
      part.candidate.score = ReadFinite(from);
      part.restored = from.Number<std::uint8_t>() != 0;
      part.candidate.mask = ReadMask(part.candidate.box.w, part.candidate.box.h, from);
      part.before = ReadPicture(part.room.w, part.room.h, from);
      change.parts.push_back(std::move(part));
    }
    changes.Add(std::move(change));
  }
  return changes;
}

template <typename T, typename Representation>
void WriteOptional(const std::optional<T>& value, Representation number, ByteWriter& to) {
  to.Number(static_cast<std::uint8_t>(value.has_value()));
  to.Number(number);
}

Status WriteFrame(const FramePtr& frame, const PictureCodec& codec, ByteWriter& to) {
  to.Number(static_cast<std::uint8_t>(frame != nullptr));
  if (!frame) return {};
  WriteTime(frame->captured_at, to);
  WriteOptional(frame->index, frame->index.value_or(0), to);
  WriteOptional(frame->pts, std::int64_t{frame->pts.value_or(std::chrono::nanoseconds(0)).count()},
                to);
  const auto picture = codec.encode(*frame);
  if (!picture) return picture.error().WithContext("the reference picture");
  to.Long(*picture);
  return {};
}

FramePtr ReadFrame(const SelectorState& state, const StateOwner& owner, const PictureCodec& codec,
                   ByteReader& from) {
  if (from.Number<std::uint8_t>() == 0) return nullptr;
  const TimePoint time = ReadTime(from);
  const bool has_index = from.Number<std::uint8_t>() != 0;
  const auto index = from.Number<std::int64_t>();
  const bool has_pts = from.Number<std::uint8_t>() != 0;
  const auto pts = from.Number<std::int64_t>();
  const std::string_view picture = from.Long();
  if (!from.ok()) return nullptr;
  auto decoded = codec.decode(picture);
  if (!decoded || decoded->width != state.width || decoded->height != state.height ||
      !IsComparable(*decoded)) {
    from.Fail();
    return nullptr;
  }
  auto frame = std::make_shared<Frame>(*std::move(decoded));
  frame->camera = owner.camera;
  frame->captured_at = time;
  if (has_index) frame->index = index;
  if (has_pts) frame->pts = std::chrono::nanoseconds(pts);
  return frame;
}

Status WriteProfile(const Profile& profile, const PictureCodec& codec, ByteWriter& to) {
  to.Number(profile.number);
  to.Number(profile.reference.learning_s());
  WritePicture(profile.reference.picture(), to);
  WriteBytes(profile.reference.known().mat(), to);
  if (const Status status = WriteFrame(profile.reference.frame(), codec, to); !status.ok()) {
    return status;
  }
  WriteChanges(profile.open, to);
  WriteChanges(profile.claims, to);
  return {};
}

Profile ReadProfile(const SelectorState& state, const StateOwner& owner, const PictureCodec& codec,
                    ByteReader& from) {
  Profile profile;
  profile.number = from.Number<std::uint32_t>();
  const double learning_s = ReadFinite(from);
  WorkingPicture picture = ReadPicture(state.size.width, state.size.height, from);
  Image known = ReadMask(state.size.width, state.size.height, from);
  FramePtr frame = ReadFrame(state, owner, codec, from);
  if (!from.ok()) return profile;
  profile.reference.Restore(std::move(picture), std::move(known), std::move(frame), learning_s);
  profile.open = ReadChanges(state.size, from);
  profile.claims = ReadChanges(state.size, from);
  return profile;
}

}  // namespace

Result<std::string> EncodeState(const SelectorState& state, const StateOwner& owner,
                                const PictureCodec& codec) {
  ByteWriter to;
  to.Raw(kMagic);
  to.Number(kVersion);
  to.Number(std::uint64_t{0});  // The length, once it is known.
  to.Text(owner.camera);
  to.Text(owner.view);
  to.Number(std::int32_t{state.width});
  to.Number(std::int32_t{state.height});
  if (state.width > 0) {
    WriteTime(state.last.value_or(TimePoint{}), to);
    cv::Mat restless;
    state.restless.mat().convertTo(restless, CV_8U, 255);
    WriteBytes(restless, to);
    for (const auto* trouble : {&state.trouble, &state.claimed_trouble}) {
      to.Text(Name(trouble->type));
      to.Text(trouble->id);
    }
    to.Number(static_cast<std::uint8_t>(1 + state.profiles.others().size()));
    if (const Status status = WriteProfile(state.profiles.now(), codec, to); !status.ok()) {
      return Failure(status);
    }
    for (const Profile& other : state.profiles.others()) {
      if (const Status status = WriteProfile(other, codec, to); !status.ok()) {
        return Failure(status);
      }
    }
  }
  std::string& bytes = to.bytes();
  const std::uint64_t length = bytes.size() - kHeaderBytes;
  std::memcpy(bytes.data() + kMagic.size() + sizeof kVersion, &length, sizeof length);
  to.Number(Checksum(bytes));
  return std::move(bytes);
}

Result<SelectorState> DecodeState(std::string_view bytes, const StateOwner& owner,
                                  const PictureCodec& codec) {
  ByteReader from(bytes);
  if (from.Raw(kMagic.size()) != kMagic) return DataLoss("not a selector's state");
  const auto version = from.Number<std::uint32_t>();
  if (from.ok() && version != kVersion) {
    return DataLoss("state of version " + std::to_string(version) + ", wanted " +
                    std::to_string(kVersion));
  }
  const auto length = from.Number<std::uint64_t>();
  if (!from.ok() || bytes.size() < kHeaderBytes + 8 || length != bytes.size() - kHeaderBytes - 8) {
    return DataLoss("the state is cut off");
  }
  if (ByteReader(bytes.substr(bytes.size() - 8)).Number<std::uint64_t>() !=
      Checksum(bytes.substr(0, bytes.size() - 8))) {
    return DataLoss("the state is damaged: its checksum is wrong");
  }
  from = ByteReader(bytes.substr(kHeaderBytes, length));
  const std::string_view camera = from.Text();
  if (camera != owner.camera) {
    return DataLoss("the state is of camera '" + std::string(camera) + "', wanted '" +
                    std::string(owner.camera) + "'");
  }
  if (from.Text() != owner.view) return DataLoss("the state is from before the masks were changed");

  SelectorState state;
  state.width = from.Number<std::int32_t>();
  state.height = from.Number<std::int32_t>();
  if (from.ok() && state.width == 0 && state.height == 0 && from.at_end()) return state;
  constexpr int kLargest = 1 << 15;
  if (std::min(state.width, state.height) < 16 || std::max(state.width, state.height) > kLargest) {
    return DataLoss("the state is of pictures of no possible size");
  }
  state.size = WorkingSizeOf(state.width, state.height);
  state.last = ReadTime(from);
  ReadBytes(state.size.width, state.size.height, from)
      .convertTo(state.restless.mat(), CV_32F, 1.0 / 255);
  for (auto* trouble : {&state.trouble, &state.claimed_trouble}) {
    const auto type = ParseEventType(from.Text());
    if (!type) from.Fail();
    trouble->type = type.value_or(EventType::kChangeDetected);
    trouble->id = from.Text();
  }
  const auto count = from.Number<std::uint8_t>();
  if (count < 1 || count > 1 + Profiles::kMostOthers) from.Fail();
  std::vector<Profile> profiles;
  for (int i = 0; i < count && from.ok(); ++i) {
    profiles.push_back(ReadProfile(state, owner, codec, from));
  }
  if (!from.ok() || !from.at_end()) return DataLoss("the state holds what cannot be");
  Profile now = std::move(profiles.front());
  profiles.erase(profiles.begin());
  state.profiles.Restore(std::move(now), std::move(profiles));
  return state;
}

}  // namespace stillwatch::select
