#include "model/guesses.h"

#include <algorithm>
#include <utility>

#include "nn/softmax.h"

namespace inoculate {

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
