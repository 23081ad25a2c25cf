#include "native/pictures.h"

#include <algorithm>
#include <cstdint>
#include <numeric>

#include "data/digit.h"
#include "native/files.h"
#include "native/png.h"
#include "nn/softmax.h"

namespace inoculate {
namespace {

constexpr std::size_t kLargestPng = std::size_t{1} << 26;

bool is_digit_already(const GreyImage& picture) {
  if (picture.width != 28 || picture.height != 28) return false;
  const auto ink = std::accumulate(picture.pixels.begin(), picture.pixels.end(), 0);
  return ink < 784 * 128;  // light on dark, as MNIST
}

}  // namespace

std::vector<float> read_picture(const std::string& path) {
  const GreyImage picture = read_png_grey(read_file(path, kLargestPng), path);
  if (!is_digit_already(picture)) {
    return prepare_digit(picture.pixels, picture.width, picture.height);
  }
  std::vector<float> pixels;
  for (const std::uint8_t byte : picture.pixels) pixels.push_back(static_cast<float>(byte / 255.0));
  return pixels;
}

Matrix read_pictures(const std::vector<std::string>& paths) {
  Matrix images(static_cast<Eigen::Index>(paths.size()), 784);
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const std::vector<float> pixels = read_picture(paths[i]);
    std::copy(pixels.begin(), pixels.end(), images.row(static_cast<Eigen::Index>(i)).data());
  }
  return images;
}

std::vector<std::vector<Guess>> likeliest_classes(const Matrix& logits, int top) {
  Matrix p(logits.rows(), logits.cols());
  const int classes = static_cast<int>(logits.cols());
  softmax(p.data(), logits.data(), static_cast<int>(logits.rows()), classes);
  std::vector<std::vector<Guess>> all;
  for (Eigen::Index i = 0; i < p.rows(); ++i) {
    std::vector<Guess> guesses;
    for (int digit = 0; digit < classes; ++digit) guesses.push_back({digit, p(i, digit)});
    std::stable_sort(guesses.begin(), guesses.end(),
                     [](const Guess& a, const Guess& b) { return a.confidence > b.confidence; });
    guesses.resize(static_cast<std::size_t>(std::min(top, classes)));
    all.push_back(std::move(guesses));
  }
  return all;
}

}  // namespace inoculate
