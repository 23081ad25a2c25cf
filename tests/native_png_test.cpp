// PNG in and out against libpng's own classic interface, and everything that is no PNG.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "catch.h"
#include "native/png.h"
#include "picture_files.h"
#include "png_files.h"

using namespace inoculate;

namespace {

/// 3 x 2 grey pixels {0, 128, 255}, {7, 200, 31}, put together by hand from the PNG specification
/// with Python's zlib and struct.
const Bytes kSmallPng = {
    0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0x00, 0x00, 0x00, 0x0D, 0x49, 0x48, 0x44,
    0x52, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x02, 0x08, 0x00, 0x00, 0x00, 0x00, 0xB8,
    0x1F, 0x39, 0xC6, 0x00, 0x00, 0x00, 0x10, 0x49, 0x44, 0x41, 0x54, 0x78, 0xDA, 0x63, 0x60,
    0x68, 0xF8, 0xCF, 0xC0, 0x7E, 0x42, 0x1E, 0x00, 0x09, 0xC7, 0x02, 0x6E, 0xF1, 0x71, 0xB0,
    0x37, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82};

Row grey_of(const Bytes& bytes) { return grey_of(read_png(bytes, "t")); }
Row rgba_of(const Bytes& bytes) { return read_png(bytes, "t").rgba; }

std::string refusal(ByteView bytes) {
  try {
    read_png(bytes, "drawing.png");
  } catch (const Error& error) {
    const std::string message = error.what();
    CHECK(message.find("drawing.png") != std::string::npos);
    CHECK(message.find('\n') == std::string::npos);
    return message;
  }
  return {};
}

}  // namespace

TEST_CASE("A PNG made by hand reads as its pixels", "[png]") {
  const ColorPicture image = read_png(kSmallPng, "small");
  CHECK(image.width == 3);
  CHECK(image.height == 2);
  CHECK(grey_of(image) == Row{0, 128, 255, 7, 200, 31});
}

TEST_CASE("Every colour type and depth is read", "[png]") {
  CHECK(grey_of(encode_png({4, 1, 1, PNG_COLOR_TYPE_GRAY}, {{0b10100000}})) == Row{255, 0, 255, 0});
  CHECK(grey_of(encode_png({2, 1, 4, PNG_COLOR_TYPE_GRAY}, {{0x3F}})) == Row{0x33, 255});
  // 16 bits without a gamma are sRGB as well; the low byte hardly matters.
  CHECK(grey_of(encode_png({2, 1, 16, PNG_COLOR_TYPE_GRAY}, {{0x80, 0x80, 0x20, 0x20}})) ==
        Row{0x80, 0x20});
  CHECK(grey_of(encode_png({2, 1, 8, PNG_COLOR_TYPE_RGB}, {{9, 9, 9, 250, 250, 250}})) ==
        Row{9, 250});
  const Row interlaced = {1, 2, 3, 4, 5};
  CHECK(grey_of(encode_png({5, 1, 8, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_ADAM7}, {interlaced})) ==
        interlaced);

  const std::vector<png_color> palette = {{255, 0, 0}, {0, 255, 0}};
  CHECK(rgba_of(encode_png({2, 1, 8, PNG_COLOR_TYPE_PALETTE}, {{0, 1}}, palette)) ==
        Row{255, 0, 0, 255, 0, 255, 0, 255});
}

TEST_CASE("16 bits of which the values use 12 or fewer are read by those", "[png]") {
  // 4095, 2048 and 256 of 4095.
  const Row row = {0x0F, 0xFF, 0x08, 0x00, 0x01, 0x00, 0, 0};
  const Row read = grey_of(encode_png({4, 1, 16, PNG_COLOR_TYPE_GRAY}, {row}));
  CHECK(std::abs(read[0] - 255) <= 1);
  CHECK(std::abs(read[1] - 128) <= 1);
  CHECK(std::abs(read[2] - 16) <= 1);
  CHECK(read[3] == 0);
}

TEST_CASE("Transparency is kept", "[png]") {
  CHECK(rgba_of(encode_png({2, 1, 8, PNG_COLOR_TYPE_GRAY_ALPHA}, {{7, 255, 9, 102}})) ==
        Row{7, 7, 7, 255, 9, 9, 9, 102});
  CHECK(rgba_of(encode_png({1, 1, 16, PNG_COLOR_TYPE_GRAY_ALPHA}, {{0x80, 0x80, 0x80, 0x80}})) ==
        Row{128, 128, 128, 128});
  const std::vector<png_color> palette = {{0, 0, 0}, {255, 255, 255}};
  CHECK(rgba_of(encode_png({2, 1, 8, PNG_COLOR_TYPE_PALETTE}, {{0, 1}}, palette, {255, 0})) ==
        Row{0, 0, 0, 255, 255, 255, 255, 0});
}

namespace {

/// kSmallPng with a chunk before its pixels that says it has `claimed` bytes.
Bytes with_chunk(const std::string& type, const Bytes& content, std::uint32_t claimed) {
  return with_png_chunk(kSmallPng, type, content, claimed);
}

}  // namespace

TEST_CASE("Chunks that say nothing of the pixels are not looked at", "[png]") {
  const Row pixels = {0, 128, 255, 7, 200, 31};
  for (const char* type : {"tEXt", "zTXt", "iTXt", "iCCP", "tIME", "abcd"}) {
    INFO(type);
    CHECK(grey_of(with_chunk(type, {'x', 0, 0, 1, 2, 3}, 6)) == pixels);
    CHECK(refusal(with_chunk(type, {}, 0x7FFFFFFF)).find("damaged") != std::string::npos);
  }
  CHECK(refusal(with_chunk("ABCD", {1}, 1)).find("damaged") != std::string::npos);
}

TEST_CASE("A PNG is turned as its eXIf chunk says", "[png]") {
  // 3 x 2 pixels a b c / d e f; what each orientation shows, from the EXIF specification: 6, for
  // one, has row 0 on the right and column 0 at the top.
  const std::uint8_t a = 0, b = 128, c = 255, d = 7, e = 200, f = 31;
  const std::vector<Row> shown = {{a, b, c, d, e, f}, {c, b, a, f, e, d}, {f, e, d, c, b, a},
                                  {d, e, f, a, b, c}, {a, d, b, e, c, f}, {d, a, e, b, f, c},
                                  {f, c, e, b, d, a}, {c, f, b, e, a, d}};
  for (std::uint8_t orientation = 1; orientation <= 8; ++orientation) {
    INFO(int{orientation});
    const Bytes big = {'M',  'M', 0, 42, 0, 0, 0, 8, 0,           1, 1,
                       0x12, 0,   3, 0,  0, 0, 1, 0, orientation, 0, 0};
    const Bytes little = {'I', 'I', 42, 0, 8, 0, 0, 0,           1, 0, 0x12,
                          1,   3,   0,  1, 0, 0, 0, orientation, 0, 0, 0};
    for (const Bytes& exif : {big, little}) {
      const ColorPicture picture =
          read_png(with_chunk("eXIf", exif, static_cast<std::uint32_t>(exif.size())), "t");
      CHECK(picture.width == (orientation < 5 ? 3 : 2));
      CHECK(picture.height == (orientation < 5 ? 2 : 3));
      CHECK(grey_of(picture) == shown[orientation - 1U]);
      // Cut anywhere it is no orientation, and no error.
      for (std::size_t size = 0; size < exif.size() - 2; ++size) {
        const Bytes cut(exif.begin(), exif.begin() + static_cast<std::ptrdiff_t>(size));
        CHECK(read_png(with_chunk("eXIf", cut, static_cast<std::uint32_t>(size)), "t").width == 3);
      }
    }
  }
}

TEST_CASE("A canvas survives the way through PNG", "[png]") {
  Canvas canvas(37, 11, {250, 249, 246});
  canvas.fill_rect({3, 2, 10, 5}, {200, 54, 44});
  canvas.fill_rect({20, 0, 17, 11}, {12, 34, 56});
  const Bytes bytes = write_png(canvas);

  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  REQUIRE(png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()) != 0);
  CHECK(image.width == 37);
  CHECK(image.height == 11);
  CHECK(image.format == PNG_FORMAT_RGB);
  Row pixels(PNG_IMAGE_SIZE(image));
  REQUIRE(png_image_finish_read(&image, nullptr, pixels.data(), 0, nullptr) != 0);
  CHECK(pixels == canvas.pixels());
}

TEST_CASE("Noise, which does not compress, is written whole", "[png]") {
  Canvas canvas(64, 64, {});
  std::uint32_t state = 1;
  for (int i = 0; i < 64 * 64; ++i) {
    state = state * 1664525 + 1013904223;
    const auto value = static_cast<std::uint8_t>(state >> 24);
    canvas.fill_rect({i % 64, i / 64, 1, 1}, {value, value, value});
  }
  const ColorPicture image = read_png(write_png(canvas), "noise");
  for (int i = 0; i < 64 * 64; ++i) {
    REQUIRE(image.rgba[static_cast<std::size_t>(4 * i)] == canvas.at(i % 64, i / 64).r);
  }
}

TEST_CASE("What is no PNG is refused", "[png]") {
  CHECK(refusal({}).find("is not a PNG") != std::string::npos);
  const std::string text = "P5 28 28 255 and so on, certainly no PNG";
  CHECK(refusal(Bytes(text.begin(), text.end())).find("is not a PNG") != std::string::npos);
  const Bytes jpeg = {0xFF, 0xD8, 0xFF, 0xE0, 0, 16, 'J', 'F', 'I', 'F', 0};
  CHECK(refusal(jpeg).find("is not a PNG") != std::string::npos);
}

TEST_CASE("A PNG cut anywhere is refused", "[png]") {
  for (std::size_t size = 0; size < kSmallPng.size(); ++size) {
    INFO(size << " bytes");
    CHECK(!refusal(ByteView(kSmallPng).first(size)).empty());
  }
  Bytes longer = kSmallPng;
  longer.push_back(0);  // Trailing bytes are common and harmless.
  CHECK(refusal(longer).empty());
}

TEST_CASE("A PNG with any bit turned is refused", "[png]") {
  // Every part is covered by the signature or a checksum. The last four bytes are the checksum of
  // the empty end mark and guard nothing.
  for (std::size_t bit = 0; bit < 8 * (kSmallPng.size() - 4); ++bit) {
    Bytes damaged = kSmallPng;
    damaged[bit / 8] = static_cast<std::uint8_t>(damaged[bit / 8] ^ (1u << bit % 8));
    INFO("bit " << bit);
    CHECK(!refusal(damaged).empty());
  }
}

TEST_CASE("Sizes beyond the limit are refused before any memory is asked for", "[png]") {
  const std::string limit = "give one of at most 16384 pixels a side";
  const std::string wide = refusal(encode_png({16385, 1, 8, PNG_COLOR_TYPE_GRAY}, {Row(16385)}));
  CHECK(wide.find("16385 x 1 pixels; " + limit) != std::string::npos);
  CHECK(refusal(encode_png({1, 16385, 1, PNG_COLOR_TYPE_GRAY}, std::vector<Row>(16385, Row{0})))
            .find("1 x 16385 pixels; " + limit) != std::string::npos);
  // 240,000 x 240,000 x 8 bytes would be 460 GB.
  CHECK(refusal(encode_png({240'000, 240'000, 16, PNG_COLOR_TYPE_RGB_ALPHA}, {})).find(limit) !=
        std::string::npos);
  CHECK(refusal(encode_png({16'000, 8'000, 8, PNG_COLOR_TYPE_RGB}, {})).find("120 megapixels") !=
        std::string::npos);
  // An interlaced picture has to be in memory as a whole.
  CHECK(refusal(encode_png({8'000, 5'000, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_ADAM7}, {}))
            .find("32 megapixels") != std::string::npos);
  const ColorPicture largest =
      read_png(encode_png({4096, 1, 8, PNG_COLOR_TYPE_GRAY}, {Row(4096, 77)}), "t");
  CHECK(largest.width == 4096);
  CHECK(read_png(encode_png({16384, 1, 8, PNG_COLOR_TYPE_GRAY}, {Row(16384, 77)}), "t").width ==
        4096);
  CHECK(!refusal(encode_png({28, 28, 8, PNG_COLOR_TYPE_GRAY}, {})).empty());
}
