#include "attack/expectation.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "attack/perturbation.h"

namespace inoculate {
namespace {

// A number that follows from all pixels (FNV-1a), so that another image has other draws.
std::uint64_t hash_of(const float* image, int size) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (int j = 0; j < size; ++j) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, image + j, sizeof bits);
    hash = (hash ^ bits) * 0x100000001b3U;
  }
  return hash;
}

// Where the value at a row and column of the shifted image comes from.
int source_of(int row, int column, int channel, const Transformation& t, Shape shape) {
  const int from_row = std::clamp(row - t.down, 0, shape.h - 1);
  const int from_column = std::clamp(column - t.right, 0, shape.w - 1);
  return (from_row * shape.w + from_column) * shape.c + channel;
}

// Calls body(to, from) for each value of the shifted image.
template <class Body>
void for_each_value(const Transformation& t, Shape shape, const Body& body) {
  int to = 0;
  for (int row = 0; row < shape.h; ++row) {
    for (int column = 0; column < shape.w; ++column) {
      for (int c = 0; c < shape.c; ++c, ++to) body(to, source_of(row, column, c, t, shape));
    }
  }
}

// Before it is brought into the range.
float changed(const Transformation& t, const float* x, int to, int from) {
  return t.factor * x[from] + (t.noise.empty() ? 0.0F : t.noise[static_cast<std::size_t>(to)]);
}

}  // namespace

void Transformation::apply(float* y, const float* x, Shape shape, const ValueRange& range) const {
  for_each_value(*this, shape, [&](int to, int from) {
    y[to] = std::clamp(changed(*this, x, to, from), range.low, range.high);
  });
}

void Transformation::add_backward(float* d_x, const float* d_y, const float* x, Shape shape,
                                  const ValueRange& range) const {
  for_each_value(*this, shape, [&](int to, int from) {
    const float y = changed(*this, x, to, from);
    if (y >= range.low && y <= range.high) d_x[from] += factor * d_y[to];
  });
}

Transformation draw_transformation(const ExpectationOptions& options, Shape shape, Rng& rng) {
  Transformation t;
  const auto within = [&](int most) {
    return static_cast<int>(rng.below(static_cast<std::uint32_t>(2 * most + 1))) - most;
  };
  t.down = within(std::min(options.shift, shape.h - 1));
  t.right = within(std::min(options.shift, shape.w - 1));
  t.factor = 1 + options.brightness * static_cast<float>(2 * rng.uniform() - 1);
  if (options.noise > 0) {
    t.noise.resize(static_cast<std::size_t>(shape.size()));
    for (float& value : t.noise) value = options.noise * static_cast<float>(rng.normal());
  }
  return t;
}

Expectation::Expectation(const Classifier& model, const ExpectationOptions& options,
                         std::uint64_t seed)
    : model_(model), options_(options), seed_(seed) {
  assert(model.spec().gives == Knowledge::kGradients && options.draws >= 1);
}

std::vector<Transformation> Expectation::transformations(const float* image) const {
  const Shape shape = model_.spec().input;
  Rng rng(seed_, hash_of(image, shape.size()));
  std::vector<Transformation> all;
  for (int k = 0; k < options_.draws; ++k) {
    all.push_back(draw_transformation(options_, shape, rng));
  }
  return all;
}

void Expectation::gradients(std::span<Matrix> gradients, Matrix* logits, ConstMatrixRef images,
                            std::span<const LogitGradient> objectives) const {
  const ModelSpec& spec = model_.spec();
  const int n = static_cast<int>(images.rows());
  for (Matrix& gradient : gradients) gradient = Matrix::Zero(n, images.cols());
  std::vector<Rng> generators;
  for (int i = 0; i < n; ++i) {
    generators.emplace_back(seed_, hash_of(images.row(i).data(), spec.input.size()));
  }
  std::vector<Transformation> drawn(static_cast<std::size_t>(n));
  std::vector<Matrix> parts(gradients.size());
  Matrix changed(n, images.cols());
  for (int draw = 0; draw < options_.draws; ++draw) {
    for_each_row(n, [&](int i) {
      const auto at = static_cast<std::size_t>(i);
      drawn[at] = draw_transformation(options_, spec.input, generators[at]);
      drawn[at].apply(changed.row(i).data(), images.row(i).data(), spec.input, spec.range);
    });
    model_.gradients(parts, nullptr, changed, objectives);
    for_each_row(n, [&](int i) {
      for (std::size_t k = 0; k < parts.size(); ++k) {
        drawn[static_cast<std::size_t>(i)].add_backward(
            gradients[k].row(i).data(), parts[k].row(i).data(), images.row(i).data(), spec.input,
            spec.range);
      }
    });
  }
  for (Matrix& gradient : gradients) gradient /= static_cast<float>(options_.draws);
  const Matrix bare = model_.logits(images);
  Matrix unused(n, spec.classes);
  for (const LogitGradient& objective : objectives) objective(unused.data(), bare.data(), 0, n);
  if (logits != nullptr) *logits = bare;
}

}  // namespace inoculate
