// Small picture files put together by hand from their formats' specifications, and what is asked of
// their readers.
#pragma once

#include <zlib.h>

#include <string>
#include <vector>

#include "base/error.h"
#include "catch.h"
#include "native/read_picture.h"

namespace inoculate {

using Row = std::vector<std::uint8_t>;

inline Bytes text_bytes(const std::string& text) { return {text.begin(), text.end()}; }
inline Bytes joined(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

/// The red of every pixel of an opaque grey picture.
inline Row grey_of(const ColorPicture& picture) {
  Row grey;
  for (std::size_t i = 0; i < picture.rgba.size(); i += 4) {
    CHECK(picture.rgba[i + 1] == picture.rgba[i]);
    CHECK(picture.rgba[i + 2] == picture.rgba[i]);
    CHECK(picture.rgba[i + 3] == 255);
    grey.push_back(picture.rgba[i]);
  }
  return grey;
}

/// What read_picture says against `bytes`: one line that names the file. Empty when it reads them.
inline std::string picture_refusal(ByteView bytes) {
  try {
    read_picture(bytes, "drawing.xyz");
  } catch (const Error& error) {
    const std::string message = error.what();
    CHECK(message.starts_with("'drawing.xyz' "));
    for (const char c : message) CHECK((c >= ' ' && c != 0x7F));
    return message;
  }
  return {};
}

/// Checks that a file cut anywhere is refused.
inline void check_cut(const Bytes& bytes, std::size_t harmless = 0) {
  for (std::size_t size = 0; size + harmless < bytes.size(); ++size) {
    INFO(size << " of " << bytes.size() << " bytes");
    CHECK(!picture_refusal(ByteView(bytes).first(size)).empty());
  }
}

template <typename T>
void put_le(Bytes& bytes, T value) {
  append_le<T>(bytes, value);
}

/// A BMP with a header of 12 (OS/2), 40, 56, 108 or 124 bytes.
struct Bmp {
  std::uint32_t header = 40;
  std::int32_t width = 0, height = 0;  // a negative height: the top row comes first
  std::uint16_t bits = 24;
  std::uint32_t compression = 0;
  std::vector<std::uint32_t> masks;  // red, green, blue, alpha
  Bytes palette;
  Bytes pixels;

  Bytes bytes() const {
    Bytes out = text_bytes("BM");
    const bool inside = header >= 52;  // where the masks are
    const std::size_t offset = 14 + header + (inside ? 0 : 4 * masks.size()) + palette.size();
    put_le(out, static_cast<std::uint32_t>(offset + pixels.size()));
    put_le(out, std::uint32_t{0});
    put_le(out, static_cast<std::uint32_t>(offset));
    put_le(out, header);
    if (header == 12) {
      put_le(out, static_cast<std::uint16_t>(width));
      put_le(out, static_cast<std::uint16_t>(height));
    } else {
      put_le(out, width);
      put_le(out, height);
    }
    put_le(out, std::uint16_t{1});
    put_le(out, bits);
    if (header > 12) {
      for (const std::uint32_t value : {compression, 0U, 2835U, 2835U, 0U, 0U}) put_le(out, value);
    }
    for (const std::uint32_t mask : masks) put_le(out, mask);
    if (inside) out.resize(14 + header, 0);
    return joined(joined(std::move(out), palette), pixels);
  }
};

/// A frame of a GIF: places in the picture, colours by their numbers.
struct GifFrame {
  int left = 0, top = 0, width = 0, height = 0;
  Row colors;  // as stored: interlaced rows in their order
  bool interlaced = false;
  int transparent = -1;
};

/// LZW's codes without its dictionary: the table is cleared before codes would get longer.
inline Bytes gif_data(const Row& colors, int bits) {
  const int clear = 1 << bits;
  std::vector<int> codes;
  for (std::size_t i = 0; i < colors.size(); ++i) {
    if (i % static_cast<std::size_t>(clear - 2) == 0) codes.push_back(clear);
    codes.push_back(colors[i]);
  }
  codes.push_back(clear + 1);
  Bytes packed;
  unsigned waiting = 0;
  int count = 0;
  for (const int code : codes) {
    waiting |= static_cast<unsigned>(code) << count;
    for (count += bits + 1; count >= 8; count -= 8, waiting >>= 8) {
      packed.push_back(static_cast<std::uint8_t>(waiting));
    }
  }
  packed.push_back(static_cast<std::uint8_t>(waiting));
  Bytes out{static_cast<std::uint8_t>(bits)};
  for (std::size_t at = 0; at < packed.size(); at += 255) {
    const std::size_t size = std::min<std::size_t>(255, packed.size() - at);
    out.push_back(static_cast<std::uint8_t>(size));
    const auto begin = packed.begin() + static_cast<std::ptrdiff_t>(at);
    out.insert(out.end(), begin, begin + static_cast<std::ptrdiff_t>(size));
  }
  out.push_back(0);
  return out;
}

/// A GIF of 4 colours: black, white, red, grey (128).
inline Bytes gif(int width, int height, const std::vector<GifFrame>& frames,
                 std::uint8_t background = 0) {
  const auto put_size = [](Bytes& bytes, int size) {
    put_le(bytes, static_cast<std::uint16_t>(size));
  };
  Bytes out = text_bytes("GIF89a");
  put_size(out, width);
  put_size(out, height);
  out = joined(out, {0x81, background, 0, 0, 0, 0, 255, 255, 255, 255, 0, 0, 128, 128, 128});
  out = joined(out, {0x21, 0xFE, 3, 'a', 'b', 'c', 0});  // a comment
  for (const GifFrame& frame : frames) {
    const bool holes = frame.transparent >= 0;
    out = joined(out, {0x21, 0xF9, 4, static_cast<std::uint8_t>(holes ? 1 : 0), 0, 0,
                       static_cast<std::uint8_t>(holes ? frame.transparent : 0), 0, 0x2C});
    for (const int number : {frame.left, frame.top, frame.width, frame.height}) {
      put_size(out, number);
    }
    out.push_back(frame.interlaced ? 0x40 : 0);
    out = joined(out, gif_data(frame.colors, 2));
  }
  out.push_back(0x3B);
  return out;
}

}  // namespace inoculate
