// Pictures of digits as files: JPEG as a scanner stores it, photographs turned by their EXIF, and
// scans whose 16 bits hold values of 12.
#include "digit_pages.h"
#include "jpeg_files.h"
#include "native/read_picture.h"
#include "png_files.h"

using namespace inoculate;

namespace {

PreparedDigit prepare(const Bytes& file) {
  return prepare_picture(read_picture(file, "t").pixels, "t");
}

/// Black on white, as grey bytes.
struct Scan {
  int width, height;
  Bytes grey;

  std::uint8_t at(int x, int y) const { return grey[static_cast<std::size_t>(y * width + x)]; }
};

Scan scan(const std::uint8_t* pixels, unsigned seed) {
  Page page = large_page(pixels, seed);
  const ColorPicture picture = paint(page, in(255, 0));
  Scan scan{picture.width, picture.height, {}};
  for (std::size_t i = 0; i < picture.rgba.size(); i += 4) scan.grey.push_back(picture.rgba[i]);
  return scan;
}

Bytes png_of(const Scan& scan) {
  std::vector<Bytes> rows;
  for (int y = 0; y < scan.height; ++y) {
    const auto begin = scan.grey.begin() + std::ptrdiff_t{scan.width} * y;
    rows.emplace_back(begin, begin + scan.width);
  }
  const PngForm form{static_cast<png_uint_32>(scan.width), static_cast<png_uint_32>(scan.height), 8,
                     PNG_COLOR_TYPE_GRAY};
  return encode_png(form, rows);
}

JpegForm jpeg_form(const Scan& scan, int quality) {
  JpegForm form;
  form.width = scan.width;
  form.height = scan.height;
  form.samples = JCS_GRAYSCALE;
  form.quality = quality;
  return form;
}

/// The scan as a camera stores it that was held so: where, by the EXIF specification, row 0 and
/// column 0 of what is stored belong.
Scan stored(const Scan& shown, int orientation) {
  const bool turned = orientation >= 5;
  Scan out{turned ? shown.height : shown.width, turned ? shown.width : shown.height,
           Bytes(shown.grey.size())};
  for (int y = 0; y < shown.height; ++y) {
    for (int x = 0; x < shown.width; ++x) {
      const int from_right = shown.width - 1 - x, from_below = shown.height - 1 - y;
      const std::array<std::pair<int, int>, 8> places = {{{y, x},
                                                          {y, from_right},
                                                          {from_below, from_right},
                                                          {from_below, x},
                                                          {x, y},
                                                          {from_right, y},
                                                          {from_right, from_below},
                                                          {x, from_below}}};
      const auto [row, column] = places[static_cast<std::size_t>(orientation - 1)];
      out.grey[static_cast<std::size_t>(row * out.width + column)] = shown.at(x, y);
    }
  }
  return out;
}

}  // namespace

TEST_CASE("a JPEG of black on white at quality 60 is read", "[picture]") {
  check_condition(95, [](const std::uint8_t* pixels, unsigned seed) {
    const Scan page = scan(pixels, seed);
    return prepare(encode_jpeg(jpeg_form(page, 60), page.grey));
  });
}

TEST_CASE("a photograph that EXIF turns is read, as PNG and as JPEG", "[picture]") {
  check_condition(95, [](const std::uint8_t* pixels, unsigned seed) {
    const unsigned number = seed / 7;  // 0, 1, 2 ...
    const int orientation = 1 + static_cast<int>(number % 8);
    const Scan page = stored(scan(pixels, seed), orientation);
    const Bytes exif = exif_of(static_cast<std::uint8_t>(orientation));
    if (number / 8 % 2 == 0) {
      return prepare(
          with_png_chunk(png_of(page), "eXIf", exif, static_cast<std::uint32_t>(exif.size())));
    }
    JpegForm form = jpeg_form(page, 90);
    form.exif = exif;
    return prepare(encode_jpeg(form, page.grey));
  });
}

TEST_CASE("values of 12 bits in a PNG of 16 are read", "[picture]") {
  check_condition(95, [](const std::uint8_t* pixels, unsigned seed) {
    // As MNIST has them where `seed` is even, else large and dark on light.
    const bool as_it_is = seed % 2 == 0;
    Page page = as_it_is ? lay(pixels, 28, 28, 1, 0, 0, seed) : large_page(pixels, seed);
    std::vector<Bytes> rows;
    for (int y = 0; y < page.height; ++y) {
      Bytes& row = rows.emplace_back();
      for (int x = 0; x < page.width; ++x) {
        const double ink = page.at(x, y);
        const long value = std::lround(as_it_is ? 4095 * ink : 3900 - 3300 * ink);
        row.push_back(static_cast<std::uint8_t>(value >> 8));
        row.push_back(static_cast<std::uint8_t>(value));
      }
    }
    const PngForm form{static_cast<png_uint_32>(page.width), static_cast<png_uint_32>(page.height),
                       16, PNG_COLOR_TYPE_GRAY};
    return prepare(encode_png(form, rows));
  });
}
