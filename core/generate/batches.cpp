#include "generate/batches.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "base/rng.h"

namespace inoculate {

bool for_each_batch(const ExampleSource& source, const GeneratorTraining& training,
                    const std::function<GeneratorFigures(const Matrix&, const Labels&)>& body,
                    const OnGeneratorStep& on_step) {
  constexpr std::uint64_t kOrderStream = 1;
  Rng rng(training.seed, kOrderStream);
  std::vector<std::int32_t> order(static_cast<std::size_t>(source.size));
  const int steps = (source.size + training.batch_size - 1) / training.batch_size;
  Matrix images;
  Labels labels;
  for (int epoch = 1; epoch <= training.epochs; ++epoch) {
    std::iota(order.begin(), order.end(), 0);
    rng.shuffle(order);
    GeneratorFigures sums{};
    for (int step = 1; step <= steps; ++step) {
      const int begin = (step - 1) * training.batch_size;
      const int end = std::min(source.size, begin + training.batch_size);
      source.gather(std::span(order).subspan(static_cast<std::size_t>(begin),
                                             static_cast<std::size_t>(end - begin)),
                    images, labels);
      const GeneratorFigures figures = body(images, labels);
      GeneratorProgress progress{epoch, training.epochs, step, steps, {}};
      for (std::size_t i = 0; i < sums.size(); ++i) {
        sums[i] += figures[i];
        progress.means[i] = sums[i] / end;
        if (!std::isfinite(sums[i])) {
          throw Error("the training has diverged: its loss is not finite; lower the learning rate");
        }
      }
      if (on_step && !on_step(progress)) return false;
    }
  }
  return true;
}

}  // namespace inoculate
