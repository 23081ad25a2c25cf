#include "model/network_classifier.h"

#include <algorithm>
#include <cassert>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/finite.h"
#include "base/parallel.h"

namespace inoculate {
namespace {

// Images that go through the network together. For logits: enough for a position's kernel to be
// worth its way into the first cache, few enough for what they leave to stay in the second.
constexpr int kImagesForLogits = 64;
// With gradients: enough rows to use the dense kernel well, few enough for their activations to
// stay in the cache; fewer where a batch of training would else be one thread's work.
constexpr int kMostImages = 32;
constexpr int kFewestImages = 16;

int images_for_gradients(int n) {
  return std::clamp((n + thread_count() - 1) / thread_count(), kFewestImages, kMostImages);
}

void require_finite(const char* what, const float* values, int count) {
  if (all_finite(values, count)) return;
  throw Error("the network's " + std::string(what) +
              " are not finite: its weights are too large to compute with; take others, or train "
              "with a lower learning rate");
}

}  // namespace

ModelSpec network_classifier_spec(const Network& network, std::string name,
                                  std::optional<double> promised_accuracy) {
  ModelSpec spec;
  spec.name = std::move(name);
  spec.input = network.architecture().input;
  spec.classes = network.classes();
  spec.images_at_once = kImagesForLogits;
  spec.promised_accuracy = promised_accuracy;
  return spec;
}

NetworkClassifier::NetworkClassifier(const Network& network, std::string name,
                                     std::optional<double> promised_accuracy)
    : frozen_(network, FrozenNetwork::For::kGradients),
      spec_(network_classifier_spec(network, std::move(name), promised_accuracy)) {}

NetworkClassifier::NetworkClassifier(Network&& network, std::string name,
                                     std::optional<double> promised_accuracy)
    : kept_(std::move(network)),
      frozen_(*kept_, FrozenNetwork::For::kGradients),
      spec_(network_classifier_spec(*kept_, std::move(name), promised_accuracy)) {}

Matrix NetworkClassifier::logits(ConstMatrixRef images) const {
  assert(images.cols() == frozen_.input_size() && images.outerStride() == images.cols());
  const int count = static_cast<int>(images.rows()), classes = spec_.classes;
  Matrix logits(count, classes);
  parallel_for((count + kImagesForLogits - 1) / kImagesForLogits, [&](int part) {
    thread_local FrozenNetwork::Scratch scratch;
    const int begin = part * kImagesForLogits, n = std::min(kImagesForLogits, count - begin);
    const float* result = frozen_.infer(images.row(begin).data(), n, scratch);
    require_finite("logits", result, n * classes);
    std::copy_n(result, n * classes, logits.row(begin).data());
  });
  return logits;
}

void NetworkClassifier::gradients(std::span<Matrix> gradients, Matrix* logits,
                                  ConstMatrixRef images,
                                  std::span<const LogitGradient> objectives) const {
  assert(images.cols() == frozen_.input_size() && images.outerStride() == images.cols());
  assert(gradients.size() == objectives.size());
  const int count = static_cast<int>(images.rows()), classes = spec_.classes;
  for (Matrix& gradient : gradients) gradient.resize(count, images.cols());
  if (logits != nullptr) logits->resize(count, classes);
  const int chunk = images_for_gradients(count);
  parallel_for((count + chunk - 1) / chunk, [&](int part) {
    thread_local FrozenNetwork::Scratch scratch;
    const int begin = part * chunk, n = std::min(chunk, count - begin);
    const float* result = frozen_.infer(images.row(begin).data(), n, scratch);
    require_finite("logits", result, n * classes);
    if (logits != nullptr) std::copy_n(result, n * classes, logits->row(begin).data());
    std::vector<float> d_logits(static_cast<std::size_t>(n * classes));
    for (std::size_t k = 0; k < objectives.size(); ++k) {
      objectives[k](d_logits.data(), result, begin, n);
      float* d_images = gradients[k].row(begin).data();
      frozen_.backward(d_images, d_logits.data(), scratch);
      require_finite("gradients", d_images, n * frozen_.input_size());
    }
  });
}

}  // namespace inoculate
