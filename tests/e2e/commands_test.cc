#include "tests/e2e/program.h"

namespace stillwatch::e2e {
namespace {

class CommandsTest : public E2eTest {};

TEST_F(CommandsTest, HelpFitsAScreenAndExitsWithZero) {
  const RunResult help = Stillwatch({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_LE(Lines(help.out).size(), 40u);
  for (const char* command : {"demo", "scan", "caption", "query", "record", "store", "config",
                              "model", "data", "train"}) {
    EXPECT_NE(help.out.find(command), std::string::npos) << command;
    const RunResult own = Stillwatch({command, "--help"});
    EXPECT_EQ(own.exit_code, 0) << command;
    EXPECT_LE(Lines(own.out).size(), 48u) << command;
  }
}

TEST_F(CommandsTest, TheExampleConfigurationIsValidAndShownWithItsDefaults) {
  const std::string example = (kSource / "config/stillwatch.yaml").string();
  const RunResult check = Stillwatch({"config", "check", example},
                                     {.environment = {"DOCK_USER=u", "DOCK_PASSWORD=hunter2"}});
  EXPECT_EQ(check.exit_code, 0) << check.out << check.err;
  const RunResult show = Stillwatch({"config", "show", example},
                                    {.environment = {"DOCK_USER=u", "DOCK_PASSWORD=hunter2"}});
  EXPECT_EQ(show.exit_code, 0) << show.err;
  EXPECT_EQ(show.out.find("hunter2"), std::string::npos);
  EXPECT_EQ(Stillwatch({"config", "schema"}).exit_code, 0);
}

TEST_F(CommandsTest, ModelInfoDescribesTheEmbeddedModel) {
  const RunResult info = Stillwatch({"model", "info", (kSource / "model/weights/nano").string()});
  EXPECT_EQ(info.exit_code, 0) << info.err;
  EXPECT_NE(info.out.find("parameters"), std::string::npos) << info.out;
  EXPECT_EQ(Stillwatch({"model", "info", Path("nowhere")}).exit_code, 3);
}

}  // namespace
}  // namespace stillwatch::e2e
