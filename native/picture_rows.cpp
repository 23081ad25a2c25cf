#include "native/picture_rows.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <utility>

#include "base/error.h"

namespace inoculate {

void require_picture_size(std::uint64_t width, std::uint64_t height, const std::string& name,
                          std::uint64_t most) {
  constexpr std::uint64_t kSide = kLargestPictureSide;
  if (width > 0 && height > 0 && width <= kSide && height <= kSide && width * height <= most) {
    return;
  }
  throw Error("'" + name + "' is " + std::to_string(width) + " x " + std::to_string(height) +
              " pixels; give one of at most " + std::to_string(kSide) + " pixels a side and " +
              std::to_string(most / 1'000'000) + " megapixels");
}

void refuse_damaged(const std::string& name, const std::string& format, const std::string& why) {
  throw Error("'" + name + "' is a damaged " + format + " (" + why + "); give a whole " + format +
              " file");
}

PictureRows::PictureRows(int width, int height)
    : width_(width),
      height_(height),
      factor_((std::max(width, height) + kLongestKept - 1) / kLongestKept),
      kept_{(width + factor_ - 1) / factor_, (height + factor_ - 1) / factor_, {}} {
  assert(width > 0 && height > 0);
  const std::size_t row = std::size_t{4} * static_cast<std::size_t>(kept_.width);
  kept_.rgba.reserve(row * static_cast<std::size_t>(kept_.height));
  if (factor_ > 1) sums_.assign(row, 0);
}

void PictureRows::add(const std::uint8_t* rgba) {
  assert(rows_ < height_);
  ++rows_;
  if (factor_ == 1) {
    kept_.rgba.insert(kept_.rgba.end(), rgba, rgba + std::ptrdiff_t{4} * width_);
    return;
  }
  add_to_sums(rgba);
  if (rows_ % factor_ == 0 || rows_ == height_) keep_sums();
}

// What is transparent has no colour to speak of: colours count by their alpha.
void PictureRows::add_to_sums(const std::uint8_t* rgba) {
  std::uint32_t* sum = sums_.data();
  for (int begin = 0; begin < width_; begin += factor_, sum += 4) {
    const int end = std::min(width_, begin + factor_);
    for (int x = begin; x < end; ++x, rgba += 4) {
      const std::uint32_t alpha = rgba[3];
      for (std::size_t c = 0; c < 3; ++c) sum[c] += alpha * rgba[c];
      sum[3] += alpha;
    }
  }
}

void PictureRows::keep_sums() {
  const int rows = (rows_ - 1) % factor_ + 1;  // fewer at the bottom, as columns at the right
  for (int x = 0; x < kept_.width; ++x) {
    const std::uint32_t* const sum = sums_.data() + std::ptrdiff_t{4} * x;
    const std::uint32_t alpha = sum[3];
    const auto pixels = static_cast<std::uint32_t>(rows * std::min(factor_, width_ - x * factor_));
    for (std::size_t c = 0; c < 3; ++c) {
      kept_.rgba.push_back(
          static_cast<std::uint8_t>(alpha == 0 ? 0 : (sum[c] + alpha / 2) / alpha));
    }
    kept_.rgba.push_back(static_cast<std::uint8_t>((alpha + pixels / 2) / pixels));
  }
  std::fill(sums_.begin(), sums_.end(), 0U);
}

ColorPicture PictureRows::take() {
  assert(rows_ == height_);
  return std::move(kept_);
}

}  // namespace inoculate
