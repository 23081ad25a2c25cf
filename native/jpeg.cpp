#include "native/jpeg.h"

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <vector>
// libjpeg's header stands on the ones above.
#include <jpeglib.h>
// Its messages are numbered by the version that jpeglib.h names.
#include <jerror.h>

#include "base/error.h"
#include "native/exif.h"

namespace inoculate {
namespace {

// A progressive picture stands in memory as a whole: 2 bytes for each sample, of which there are
// one and a half or three a pixel.
constexpr long kMostMemory = 400'000'000;
// Encoders make about ten. A file of a few kilobytes can have thousands, each of which passes over
// the whole picture.
constexpr int kMostScans = 100;

/// libjpeg's state for one picture in memory. It leaves by longjmp when something is wrong, so that
/// the functions that call it hold nothing that needs a destructor.
class Decoder {
 public:
  explicit Decoder(ByteView bytes) : bytes_(bytes) {
    state_.err = jpeg_std_error(&errors_);
    errors_.error_exit = fail;
    errors_.emit_message = warn;
    progress_.progress_monitor = count_scans;
    state_.client_data = this;
  }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  ~Decoder() { jpeg_destroy_decompress(&state_); }

  /// Reads as far as the pixels. False when that fails, as `refuse` then tells.
  bool begin() {
    if (setjmp(jump_) != 0) return false;
    jpeg_create_decompress(&state_);
    state_.progress = &progress_;
    state_.mem->max_memory_to_use = kMostMemory;
    jpeg_save_markers(&state_, JPEG_APP0 + 1, 0xFFFF);
    jpeg_mem_src(&state_, bytes_.data(), static_cast<unsigned long>(bytes_.size()));
    jpeg_read_header(&state_, TRUE);
    if (state_.jpeg_color_space == JCS_CMYK || state_.jpeg_color_space == JCS_YCCK) {
      state_.out_color_space = JCS_CMYK;
    } else if (state_.jpeg_color_space != JCS_GRAYSCALE) {
      state_.out_color_space = JCS_RGB;
    }
    const JDIMENSION side = std::max(state_.image_width, state_.image_height);
    state_.scale_num = 1;
    while (state_.scale_denom < 8 && side > state_.scale_denom * PictureRows::kLongestKept) {
      state_.scale_denom *= 2;
    }
    jpeg_calc_output_dimensions(&state_);
    return true;
  }

  // After begin(): the picture as it is stored, and as it is read.
  std::uint32_t stored_width() const { return state_.image_width; }
  std::uint32_t stored_height() const { return state_.image_height; }
  std::uint32_t width() const { return state_.output_width; }
  std::uint32_t height() const { return state_.output_height; }
  std::size_t channels() const { return static_cast<std::size_t>(state_.out_color_components); }
  /// Adobe stores light where others store ink.
  bool inverted() const { return state_.saw_Adobe_marker != 0; }

  /// The EXIF of the file; empty without. It is gone when the pixels are read.
  ByteView exif() const {
    constexpr std::string_view kMark("Exif\0", 6);
    for (const jpeg_marker_struct* m = state_.marker_list; m != nullptr; m = m->next) {
      if (m->data_length > kMark.size() && std::memcmp(m->data, kMark.data(), kMark.size()) == 0) {
        return ByteView(m->data, m->data_length).subspan(kMark.size());
      }
    }
    return {};
  }

  /// Calls `on_row` with each row, from the top, in `row`: channels() x width() samples. False when
  /// that fails.
  template <typename OnRow>
  bool read(std::uint8_t* row, const OnRow& on_row) {
    if (setjmp(jump_) != 0) return false;
    jpeg_start_decompress(&state_);
    while (state_.output_scanline < state_.output_height) {
      jpeg_read_scanlines(&state_, &row, 1);
      on_row(row);
    }
    jpeg_finish_decompress(&state_);  // refuses a file that lacks its end mark
    return true;
  }

  [[noreturn]] void refuse(const std::string& name) const;

 private:
  static Decoder& of(j_common_ptr state) { return *static_cast<Decoder*>(state->client_data); }

  [[noreturn]] static void fail(j_common_ptr state) {
    Decoder& decoder = of(state);
    decoder.errors_.format_message(state, decoder.message_.data());
    std::longjmp(decoder.jump_, 1);
  }

  // Where data are missing libjpeg warns and makes pixels up.
  static void warn(j_common_ptr state, int level) {
    if (level >= 0) return;
    const int code = state->err->msg_code;
    const bool harmless =
        code == JWRN_EXTRANEOUS_DATA || code == JWRN_JFIF_MAJOR || code == JWRN_ADOBE_XFORM;
    if (!harmless) fail(state);
  }

  static void count_scans(j_common_ptr state) {
    Decoder& decoder = of(state);
    if (decoder.state_.input_scan_number <= kMostScans) return;
    std::snprintf(decoder.message_.data(), decoder.message_.size(), "more than %d scans",
                  kMostScans);
    decoder.errors_.msg_code = JMSG_NOMESSAGE;
    std::longjmp(decoder.jump_, 1);
  }

  ByteView bytes_;
  jpeg_decompress_struct state_{};
  jpeg_error_mgr errors_{};
  jpeg_progress_mgr progress_{};
  std::jmp_buf jump_{};
  std::array<char, JMSG_LENGTH_MAX> message_{};
};

void Decoder::refuse(const std::string& name) const {
  switch (errors_.msg_code) {
    case JERR_NO_BACKING_STORE:
    case JERR_OUT_OF_MEMORY:
      throw Error("'" + name + "' is a progressive JPEG of " + std::to_string(stored_width()) +
                  " x " + std::to_string(stored_height()) +
                  " pixels, which takes too much memory; store it smaller or not progressive");
    case JERR_ARITH_NOTIMPL:
    case JERR_BAD_PRECISION:
    case JERR_CCIR601_NOTIMPL:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_FRACT_SAMPLE_NOTIMPL:
    case JERR_SOF_UNSUPPORTED:
      throw Error("'" + name + "' is a JPEG of a kind that is not read (" + message_.data() +
                  "); convert it to PNG");
    default:
      refuse_damaged(name, "JPEG", message_.data());
  }
}

// One row of samples as red, green, blue and alpha.
void to_rgba(const Decoder& decoder, const std::uint8_t* row, std::vector<std::uint8_t>& rgba) {
  const std::size_t channels = decoder.channels();
  for (std::size_t x = 0; 4 * x < rgba.size(); ++x, row += channels) {
    for (std::size_t c = 0; c < 3; ++c) {
      unsigned value = row[channels == 1 ? 0 : c];
      if (channels == 4) {
        const unsigned light = decoder.inverted() ? value : 255 - value;
        const unsigned black = decoder.inverted() ? row[3] : 255U - row[3];
        value = (light * black + 127) / 255;
      }
      rgba[4 * x + c] = static_cast<std::uint8_t>(value);
    }
  }
}

}  // namespace

ColorPicture read_jpeg(ByteView bytes, const std::string& name) {
  Decoder decoder(bytes);
  if (!decoder.begin()) decoder.refuse(name);
  require_picture_size(decoder.stored_width(), decoder.stored_height(), name);
  const int orientation = exif_orientation(decoder.exif());
  PictureRows rows(static_cast<int>(decoder.width()), static_cast<int>(decoder.height()));
  std::vector<std::uint8_t> samples(decoder.channels() * decoder.width());
  std::vector<std::uint8_t> rgba(std::size_t{4} * decoder.width(), 255);
  const bool whole = decoder.read(samples.data(), [&](const std::uint8_t* row) {
    to_rgba(decoder, row, rgba);
    rows.add(rgba.data());
  });
  if (!whole) decoder.refuse(name);
  return turn(rows.take(), orientation);
}

}  // namespace inoculate
