// BMP, GIF and PNM against pixels written by hand, and the names of what is not read.
#include "picture_files.h"
#include "random_data.h"

using namespace inoculate;

namespace {

using namespace std::string_literals;

ReadPicture read(const Bytes& bytes) { return read_picture(bytes, "t"); }
Row rgba_of(const Bytes& bytes) { return read(bytes).pixels.rgba; }
Row grey_of(const Bytes& bytes) { return grey_of(read(bytes).pixels); }
Row pnm_grey(const std::string& text) { return grey_of(text_bytes(text)); }

bool says(const std::string& message, const std::string& words) {
  INFO(message);
  return message.find(words) != std::string::npos;
}
bool pnm_says(const std::string& text, const std::string& words) {
  return says(picture_refusal(text_bytes(text)), words);
}

/// Blue, green, red of 2 x 2 pixels a b / c d with rows padded to 4 bytes; c d is stored first.
const Row kFour = {1, 2, 3, 255, 254, 253, 0, 0, 10, 20, 30, 40, 50, 60, 0, 0};
const Row kFourShown = {30, 20, 10, 255, 60, 50, 40, 255, 3, 2, 1, 255, 253, 254, 255, 255};

}  // namespace

TEST_CASE("PNM of all six kinds is read", "[picture_files]") {
  const Row bits = {0, 255, 0, 255, 255, 255, 0, 255, 255};
  CHECK(pnm_grey("P1\n9 1\n1 0 1 0 0 0 1 0 0\n") == bits);
  CHECK(pnm_grey("P1 # bits side by side\n3 3\n101000100") == bits);
  CHECK(pnm_grey("P4\n9 1\n\xA2\x00"s) == bits);
  CHECK(pnm_grey("P4 3 3\n\xA0\x00\x80"s) == bits);
  CHECK(pnm_grey("P2#c\n# d\n3 1 # e\n# f\n255\n0 128\n255") == Row{0, 128, 255});
  CHECK(pnm_grey("P2 3 1 4095 0 2048 4095") == Row{0, 128, 255});
  CHECK(pnm_grey("P5\n3 1\n255\n\x00\x80\xFF"s) == Row{0, 128, 255});
  CHECK(pnm_grey("P5 3 1 15\n\x00\x08\x0F"s) == Row{0, 136, 255});
  CHECK(pnm_grey("P5 2 1 4095\n\x08\x00\x0F\xFF"s) == Row{128, 255});
  const Row colors = {1, 2, 3, 255, 250, 251, 252, 255};
  CHECK(rgba_of(text_bytes("P3 2 1 255 1 2 3 250 251 252")) == colors);
  CHECK(rgba_of(text_bytes("P6 2 1 255\n\x01\x02\x03\xFA\xFB\xFC"s)) == colors);
  CHECK(rgba_of(text_bytes("P6 1 1 65535\r\xFF\xFF\x80\x80\x00\x7F"s)) == Row{255, 128, 0, 255});
  const ReadPicture two = read(text_bytes("P5 1 1 255\n\x07P5 1 1 255\n\x08"s));
  CHECK(grey_of(two.pixels) == Row{7});
  CHECK(two.note == "first of several pictures");
  CHECK(read(text_bytes("P5 2 3 255\n123456")).note.empty());
  CHECK(read(text_bytes("P5 2 3 255\n123456")).pixels.height == 3);
}

TEST_CASE("A faulty PNM is refused", "[picture_files]") {
  check_cut(text_bytes("P5 3 2 255\n123456"));
  check_cut(text_bytes("P6 1 2 300\n123456123456"));
  check_cut(text_bytes("P4 9 2\n1234"));
  check_cut(text_bytes("P3 1 2 9 1 2 3 4 5 6"));
  check_cut(text_bytes("P1 2 2 1001"));
  CHECK(pnm_says("P5 0 3 255\n123", "0 x 3 pixels"));
  CHECK(pnm_says("P5 16385 1 255\n123", "16385 x 1 pixels; give one of at most 16384"));
  CHECK(pnm_says("P5 12000 12000 255\n1", "120 megapixels"));
  CHECK(pnm_says("P5 99999999999999999999 18446744073709551617 255\n1", "pixels a side"));
  CHECK(pnm_says("P5 16000 5000 255\n123", "its end is missing"));
  CHECK(pnm_says("P2 16000 5000 255\n1 2 3", "its end is missing"));
  CHECK(pnm_says("P5 2 1 0\n12", "largest value"));
  CHECK(pnm_says("P5 2 1 65536\n1234", "largest value"));
  CHECK(pnm_says("P5 2 1 9\n\x01\x0A", "a pixel of 10 where the most is 9"));
  CHECK(pnm_says("P2 2 1 9\n1 77", "a pixel of 77 where the most is 9"));
  CHECK(pnm_says("P2 2 1 9\n1 -7", "no number"));
  CHECK(pnm_says("P1 2 1\n12", "neither 0 nor 1"));
  CHECK(pnm_says("P5 x 3 255\n123", "no number"));
  CHECK(pnm_says("P5 1 1 255#\n1", "header does not end"));
}

TEST_CASE("BMP of every depth and age is read", "[picture_files]") {
  for (const std::uint32_t header : {12U, 40U, 108U, 124U}) {
    INFO("header of " << header << " bytes");
    CHECK(rgba_of(Bmp{header, 2, 2, 24, 0, {}, {}, kFour}.bytes()) == kFourShown);
    // 5 colours, of which the last is the fifth: OS/2 stores 3 bytes a colour.
    Row palette;
    for (std::uint8_t i = 0; i < 16; ++i) {
      const Row color = {static_cast<std::uint8_t>(i * 3), static_cast<std::uint8_t>(i * 5),
                         static_cast<std::uint8_t>(i * 7)};
      palette.insert(palette.end(), color.begin(), color.end());
      if (header != 12) palette.push_back(0);
    }
    CHECK(rgba_of(Bmp{header, 3, 1, 4, 0, {}, palette, {0x1F, 0x20, 0, 0}}.bytes()) ==
          Row{7, 5, 3, 255, 105, 75, 45, 255, 14, 10, 6, 255});
    palette.resize(header == 12 ? 6 : 8);
    CHECK(rgba_of(Bmp{header, 9, 1, 1, 0, {}, palette, {0x80, 0x80, 0, 0}}.bytes()) ==
          Row{7, 5,   3, 255, 0, 0,   0, 255, 0, 0,   0, 255, 0, 0,   0, 255, 0, 0,
              0, 255, 0, 0,   0, 255, 0, 0,   0, 255, 0, 0,   0, 255, 7, 5,   3, 255});
  }
  Row upside_down(kFour.begin() + 8, kFour.end());
  upside_down.insert(upside_down.end(), kFour.begin(), kFour.begin() + 8);
  CHECK(rgba_of(Bmp{40, 2, -2, 24, 0, {}, {}, upside_down}.bytes()) == kFourShown);
  Row palette(1024);
  for (std::size_t i = 0; i < 256; ++i)
    palette[4 * i] = palette[4 * i + 1] = palette[4 * i + 2] = static_cast<std::uint8_t>(i);
  CHECK(grey_of(Bmp{40, 3, 1, 8, 0, {}, palette, {9, 0, 255, 0}}.bytes()) == Row{9, 0, 255});
  // 16 bits: 5 for each colour, or 5, 6 and 5.
  CHECK(rgba_of(Bmp{40, 2, 1, 16, 0, {}, {}, {0x1F, 0x7C, 0x10, 0x02}}.bytes()) ==
        Row{255, 0, 255, 255, 0, 132, 132, 255});
  CHECK(rgba_of(Bmp{40, 1, 1, 16, 3, {0xF800, 0x07E0, 0x001F}, {}, {0xE0, 0xFF, 0, 0}}.bytes()) ==
        Row{255, 255, 0, 255});
  // The fourth byte of 32 bits is alpha only where a mask says so, and not when it is 0 throughout.
  const Row pixels = {1, 2, 3, 0, 4, 5, 6, 128};
  CHECK(rgba_of(Bmp{40, 2, 1, 32, 0, {}, {}, pixels}.bytes()) == Row{3, 2, 1, 255, 6, 5, 4, 255});
  const std::vector<std::uint32_t> masks = {0xFF0000, 0xFF00, 0xFF, 0xFF000000};
  CHECK(rgba_of(Bmp{124, 2, 1, 32, 3, masks, {}, pixels}.bytes()) == Row{3, 2, 1, 0, 6, 5, 4, 128});
  CHECK(rgba_of(Bmp{124, 1, 1, 32, 3, masks, {}, {1, 2, 3, 0}}.bytes()) == Row{3, 2, 1, 255});
}

TEST_CASE("A faulty BMP is refused", "[picture_files]") {
  check_cut(Bmp{40, 2, 2, 24, 0, {}, {}, kFour}.bytes(), 2);  // the padding of the last row
  check_cut(Bmp{12, 8, 1, 1, 0, {}, {0, 0, 0, 9, 9, 9}, {0xAA, 0, 0, 0}}.bytes(), 3);
  const auto refused = [](const Bmp& bmp, const char* words) {
    return says(picture_refusal(bmp.bytes()), words);
  };
  CHECK(refused({40, 0, 2, 24, 0, {}, {}, kFour}, "0 x 2 pixels"));
  CHECK(refused({40, -2, 2, 24, 0, {}, {}, kFour}, "width is negative"));
  CHECK(refused({40, 2, INT32_MIN, 24, 0, {}, {}, kFour}, "2 x 2147483648 pixels"));
  CHECK(refused({40, INT32_MAX, INT32_MAX, 32, 0, {}, {}, kFour}, "pixels a side"));
  CHECK(refused({40, 16000, 7000, 32, 0, {}, {}, kFour}, "its end is missing"));
  CHECK(refused({40, 2, 2, 7, 0, {}, {}, kFour}, "7 bits a pixel"));
  CHECK(refused({40, 2, 2, 0, 0, {}, {}, kFour}, "0 bits a pixel"));
  CHECK(refused({41, 2, 2, 24, 9, {}, {}, kFour}, "compression"));
  CHECK(refused({39, 2, 2, 24, 0, {}, {}, kFour}, "header"));
  for (const std::uint32_t compression : {1U, 2U, 4U, 5U}) {
    CHECK(refused({40, 2, 2, 8, compression, {}, {}, kFour}, "is a compressed BMP"));
  }
  CHECK(refused({40, 4, 1, 8, 0, {}, {1, 2, 3, 0}, {0, 0, 1, 0}}, "its palette lacks"));
  CHECK(refused({40, 1, 1, 16, 3, {0xF0F0, 1, 2}, {}, {0, 0, 0, 0}}, "a mask with holes"));
  CHECK(refused({40, 1, 1, 16, 3, {0, 0, 0}, {}, {0, 0, 0, 0}}, "masks are empty"));
  Bytes early = Bmp{40, 2, 2, 24, 0, {}, {}, kFour}.bytes();
  early[10] = 20;
  CHECK(says(picture_refusal(early), "begin in its header"));
}

TEST_CASE("The first frame of a GIF is read", "[picture_files]") {
  const Row colors = {0, 1, 3, 3, 1, 0};
  const Bytes one = gif(3, 2, {{0, 0, 3, 2, colors}});
  CHECK(grey_of(one) == Row{0, 255, 128, 128, 255, 0});
  CHECK(read(one).note.empty());
  const ReadPicture two = read(gif(3, 2, {{0, 0, 3, 2, colors}, {1, 1, 1, 1, {2}}}));
  CHECK(grey_of(two.pixels) == Row{0, 255, 128, 128, 255, 0});
  CHECK(two.note == "first frame");
  // Rows 0, 8, 4, 2, 6, 1, 3, 5, 7 of 9.
  const Bytes rows = gif(1, 9, {{0, 0, 1, 9, {1, 0, 3, 1, 1, 0, 3, 0, 0}, true}});
  CHECK(grey_of(rows) == Row{255, 0, 255, 3 * 0 + 128, 128, 0, 255, 0, 0});
  // What a frame does not cover, and what is transparent in it, shows what is behind.
  CHECK(rgba_of(gif(2, 2, {{1, 0, 1, 2, {2, 1}, false, 1}}, 3)) ==
        Row{0, 0, 0, 0, 255, 0, 0, 255, 0, 0, 0, 0, 0, 0, 0, 0});
}

TEST_CASE("A faulty GIF is refused", "[picture_files]") {
  const Row colors = {0, 1, 3, 3, 1, 0};
  const Bytes good = gif(3, 2, {{0, 0, 3, 2, colors}, {1, 1, 1, 1, {2}}});
  check_cut(good);
  const auto refused = [](const Bytes& bytes, const char* words) {
    return says(picture_refusal(bytes), words);
  };
  CHECK(refused(gif(3, 2, {}), "no frame"));
  CHECK(refused(gif(0, 2, {{0, 0, 0, 2, {}}}), "0 x 2 pixels"));
  CHECK(refused(gif(65535, 2, {{0, 0, 3, 2, colors}}), "65535 x 2 pixels"));
  CHECK(refused(gif(16000, 2001, {{0, 0, 3, 2, colors}}), "at most 16384 pixels a side and 32"));
  CHECK(refused(gif(3, 2, {{1, 0, 3, 2, colors}}), "not within the picture"));
  CHECK(refused(gif(3, 2, {{0, 0, 0, 2, {}}}), "not within the picture"));
  CHECK(refused(gif(3, 2, {{0, 0, 3, 2, {0, 1, 3, 3, 1}}}), "pixels are missing"));
  Bytes no_block = good;
  no_block[no_block.size() - 1] = 7;
  CHECK(refused(no_block, "a block of no kind"));
}

TEST_CASE("A picture with a long side is averaged down while it is read", "[picture_files]") {
  // 8200 columns become 2734 by threes, of which the last has one column; 4 rows become 2.
  constexpr int kWidth = 8200, kHeight = 4;
  RandomData random(1);
  Bytes pgm = text_bytes("P5 8200 4 255\n");
  Row grey;
  for (int i = 0; i < kWidth * kHeight; ++i) {
    grey.push_back(static_cast<std::uint8_t>(random.below(256)));
  }
  const ColorPicture picture = read(joined(pgm, grey)).pixels;
  CHECK(picture.width == 2734);
  CHECK(picture.height == 2);
  const Row kept = grey_of(picture);
  int wrong = 0;
  for (int y = 0; y < 2; ++y) {
    for (int x = 0; x < 2734; ++x) {
      double sum = 0, count = 0;
      for (int v = 3 * y; v < std::min(kHeight, 3 * y + 3); ++v) {
        for (int u = 3 * x; u < std::min(kWidth, 3 * x + 3); ++u, ++count) {
          sum += grey[static_cast<std::size_t>(v * kWidth + u)];
        }
      }
      wrong += std::abs(sum / count - kept[static_cast<std::size_t>(2734 * y + x)]) > 0.51;
    }
  }
  CHECK(wrong == 0);
  // Of a transparent pixel only the alpha counts.
  PictureRows rows(4098, 1);
  Row row(4 * 4098, 255);
  for (const std::size_t c : {0U, 1U, 2U, 3U}) row[c] = 0;
  rows.add(row.data());
  const ColorPicture half = rows.take();
  CHECK(half.width == 2049);
  CHECK(Row(half.rgba.begin(), half.rgba.begin() + 8) ==
        Row{255, 255, 255, 128, 255, 255, 255, 255});
}

TEST_CASE("What is not read is named for what it is", "[picture_files]") {
  struct Sample {
    std::string bytes;
    const char* name;
  };
  for (const auto& [bytes, name] : {
           Sample{"RIFF\x24\0\0\0WEBPVP8 "s, "is a WebP picture"},
           {"\0\0\0\x18"
            "ftypheic\0\0\0\0"s,
            "is a HEIC picture"},
           {"\0\0\0\x18"
            "ftypmif1\0\0\0\0"s,
            "is a HEIC picture"},
           {"\0\0\0\x18"
            "ftypavif\0\0\0\0"s,
            "is an AVIF picture"},
           {"II*\0\x08\0\0\0"s, "is a TIFF picture"},
           {"MM\0*\0\0\0\x08"s, "is a TIFF picture"},
           {"8BPS\0\1"s, "is a PSD picture"},
           {"<svg xmlns='http://www.w3.org/2000/svg'/>", "is an SVG picture"},
           {"<?xml version='1.0'?>\n<!-- drawn -->\n<svg/>", "is an SVG picture"},
           {"\0\0\1\0\1\0\x10\x10"s, "is an ICO picture"},
           {"\0\0\0\x0cjP  \r\n\x87\n"s, "is a JPEG 2000 picture"},
           {"P7\nWIDTH 28\n", "is a PAM picture"},
       }) {
    const std::string message = picture_refusal(text_bytes(bytes));
    CHECK(says(message, name));
    CHECK(says(message, "; PNG, JPEG, BMP, GIF and PNM are read: convert it to one of them first"));
  }
  CHECK(says(picture_refusal(text_bytes("%PDF-1.7\n")), "is a PDF document; PNG"));
  CHECK(says(picture_refusal(text_bytes("<!DOCTYPE html><html>")), "fetch the file itself"));
  CHECK(says(picture_refusal(text_bytes("\x1f\x8b\x08")), "unpack it"));
  CHECK(says(picture_refusal(text_bytes("seven, 7")), "is text; PNG"));
  CHECK(says(picture_refusal(text_bytes("\x01\x02\x03\x04")), "is not a picture of a known kind"));
  CHECK(says(picture_refusal({}), "is empty"));
}
