#include "pipeline/ingest/frame_source.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "pipeline/ingest/picture_folder_source.h"
#include "pipeline/ingest/video_file_source.h"

namespace stillwatch::ingest {

Result<std::unique_ptr<FrameSource>> OpenFrameSource(const std::string& path_or_uri,
                                                     const IngestOptions& options) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path_or_uri, ignored)) {
    auto folder = PictureFolderSource::Open(path_or_uri, options);
    if (!folder) return Failure(folder.error());
    return *std::move(folder);
  }
  auto video = VideoFileSource::Open(path_or_uri, options);
  if (!video) return Failure(video.error());
  return *std::move(video);
}

}  // namespace stillwatch::ingest
