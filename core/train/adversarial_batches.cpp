#include "train/adversarial_batches.h"

#include <cassert>
#include <numeric>
#include <utility>

namespace inoculate {
namespace {

// Apart from the streams that training draws from under the same seed.
constexpr std::uint64_t kStream = 3;

}  // namespace

AdversarialBatches::AdversarialBatches(const Trainable& network, ExampleSource source, int size,
                                       const FgsmOptions& options, std::uint64_t seed)
    : network_(network),
      source_(std::move(source)),
      size_(size),
      options_(options),
      rng_(seed, kStream),
      order_(static_cast<std::size_t>(source_.size)) {
  assert(size >= 1 && size <= source_.size);
  std::iota(order_.begin(), order_.end(), 0);
}

AdversarialBatch AdversarialBatches::next() {
  rng_.shuffle(order_);
  AdversarialBatch batch;
  Matrix images;
  source_.gather(std::span(order_).first(static_cast<std::size_t>(size_)), images, batch.labels);
  batch.adversaries = fgsm(*network_.classifier(), images, batch.labels, options_);
  return batch;
}

}  // namespace inoculate
