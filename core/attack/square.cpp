#include "attack/square.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <vector>

#include "attack/proposals.h"

namespace inoculate {
namespace {

float random_sign(Rng& rng) { return (rng.next() >> 63) == 0 ? -1.0F : 1.0F; }

// The area of a square after `done` of `queries`: halved at set places, as in the paper's section
// 4.1, which are given there for 10,000 queries.
float area_at(int done, const SquareOptions& options) {
  constexpr std::array kHalvings{10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000};
  const double place = 10000.0 * done / options.queries;
  float area = options.first_area;
  for (const int halving : kHalvings) {
    if (place > halving) area /= 2;
  }
  return area;
}

// x = image with every column of every channel moved by +epsilon or -epsilon.
void draw_stripes(float* x, const float* image, const Shape& shape, float epsilon, Rng& rng) {
  for (int column = 0; column < shape.w * shape.c; ++column) {
    const float change = epsilon * random_sign(rng);
    for (int y = 0; y < shape.h; ++y) {
      const int j = y * shape.w * shape.c + column;
      x[j] = image[j] + change;
    }
  }
}

// A square of `side` somewhere in x becomes image + epsilon or image - epsilon, for each channel.
void draw_square(float* x, const float* image, const Shape& shape, int side, float epsilon,
                 Rng& rng) {
  const auto place = [&](int room) {
    return static_cast<int>(rng.below(static_cast<std::uint32_t>(room - side + 1)));
  };
  const int top = place(shape.h), left = place(shape.w);
  for (int channel = 0; channel < shape.c; ++channel) {
    const float change = epsilon * random_sign(rng);
    for (int y = top; y < top + side; ++y) {
      for (int column = left; column < left + side; ++column) {
        const int j = (y * shape.w + column) * shape.c + channel;
        x[j] = image[j] + change;
      }
    }
  }
}

}  // namespace

AttackResult square(const AttackTask& task, const SquareOptions& options, Rng& rng,
                    const OnAttackProgress& on_progress) {
  assert(task.threat.norm == Norm::kLinf && std::isfinite(task.threat.epsilon));
  const Shape shape = task.model.spec().input;
  std::vector<Rng> generators = image_generators(task, rng);
  const auto propose = [&](float* x, int i, int number) {
    const float* image = task.images.row(i).data();
    Rng& generator = generators[static_cast<std::size_t>(i)];
    if (number == 0) {
      draw_stripes(x, image, shape, task.threat.epsilon, generator);
      return;
    }
    const float side =
        std::round(std::sqrt(area_at(number, options) * static_cast<float>(shape.h * shape.w)));
    const int largest = std::min(shape.h, shape.w);
    draw_square(x, image, shape, std::clamp(static_cast<int>(side), 1, largest),
                task.threat.epsilon, generator);
  };
  // The look at the image itself is the first query.
  return best_of_proposals(task, options.queries - 1, propose, on_progress);
}

AttackMethod square_method() {
  return {"square",
          "squares of one shade, kept where they help",
          "Andriushchenko et al. 2020",
          {Norm::kLinf},
          Knowledge::kProbabilities,
          kQueriedBits,
          [](const AttackTask& task, const AttackOptions& common, Rng& rng,
             const OnAttackProgress& on_progress) {
            SquareOptions method;
            method.queries = common.queries.value_or(method.queries);
            return square(task, method, rng, on_progress);
          }};
}

}  // namespace inoculate
