// What the readers of picture files share: limits, messages, and a picture that comes row by row.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/bytes.h"
#include "picture/picture.h"

namespace inoculate {

/// What a file of a picture gives.
struct ReadPicture {
  ColorPicture pixels;
  std::string note;  ///< what of the file was left out: "first frame"; empty if nothing was

  /// How it was prepared, behind the note.
  std::string described(const std::string& how) const {
    return note.empty() ? how : note + ", " + how;
  }
};

/// Most pixels that a picture may have: more than a camera of 108 megapixels gives.
inline constexpr int kLargestPictureSide = 16'384;
inline constexpr std::uint64_t kMostPicturePixels = 120'000'000;
/// Most of a picture that cannot be read row by row, and so stands in memory as a whole.
inline constexpr std::uint64_t kMostPixelsAtOnce = 32'000'000;

/// Throws Error when a side is 0 or too large, or there are more than `most` pixels.
void require_picture_size(std::uint64_t width, std::uint64_t height, const std::string& name,
                          std::uint64_t most = kMostPicturePixels);

/// Throws Error "'<name>' is a damaged <format> (<why>); give a whole <format> file".
[[noreturn]] void refuse_damaged(const std::string& name, const std::string& format,
                                 const std::string& why);

/// A picture that comes row by row. One with a side above kLongestKept is averaged down on its way,
/// by a whole number of rows and columns, so that what is kept is small however large it is.
class PictureRows {
 public:
  static constexpr int kLongestKept = 4096;

  /// The size must have passed require_picture_size.
  PictureRows(int width, int height);

  /// The next row from the top: red, green, blue, alpha (not premultiplied), 4 x width bytes.
  void add(const std::uint8_t* rgba);

  /// All of the rows, when as many were added as there are.
  ColorPicture take();

 private:
  void add_to_sums(const std::uint8_t* rgba);
  void keep_sums();

  int width_, height_;
  int factor_;                       // how many rows and columns become one
  int rows_ = 0;                     // that were added
  std::vector<std::uint32_t> sums_;  // of colour x alpha, and of alpha, for each pixel to be kept
  ColorPicture kept_;
};

}  // namespace inoculate
