#include "config/schema.h"

#include <algorithm>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "config/keys.h"
#include "config/load.h"
#include "tests/unit/config/temp_file.h"

namespace stillwatch::config {
namespace {

// A file that holds one key with a value of the wrong kind, and the dotted path of that key.
struct WrongFile {
  std::string text;
  std::string path;
  std::string found;
};

void CollectWrongFiles(std::span<const Key> keys, const std::string& before,
                       const std::string& after, const std::string& path,
                       std::vector<WrongFile>* files) {
  for (const Key& key : keys) {
    const std::string name(key.name);
    const bool wants_text =
        key.keys.empty() && key.kind != ValueKind::kCoordinates;  // Else a map or list.
    const std::string here = path.empty() ? name : path + "." + name;
    files->push_back(
        {.text = before + "{" + name + ": " + (wants_text ? "{a: 7}" : "7") + "}" + after,
         .path = here,
         .found = wants_text ? "found a map" : "found '7'"});
    const bool named = key.kind == ValueKind::kNamed;
    CollectWrongFiles(key.keys, before + "{" + name + ": " + (named ? "{n: " : ""),
                      (named ? "}}" : "}") + after, here + (named ? ".n" : ""), files);
  }
}

TEST(KeysTest, AreAllReadAndChecked) {
  std::vector<WrongFile> files;
  CollectWrongFiles(RootKeys(), "", "\n", "", &files);
  EXPECT_EQ(files.size(), 26U);
  for (const WrongFile& file : files) {
    const LoadResult result = LoadText(file.text, FakeEnvironment({}));
    ASSERT_FALSE(result) << file.text;
    EXPECT_TRUE(std::any_of(result.error().begin(), result.error().end(),
                            [&file](const ConfigError& error) {
                              return error.key == file.path &&
                                     error.message.find(file.found) != std::string::npos;
                            }))
        << file.text << CheckReport("t.yaml", result);
  }
}

void CollectNames(std::span<const Key> keys, std::set<std::string>* names) {
  for (const Key& key : keys) {
    names->insert(std::string(key.name));
    EXPECT_FALSE(key.help.empty()) << key.name;
    EXPECT_TRUE(key.kind != ValueKind::kText || !key.wanted.empty()) << key.name;
    CollectNames(key.keys, names);
  }
}

TEST(KeysTest, AreAllExplainedInTheExample) {
  const std::string example = ReadAll(STILLWATCH_SOURCE_DIR "/config/stillwatch.yaml");
  std::set<std::string> names;
  CollectNames(RootKeys(), &names);
  EXPECT_EQ(names.size(), 19U);
  for (const std::string& name : names) {
    EXPECT_TRUE(example.find(" " + name + ":") != std::string::npos ||
                example.find("\n" + name + ":") != std::string::npos)
        << name << " is missing in config/stillwatch.yaml";
  }
}

TEST(KeysTest, HaveTheDefaultsOfTheStructs) {
  const LoadResult config = LoadText("cameras: {a: {source: x}}\n", FakeEnvironment({}));
  ASSERT_TRUE(config);
  // The same again, with each default of the table written out.
  std::string text = "cameras: {a: {source: x}}\n";
  for (const Key& section : RootKeys()) {
    if (section.kind != ValueKind::kSection) continue;
    text += std::string(section.name) + ":\n";
    for (const Key& key : section.keys) {
      if (key.default_text.empty()) continue;
      text += "  " + std::string(key.name) + ": " + std::string(key.default_text) + "\n";
    }
  }
  const LoadResult written = LoadText(text, FakeEnvironment({}));
  ASSERT_TRUE(written) << CheckReport("t.yaml", written);
  EXPECT_EQ(written->store, config->store);
  EXPECT_EQ(written->model, config->model);
  EXPECT_EQ(written->selection, config->selection);
}

TEST(SchemaTest, IsTheFileInTheRepository) {
  EXPECT_EQ(ReadAll(STILLWATCH_SOURCE_DIR "/config/stillwatch.schema.json"), Schema())
      << "write it again: stillwatch config schema > config/stillwatch.schema.json";
}

TEST(SchemaTest, RefusesUnknownKeysEverywhere) {
  const nlohmann::json schema = nlohmann::json::parse(Schema());
  EXPECT_EQ(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
  EXPECT_EQ(schema["required"], nlohmann::json({"cameras"}));
  int objects = 0;
  const auto visit = [&objects](const auto& self, const nlohmann::json& node) -> void {
    if (node.is_object() && node.value("type", nlohmann::json()) == "object") {
      ++objects;
      EXPECT_EQ(node.value("additionalProperties", nlohmann::json()), false) << node;
    }
    for (const nlohmann::json& child : node) {
      if (child.is_structured()) self(self, child);
    }
  };
  visit(visit, schema);
  // The root, 3 sections and the cameras; each camera, its selection, and 3 named maps with their
  // entries.
  EXPECT_EQ(objects, 13);
}

}  // namespace
}  // namespace stillwatch::config
