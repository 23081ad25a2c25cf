// Damaged picture files: thousands of each format, changed at random places, are read or refused in
// one line.
#include <png.h>

#include "jpeg_files.h"
#include "native/png.h"
#include "picture_files.h"
#include "random_data.h"

using namespace inoculate;

namespace {

struct Seeds {
  const char* name;
  std::vector<Bytes> files;
};

/// A PNG by libpng's simplified writer: of 16 bits where `deep`.
Bytes png(bool deep) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = 5;
  image.height = 4;
  image.format = deep ? PNG_FORMAT_LINEAR_Y : PNG_FORMAT_RGBA;
  const std::vector<std::uint16_t> pixels(5 * 4 * 4, 0x1234);
  Bytes bytes(1000);
  png_alloc_size_t size = bytes.size();
  REQUIRE(png_image_write_to_memory(&image, bytes.data(), &size, 0, pixels.data(), 0, nullptr));
  bytes.resize(size);
  return bytes;
}

Bytes jpeg(J_COLOR_SPACE samples, bool progressive) {
  JpegForm form;
  form.width = 20;
  form.height = 12;
  form.samples = samples;
  form.progressive = progressive;
  form.quality = 60;
  form.exif = exif_of(6);
  RandomData random(2);
  Bytes pixels;
  for (int i = 0; i < 20 * 12 * 4; ++i) {
    pixels.push_back(static_cast<std::uint8_t>(random.below(256)));
  }
  return encode_jpeg(form, pixels);
}

/// Makes the checksums of a PNG's chunks agree with their content, as far as lengths let it.
void mend_checksums(Bytes& png) {
  const auto big_endian = [&](std::size_t at) {
    return std::size_t{png[at]} << 24 | std::size_t{png[at + 1]} << 16 |
           std::size_t{png[at + 2]} << 8 | png[at + 3];
  };
  for (std::size_t at = 8; at + 12 <= png.size();) {
    const std::size_t length = big_endian(at);
    if (length > png.size() - at - 12) return;
    const auto sum = crc32(0, png.data() + at + 4, static_cast<uInt>(4 + length));
    for (std::size_t i = 0; i < 4; ++i) {
      png[at + 8 + length + i] = static_cast<std::uint8_t>(sum >> (24 - 8 * i));
    }
    at += 12 + length;
  }
}

std::vector<Seeds> seeds() {
  const Row grey(64, 77);
  return {
      {"PNG", {png(false), png(true)}},
      {"JPEG",
       {jpeg(JCS_GRAYSCALE, false), jpeg(JCS_RGB, false), jpeg(JCS_RGB, true),
        jpeg(JCS_CMYK, false)}},
      {"PNM",
       {text_bytes("P1 4 4\n1010 1100 0011 1111"), text_bytes("P2 4 2 9\n1 2 3 4 5 6 7 8"),
        text_bytes("P3 2 2 99\n1 2 3 4 5 6 7 8 9 10 11 12"),
        joined(text_bytes("P4 9 9 "), Row(18, 0x5A)), joined(text_bytes("P5 8 8 255 "), grey),
        joined(text_bytes("P6 4 2 4095 "), Row(48, 3))}},
      {"BMP",
       {Bmp{12, 8, 8, 8, 0, {}, Row(768, 50), grey}.bytes(),
        Bmp{40, 9, -9, 1, 0, {}, Row(8, 50), Row(36, 0x5A)}.bytes(),
        Bmp{40, 4, 4, 24, 0, {}, {}, Row(48, 9)}.bytes(),
        Bmp{40, 4, 4, 16, 3, {0xF800, 0x07E0, 0x1F}, {}, Row(32, 9)}.bytes(),
        Bmp{124, 4, 4, 32, 3, {0xFF0000, 0xFF00, 0xFF, 0xFF000000}, {}, grey}.bytes()}},
      {"GIF",
       {gif(8, 8, {{0, 0, 8, 8, Row(64, 1)}, {2, 2, 2, 2, Row(4, 2)}}),
        gif(8, 8, {{1, 1, 4, 7, Row(28, 3), true, 2}}, 1)}},
  };
}

/// `bytes` with one to four changes: a bit, a byte, numbers at their limits, a part left out or
/// twice, an end that is missing.
Bytes changed(Bytes bytes, RandomData& random) {
  const int changes = 1 + random.below(4);
  for (int i = 0; i < changes && !bytes.empty(); ++i) {
    const int at = random.below(static_cast<int>(bytes.size()));
    const auto place = bytes.begin() + at;
    const int rest = static_cast<int>(bytes.size()) - at;
    const int length = 1 + random.below(std::min(rest, 12));
    switch (random.below(6)) {
      case 0:
        *place = static_cast<std::uint8_t>(*place ^ 1 << random.below(8));
        break;
      case 1:
        *place = static_cast<std::uint8_t>(random.below(256));
        break;
      case 2:
        std::fill(place, place + std::min(rest, 4),
                  static_cast<std::uint8_t>(random.below(2) == 0 ? 0xFF : 0));
        break;
      case 3:
        bytes.erase(place, place + length);
        break;
      case 4: {
        const Bytes part(place, place + length);
        bytes.insert(place, part.begin(), part.end());
        break;
      }
      default:
        if (random.below(4) == 0) bytes.resize(static_cast<std::size_t>(at));
    }
  }
  return bytes;
}

}  // namespace

TEST_CASE("Picture files with changes at random are read or refused", "[picture_files]") {
  constexpr int kFiles = 4000;
  for (const auto& [name, files] : seeds()) {
    DYNAMIC_SECTION(name) {
      for (const Bytes& file : files) CHECK(picture_refusal(file).empty());
      RandomData random(1);
      int read = 0, faulty = 0;
      for (int i = 0; i < kFiles; ++i) {
        Bytes bytes = changed(files[static_cast<std::size_t>(i) % files.size()], random);
        if (std::string(name) == "PNG" && i % 4 != 0) mend_checksums(bytes);
        try {
          const ColorPicture picture = read_picture(bytes, "drawing.xyz").pixels;
          const auto size = std::size_t{4} * static_cast<std::size_t>(picture.width) *
                            static_cast<std::size_t>(picture.height);
          faulty += size == 0 || picture.rgba.size() != size;
          ++read;
        } catch (const Error& error) {
          const std::string message = error.what();
          faulty += !message.starts_with("'drawing.xyz' ") || message.size() > 300 ||
                    std::any_of(message.begin(), message.end(), [](char c) { return c < ' '; });
        }
      }
      INFO(read << " were read");
      CHECK(faulty == 0);
      CHECK(read > kFiles / 100);
      CHECK(read < kFiles);
    }
  }
}
