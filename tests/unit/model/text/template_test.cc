#include "model/prompt/template.h"

#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "model/prompt/conversation.h"

namespace stillwatch::model {
namespace {

std::string Render(std::string_view source) {
  const nlohmann::json context = {
      {"name", "world"}, {"list", {"a", "b", "c"}}, {"thing", {{"key", "value"}}}, {"yes", true}};
  const auto text = RenderTemplate(source, context.dump());
  return text ? *text : "error: " + text.error().message();
}

TEST(TemplateTest, RendersWhatJinjaWouldRender) {
  EXPECT_EQ(Render("plain { text }"), "plain { text }");
  EXPECT_EQ(Render("{{ 'hello ' + name }}{# a comment #}!"), "hello world!");
  EXPECT_EQ(Render("{{ \"a\\n\\tb\" ~ thing.key ~ thing['key'] }}"), "a\n\tbvaluevalue");
  EXPECT_EQ(Render("{% for x in list %}{{ x }}{% if not loop.last %},{% endif %}{% endfor %}"),
            "a,b,c");
  EXPECT_EQ(Render("{% for x in list if x != 'b' %}{{ loop.index }}{{ x }}{% endfor %}"), "1a2c");
  EXPECT_EQ(Render("{% if missing is defined %}1{% elif yes and name == 'world' %}2{% else %}3"
                   "{% endif %}"),
            "2");
  EXPECT_EQ(Render("{{ list[0] + list[-1] }}{% if 'b' in list %}!{% endif %}"), "ac!");
  EXPECT_EQ(Render("{{ '  x ' | trim }}{{ list | length }}"), "x3");
  EXPECT_EQ(Render("{% if yes %}{% generation %}g{% endgeneration %}{% endif %}"), "g");
  EXPECT_EQ(Render("{{ '}}' }}"), "}}");
}

TEST(TemplateTest, TreatsLinesAsHuggingFaceDoes) {
  EXPECT_EQ(Render("{% if yes %}\nline\n{% endif %}\nend\n"), "line\nend");
  EXPECT_EQ(Render("  {% if yes %}\n    line\n  {% endif %}\n"), "    line\n");
  EXPECT_EQ(Render("a  {%- if yes -%}  b  {%- endif %}  c"), "ab  c");
  EXPECT_EQ(Render("x {% if yes %}y{% endif %}"), "x y");
  EXPECT_EQ(Render("{{ name -}}  \n !"), "world!");
}

TEST(TemplateTest, NamesWhatItDoesNotUnderstand) {
  const auto complains = [](std::string_view source, std::string_view about) {
    const std::string text = Render(source);
    EXPECT_TRUE(text.starts_with("error: this chat template cannot be understood")) << text;
    EXPECT_NE(text.find(about), std::string::npos) << text;
  };
  complains("{% set x = 1 %}", "set x");
  complains("{% macro f() %}{% endmacro %}", "macro");
  complains("{{ range(3) }}", "range");
  complains("{{ name | upper }}", "upper");
  complains("{% for x in list %}", "endfor");
  complains("{% if yes %}", "endif");
  complains("{% endif %}", "endif");
  complains("{{ name", "without its end");
  complains("{{ 'name }}", "without its end");
  complains("{{ name + list }}", "'+'");
  complains("{{ }}", "too early");
  complains("{{ name name }}", "name");
  complains(std::string(200, '(').insert(0, "{{ ") + " }}", "nested too deep");
}

TEST(TemplateTest, WorkIsBounded) {
  std::string nested;
  for (int i = 0; i < 25; ++i) nested += "{% for x in list %}";
  nested += "y";
  for (int i = 0; i < 25; ++i) nested += "{% endfor %}";
  EXPECT_NE(Render(nested).find("more work"), std::string::npos);
  EXPECT_NE(Render(std::string(100'000, 'x')).find("64 KiB"), std::string::npos);
}

// The templates that are in use, word for word as their folders hold them.
constexpr const char* kHub =
    "{% for message in messages %}{{'<|im_start|>' + message['role'] + ' '}}"
    "{# Render all images first #}{% for content in message['content'] | selectattr('type', "
    "'equalto', 'image') %}{{ '<image>' }}{% endfor %}{# Render all text next #}"
    "{% if message['role'] != 'assistant' %}{% for content in message['content'] | "
    "selectattr('type', 'equalto', 'text') %}{{ '\\n' + content['text'] }}{% endfor %}{% else %}"
    "{% for content in message['content'] | selectattr('type', 'equalto', 'text') %}"
    "{% generation %}{{ '\\n' + content['text'] }}{% endgeneration %}{% endfor %}{% endif %}"
    "{{'<|im_end|>'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}"
    "{% endif %}";
constexpr const char* kQwen2Text =
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
    "{{ '<|im_start|>system\\nYou are a helpful assistant.<|im_end|>\\n' }}{% endif %}"
    "{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

TEST(ChatTemplateTest, RendersTheOlderTemplateWithASpaceBehindTheRole) {
  const auto chat = ChatTemplate::Parse(kHub, "hub");
  ASSERT_TRUE(chat) << chat.error().message();
  EXPECT_EQ(chat->Render("What?"),
            "<|im_start|>user <image><image>\nWhat?<|im_end|><|im_start|>assistant\n");
}

TEST(ChatTemplateTest, PutsPicturesBeforeTheTextWhereATemplateKnowsTextAlone) {
  const auto chat = ChatTemplate::Parse(kQwen2Text, "qwen2");
  ASSERT_TRUE(chat) << chat.error().message();
  EXPECT_EQ(chat->Render("What?"),
            "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n<|im_start|>user\n"
            "<image>\n<image>\nWhat?<|im_end|>\n<|im_start|>assistant\n");
}

TEST(ChatTemplateTest, AQuestionMayBringItsPicturesAlong) {
  const auto chat = ChatTemplate::Parse(kQwen2Text, "qwen2");
  ASSERT_TRUE(chat);
  EXPECT_EQ(chat->Render("A <image> B <image>?"),
            "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n<|im_start|>user\n"
            "A <image> B <image>?<|im_end|>\n<|im_start|>assistant\n");
  EXPECT_NE(CcexpertConversation("A <image> B <image>?").find("user\nA <image> B <image>?<|im"),
            std::string::npos);
}

TEST(ChatTemplateTest, RefusesATemplateThatLosesAPictureOrTheQuestion) {
  for (const char* source : {"{{ messages[0]['role'] }}", "<image><image>",
                             "{% for m in messages %}{{ m.content[2].text }}{% endfor %}"}) {
    const auto chat = ChatTemplate::Parse(source, "label");
    ASSERT_FALSE(chat) << source;
    EXPECT_NE(chat.error().message().find("label: this chat template cannot be understood"),
              std::string::npos)
        << chat.error().message();
  }
}

TEST(ConversationTest, ExpandsPictures) {
  EXPECT_EQ(ExpandPictures(std::vector<int>{1, 9, 2, 9}, 9, 3),
            (std::vector<int>{1, 9, 9, 9, 2, 9, 9, 9}));
}

}  // namespace
}  // namespace stillwatch::model
