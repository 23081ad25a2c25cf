#include "attack/gradients.h"

#include <algorithm>
#include <cassert>
#include <functional>
#include <vector>

#include "attack/margin.h"
#include "base/error.h"
#include "base/finite.h"
#include "base/parallel.h"
#include "nn/inference.h"

namespace inoculate {
namespace {

// Enough rows to use the dense kernel well, few enough for their activations to stay in the cache;
// fewer where a batch of training would else be one thread's work.
constexpr int kMostRows = 32;
constexpr int kFewestRows = 16;

int rows_at_once(int n) {
  return std::clamp((n + thread_count() - 1) / thread_count(), kFewestRows, kMostRows);
}

}  // namespace

void objective_gradients(Matrix& gradients, Matrix* logits, const FrozenNetwork& network,
                         ConstMatrixRef images, const LogitGradient& objective) {
  assert(images.cols() == network.input_size() && images.outerStride() == images.cols());
  const int n = static_cast<int>(images.rows()), classes = network.classes();
  gradients.resize(n, images.cols());
  if (logits != nullptr) logits->resize(n, classes);
  const int chunk = rows_at_once(n);
  parallel_for((n + chunk - 1) / chunk, [&](int part) {
    thread_local FrozenNetwork::Scratch scratch;
    const int begin = part * chunk, rows = std::min(chunk, n - begin);
    const float* in = images.row(begin).data();
    const float* out = network.infer(in, rows, scratch);
    require_finite(out, rows * classes);
    if (logits != nullptr) std::copy_n(out, rows * classes, logits->row(begin).data());
    std::vector<float> d_logits(static_cast<std::size_t>(rows * classes));
    objective(d_logits.data(), out, begin, rows);
    network.backward(gradients.row(begin).data(), d_logits.data(), scratch);
    if (!all_finite(gradients.row(begin).data(), rows * network.input_size())) {
      throw Error(
          "the network's gradients are not finite: its weights are too large to compute with; take "
          "others, or train with a lower learning rate");
    }
  });
}

LogitGradient loss_objective(Loss loss, const Labels& labels, int classes) {
  return [loss, &labels, classes](float* d_logits, const float* logits, int begin, int n) {
    loss_and_gradient(nullptr, d_logits, loss, 1.0F, logits, labels.data() + begin, n, classes);
  };
}

LogitGradient criterion_objective(std::optional<Loss> loss, const Criterion& criterion,
                                  const Labels& labels, int classes) {
  if (loss && !criterion.target && criterion.confidence <= 0) {
    return loss_objective(*loss, labels, classes);
  }
  return
      [loss, criterion, &labels, classes](float* d_logits, const float* logits, int begin, int n) {
        for (int i = 0; i < n; ++i, d_logits += classes, logits += classes) {
          const std::uint8_t label = labels[static_cast<std::size_t>(begin + i)];
          if (loss) {
            const auto goal = static_cast<std::uint8_t>(goal_of(criterion, logits, classes, label));
            loss_and_gradient(nullptr, d_logits, *loss, 1.0F, logits, &goal, 1, classes);
          } else {
            margin(criterion, logits, classes, label, d_logits);
          }
          std::transform(d_logits, d_logits + classes, d_logits, std::negate<>());
        }
      };
}

}  // namespace inoculate
