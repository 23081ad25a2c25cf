#include "attack/carlini_wagner.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "attack/gradients.h"
#include "attack/margin.h"
#include "attack/nearest.h"
#include "attack/perturbation.h"
#include "nn/adam.h"

namespace inoculate {
namespace {

// Adam as foolbox has it.
constexpr float kAdamEps = 1e-8F;

// tanh takes all numbers to the open range of pixels.
struct PixelSpace {
  float centre, half;

  explicit PixelSpace(const ValueRange& r)
      : centre((r.low + r.high) / 2), half((r.high - r.low) / 2) {}
  float to_pixel(float w) const { return centre + half * std::tanh(w); }
  // Pixels at either end are taken a millionth inside.
  float from_pixel(float x) const { return std::atanh((x - centre) / half * 0.999999F); }
  // d pixel / d w at a pixel.
  float slope(float pixel) const {
    const float t = (pixel - centre) / half;
    return half * (1 - t * t);
  }
};

}  // namespace

AttackResult carlini_wagner(const AttackTask& task, const CarliniWagnerOptions& options,
                            const OnAttackProgress& on_progress) {
  const int n = task.size(), size = task.input_size(), classes = task.classes();
  const ValueRange range = task.threat.range.value_or(ValueRange{});
  const PixelSpace space(range);
  Search search(task);
  search.look(task.images);
  NearestAdversary nearest(search);
  Matrix origin(n, size), centre(n, size);  // of each image: w, and the pixels it stands for
  for_each_row(n, [&](int i) {
    for (int j = 0; j < size; ++j) {
      origin(i, j) = space.from_pixel(task.images(i, j));
      centre(i, j) = space.to_pixel(origin(i, j));
    }
  });
  std::vector<Constant> constants(static_cast<std::size_t>(n), Constant{options.first_constant});
  Matrix w(n, size), x(n, size), first(n, size), second(n, size), gradients, logits;
  std::vector<double> losses(static_cast<std::size_t>(n));
  const int check_every = (options.steps + 9) / 10;
  bool cancelled = false;
  for (int round = 0; round < options.searches && !cancelled; ++round) {
    w = origin;
    first.setZero();
    second.setZero();
    std::vector<double> last(losses.size(), std::numeric_limits<double>::infinity());
    std::vector<int> running = search.open;  // images whose optimisation has not come to rest
    for (int step = 0; step < options.steps && !running.empty() && !cancelled; ++step) {
      Matrix some(static_cast<Eigen::Index>(running.size()), size);
      for_each_row(static_cast<int>(running.size()), [&](int row) {
        const float* from = w.row(running[static_cast<std::size_t>(row)]).data();
        for (int j = 0; j < size; ++j) some(row, j) = space.to_pixel(from[j]);
      });
      const auto image_of = [&](int row) {
        return static_cast<std::size_t>(running[static_cast<std::size_t>(row)]);
      };
      objective_gradients(gradients, &logits, task.model, some,
                          [&](float* d, const float* z, int begin, int count) {
                            for (int row = 0; row < count; ++row, d += classes, z += classes) {
                              const std::size_t i = image_of(begin + row);
                              const float gap = margin(task.criterion_of(static_cast<int>(i)), z,
                                                       classes, task.labels[i], d) +
                                                options.margin;
                              const float c = gap > 0 ? constants[i].value : 0.0F;
                              losses[i] = static_cast<double>(c * gap);
                              for (int k = 0; k < classes; ++k) d[k] *= c;
                            }
                          });
      const float correct1 = 1 - std::pow(kAdamBeta1, static_cast<float>(step + 1));
      const float correct2 = 1 - std::pow(kAdamBeta2, static_cast<float>(step + 1));
      for_each_row(static_cast<int>(running.size()), [&](int row) {
        const std::size_t i = image_of(row);
        const auto image = static_cast<Eigen::Index>(i);
        const float* z = logits.row(row).data();
        ++search.calls[i].gradient;
        const Criterion criterion = task.criterion_of(static_cast<int>(i));
        const bool wide_enough =
            options.margin <= 0 || margin(criterion, z, classes, task.labels[i]) <= -options.margin;
        if (wide_enough && meets(criterion, z, classes, task.labels[i])) {
          constants[i].found = true;
          const float* point = some.row(row).data();
          nearest.offer(static_cast<int>(image), point,
                        distance(point, task.images.row(image).data(), size, Norm::kL2));
        }
        double squares = 0;
        for (int j = 0; j < size; ++j) {
          const float pixel = some(row, j);
          const float change = pixel - centre(image, j);
          squares += static_cast<double>(change) * change;
          const float g = (gradients(row, j) + 2 * change) * space.slope(pixel);
          float& m = first(image, j);
          float& v = second(image, j);
          m = kAdamBeta1 * m + (1 - kAdamBeta1) * g;
          v = kAdamBeta2 * v + (1 - kAdamBeta2) * g * g;
          w(image, j) -= options.step_size * (m / correct1) / (std::sqrt(v / correct2) + kAdamEps);
        }
        losses[i] += squares;
      });
      if (options.abort_early && step % check_every == 0) {
        std::erase_if(running, [&](int image) {
          const auto i = static_cast<std::size_t>(image);
          const bool at_rest = !(losses[i] <= 0.9999 * last[i]);
          last[i] = losses[i];
          return at_rest;
        });
      }
      cancelled = search.cancelled_at(on_progress, round * options.steps + step + 1,
                                      options.searches * options.steps);
    }
    for (const int i : search.open) constants[static_cast<std::size_t>(i)].next();
  }
  return search.result(cancelled);
}

AttackMethod carlini_wagner_method() {
  return {"cw",
          "the nearest adversary by optimisation",
          "Carlini & Wagner 2017",
          {Norm::kL2},
          Knowledge::kGradients,
          kWithinBits | kStepsBit | kNearestBit,
          [](const AttackTask& task, const AttackOptions& common, Rng& /*rng*/,
             const OnAttackProgress& on_progress) {
            CarliniWagnerOptions method;
            method.steps = common.steps.value_or(method.steps);
            return carlini_wagner(task, method, on_progress);
          }};
}

}  // namespace inoculate
