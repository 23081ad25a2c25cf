#include "native/png.h"

#include <png.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/error.h"

namespace inoculate {
namespace {

constexpr std::array<std::uint8_t, 8> kSignature = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};

/// Whether the chunks run without a gap up to the end mark. libpng's simplified reader stops at the
/// last pixel and so would take a file whose tail was lost.
bool has_all_chunks(ByteView bytes) {
  constexpr std::size_t kChunkOverhead = 12;  // Length, type and checksum, 4 bytes each.
  ByteView rest = bytes.subspan(kSignature.size());
  while (rest.size() >= kChunkOverhead) {
    const std::size_t length = std::size_t{rest[0]} << 24 | std::size_t{rest[1]} << 16 |
                               std::size_t{rest[2]} << 8 | std::size_t{rest[3]};
    const std::string_view type(reinterpret_cast<const char*>(rest.data()) + 4, 4);
    if (length > rest.size() - kChunkOverhead) return false;
    if (type == "IEND") return true;
    rest = rest.subspan(kChunkOverhead + length);
  }
  return false;
}

[[noreturn]] void refuse(const std::string& name, const std::string& what) {
  throw Error("'" + name + "' " + what + "; give a whole PNG file");
}

/// Grey of each pixel of `grey_alpha` (pairs) laid on white or black, whichever shows its ink.
std::vector<std::uint8_t> flatten(const std::vector<std::uint8_t>& grey_alpha) {
  std::uint64_t ink = 0;
  std::uint64_t opacity = 0;
  for (std::size_t i = 0; i < grey_alpha.size(); i += 2) {
    ink += std::uint64_t{grey_alpha[i]} * grey_alpha[i + 1];
    opacity += grey_alpha[i + 1];
  }
  // Mean grey of what is there: below the middle it is dark ink. An empty picture goes on black,
  // the ground of the network's digits.
  const unsigned ground = opacity > 0 && ink < 128 * opacity ? 255 : 0;
  std::vector<std::uint8_t> grey(grey_alpha.size() / 2);
  for (std::size_t i = 0; i < grey.size(); ++i) {
    const unsigned alpha = grey_alpha[2 * i + 1];
    grey[i] =
        static_cast<std::uint8_t>((grey_alpha[2 * i] * alpha + ground * (255 - alpha) + 127) / 255);
  }
  return grey;
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

}  // namespace

GreyImage read_png_grey(ByteView bytes, const std::string& name) {
  if (bytes.size() < kSignature.size() ||
      !std::equal(kSignature.begin(), kSignature.end(), bytes.begin())) {
    refuse(name, "is not a PNG picture");
  }
  const PngImage image = make_png_image();
  if (png_image_begin_read_from_memory(image.get(), bytes.data(), bytes.size()) == 0) {
    refuse(name, std::string("is a damaged PNG (") + image->message + ")");
  }
  constexpr auto kLargest = static_cast<png_uint_32>(kLargestPngSide);
  if (image->width > kLargest || image->height > kLargest) {
    throw Error("'" + name + "' is " + std::to_string(image->width) + " x " +
                std::to_string(image->height) + " pixels; give a PNG of at most " +
                std::to_string(kLargestPngSide) + " x " + std::to_string(kLargestPngSide));
  }
  if (!has_all_chunks(bytes)) refuse(name, "is a damaged PNG (its end is missing)");

  // 16-bit samples without a stated gamma are sRGB like 8-bit ones, not linear light.
  image->flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
  image->format = PNG_FORMAT_GA;
  std::vector<std::uint8_t> grey_alpha(PNG_IMAGE_SIZE(*image));
  if (png_image_finish_read(image.get(), nullptr, grey_alpha.data(), 0, nullptr) == 0) {
    refuse(name, std::string("is a damaged PNG (") + image->message + ")");
  }
  return {static_cast<int>(image->width), static_cast<int>(image->height), flatten(grey_alpha)};
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
