// PNG files by libpng's classic interface.
#pragma once

#include <png.h>
#include <zlib.h>

#include <string>
#include <vector>

#include "data/bytes.h"

namespace inoculate {

/// What a PNG to be made looks like.
struct PngForm {
  png_uint_32 width;
  png_uint_32 height;
  int depth;
  int color_type;
  int interlace = PNG_INTERLACE_NONE;
};

/// Encodes `rows` (as stored in a PNG) through libpng's classic interface. Rows may be left out:
/// then the header is followed by a few bytes of nonsense.
inline Bytes encode_png(const PngForm& form, const std::vector<Bytes>& rows,
                        const std::vector<png_color>& palette = {},
                        const Bytes& palette_alpha = {}) {
  Bytes bytes;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_user_limits(png, 0x7FFFFFFF, 0x7FFFFFFF);
  png_set_write_fn(
      png, &bytes,
      [](png_structp p, png_bytep data, png_size_t size) {
        auto* out = static_cast<Bytes*>(png_get_io_ptr(p));
        out->insert(out->end(), data, data + size);
      },
      nullptr);
  png_set_IHDR(png, info, form.width, form.height, form.depth, form.color_type, form.interlace,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (!palette.empty()) png_set_PLTE(png, info, palette.data(), static_cast<int>(palette.size()));
  if (!palette_alpha.empty()) {
    png_set_tRNS(png, info, palette_alpha.data(), static_cast<int>(palette_alpha.size()), nullptr);
  }
  png_write_info(png, info);
  if (rows.empty()) {
    const Bytes nonsense(64, 0x5A);
    png_write_chunk(png, reinterpret_cast<png_const_bytep>("IDAT"), nonsense.data(),
                    nonsense.size());
    png_write_chunk(png, reinterpret_cast<png_const_bytep>("IEND"), nullptr, 0);
  } else {
    std::vector<png_bytep> pointers;
    for (const Bytes& row : rows) pointers.push_back(const_cast<png_bytep>(row.data()));
    png_write_image(png, pointers.data());
    png_write_end(png, info);
  }
  png_destroy_write_struct(&png, &info);
  return bytes;
}

/// `png` with a chunk before its pixels (behind its IHDR) that says it has `claimed` bytes.
inline Bytes with_png_chunk(const Bytes& png, const std::string& type, const Bytes& content,
                            std::uint32_t claimed) {
  Bytes chunk;
  const auto append = [&](std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) {
      chunk.push_back(static_cast<std::uint8_t>(value >> shift));
    }
  };
  append(claimed);
  chunk.insert(chunk.end(), type.begin(), type.end());
  chunk.insert(chunk.end(), content.begin(), content.end());
  append(
      static_cast<std::uint32_t>(crc32(0, chunk.data() + 4, static_cast<uInt>(chunk.size() - 4))));
  Bytes bytes = png;
  bytes.insert(bytes.begin() + 33, chunk.begin(), chunk.end());
  return bytes;
}

}  // namespace inoculate
