#include "native/pictures.h"

#include <algorithm>

#include "base/quote.h"
#include "native/read_picture.h"
#include "nn/softmax.h"
#include "picture/prepare.h"

namespace inoculate {

PreparedPictures read_pictures(const std::vector<std::string>& paths) {
  PreparedPictures all{Matrix(static_cast<Eigen::Index>(paths.size()), 784), {}};
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const ReadPicture picture = read_picture_file(paths[i]);
    const PreparedDigit digit = prepare_picture(picture.pixels, paths[i]);
    std::copy(digit.pixels.begin(), digit.pixels.end(),
              all.images.row(static_cast<Eigen::Index>(i)).data());
    all.how.push_back(picture.described(digit.how));
  }
  return all;
}

std::string class_text(const ModelSpec& model, int number) {
  const std::string text = std::to_string(number);
  return model.class_names.empty() ? text : text + " " + printable(class_name(model, number));
}

std::vector<std::vector<Guess>> likeliest_classes(const Matrix& logits, int top) {
  Matrix p(logits.rows(), logits.cols());
  const int classes = static_cast<int>(logits.cols());
  softmax(p.data(), logits.data(), static_cast<int>(logits.rows()), classes);
  std::vector<std::vector<Guess>> all;
  for (Eigen::Index i = 0; i < p.rows(); ++i) {
    std::vector<Guess> guesses;
    for (int k = 0; k < classes; ++k) guesses.push_back({k, p(i, k)});
    std::stable_sort(guesses.begin(), guesses.end(),
                     [](const Guess& a, const Guess& b) { return a.confidence > b.confidence; });
    guesses.resize(static_cast<std::size_t>(std::min(top, classes)));
    all.push_back(std::move(guesses));
  }
  return all;
}

}  // namespace inoculate
