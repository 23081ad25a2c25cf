#include "evaluate/accuracy.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include "base/error.h"
#include "nn/inference.h"
#include "nn/loss.h"

namespace inoculate {
namespace {

constexpr int kExamplesAtOnce = 2048;

}  // namespace

Evaluation evaluate(const Network& network, const ExampleSource& source) {
  const FrozenNetwork frozen(network);
  const int classes = network.classes();
  Evaluation result;
  result.confusion.assign(static_cast<std::size_t>(classes),
                          std::vector<int>(static_cast<std::size_t>(classes)));
  double loss_sum = 0;
  Matrix images;
  Labels labels;
  for (int begin = 0; begin < source.size; begin += kExamplesAtOnce) {
    const int n = std::min(kExamplesAtOnce, source.size - begin);
    std::vector<std::int32_t> indices(static_cast<std::size_t>(n));
    std::iota(indices.begin(), indices.end(), begin);
    source.gather(indices, images, labels);
    for (const int label : labels) {
      if (label >= 0 && label < classes) continue;
      throw Error("an image has the label " + std::to_string(label) +
                  ", but the network has only " + std::to_string(classes) +
                  " classes; give labels that fit the network");
    }
    const Matrix logits = predict_logits(frozen, images);
    std::vector<float> losses(static_cast<std::size_t>(n));
    loss_and_gradient(losses.data(), nullptr, Loss::kCrossEntropy, 1.0F, logits.data(),
                      labels.data(), n, classes);
    loss_sum += std::accumulate(losses.begin(), losses.end(), 0.0);
    const Labels guesses = most_likely(logits);
    for (std::size_t i = 0; i < guesses.size(); ++i) {
      ++result.confusion[labels[i]][guesses[i]];
      result.correct += guesses[i] == labels[i];
    }
  }
  result.n = source.size;
  result.loss = loss_sum / source.size;
  return result;
}

}  // namespace inoculate
