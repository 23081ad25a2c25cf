#include "evaluate/accuracy.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include "base/error.h"
#include "nn/loss.h"

namespace inoculate {
namespace {

constexpr int kExamplesAtOnce = 2048;
// What a table of counts is made for.
constexpr int kMostClasses = 4096;

}  // namespace

Evaluation evaluate(const Classifier& model, const ExampleSource& source) {
  const int classes = model.spec().classes;
  Evaluation result;
  if (classes <= kMostClasses) {
    result.confusion.assign(static_cast<std::size_t>(classes),
                            std::vector<int>(static_cast<std::size_t>(classes)));
  }
  const int at_once = std::min(images_in_slice(model.spec()), kExamplesAtOnce);
  double loss_sum = 0;
  Matrix images;
  Labels labels;
  for (int begin = 0; begin < source.size; begin += at_once) {
    const int n = std::min(at_once, source.size - begin);
    std::vector<std::int32_t> indices(static_cast<std::size_t>(n));
    std::iota(indices.begin(), indices.end(), begin);
    source.gather(indices, images, labels);
    for (const int label : labels) {
      if (label >= 0 && label < classes) continue;
      throw Error("an image has the label " + std::to_string(label) +
                  ", but the network has only " + std::to_string(classes) +
                  " classes; give labels that fit the network");
    }
    const Matrix logits = model.logits(images);
    std::vector<float> losses(static_cast<std::size_t>(n));
    loss_and_gradient(losses.data(), nullptr, Loss::kCrossEntropy, 1.0F, logits.data(),
                      labels.data(), n, classes);
    loss_sum += std::accumulate(losses.begin(), losses.end(), 0.0);
    const Labels guesses = most_likely(logits);
    for (std::size_t i = 0; i < guesses.size(); ++i) {
      if (!result.confusion.empty()) {
        ++result
              .confusion[static_cast<std::size_t>(labels[i])][static_cast<std::size_t>(guesses[i])];
      }
      result.correct += guesses[i] == labels[i];
    }
  }
  result.n = source.size;
  result.loss = loss_sum / source.size;
  return result;
}

}  // namespace inoculate
