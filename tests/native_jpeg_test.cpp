// JPEG against libjpeg's compressor, and everything that is no whole JPEG.
#include "jpeg_files.h"
#include "native/jpeg.h"
#include "picture_files.h"

using namespace inoculate;

namespace {

constexpr int kWidth = 40, kHeight = 24;

/// A smooth picture: JPEG stores it nearly as it is.
Bytes slope(std::size_t channels) {
  Bytes samples;
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      const int values[] = {40 + 4 * x, 60 + 5 * y, 200 - 3 * x};
      for (std::size_t c = 0; c < channels; ++c) {
        samples.push_back(static_cast<std::uint8_t>(values[c]));
      }
    }
  }
  return samples;
}

JpegForm form(J_COLOR_SPACE samples) {
  JpegForm form;
  form.width = kWidth;
  form.height = kHeight;
  form.samples = samples;
  return form;
}

/// How far the picture's colours lie from `samples` at most.
int farthest(const ColorPicture& picture, const Bytes& samples, std::size_t channels) {
  REQUIRE(picture.width == kWidth);
  REQUIRE(picture.height == kHeight);
  int most = 0;
  for (std::size_t i = 0; i < picture.rgba.size(); ++i) {
    const std::size_t c = i % 4;
    const int wanted = c == 3 ? 255 : samples[channels * (i / 4) + (channels == 1 ? 0 : c)];
    most = std::max(most, std::abs(wanted - picture.rgba[i]));
  }
  return most;
}

/// One colour of four inks, as it is stored and as it shows.
Row shown(const JpegForm& form, const Row& inks) {
  Bytes samples;
  for (int i = 0; i < kWidth * kHeight; ++i) samples = joined(std::move(samples), inks);
  const ColorPicture picture = read_jpeg(encode_jpeg(form, samples), "t");
  return Row(picture.rgba.begin(), picture.rgba.begin() + 4);
}

bool near(const Row& a, const Row& b) {
  bool near = a.size() == b.size();
  for (std::size_t i = 0; near && i < a.size(); ++i) near = std::abs(a[i] - b[i]) <= 2;
  return near;
}

bool refused(const Bytes& bytes, const std::string& words) {
  const std::string message = picture_refusal(bytes);
  INFO(message);
  CHECK(message.find(words) != std::string::npos);
  return message.find(words) != std::string::npos;
}

/// Where the bytes behind the frame's mark (0xFF 0xC0 to 0xC2) begin: length, precision, height,
/// width.
std::size_t frame_at(const Bytes& jpeg) {
  for (std::size_t i = 2; i + 9 < jpeg.size(); ++i) {
    if (jpeg[i] == 0xFF && jpeg[i + 1] >= 0xC0 && jpeg[i + 1] <= 0xC2) return i + 2;
  }
  FAIL("no frame");
  return 0;
}

Bytes of_size(Bytes jpeg, int width, int height) {
  const std::size_t at = frame_at(jpeg) + 3;
  jpeg[at] = static_cast<std::uint8_t>(height >> 8);
  jpeg[at + 1] = static_cast<std::uint8_t>(height);
  jpeg[at + 2] = static_cast<std::uint8_t>(width >> 8);
  jpeg[at + 3] = static_cast<std::uint8_t>(width);
  return jpeg;
}

}  // namespace

TEST_CASE("JPEG in grey and in colour is read, progressive or not", "[jpeg]") {
  for (const bool progressive : {false, true}) {
    for (const bool subsampled : {false, true}) {
      JpegForm color = form(JCS_RGB);
      color.progressive = progressive;
      color.subsampled = subsampled;
      CHECK(farthest(read_jpeg(encode_jpeg(color, slope(3)), "t"), slope(3), 3) <= 4);
    }
    JpegForm grey = form(JCS_GRAYSCALE);
    grey.progressive = progressive;
    CHECK(farthest(read_jpeg(encode_jpeg(grey, slope(1)), "t"), slope(1), 1) <= 2);
  }
  JpegForm as_it_is = form(JCS_RGB);
  as_it_is.stored = JCS_RGB;
  CHECK(farthest(read_jpeg(encode_jpeg(as_it_is, slope(3)), "t"), slope(3), 3) <= 2);
}

TEST_CASE("JPEG of four inks is read as it is printed", "[jpeg]") {
  for (const J_COLOR_SPACE stored : {JCS_CMYK, JCS_YCCK}) {
    JpegForm adobe = form(JCS_CMYK);
    adobe.stored = stored;
    CHECK(near(shown(adobe, {255, 255, 255, 255}), {255, 255, 255, 255}));
    CHECK(near(shown(adobe, {0, 255, 255, 255}), {0, 255, 255, 255}));
    CHECK(near(shown(adobe, {255, 128, 0, 128}), {128, 64, 0, 255}));
    CHECK(near(shown(adobe, {255, 255, 255, 0}), {0, 0, 0, 255}));
  }
  JpegForm plain = form(JCS_CMYK);
  plain.adobe = false;
  CHECK(near(shown(plain, {0, 0, 0, 0}), {255, 255, 255, 255}));
  CHECK(near(shown(plain, {255, 0, 0, 0}), {0, 255, 255, 255}));
  CHECK(near(shown(plain, {0, 0, 0, 255}), {0, 0, 0, 255}));
}

TEST_CASE("A JPEG is turned as its EXIF says", "[jpeg]") {
  // Squares a b c / d e f of 8 pixels a side, each of which JPEG stores exactly. What is shown is
  // from the EXIF specification: 6, for one, has row 0 on the right and column 0 at the top.
  const std::uint8_t a = 0, b = 128, c = 255, d = 7, e = 200, f = 31;
  const Row stored = {a, b, c, d, e, f};
  const std::vector<Row> shown = {{a, b, c, d, e, f}, {c, b, a, f, e, d}, {f, e, d, c, b, a},
                                  {d, e, f, a, b, c}, {a, d, b, e, c, f}, {d, a, e, b, f, c},
                                  {f, c, e, b, d, a}, {c, f, b, e, a, d}};
  Bytes samples;
  for (int y = 0; y < 16; ++y) {
    for (int x = 0; x < 24; ++x)
      samples.push_back(stored[static_cast<std::size_t>(y / 8 * 3 + x / 8)]);
  }
  for (std::uint8_t orientation = 1; orientation <= 8; ++orientation) {
    INFO(int{orientation});
    JpegForm squares;
    squares.width = 24;
    squares.height = 16;
    squares.samples = JCS_GRAYSCALE;
    squares.exif = exif_of(orientation);
    const ColorPicture picture = read_jpeg(encode_jpeg(squares, samples), "t");
    REQUIRE(picture.width == (orientation < 5 ? 24 : 16));
    REQUIRE(picture.height == (orientation < 5 ? 16 : 24));
    const Row grey = grey_of(picture);
    int wrong = 0;
    for (int y = 0; y < picture.height; ++y) {
      for (int x = 0; x < picture.width; ++x) {
        const int square = y / 8 * (picture.width / 8) + x / 8;
        wrong += grey[static_cast<std::size_t>(y * picture.width + x)] !=
                 shown[orientation - 1U][static_cast<std::size_t>(square)];
      }
    }
    CHECK(wrong == 0);
  }
}

TEST_CASE("A large JPEG is read at a half or a quarter of its size", "[jpeg]") {
  for (const auto& [width, times] : {std::pair{4096, 1}, {5000, 2}, {9000, 4}}) {
    JpegForm wide;
    wide.width = width;
    wide.height = 16;
    wide.samples = JCS_GRAYSCALE;
    Bytes samples;
    for (int i = 0; i < 16 * width; ++i) {
      samples.push_back(static_cast<std::uint8_t>(255 * (i % width) / width));
    }
    const ColorPicture picture = read_jpeg(encode_jpeg(wide, samples), "t");
    CHECK(picture.width == width / times);
    CHECK(picture.height == 16 / times);
    const Row grey = grey_of(picture);
    int wrong = 0;
    for (int x = 0; x < picture.width; ++x) {
      wrong += std::abs(255 * x / picture.width - grey[static_cast<std::size_t>(x)]) > 2;
    }
    CHECK(wrong == 0);
  }
}

TEST_CASE("A JPEG cut anywhere is refused", "[jpeg]") {
  for (const bool progressive : {false, true}) {
    JpegForm color = form(JCS_RGB);
    color.progressive = progressive;
    color.quality = 50;
    check_cut(encode_jpeg(color, slope(3)));
  }
}

TEST_CASE("A JPEG that would take too much, or is of another kind, is refused", "[jpeg]") {
  JpegForm color = form(JCS_RGB);
  const Bytes plain = encode_jpeg(color, slope(3));
  color.progressive = true;
  const Bytes progressive = encode_jpeg(color, slope(3));
  CHECK(refused(of_size(plain, 65500, 10), "is 65500 x 10 pixels"));
  CHECK(refused(of_size(plain, 16000, 8000), "120 megapixels"));
  CHECK(refused(of_size(plain, 16000, 7000), "damaged JPEG"));
  CHECK(refused(of_size(plain, 0, 8), "damaged JPEG"));
  CHECK(refused(of_size(progressive, 16000, 7000), "16000 x 7000 pixels, which takes too much"));
  Bytes deep = plain, lossless = plain;
  deep[frame_at(plain) + 2] = 12;
  CHECK(refused(deep, "of a kind that is not read"));
  lossless[frame_at(plain) - 1] = 0xC3;
  CHECK(refused(lossless, "of a kind that is not read"));
  JpegForm two = form(JCS_UNKNOWN);
  CHECK(refused(encode_jpeg(two, slope(2)), "of a kind that is not read"));
  // Each of 63 frequencies in two scans of its own.
  JpegForm many = form(JCS_GRAYSCALE);
  many.scans.push_back({1, {0, 0, 0, 0}, 0, 0, 0, 0});
  for (const auto& [before, after] : {std::pair{0, 1}, {1, 0}}) {
    for (int k = 1; k < 64; ++k) many.scans.push_back({1, {0, 0, 0, 0}, k, k, before, after});
  }
  CHECK(refused(encode_jpeg(many, slope(1)), "more than 100 scans"));
  many.scans.resize(64);
  for (jpeg_scan_info& scan : many.scans) scan.Al = 0;
  CHECK(picture_refusal(encode_jpeg(many, slope(1))).empty());
}
