#include "native/png.h"

#include <png.h>

#include <algorithm>
#include <array>
#include <bit>
#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <new>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "native/exif.h"
#include "native/picture_rows.h"
#include "native/png_encoder.h"

namespace inoculate {
namespace {

constexpr std::array<std::uint8_t, 8> kSignature = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};

struct Chunks {
  Bytes picture;  // a PNG of the chunks that libpng is to see
  ByteView exif;  // the eXIf chunk's content; empty without one
};

// Chunks that say what the pixels are, each with the most bytes that it can have. Text, colour
// profiles and the like are of no use here, and libpng would allocate what they claim.
bool matters(std::string_view type, std::size_t length) {
  constexpr std::array<std::pair<std::string_view, std::size_t>, 6> kSmall = {
      {{"IHDR", 13}, {"PLTE", 768}, {"tRNS", 256}, {"gAMA", 4}, {"cHRM", 32}, {"sRGB", 1}}};
  for (const auto& [name, most] : kSmall) {
    if (type == name) return length <= most;
  }
  // Unknown chunks with a capital letter first cannot be ignored: libpng refuses them.
  return type[0] >= 'A' && type[0] <= 'Z';
}

/// The chunks that matter; nothing when they do not run without a gap up to the end mark.
std::optional<Chunks> split(ByteView bytes) {
  constexpr std::size_t kChunkOverhead = 12;  // Length, type and checksum, 4 bytes each.
  Chunks chunks{Bytes(kSignature.begin(), kSignature.end()), {}};
  ByteView rest = bytes.subspan(kSignature.size());
  while (rest.size() >= kChunkOverhead) {
    const std::size_t length = std::size_t{rest[0]} << 24 | std::size_t{rest[1]} << 16 |
                               std::size_t{rest[2]} << 8 | std::size_t{rest[3]};
    const std::string_view type(reinterpret_cast<const char*>(rest.data()) + 4, 4);
    if (length > rest.size() - kChunkOverhead) return std::nullopt;
    const ByteView chunk = rest.first(kChunkOverhead + length);
    if (matters(type, length)) {
      chunks.picture.insert(chunks.picture.end(), chunk.begin(), chunk.end());
    }
    if (type == "eXIf") chunks.exif = chunk.subspan(8, length);
    if (type == "IEND") return chunks;
    rest = rest.subspan(chunk.size());
  }
  return std::nullopt;
}

/// libpng's reader of one picture in memory. It leaves by longjmp when something is wrong, so that
/// the functions that call it hold nothing that needs a destructor.
class Reader {
 public:
  explicit Reader(ByteView png) : rest_(png) {
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, fail, [](png_structp, const char*) {
      // A warning is no error: what is amiss does not matter to the pixels.
    });
    if (png_ != nullptr) info_ = png_create_info_struct(png_);
    if (info_ != nullptr) return;
    png_destroy_read_struct(&png_, nullptr, nullptr);
    throw std::bad_alloc();
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() { png_destroy_read_struct(&png_, &info_, nullptr); }

  /// Reads as far as the pixels, which are to come as red, green, blue and alpha. False when it is
  /// damaged, as `message` then tells.
  bool begin() {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_set_read_fn(png_, this, give);
    png_read_info(png_, info_);
    png_set_expand(png_);  // palettes, and the transparent colour of tRNS, which becomes alpha
    png_set_gray_to_rgb(png_);
    png_set_add_alpha(png_, 0xFFFF, PNG_FILLER_AFTER);
    // As a viewer shows it. Samples of 16 bits are wanted as they are stored.
    if (!deep()) png_set_alpha_mode(png_, PNG_ALPHA_PNG, PNG_DEFAULT_sRGB);
    passes_ = png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
    if (stride() != png_get_rowbytes(png_, info_)) png_error(png_, "rows of an unknown size");
    return true;
  }

  std::uint32_t width() const { return png_get_image_width(png_, info_); }
  std::uint32_t height() const { return png_get_image_height(png_, info_); }
  bool deep() const { return png_get_bit_depth(png_, info_) == 16; }
  bool interlaced() const { return passes_ > 1; }
  std::size_t stride() const { return std::size_t{deep() ? 8U : 4U} * width(); }
  const char* message() const { return message_.data(); }

  /// Calls `on_row` with each row, from the top. `space` is for one row, or for all rows of an
  /// interlaced picture. False when it is damaged.
  template <typename OnRow>
  bool read(std::uint8_t* space, const OnRow& on_row) {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    const std::uint32_t rows = height();
    const std::size_t step = interlaced() ? stride() : 0;
    for (int pass = 1; pass <= passes_; ++pass) {
      for (std::uint32_t y = 0; y < rows; ++y) {
        png_read_row(png_, space + step * y, nullptr);
        if (pass == passes_) on_row(space + step * y);
      }
    }
    png_read_end(png_, nullptr);
    return true;
  }

 private:
  static void fail(png_structp png, const char* message) {
    auto& reader = *static_cast<Reader*>(png_get_error_ptr(png));
    std::snprintf(reader.message_.data(), reader.message_.size(), "%s", message);
    png_longjmp(png, 1);
  }
  static void give(png_structp png, png_bytep data, png_size_t size) {
    auto& reader = *static_cast<Reader*>(png_get_io_ptr(png));
    if (size > reader.rest_.size()) png_error(png, "its end is missing");
    std::copy_n(reader.rest_.begin(), size, data);
    reader.rest_ = reader.rest_.subspan(size);
  }

  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  ByteView rest_;
  int passes_ = 1;
  std::array<char, 80> message_{};
};

[[noreturn]] void refuse(const std::string& name, const Reader& reader) {
  refuse_damaged(name, "PNG", reader.message());
}

unsigned sample(const std::uint8_t* bytes) { return unsigned{bytes[0]} << 8 | bytes[1]; }

/// The largest value that the samples of a 16-bit PNG can have: that of the fewest bits that hold
/// the largest colour it has, since scanners store 10 or 12 bits in 16; 14 and more are taken for
/// 16. Reads the whole picture.
unsigned range_of_samples(ByteView png, std::vector<std::uint8_t>& space, const std::string& name) {
  Reader reader(png);
  if (!reader.begin()) refuse(name, reader);
  const std::size_t samples = std::size_t{4} * reader.width();
  unsigned top = 0;
  const bool whole = reader.read(space.data(), [&](const std::uint8_t* row) {
    for (std::size_t i = 0; i < samples; ++i) {
      if (i % 4 != 3) top = std::max(top, sample(row + 2 * i));
    }
  });
  if (!whole) refuse(name, reader);
  return top >= 1U << 14 ? 0xFFFF : std::max(1U, std::bit_ceil(top + 1) - 1);
}

ColorPicture read_pixels(ByteView png, const std::string& name) {
  Reader reader(png);
  if (!reader.begin()) refuse(name, reader);
  const std::size_t width = reader.width(), height = reader.height();
  require_picture_size(width, height, name,
                       reader.interlaced() ? kMostPixelsAtOnce : kMostPicturePixels);
  std::vector<std::uint8_t> space(reader.stride() * (reader.interlaced() ? height : 1));
  PictureRows rows(static_cast<int>(width), static_cast<int>(height));
  bool whole = false;
  if (reader.deep()) {
    const unsigned range = range_of_samples(png, space, name);
    std::vector<std::uint8_t> rgba(4 * width);
    whole = reader.read(space.data(), [&](const std::uint8_t* row) {
      for (std::size_t i = 0; i < rgba.size(); ++i) {
        const unsigned most = i % 4 == 3 ? 0xFFFF : range;
        rgba[i] = static_cast<std::uint8_t>((255U * sample(row + 2 * i) + most / 2) / most);
      }
      rows.add(rgba.data());
    });
  } else {
    whole = reader.read(space.data(), [&](const std::uint8_t* row) { rows.add(row); });
  }
  if (!whole) refuse(name, reader);
  return rows.take();
}

}  // namespace

ColorPicture read_png(ByteView bytes, const std::string& name) {
  if (bytes.size() < kSignature.size() ||
      !std::equal(kSignature.begin(), kSignature.end(), bytes.begin())) {
    throw Error("'" + name + "' is not a PNG picture; give a whole PNG file");
  }
  const std::optional<Chunks> chunks = split(bytes);
  if (!chunks) refuse_damaged(name, "PNG", "its end is missing");
  return turn(read_pixels(chunks->picture, name), exif_orientation(chunks->exif));
}

Bytes write_png(const Canvas& canvas) {
  return encode_png(canvas.pixels().data(), canvas.width(), canvas.height(), 3);
}

}  // namespace inoculate
