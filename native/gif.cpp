#include "native/gif.h"

#include <cstddef>
#include <memory>

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_GIF
#define STBI_NO_STDIO
#define STBI_NO_LINEAR
#define STBI_MAX_DIMENSIONS 65535  // GIF's own; require_picture_size comes before
#include <stb_image.h>

namespace inoculate {
namespace {

constexpr std::uint8_t kImage = 0x2C, kExtension = 0x21, kEnd = 0x3B;

// What the blocks of a GIF say of its first frame.
struct Frames {
  std::size_t width = 0, height = 0;  // of the whole picture
  std::size_t end = 0;                // of the first frame's last block
  std::size_t left = 0, top = 0, frame_width = 0, frame_height = 0;
  bool holes = false;  // whether it may have transparent pixels
  int count = 0;
};

// Follows the blocks without decoding them. stb_image takes a file whose end is missing, so that
// only what is whole may get there.
class Blocks {
 public:
  Blocks(ByteView bytes, const std::string& name) : bytes_(bytes), name_(name) {}

  Frames follow() {
    constexpr std::size_t kSignature = 6;
    skip(kSignature);
    Frames frames;
    frames.width = number();
    frames.height = number();
    const std::uint8_t flags = byte();
    skip(2);
    skip_colors(flags);
    for (std::uint8_t block = byte(); block != kEnd; block = byte()) {
      if (block == kExtension) {
        extension(frames);
      } else if (block == kImage) {
        image(frames);
      } else {
        refuse_damaged(name_, "GIF", "a block of no kind that is known");
      }
    }
    if (frames.count == 0) refuse_damaged(name_, "GIF", "no frame");
    return frames;
  }

 private:
  void skip(std::size_t size) {
    if (size > bytes_.size() - at_) refuse_damaged(name_, "GIF", "its end is missing");
    at_ += size;
  }
  std::uint8_t byte() {
    skip(1);
    return bytes_[at_ - 1];
  }
  std::size_t number() {
    const std::size_t low = byte();
    return low | std::size_t{byte()} << 8;
  }
  void skip_colors(std::uint8_t flags) {
    if ((flags & 0x80) != 0) skip(std::size_t{3} << ((flags & 7) + 1));
  }
  void skip_data() {
    while (const std::size_t size = byte()) skip(size);
  }
  void extension(Frames& frames) {
    constexpr std::uint8_t kGraphicControl = 0xF9;
    const std::uint8_t label = byte();
    // Its first byte of data, behind its size, tells by its last bit whether a colour is none.
    if (label == kGraphicControl && frames.count == 0 && at_ + 1 < bytes_.size()) {
      frames.holes = (bytes_[at_ + 1] & 1) != 0;
    }
    skip_data();
  }
  void image(Frames& frames) {
    const std::size_t left = number(), top = number(), width = number(), height = number();
    skip_colors(byte());
    skip(1);
    skip_data();
    if (++frames.count > 1) return;
    frames.left = left;
    frames.top = top;
    frames.frame_width = width;
    frames.frame_height = height;
    frames.end = at_;
  }

  ByteView bytes_;
  const std::string& name_;
  std::size_t at_ = 0;
};

using Pixels = std::unique_ptr<stbi_uc, decltype([](stbi_uc* p) { stbi_image_free(p); })>;

// Whether the frame's data have a pixel for each of its places.
bool is_complete(const Frames& frames, const stbi_uc* rgba) {
  if (frames.holes) return true;  // these cannot be told from holes
  for (std::size_t y = 0; y < frames.frame_height; ++y) {
    for (std::size_t x = 0; x < frames.frame_width; ++x) {
      const std::size_t i = (frames.top + y) * frames.width + frames.left + x;
      if (rgba[4 * i + 3] == 0) return false;
    }
  }
  return true;
}

}  // namespace

ReadPicture read_gif(ByteView bytes, const std::string& name) {
  const Frames frames = Blocks(bytes, name).follow();
  require_picture_size(frames.width, frames.height, name, kMostPixelsAtOnce);
  const bool inside = frames.frame_width > 0 && frames.frame_height > 0 &&
                      frames.left + frames.frame_width <= frames.width &&
                      frames.top + frames.frame_height <= frames.height;
  if (!inside) refuse_damaged(name, "GIF", "its first frame is not within the picture");
  // The first frame alone. What it leaves open is not filled with the background's colour, as
  // nobody does, so that missing pixels show.
  Bytes first(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(frames.end));
  first.push_back(kEnd);
  constexpr std::size_t kBackground = 11;
  first[kBackground] = 0;
  int width = 0, height = 0, channels = 0;
  const Pixels pixels(stbi_load_from_memory(first.data(), static_cast<int>(first.size()), &width,
                                            &height, &channels, 4));
  if (pixels == nullptr) refuse_damaged(name, "GIF", stbi_failure_reason());
  if (!is_complete(frames, pixels.get())) refuse_damaged(name, "GIF", "pixels are missing");
  PictureRows rows(width, height);
  for (int y = 0; y < height; ++y) rows.add(pixels.get() + std::ptrdiff_t{4} * width * y);
  return {rows.take(), frames.count > 1 ? "first frame" : ""};
}

}  // namespace inoculate
