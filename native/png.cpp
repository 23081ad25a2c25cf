#include "native/png.h"

#include <png.h>

#include <algorithm>
#include <array>
#include <bit>
#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "native/exif.h"

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

/// The chunks that matter; nothing when they do not run without a gap up to the end mark (libpng's
/// simplified reader stops at the last pixel, and so would take a file whose tail was lost).
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

[[noreturn]] void refuse(const std::string& name, const std::string& what) {
  throw Error("'" + name + "' " + what + "; give a whole PNG file");
}

/// libpng's state, freed on every way out.
using PngImage = std::unique_ptr<png_image, decltype([](png_image* image) {
                                   png_image_free(image);
                                   delete image;
                                 })>;

PngImage make_png_image() {
  PngImage image(new png_image{});
  image->version = PNG_IMAGE_VERSION;
  return image;
}

std::vector<std::uint8_t> read_8_bits(png_image& image, const std::string& name) {
  image.format = PNG_FORMAT_RGBA;
  std::vector<std::uint8_t> rgba(PNG_IMAGE_SIZE(image));
  if (png_image_finish_read(&image, nullptr, rgba.data(), 0, nullptr) == 0) {
    refuse(name, std::string("is a damaged PNG (") + image.message + ")");
  }
  return rgba;
}

/// A place in bytes that libpng reads from.
struct Source {
  ByteView rest;
};

/// libpng's classic reader, freed on every way out.
struct Reader {
  png_structp png = nullptr;
  png_infop info = nullptr;
  Reader() = default;
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() { png_destroy_read_struct(&png, &info, nullptr); }
};

/// The samples of a 16-bit PNG as they are stored, most significant byte first, 8 bytes a pixel.
/// False when it is damaged. libpng leaves by longjmp, so that nothing here may need a destructor.
bool read_samples(const Reader& reader, Source& source, std::uint8_t* samples, png_bytepp rows,
                  png_uint_32 height) {
  if (setjmp(png_jmpbuf(reader.png)) != 0) return false;
  png_set_read_fn(reader.png, &source, [](png_structp png, png_bytep data, png_size_t size) {
    Source& from = *static_cast<Source*>(png_get_io_ptr(png));
    if (size > from.rest.size()) png_error(png, "its end is missing");
    std::copy_n(from.rest.begin(), size, data);
    from.rest = from.rest.subspan(size);
  });
  png_read_info(reader.png, reader.info);
  png_set_expand(reader.png);  // the transparent colour of tRNS becomes alpha
  png_set_gray_to_rgb(reader.png);
  png_set_add_alpha(reader.png, 0xFFFF, PNG_FILLER_AFTER);
  png_set_interlace_handling(reader.png);
  png_read_update_info(reader.png, reader.info);
  const std::size_t stride = png_get_rowbytes(reader.png, reader.info);
  if (stride != 8 * std::size_t{png_get_image_width(reader.png, reader.info)}) return false;
  for (png_uint_32 y = 0; y < height; ++y) rows[y] = samples + stride * y;
  png_read_image(reader.png, rows);
  png_read_end(reader.png, nullptr);
  return true;
}

// Samples of 16 bits in 8: by libpng's simplified reader they would lose the lower half of the bits
// that are in use, since scanners store 10 or 12 bits in 16.
std::vector<std::uint8_t> read_16_bits(ByteView png, const png_image& image,
                                       const std::string& name) {
  std::vector<std::uint8_t> samples(std::size_t{8} * image.width * image.height);
  std::vector<png_bytep> rows(image.height);
  Reader reader;
  const auto silent = [](png_structp, png_const_charp) {};
  reader.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, silent);
  if (reader.png != nullptr) reader.info = png_create_info_struct(reader.png);
  if (reader.info == nullptr) throw std::bad_alloc();
  png_set_error_fn(
      reader.png, nullptr, [](png_structp p, png_const_charp) { png_longjmp(p, 1); }, silent);
  Source source{png};
  if (!read_samples(reader, source, samples.data(), rows.data(), image.height)) {
    refuse(name, "is a damaged PNG");
  }
  unsigned top = 0;  // the largest sample of a colour
  for (std::size_t i = 0; i < samples.size(); i += 2) {
    if (i % 8 != 6) top = std::max(top, unsigned{samples[i]} << 8 | samples[i + 1]);
  }
  // The range is that of the fewest bits that hold all values; 14 and more are taken for 16.
  const unsigned range = top >= 1U << 14 ? 0xFFFF : std::bit_ceil(top + 1) - 1;
  std::vector<std::uint8_t> rgba(samples.size() / 2);
  for (std::size_t i = 0; i < rgba.size(); ++i) {
    const unsigned value = unsigned{samples[2 * i]} << 8 | samples[2 * i + 1];
    const unsigned most = i % 4 == 3 ? 0xFFFF : std::max(1U, range);
    rgba[i] = static_cast<std::uint8_t>((255U * value + most / 2) / most);
  }
  return rgba;
}

}  // namespace

ColorPicture read_png(ByteView bytes, const std::string& name) {
  if (bytes.size() < kSignature.size() ||
      !std::equal(kSignature.begin(), kSignature.end(), bytes.begin())) {
    refuse(name, "is not a PNG picture");
  }
  const std::optional<Chunks> chunks = split(bytes);
  if (!chunks) refuse(name, "is a damaged PNG (its end is missing)");
  const PngImage image = make_png_image();
  if (png_image_begin_read_from_memory(image.get(), chunks->picture.data(),
                                       chunks->picture.size()) == 0) {
    refuse(name, std::string("is a damaged PNG (") + image->message + ")");
  }
  constexpr auto kLargest = static_cast<png_uint_32>(kLargestPngSide);
  if (image->width > kLargest || image->height > kLargest) {
    throw Error("'" + name + "' is " + std::to_string(image->width) + " x " +
                std::to_string(image->height) + " pixels; give a PNG of at most " +
                std::to_string(kLargestPngSide) + " x " + std::to_string(kLargestPngSide));
  }
  const bool deep = (image->format & PNG_FORMAT_FLAG_LINEAR) != 0;
  ColorPicture picture{static_cast<int>(image->width), static_cast<int>(image->height), {}};
  picture.rgba = deep ? read_16_bits(chunks->picture, *image, name) : read_8_bits(*image, name);
  return turn(std::move(picture), exif_orientation(chunks->exif));
}

Bytes write_png(const Canvas& canvas) {
  const PngImage image = make_png_image();
  image->width = static_cast<png_uint_32>(canvas.width());
  image->height = static_cast<png_uint_32>(canvas.height());
  image->format = PNG_FORMAT_RGB;
  Bytes bytes(PNG_IMAGE_PNG_SIZE_MAX(*image));
  png_alloc_size_t size = bytes.size();
  if (png_image_write_to_memory(image.get(), bytes.data(), &size, 0, canvas.pixels().data(), 0,
                                nullptr) == 0) {
    throw Error(std::string("cannot encode a picture as PNG: ") + image->message);
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace inoculate
