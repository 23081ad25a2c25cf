// PNG pictures whose checksums agree, so that damage gets further than these; and pictures that the
// page and the command write, read again.
#include <zlib.h>

#include <algorithm>

#include "fuzz/target.h"
#include "native/png.h"
#include "web/picture/png.h"

namespace inoculate::fuzz {
namespace {

/// Makes the checksums of all chunks agree with their content, as far as their lengths let it.
Bytes mended(ByteView file) {
  Bytes png(file.begin(), file.end());
  const auto number = [&](std::size_t at) {
    return std::size_t{png[at]} << 24 | std::size_t{png[at + 1]} << 16 |
           std::size_t{png[at + 2]} << 8 | png[at + 3];
  };
  constexpr std::size_t kSignature = 8, kAround = 12;  // length, type, checksum
  for (std::size_t at = kSignature; at + kAround <= png.size();) {
    const std::size_t length = number(at);
    if (length > png.size() - at - kAround) break;
    const auto sum = crc32(0, png.data() + at + 4, static_cast<uInt>(4 + length));
    for (std::size_t i = 0; i < 4; ++i) {
      png[at + 8 + length + i] = static_cast<std::uint8_t>(sum >> (24 - 8 * i));
    }
    at += kAround + length;
  }
  return png;
}

/// What is written of `samples` must be read as they are.
void write_and_read(ByteView samples, int channels) {
  const std::size_t pixels =
      std::min<std::size_t>(samples.size() / static_cast<std::size_t>(channels), 4096);
  if (pixels == 0) return;
  const int width = 1 + samples[0] % 16, height = static_cast<int>(pixels) / width;
  if (height == 0) return;
  const auto count = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  const ColorPicture read =
      read_png(page::png_file(width, height, channels, samples.data()), "fuzz");
  demand(read.width == width && read.height == height && read.rgba.size() == 4 * count,
         "a picture that is written has another size");
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t* sample = samples.data() + i * static_cast<std::size_t>(channels);
    const std::uint8_t alpha = channels == 4 ? sample[3] : 255;
    bool same = read.rgba[4 * i + 3] == alpha;
    for (std::size_t c = 0; c < 3; ++c) {
      same = same && read.rgba[4 * i + c] == sample[channels == 1 ? 0 : c];
    }
    demand(same, "a picture that is written has other pixels");
  }
}

void read(ByteView bytes) {
  accepts("'fuzz' ", [&] { read_png(mended(bytes), "fuzz"); });
  for (const int channels : {1, 3, 4}) write_and_read(bytes, channels);
}

const Target target("native_png", read);

}  // namespace
}  // namespace inoculate::fuzz
