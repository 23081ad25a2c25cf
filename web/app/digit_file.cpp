#include "web/app/digit_file.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "data/gzip.h"
#include "data/idx.h"
#include "data/image_array.h"
#include "web/texts/digits.h"

namespace inoculate::page {
namespace {

constexpr std::size_t kLargestUnpacked = std::size_t{64} << 20;  // MNIST's 60,000 are 47 MB

// Floats beyond 1 that are all within 0..255 are levels: they become 0..1.
bool levels_to_shares(NpyArray& array) {
  auto* const values = std::get_if<std::vector<float>>(&array.values);
  if (values == nullptr || values->empty()) return false;
  // Written so that what is no number says no.
  const bool all_levels = std::all_of(values->begin(), values->end(),
                                      [](float value) { return value >= 0 && value <= 255; });
  if (!all_levels || *std::max_element(values->begin(), values->end()) <= 2) return false;
  for (float& value : *values) value /= 255;
  return true;
}

DigitFile read_npy(ByteView file, const std::string& name) {
  constexpr float kRounding = 1e-4F;  // of a level, by whoever divided by 255
  NpyArray array = parse_npy(file, name);
  DigitFile digits{name, levels_to_shares(array) ? texts::notices::divided : "", {}};
  const Matrix images = images_of(array, {kPictureSide, kPictureSide, 1});
  const std::span<const float> pixels(images.data(), static_cast<std::size_t>(images.size()));
  digits.pixels = to_bytes(pixels);
  const bool rounded = std::any_of(pixels.begin(), pixels.end(), [](float pixel) {
    return std::abs(255 * pixel - std::round(255 * pixel)) > kRounding;
  });
  if (rounded) digits.how += std::string(digits.how.empty() ? "" : ", ") + texts::notices::rounded;
  return digits;
}

DigitFile read_idx(ByteView file, const std::string& name) {
  IdxImages images = parse_idx_images(file, name);
  if (images.rows != kPictureSide || images.cols != kPictureSide) {
    throw Error(texts::refusals::size_of_images(name, images.rows, images.cols));
  }
  return {name, "", Bytes(images.pixels.begin(), images.pixels.end())};
}

}  // namespace

Picture DigitFile::picture(int number) const {
  return picture_of(
      ByteView(pixels).subspan(static_cast<std::size_t>(number) * kPictureSize, kPictureSize));
}

DigitFile read_digit_file(ByteView file, const std::string& name) {
  const Bytes unpacked = is_gzip(file) ? gunzip(file, name, kLargestUnpacked) : Bytes();
  const ByteView content = is_gzip(file) ? ByteView(unpacked) : file;
  // A name decides for what begins as neither, so that the messages are of what was meant.
  const bool named_npy = name.ends_with(".npy") || name.ends_with(".npz");
  return is_npy(content) || named_npy ? read_npy(content, name) : read_idx(content, name);
}

}  // namespace inoculate::page
