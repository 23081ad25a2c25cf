#include "nn/inference.h"

#include <algorithm>
#include <cassert>
#include <vector>

#include "base/parallel.h"

namespace inoculate {
namespace {

// Enough images for a position's kernel to be worth its way into the first cache, few enough for
// what they leave to stay in the second.
constexpr int kChunk = 64;

// Calls body(first image, number of images, scratch) for every chunk, in parallel.
template <class F>
void for_each_chunk(int n, F&& body) {
  parallel_for((n + kChunk - 1) / kChunk, [&](int chunk) {
    thread_local FrozenNetwork::Scratch scratch;
    const int begin = chunk * kChunk;
    body(begin, std::min(kChunk, n - begin), scratch);
  });
}

}  // namespace

Matrix predict_logits(const FrozenNetwork& network, ConstMatrixRef images) {
  assert(images.cols() == network.input_size() && images.outerStride() == images.cols());
  Matrix logits(images.rows(), network.classes());
  for_each_chunk(static_cast<int>(images.rows()),
                 [&](int begin, int n, FrozenNetwork::Scratch& scratch) {
                   const float* result = network.infer(images.row(begin).data(), n, scratch);
                   std::copy_n(result, n * network.classes(), logits.row(begin).data());
                 });
  return logits;
}

Matrix predict_logits(const Network& network, ConstMatrixRef images) {
  return predict_logits(FrozenNetwork(network), images);
}

Matrix input_gradients(const Network& network, ConstMatrixRef images, const Labels& labels,
                       Loss loss) {
  assert(images.cols() == network.input_size() && images.outerStride() == images.cols());
  assert(labels.size() == static_cast<std::size_t>(images.rows()));
  Matrix gradients(images.rows(), images.cols());
  const FrozenNetwork frozen(network, FrozenNetwork::For::kGradients);
  for_each_chunk(static_cast<int>(images.rows()),
                 [&](int begin, int n, FrozenNetwork::Scratch& scratch) {
                   const float* chunk = images.row(begin).data();
                   const float* logits = frozen.infer(chunk, n, scratch);
                   std::vector<float> d_logits(static_cast<std::size_t>(n * network.classes()));
                   loss_and_gradient(nullptr, d_logits.data(), loss, 1.0F, logits,
                                     labels.data() + begin, n, network.classes());
                   frozen.backward(gradients.row(begin).data(), d_logits.data(), scratch);
                 });
  return gradients;
}

Labels most_likely(ConstMatrixRef logits) {
  Labels labels(static_cast<std::size_t>(logits.rows()));
  for (Eigen::Index i = 0; i < logits.rows(); ++i) {
    Eigen::Index best = 0;
    logits.row(i).maxCoeff(&best);
    labels[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(best);
  }
  return labels;
}

}  // namespace inoculate
