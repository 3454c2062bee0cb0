#include "pipeline/app/log.h"

#include <cstdlib>
#include <memory>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace stillwatch::app {
namespace {

std::shared_ptr<spdlog::logger> MakeLogger() {
  auto logger = std::make_shared<spdlog::logger>("stillwatch",
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
  logger->flush_on(spdlog::level::trace);
  if (const char* level = std::getenv("STILLWATCH_LOG_LEVEL"); level != nullptr) {
    logger->set_level(spdlog::level::from_str(level));
  }
  return logger;
}

}  // namespace

void Log(LogLevel level, const std::string& text) {
  static const std::shared_ptr<spdlog::logger> logger = MakeLogger();
  switch (level) {
    case LogLevel::kInfo:
      return logger->info("{}", text);
    case LogLevel::kWarning:
      return logger->warn("{}", text);
    case LogLevel::kError:
      return logger->error("{}", text);
  }
}

}  // namespace stillwatch::app
