#include "attack/square.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "attack/box_projection.h"
#include "attack/proposals.h"

namespace inoculate {
namespace {

float random_sign(Rng& rng) { return (rng.next() >> 63) == 0 ? -1.0F : 1.0F; }

// The size of a change in L2 or L1 is the root of the sum of its values' powers.
double power(double value, Norm norm) {
  return norm == Norm::kL1 ? std::abs(value) : value * value;
}
double root(double sum, Norm norm) { return norm == Norm::kL1 ? sum : std::sqrt(sum); }

// The area of a square after `done` of `queries`: halved at set places, as in the paper's section
// 4.1, which are given there for 10,000 queries and may be stretched to others.
float area_at(int done, const SquareOptions& options) {
  constexpr std::array kHalvings{10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000};
  const double place = options.stretch ? 10000.0 * done / options.queries : done - 1;
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

// A heap over [rows, columns] in row-major order, of size 1 in the norm: around its middle lie
// rings that fall off with the square of their number, in L1 with its fourth power.
std::vector<double> heap(int rows, int columns, Norm norm) {
  const int rings = std::max(rows, columns) / 2 + 1;
  std::vector<double> heights(static_cast<std::size_t>(rings));  // by distance from the middle
  double height = 0;
  for (int ring = rings - 1; ring >= 0; --ring) {
    height += std::pow(ring + 1, norm == Norm::kL1 ? -4 : -2);
    heights[static_cast<std::size_t>(ring)] = height;
  }
  std::vector<double> values;
  double sum = 0;
  for (int y = 0; y < rows; ++y) {
    for (int column = 0; column < columns; ++column) {
      const int away = std::max(std::abs(y - rows / 2), std::abs(column - columns / 2));
      values.push_back(heights[static_cast<std::size_t>(away)]);
      sum += power(values.back(), norm);
    }
  }
  for (double& value : values) value /= root(sum, norm);
  return values;
}

// What is drawn in L2 and L1, [side, side]: two heaps beside or above each other, of opposite signs
// and together of size 1 in the norm.
std::vector<double> draw_heaps(int side, Norm norm, Rng& rng) {
  std::vector<double> heaps = heap(side / 2, side, norm);
  const std::vector<double> second = heap(side - side / 2, side, norm);
  const double size = root(heaps.empty() ? 1 : 2, norm);
  for (const double value : second) heaps.push_back(-value);
  for (double& value : heaps) value /= size;
  if (rng.uniform() > 0.5) {
    Eigen::Map<Eigen::MatrixXd>(heaps.data(), side, side).transposeInPlace();
  }
  return heaps;
}

// A square part of an image.
struct Window {
  int top, left, side;

  // The values of one channel within it, row by row, in an image [H, W, C].
  std::vector<std::size_t> values(const Shape& shape, int channel) const {
    std::vector<std::size_t> places;
    for (int y = top; y < top + side; ++y) {
      for (int column = left; column < left + side; ++column) {
        places.push_back(static_cast<std::size_t>((y * shape.w + column) * shape.c + channel));
      }
    }
    return places;
  }
  bool has(int y, int column) const {
    return y >= top && y < top + side && column >= left && column < left + side;
  }
};

Window draw_window(const Shape& shape, int side, Rng& rng) {
  const auto place = [&](int room) {
    return static_cast<int>(rng.below(static_cast<std::uint32_t>(room - side + 1)));
  };
  const int top = place(shape.h);
  return {top, place(shape.w), side};
}

// A square of `side` somewhere in x becomes image + epsilon or image - epsilon, for each channel.
void draw_square(float* x, const float* image, const Shape& shape, int side, float epsilon,
                 Rng& rng) {
  const Window window = draw_window(shape, side, rng);
  for (int channel = 0; channel < shape.c; ++channel) {
    const float change = epsilon * random_sign(rng);
    for (const std::size_t j : window.values(shape, channel)) x[j] = image[j] + change;
  }
}

// x = image and the change [H, W, C], brought to a size of epsilon in L2 or kept to it in L1.
void apply(float* x, const float* image, const std::vector<double>& change,
           const ThreatModel& threat) {
  double mass = 0;
  for (const double d : change) mass += d * d;
  const bool l1 = threat.norm == Norm::kL1;
  const double epsilon = static_cast<double>(threat.epsilon);
  const double scale = l1 ? 1 : epsilon / (std::sqrt(mass) + 1e-12);
  for (std::size_t j = 0; j < change.size(); ++j) {
    x[j] = static_cast<float>(static_cast<double>(image[j]) + scale * change[j]);
  }
  if (l1) {
    project_onto_l1_ball(x, image, static_cast<int>(change.size()), threat.epsilon, threat.range);
  }
}

// x = image with heaps of either sign all over it, five in a row.
void draw_tiles(float* x, const float* image, const Shape& shape, const ThreatModel& threat,
                Rng& rng) {
  const int side = std::max(std::min(shape.h, shape.w) / 5, 1);
  const int rows = shape.h / side, columns = shape.w / side;
  std::vector<double> change(static_cast<std::size_t>(shape.size()));
  for (int tile = 0; tile < rows * columns; ++tile) {
    const Window window{(shape.h - rows * side) / 2 + tile / columns * side,
                        (shape.w - columns * side) / 2 + tile % columns * side, side};
    const std::vector<double> heaps = draw_heaps(side, threat.norm, rng);
    for (int channel = 0; channel < shape.c; ++channel) {
      const double sign = static_cast<double>(random_sign(rng));
      const auto places = window.values(shape, channel);
      for (std::size_t k = 0; k < places.size(); ++k) change[places[k]] = sign * heaps[k];
    }
  }
  apply(x, image, change, threat);
}

// Takes what is changed in one window of x, and what is left of epsilon, to a second one, where
// heaps are added to it.
void move_change(float* x, const float* image, const Shape& shape, int side,
                 const ThreatModel& threat, Rng& rng) {
  const Norm norm = threat.norm;
  const Window to = draw_window(shape, side, rng), from = draw_window(shape, side, rng);
  const std::vector<double> heaps = draw_heaps(side, norm, rng);
  std::vector<double> change(static_cast<std::size_t>(shape.size()));
  double whole = 0;
  for (std::size_t j = 0; j < change.size(); ++j) {
    change[j] = static_cast<double>(x[j]) - static_cast<double>(image[j]);
    whole += power(change[j], norm);
  }
  const double rest = std::max(power(static_cast<double>(threat.epsilon), norm) - whole, 0.0);
  for (int channel = 0; channel < shape.c; ++channel) {
    const auto places = to.values(shape, channel), emptied = from.values(shape, channel);
    double there = 0, either = 0, mass = 0;  // in the window, in both, in the new change
    for (const std::size_t j : places) there += power(change[j], norm);
    either = there;
    for (const std::size_t j : emptied) {
      const int pixel = static_cast<int>(j) / shape.c;
      if (!to.has(pixel / shape.w, pixel % shape.w)) either += power(change[j], norm);
    }
    const double sign = static_cast<double>(random_sign(rng));
    std::vector<double> next(places.size());
    for (std::size_t k = 0; k < places.size(); ++k) {
      next[k] = sign * heaps[k] + change[places[k]] / (1e-12 + root(there, norm));
      mass += power(next[k], norm);
    }
    // In L1 the projection that follows takes away what is too much.
    const double size = root(rest / shape.c + either, norm) * (norm == Norm::kL1 ? shape.c : 1);
    for (const std::size_t j : emptied) change[j] = 0;
    for (std::size_t k = 0; k < places.size(); ++k) {
      change[places[k]] = next[k] * size / (1e-12 + root(mass, norm));
    }
  }
  apply(x, image, change, threat);
}

}  // namespace

AttackResult square(const AttackTask& task, const SquareOptions& options, Rng& rng,
                    const OnAttackProgress& on_progress) {
  const ThreatModel& threat = task.threat;
  assert(threat.norm != Norm::kL0 && std::isfinite(threat.epsilon));
  const bool linf = threat.norm == Norm::kLinf;
  const Shape shape = task.model.spec().input;
  std::vector<Rng> generators = image_generators(task, rng);
  const auto propose = [&](float* x, int i, int number) {
    const float* image = task.images.row(i).data();
    Rng& generator = generators[static_cast<std::size_t>(i)];
    if (number == 0) {
      if (linf) {
        draw_stripes(x, image, shape, threat.epsilon, generator);
      } else {
        draw_tiles(x, image, shape, threat, generator);
      }
      return;
    }
    const float area = area_at(number, options) * static_cast<float>(shape.h * shape.w);
    int side = static_cast<int>(std::round(std::sqrt(area)));
    if (!linf) side = std::max(side, 3) | 1;  // odd, so that each heap has a middle
    side = std::clamp(side, 1, std::min(shape.h, shape.w));
    if (linf) {
      draw_square(x, image, shape, side, threat.epsilon, generator);
    } else {
      move_change(x, image, shape, side, threat, generator);
    }
  };
  // The look at the image itself is the first query.
  return best_of_proposals(task, options.queries - 1, propose, on_progress);
}

namespace {

template <bool published>
AttackResult run(const AttackTask& task, const AttackOptions& common, Rng& rng,
                 const OnAttackProgress& on_progress) {
  SquareOptions method;
  method.queries = common.queries.value_or(method.queries);
  method.stretch = !published;
  if (published) method.queries += 2;  // AutoAttack counts neither the image's nor the start's look
  return square(task, method, rng, on_progress);
}

}  // namespace

AttackMethod square_method() {
  return {"square",
          "squares of one shade, kept where they help",
          "Andriushchenko et al. 2020",
          {Norm::kLinf, Norm::kL2, Norm::kL1},
          Knowledge::kProbabilities,
          kQueriedBits,
          run<false>};
}

AttackMethod autoattack_square_method() {
  AttackMethod method = square_method();
  method.run = run<true>;
  return method;
}

}  // namespace inoculate
