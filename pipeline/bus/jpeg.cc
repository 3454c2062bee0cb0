// libjpeg-turbo and not OpenCV's imgcodecs: Debian's imgcodecs brings in GDAL and 138 more
// libraries, which cost every start of a process 65 ms (measured; `stillwatch query` has 100).
#include "pipeline/bus/jpeg.h"

#include <array>
#include <csetjmp>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <memory>

// jpeglib.h needs FILE and size_t declared before it.
#include <jpeglib.h>

namespace stillwatch::bus {
namespace {

// A progressive picture may ask for a pass over all pixels per scan; real ones have about ten.
constexpr int kMaxScans = 64;

// libjpeg reports errors by a callback that must not return: it jumps back to setjmp.  Between the
// two no object with a destructor may live, so Compress and Decompress hold plain C data only.
struct Errors {
  jpeg_error_mgr base{};  // First: libjpeg's pointer to it is a pointer to Errors.
  std::jmp_buf jump{};
  std::array<char, JMSG_LENGTH_MAX> text{};
};

[[noreturn]] void OnError(j_common_ptr codec) noexcept {
  auto* const errors = reinterpret_cast<Errors*>(codec->err);
  errors->base.format_message(codec, errors->text.data());
  std::longjmp(errors->jump, 1);
}

void OnWarning(j_common_ptr codec, int level) noexcept {
  if (level < 0) OnError(codec);  // Damaged data: libjpeg would go on with grey.
}

void OnOutput(j_common_ptr /*codec*/) noexcept {}  // Would print on stderr.

void OnProgress(j_common_ptr codec) noexcept {
  if (reinterpret_cast<j_decompress_ptr>(codec)->input_scan_number > kMaxScans) {
    codec->err->msg_code = 0;
    OnError(codec);
  }
}

jpeg_error_mgr* Prepare(Errors* errors) {
  jpeg_std_error(&errors->base);
  errors->base.error_exit = OnError;
  errors->base.emit_message = OnWarning;
  errors->base.output_message = OnOutput;
  return &errors->base;
}

struct FreeMemory {
  void operator()(unsigned char* memory) const { std::free(memory); }
};

bool Compress(const Frame& frame, int quality, Errors* errors, unsigned char** out,
              unsigned long* size) {  // NOLINT(google-runtime-int): libjpeg's type.
  jpeg_compress_struct codec{};
  codec.err = Prepare(errors);
  if (setjmp(errors->jump) != 0) {
    jpeg_destroy_compress(&codec);
    return false;
  }
  jpeg_create_compress(&codec);
  jpeg_mem_dest(&codec, out, size);
  codec.image_width = static_cast<JDIMENSION>(frame.width);
  codec.image_height = static_cast<JDIMENSION>(frame.height);
  codec.input_components = 3;
  codec.in_color_space = JCS_RGB;
  jpeg_set_defaults(&codec);
  jpeg_set_quality(&codec, quality, TRUE);
  jpeg_start_compress(&codec, TRUE);
  const std::size_t stride = static_cast<std::size_t>(frame.width) * 3;
  while (codec.next_scanline < codec.image_height) {
    // libjpeg's row type is not const; it does not write.
    JSAMPROW row = const_cast<JSAMPROW>(frame.rgb.data() + codec.next_scanline * stride);
    jpeg_write_scanlines(&codec, &row, 1);
  }
  jpeg_finish_compress(&codec);
  jpeg_destroy_compress(&codec);
  return true;
}

// Reads the size only.
bool ReadSize(std::string_view jpeg, Errors* errors, std::int64_t* width, std::int64_t* height) {
  jpeg_decompress_struct codec{};
  codec.err = Prepare(errors);
  if (setjmp(errors->jump) != 0) {
    jpeg_destroy_decompress(&codec);
    return false;
  }
  jpeg_create_decompress(&codec);
  jpeg_mem_src(&codec, reinterpret_cast<const unsigned char*>(jpeg.data()), jpeg.size());
  jpeg_read_header(&codec, TRUE);
  *width = codec.image_width;
  *height = codec.image_height;
  jpeg_destroy_decompress(&codec);
  return true;
}

// REQUIRES: rgb holds the size that ReadSize gave.
bool Decompress(std::string_view jpeg, Errors* errors, unsigned char* rgb) {
  jpeg_decompress_struct codec{};
  jpeg_progress_mgr progress{};
  codec.err = Prepare(errors);
  if (setjmp(errors->jump) != 0) {
    jpeg_destroy_decompress(&codec);
    return false;
  }
  jpeg_create_decompress(&codec);
  progress.progress_monitor = OnProgress;
  codec.progress = &progress;
  jpeg_mem_src(&codec, reinterpret_cast<const unsigned char*>(jpeg.data()), jpeg.size());
  jpeg_read_header(&codec, TRUE);
  codec.out_color_space = JCS_RGB;
  jpeg_start_decompress(&codec);
  const std::size_t stride = std::size_t{codec.output_width} * 3;
  while (codec.output_scanline < codec.output_height) {
    JSAMPROW row = rgb + codec.output_scanline * stride;
    jpeg_read_scanlines(&codec, &row, 1);
  }
  jpeg_finish_decompress(&codec);
  jpeg_destroy_decompress(&codec);
  return true;
}

}  // namespace

Result<std::string> EncodeJpeg(const Frame& frame, int quality) {
  if (frame.width < 1 || frame.height < 1 || frame.width > JPEG_MAX_DIMENSION ||
      frame.height > JPEG_MAX_DIMENSION ||
      frame.rgb.size() !=
          static_cast<std::size_t>(frame.width) * 3 * static_cast<std::size_t>(frame.height)) {
    return InvalidArgument("a frame of " + std::to_string(frame.width) + " x " +
                           std::to_string(frame.height) + " pixels with " +
                           std::to_string(frame.rgb.size()) + " bytes cannot become a JPEG");
  }
  if (quality < 1 || quality > 100) return InvalidArgument("JPEG quality is not within 1 to 100");
  Errors errors;
  unsigned char* bytes = nullptr;
  unsigned long size = 0;  // NOLINT(google-runtime-int): libjpeg's type.
  const bool done = Compress(frame, quality, &errors, &bytes, &size);
  const std::unique_ptr<unsigned char, FreeMemory> owner(bytes);
  if (!done) return Internal(std::string("JPEG: ") + errors.text.data());
  return std::string(reinterpret_cast<const char*>(bytes), size);
}

Result<Frame> DecodeJpeg(std::string_view jpeg, std::int64_t max_pixels) {
  Errors errors;
  std::int64_t width = 0, height = 0;
  if (!ReadSize(jpeg, &errors, &width, &height)) {
    return DataLoss(std::string("no JPEG: ") + errors.text.data());
  }
  if (width * height > max_pixels) {
    return ResourceExhausted("a JPEG of " + std::to_string(width) + " x " + std::to_string(height) +
                             " pixels is above the limit of " + std::to_string(max_pixels));
  }
  Frame frame;
  frame.width = static_cast<int>(width);
  frame.height = static_cast<int>(height);
  frame.rgb.resize(static_cast<std::size_t>(width * height * 3));
  if (!Decompress(jpeg, &errors, frame.rgb.data())) {
    return DataLoss(std::string("damaged JPEG: ") + errors.text.data());
  }
  return frame;
}

}  // namespace stillwatch::bus
