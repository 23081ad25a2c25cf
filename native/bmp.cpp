#include "native/bmp.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <vector>

#include "base/error.h"

namespace inoculate {
namespace {

constexpr std::size_t kFileHeader = 14;
constexpr std::uint32_t kOldHeader = 12;  // OS/2's first, with sizes of 16 bits

using Color = std::array<std::uint8_t, 4>;  // red, green, blue, alpha

class BmpReader {
 public:
  BmpReader(ByteView bytes, const std::string& name) : bytes_(bytes), name_(name) {}

  ColorPicture read();

 private:
  [[noreturn]] void refuse(const std::string& why) const { refuse_damaged(name_, "BMP", why); }
  template <typename T>
  T number(std::size_t at) const {
    if (at > bytes_.size() || bytes_.size() - at < sizeof(T)) refuse("its end is missing");
    return load_le<T>(bytes_.subspan(at));
  }
  void read_header();
  void read_palette();
  void read_masks();
  void find_whether_opaque();
  std::uint32_t pixel(std::size_t row, std::size_t x) const;
  Color color(std::uint32_t pixel) const;

  ByteView bytes_;
  const std::string& name_;
  std::uint32_t header_ = 0;  // its size
  std::uint64_t width_ = 0, height_ = 0;
  bool from_above_ = false;  // whether the top row comes first
  unsigned bits_ = 0;        // a pixel
  std::uint32_t compression_ = 0;
  std::size_t pixels_ = 0;  // where they begin
  std::size_t stride_ = 0;
  std::vector<Color> palette_;
  std::array<std::uint32_t, 4> masks_{};  // of red, green, blue, alpha
};

void BmpReader::read_header() {
  pixels_ = number<std::uint32_t>(10);
  header_ = number<std::uint32_t>(kFileHeader);
  if (header_ == kOldHeader) {
    width_ = number<std::uint16_t>(18);
    height_ = number<std::uint16_t>(20);
    bits_ = number<std::uint16_t>(24);
    return;
  }
  if (header_ < 40 || header_ > 124) refuse("its header has no size that is known");
  const std::int64_t width = number<std::int32_t>(18), height = number<std::int32_t>(22);
  if (width < 0) refuse("its width is negative");
  from_above_ = height < 0;
  width_ = static_cast<std::uint64_t>(width);
  height_ = static_cast<std::uint64_t>(from_above_ ? -height : height);
  bits_ = number<std::uint16_t>(28);
  compression_ = number<std::uint32_t>(30);
}

void BmpReader::read_palette() {
  const bool old = header_ == kOldHeader;
  std::uint32_t colors = 1U << bits_;
  if (!old) {
    const auto used = number<std::uint32_t>(46);
    if (used > 0) colors = std::min(colors, used);
  }
  const std::size_t size = old ? 3 : 4;
  for (std::size_t i = 0; i < colors; ++i) {
    const std::size_t at = kFileHeader + header_ + size * i;
    if (at + size > pixels_) break;  // pixels that need the rest of it are refused
    palette_.push_back({number<std::uint8_t>(at + 2), number<std::uint8_t>(at + 1),
                        number<std::uint8_t>(at), 255});
  }
}

void BmpReader::read_masks() {
  constexpr std::uint32_t kMasks = 3, kMasksWithAlpha = 6, kWithAlphaMask = 56;
  if (compression_ == 0) {
    masks_ = bits_ == 16 ? std::array<std::uint32_t, 4>{0x7C00, 0x03E0, 0x001F, 0}
                         : std::array<std::uint32_t, 4>{0xFF0000, 0x00FF00, 0x0000FF, 0};
    return;
  }
  const bool alpha =
      compression_ == kMasksWithAlpha || (compression_ == kMasks && header_ >= kWithAlphaMask);
  for (std::size_t i = 0; i < (alpha ? 4 : 3); ++i) {
    masks_[i] = number<std::uint32_t>(54 + 4 * i);
    const std::uint32_t run = masks_[i] == 0 ? 0 : masks_[i] >> std::countr_zero(masks_[i]);
    if ((run & (run + 1)) != 0) refuse("a mask with holes");
  }
  if (masks_[0] == 0 && masks_[1] == 0 && masks_[2] == 0) refuse("its masks are empty");
}

std::uint32_t BmpReader::pixel(std::size_t row, std::size_t x) const {
  const std::uint8_t* const begin = bytes_.data() + pixels_ + stride_ * row;
  if (bits_ <= 8) {
    const std::size_t in_byte = 8 / bits_;
    const std::size_t shift = bits_ * (in_byte - 1 - x % in_byte);
    return (unsigned{begin[x / in_byte]} >> shift) & ((1U << bits_) - 1);
  }
  std::uint32_t value = 0;
  const std::size_t size = bits_ / 8;
  for (std::size_t i = 0; i < size; ++i) value |= std::uint32_t{begin[size * x + i]} << 8 * i;
  return value;
}

Color BmpReader::color(std::uint32_t pixel) const {
  if (bits_ <= 8) {
    if (pixel >= palette_.size()) refuse("a colour that its palette lacks");
    return palette_[pixel];
  }
  Color color{0, 0, 0, 255};
  for (std::size_t i = 0; i < 4; ++i) {
    const std::uint32_t mask = masks_[i];
    if (mask == 0) continue;
    const int shift = std::countr_zero(mask);
    const std::uint64_t most = mask >> shift, value = (pixel & mask) >> shift;
    color[i] = static_cast<std::uint8_t>((255 * value + most / 2) / most);
  }
  return color;
}

// Writers that leave the bits of alpha at 0 everywhere do not mean that nothing is to be seen.
void BmpReader::find_whether_opaque() {
  for (std::size_t y = 0; y < height_; ++y) {
    for (std::size_t x = 0; x < width_; ++x) {
      if ((pixel(y, x) & masks_[3]) != 0) return;
    }
  }
  masks_[3] = 0;
}

ColorPicture BmpReader::read() {
  read_header();
  if (compression_ == 1 || compression_ == 2 || compression_ == 4 || compression_ == 5) {
    throw Error("'" + name_ + "' is a compressed BMP; store it without compression, or as PNG");
  }
  const bool whole_bytes = bits_ == 16 || bits_ == 24 || bits_ == 32;
  if (!whole_bytes && bits_ != 1 && bits_ != 2 && bits_ != 4 && bits_ != 8) {
    refuse(std::to_string(bits_) + " bits a pixel");
  }
  const bool masked = compression_ == 3 || compression_ == 6;
  if (compression_ != 0 && !(masked && whole_bytes && bits_ != 24)) refuse("its compression");
  require_picture_size(width_, height_, name_);
  const auto width = static_cast<std::size_t>(width_), height = static_cast<std::size_t>(height_);
  stride_ = (bits_ * width + 31) / 32 * 4;
  const std::uint64_t needed = std::uint64_t{stride_} * (height_ - 1) + (bits_ * width_ + 7) / 8;
  if (pixels_ < kFileHeader + header_) refuse("its pixels begin in its header");
  if (pixels_ > bytes_.size() || bytes_.size() - pixels_ < needed) refuse("its end is missing");
  whole_bytes ? read_masks() : read_palette();
  if (masks_[3] != 0) find_whether_opaque();
  PictureRows rows(static_cast<int>(width), static_cast<int>(height));
  std::vector<std::uint8_t> row(4 * width);
  for (std::size_t y = 0; y < height; ++y) {
    for (std::size_t x = 0; x < width; ++x) {
      const Color rgba = color(pixel(from_above_ ? y : height - 1 - y, x));
      std::copy(rgba.begin(), rgba.end(), row.begin() + static_cast<std::ptrdiff_t>(4 * x));
    }
    rows.add(row.data());
  }
  return rows.take();
}

}  // namespace

ColorPicture read_bmp(ByteView bytes, const std::string& name) {
  return BmpReader(bytes, name).read();
}

}  // namespace inoculate
