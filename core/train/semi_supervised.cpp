#include "train/semi_supervised.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "base/error.h"
#include "nn/adam.h"
#include "nn/loss.h"

namespace inoculate {
namespace {

// Independent uses of a seed.
enum Stream : std::uint64_t { kSplit = 41, kLabelledOrder, kUnlabelledOrder, kDirections, kMasks };

// Numbers in a new order whenever all have been taken.
class Cycle {
 public:
  Cycle(std::vector<std::int32_t> items, Rng rng) : items_(std::move(items)), rng_(rng) {}

  // The next `count`, fewer where there are not as many in all.
  std::span<const std::int32_t> take(int count) {
    const auto wanted = std::min(static_cast<std::size_t>(count), items_.size());
    if (at_ == 0 || at_ + wanted > items_.size()) {
      rng_.shuffle(items_);
      at_ = 0;
    }
    at_ += wanted;
    return std::span(items_).subspan(at_ - wanted, wanted);
  }

 private:
  std::vector<std::int32_t> items_;
  Rng rng_;
  std::size_t at_ = 0;
};

}  // namespace

LabelSplit split_labels(const Labels& labels, int classes, int labelled, int validation,
                        std::uint64_t seed) {
  if (labelled % classes != 0) {
    throw Error(std::to_string(labelled) + " labels cannot be shared out to " +
                std::to_string(classes) + " classes; take a multiple of that");
  }
  std::vector<std::int32_t> order(labels.size());
  std::iota(order.begin(), order.end(), 0);
  Rng(seed, kSplit).shuffle(order);
  LabelSplit split;
  std::vector<int> left(static_cast<std::size_t>(classes), labelled / classes);
  for (const std::int32_t i : order) {
    int& open = left.at(static_cast<std::size_t>(labels[static_cast<std::size_t>(i)]));
    if (open > 0) {
      --open;
      split.labelled.push_back(i);
      split.unlabelled.push_back(i);
    } else if (static_cast<int>(split.validation.size()) < validation) {
      split.validation.push_back(i);
    } else {
      split.unlabelled.push_back(i);
    }
  }
  if (static_cast<int>(split.labelled.size()) < labelled ||
      static_cast<int>(split.validation.size()) < validation) {
    throw Error("the training set has too few images of a class for " + std::to_string(labelled) +
                " labels and " + std::to_string(validation) + " images to validate with");
  }
  return split;
}

bool train_semi_supervised(GraphNetwork& network, const Dataset& dataset, const LabelSplit& split,
                           const SemiSupervisedOptions& options,
                           const std::function<bool(const SemiSupervisedStep&)>& on_step) {
  const auto stream = [&](Stream number) { return Rng(options.seed, number); };
  Cycle labelled(split.labelled, stream(kLabelledOrder));
  Cycle unlabelled(split.unlabelled, stream(kUnlabelledOrder));
  Rng directions = stream(kDirections), masks = stream(kMasks);
  AdamState adam(network.parameters().size());
  FloatBuffer d(network.parameters().size());
  GraphNetwork::Memory memory;
  Vat vat(network);
  Matrix images, d_logits;
  Labels labels;
  for (int update = 0; update < options.updates; ++update) {
    gather(dataset, labelled.take(options.labelled_batch), images, labels);
    const int n = static_cast<int>(images.rows()), classes = network.output_size();
    const float* logits = network.forward(images.data(), n, {.masks = masks.next()}, memory);
    std::vector<float> losses(labels.size());
    d_logits.resize(n, classes);
    loss_and_gradient(losses.data(), d_logits.data(), Loss::kCrossEntropy,
                      1 / static_cast<float>(n), logits, labels.data(), n, classes);
    network.backward(nullptr, d, d_logits.data(), memory);
    SemiSupervisedStep step{update + 1, std::accumulate(losses.begin(), losses.end(), 0.0) / n};
    if (options.vat) {
      gather(dataset, unlabelled.take(options.unlabelled_batch), images, labels);
      step.vat = vat.add_gradient(d, images, *options.vat, masks.next(), directions);
    }
    if (!std::isfinite(step.cross_entropy + step.vat.divergence + step.vat.entropy)) {
      throw Error("training has diverged: a loss is not finite any more after " +
                  std::to_string(update) + " updates; lower the learning rate");
    }
    const int decays = update / options.decay_every;
    adam_step(network.parameters(), d, adam,
              options.learning_rate * std::pow(options.decay, static_cast<float>(decays)));
    if (on_step && !on_step(step)) return false;
  }
  return true;
}

}  // namespace inoculate
