#include "nn/inference.h"

#include <algorithm>
#include <cassert>
#include <vector>

#include "base/error.h"
#include "base/finite.h"
#include "base/parallel.h"

namespace inoculate {
namespace {

// Enough images for a position's kernel to be worth its way into the first cache, few enough for
// what they leave to stay in the second.
constexpr int kChunk = 64;

}  // namespace

void require_finite(const float* logits, int count) {
  if (!all_finite(logits, count)) {
    throw Error(
        "the network's logits are not finite: its weights are too large to compute with; take "
        "others, or train with a lower learning rate");
  }
}

Matrix predict_logits(const FrozenNetwork& network, ConstMatrixRef images) {
  assert(images.cols() == network.input_size() && images.outerStride() == images.cols());
  const int count = static_cast<int>(images.rows());
  Matrix logits(count, network.classes());
  parallel_for((count + kChunk - 1) / kChunk, [&](int chunk) {
    thread_local FrozenNetwork::Scratch scratch;
    const int begin = chunk * kChunk, n = std::min(kChunk, count - begin);
    const float* result = network.infer(images.row(begin).data(), n, scratch);
    require_finite(result, n * network.classes());
    std::copy_n(result, n * network.classes(), logits.row(begin).data());
  });
  return logits;
}

Matrix predict_logits(const Network& network, ConstMatrixRef images) {
  return predict_logits(FrozenNetwork(network), images);
}

}  // namespace inoculate
