#include "model/datasets/layout.h"

#include <array>
#include <filesystem>
#include <set>
#include <system_error>

#include "model/datasets/layout_readers.h"
#include "model/datasets/text.h"

namespace stillwatch::model {
namespace {

constexpr std::array<LayoutName, 7> kLayouts = {{
    {"spot-the-diff", "{train,val,test}.json, pictures ID.png and ID_2.png in resized_images/"},
    {"image-editing-request", "{train,valid,test}.json, pictures in images/"},
    {"birds-to-words", "birds-to-words-v1.0.tsv, pictures NUMBER.jpg in images/"},
    {"clevr-change",
     "change_captions.json, no_change_captions.json, splits.json, pictures in images/, sc_images/ "
     "and nsc_images/"},
    {"clevr-dc", "captions.json, split_dc.json, pictures in images/ and sc_images/"},
    {"omnidiff", "{train,val,test}.json, or those in real/ and render/"},
    {"llava", "{train,val,test}.json of conversations"},
}};

std::string Joined(const std::vector<std::string>& sentences) {
  std::string all;
  for (const std::string& sentence : sentences) {
    if (IsBlank(sentence)) continue;
    if (!all.empty()) all += all.ends_with('.') ? " " : ". ";
    all += sentence;
  }
  return all;
}

// Takes away the pair's bad captions; false if it is of no use.
bool Usable(LayoutPair& pair, std::set<std::string>& ids, Problems& problems) {
  const std::string name = pair.split + " " + pair.id;
  if (!ids.insert(pair.split + "/" + pair.id).second) {
    problems.Add("id that stands twice", name);
    return false;
  }
  for (const std::string* path : {&pair.reference, &pair.current}) {
    std::error_code error;
    if (std::filesystem::is_regular_file(*path, error)) continue;
    problems.Add("missing picture", *path);
    return false;
  }
  for (const std::string& caption : pair.captions) {
    if (IsGoodUtf8(caption)) continue;
    problems.Add("caption that is no UTF-8", name);
    return false;
  }
  std::erase_if(pair.captions, [](const std::string& caption) { return IsBlank(caption); });
  if (pair.captions.empty()) {
    problems.Add("no caption, or an empty one", name);
    return false;
  }
  return true;
}

}  // namespace

std::span<const LayoutName> Layouts() { return kLayouts; }

Result<std::vector<LayoutPair>> ReadLayout(std::string_view layout, const std::string& folder,
                                           Protocol protocol, Problems& problems) {
  constexpr std::array<LayoutPairs (*)(const std::string&), kLayouts.size()> kReaders = {
      ReadSpotTheDiff, ReadImageEditing, ReadBirdsToWords, ReadClevrChange,
      ReadClevrDc,     ReadOmniDiff,     ReadLlava};
  LayoutPairs read = InvalidArgument("no layout is called '" + std::string(layout) + "'");
  for (std::size_t i = 0; i < kLayouts.size(); ++i) {
    if (layout != kLayouts[i].word) continue;
    read = kReaders[i](folder);
    if (!read) {
      return Failure(Status(read.error().code(), read.error().message() + " (" +
                                                     std::string(layout) + " wants " +
                                                     std::string(kLayouts[i].wants) + ")"));
    }
  }
  if (!read) return read;
  std::set<std::string> ids;
  std::vector<LayoutPair> pairs;
  for (LayoutPair& pair : *read) {
    if (!Usable(pair, ids, problems)) {
      if (Status s = problems.Check(); !s.ok()) return Failure(s.WithContext(folder));
      continue;
    }
    if (protocol == Protocol::kMulti) pair.captions = {Joined(pair.captions)};
    bool same = true;
    for (const std::string& caption : pair.captions) same = same && SaysNoChange(caption);
    if (same && pair.kind == "other") pair.kind = "same";
    pairs.push_back(std::move(pair));
  }
  if (pairs.empty()) return NotFound(folder + ": holds no usable pairs\n" + problems.Report());
  return pairs;
}

}  // namespace stillwatch::model
