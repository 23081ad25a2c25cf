#include "evaluate/accuracy.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "nn/inference.h"
#include "nn/loss.h"

namespace inoculate {
namespace {

constexpr int kExamplesAtOnce = 2048;

}  // namespace

Evaluation evaluate(const Network& network, const ExampleSource& source) {
  const FrozenNetwork frozen(network);
  Evaluation result;
  double loss_sum = 0;
  Matrix images;
  Labels labels;
  for (int begin = 0; begin < source.size; begin += kExamplesAtOnce) {
    const int n = std::min(kExamplesAtOnce, source.size - begin);
    std::vector<std::int32_t> indices(static_cast<std::size_t>(n));
    std::iota(indices.begin(), indices.end(), begin);
    source.gather(indices, images, labels);
    const Matrix logits = predict_logits(frozen, images);
    std::vector<float> losses(static_cast<std::size_t>(n));
    loss_and_gradient(losses.data(), nullptr, Loss::kCrossEntropy, 1.0F, logits.data(),
                      labels.data(), n, network.classes());
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
