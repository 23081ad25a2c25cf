// BatchNormalization: every channel less its mean, over its deviation, then scaled and shifted.
// Ioffe & Szegedy, "Batch Normalization", 2015.
//
// Asked, it uses the moving statistics (graph/simplify.h folds it away then). In training it uses
// the batch's moments over all images and positions: the biased variance to normalise by, as
// everybody does, and the unbiased one to move the moving variance, as PyTorch does, from which
// most files come; ONNX's training_mode would take the biased one there too.
#include <cmath>
#include <string>
#include <vector>

#include "base/error.h"
#include "nn/batch_norm.h"
#include "nn/ops/batch_moments.h"
#include "nn/ops/channel_affine.h"
#include "nn/ops/column_sums.h"
#include "nn/ops/form.h"
#include "nn/ops/read.h"

namespace inoculate {
namespace {

enum Weights : std::size_t { kGamma, kBeta, kMean, kVariance };

std::size_t channels_of(const Node& node) { return BatchMoments::channels_of(node); }
std::size_t rows_of(const Pass& p) { return p.n * p.out_size() / channels_of(p.node); }

std::size_t saved_size(const Node& node) { return BatchMoments::size(node); }

bool uses_batch(const Pass& p) { return p.training != nullptr && p.training->batch_statistics; }

void find_moments(const Pass& p) {
  const std::size_t channels = channels_of(p.node), rows = rows_of(p);
  if (rows < 2) {
    throw Error("operator '" + p.node.op + "' (node '" + p.node.name +
                "') cannot normalise a batch of one number a channel; train with two images at "
                "least");
  }
  const BatchMoments saved(p.node, p.saved);
  const std::vector<double> moments =
      sum_over_rows(rows, channels, [&](double* sums, std::size_t begin, std::size_t count) {
        add_moments(sums, p.in[0] + begin * channels, static_cast<int>(count),
                    static_cast<int>(channels), false);
      });
  for (std::size_t c = 0; c < channels; ++c) {
    const double mean = moments[c] / static_cast<double>(rows);
    const double square = moments[channels + c] / static_cast<double>(rows);
    saved.mean[c] = mean;
    saved.variance[c] = std::max(0.0, square - mean * mean);
    saved.d_mean[c] = saved.d_variance[c] = 0;
  }
}

// What is subtracted, and by what is multiplied: of one channel.
struct Moments {
  double mean, inverse;
};

Moments moments_of(const Pass& p, std::size_t c) {
  const bool batch = uses_batch(p);
  const double mean = batch ? BatchMoments(p.node, p.saved).mean[c] : p.weight(kMean)[c];
  const double variance =
      batch ? BatchMoments(p.node, p.saved).variance[c] : p.weight(kVariance)[c];
  return {mean, 1 / std::sqrt(variance + p.node.attributes.alpha)};
}

// The same as a scale and a shift.
struct Affine {
  std::vector<float> scale, shift;
};

Affine affine_of(const float* gamma, const float* beta, std::size_t channels, auto&& moments) {
  Affine affine{std::vector<float>(channels), std::vector<float>(channels)};
  for (std::size_t c = 0; c < channels; ++c) {
    const Moments m = moments(c);
    const double exact = gamma[c] * m.inverse;
    affine.scale[c] = static_cast<float>(exact);
    affine.shift[c] = static_cast<float>(beta[c] - m.mean * exact);
  }
  return affine;
}

Affine affine_of(const Pass& p) {
  return affine_of(p.weight(kGamma), p.weight(kBeta), channels_of(p.node),
                   [&](std::size_t c) { return moments_of(p, c); });
}

void forward(const Pass& p) {
  if (uses_batch(p)) find_moments(p);
  const Affine affine = affine_of(p);
  affine_forward(p, affine.scale.data(), affine.shift.data());
}

// Sums over a channel of d, and of d (x - mean).
ColumnSums sums_of(const Pass& p) {
  std::vector<float> mean(channels_of(p.node));
  std::vector<double> rest(mean.size());
  for (std::size_t c = 0; c < mean.size(); ++c) {
    mean[c] = static_cast<float>(moments_of(p, c).mean);
    rest[c] = mean[c] - moments_of(p, c).mean;
  }
  ColumnSums sums =
      column_sums(p.d_out, p.in[0], mean.data(), rows_of(p), static_cast<int>(mean.size()));
  for (std::size_t c = 0; c < rest.size(); ++c) sums.of_products[c] += rest[c] * sums.of_d[c];
  const BatchMoments saved(p.node, p.saved);
  std::copy(sums.of_d.begin(), sums.of_d.end(), saved.of_d);
  std::copy(sums.of_products.begin(), sums.of_products.end(), saved.of_products);
  return sums;
}

void backward_weights(const Pass& p) {
  const ColumnSums sums = sums_of(p);
  std::vector<double> of_gamma(sums.of_d.size());
  for (std::size_t c = 0; c < of_gamma.size(); ++c) {
    of_gamma[c] = sums.of_products[c] * moments_of(p, c).inverse;
  }
  add_sums(p.d_weights[kGamma], of_gamma);
  add_sums(p.d_weights[kBeta], sums.of_d);
}

// Through the batch's moments, with M numbers a channel and y = (x - mean) inverse:
//   d_x = gamma inverse (d - sum of d / M - y sum of d y / M) = a d + b x + e
// and what others say of the moments' gradients besides.
void backward_through_moments(const Pass& p) {
  const std::size_t channels = channels_of(p.node);
  if (p.d_weights.empty()) sums_of(p);  // else backward_weights has found them
  const BatchMoments saved(p.node, p.saved);
  const auto total = static_cast<double>(rows_of(p));
  std::vector<float> numbers(3 * channels);
  float *a = numbers.data(), *b = a + channels, *e = b + channels;
  for (std::size_t c = 0; c < channels; ++c) {
    const Moments m = moments_of(p, c);
    const double of_d = p.weight(kGamma)[c] * m.inverse;
    const double of_x = -of_d * m.inverse * m.inverse * saved.of_products[c] / total +
                        2 * saved.d_variance[c] / total;
    a[c] = static_cast<float>(of_d);
    b[c] = static_cast<float>(of_x);
    e[c] = static_cast<float>((saved.d_mean[c] - of_d * saved.of_d[c]) / total - of_x * m.mean);
  }
  const float* in = p.in[0];
  float* d_in = p.d_in[0];
  p.stores[0].visit([&](auto&& finish) {
    for_each_channel(p, [&](std::size_t i, int c, auto v) {
      const auto line = load(b + c, v) * load(in + i, v) + load(e + c, v);
      store(d_in + i, finish(load(a + c, v) * load(p.d_out + i, v) + line, d_in + i));
    });
  });
}

void backward(const Pass& p) {
  if (uses_batch(p)) {
    backward_through_moments(p);
  } else {
    affine_backward(p, affine_of(p).scale.data());
  }
}

void update_statistics(Graph& graph, const Pass& p) {
  const auto rows = static_cast<double>(rows_of(p));
  const double momentum = p.node.attributes.beta;
  const BatchMoments saved(p.node, p.saved);
  const auto move = [&](std::size_t weight, const double* towards, double factor) {
    const Weight& moved = graph.weights[static_cast<std::size_t>(p.node.weights[weight])];
    if (moved.role != Role::kStatistic) return;
    float* moving = graph.values.data() + moved.offset;
    for (std::size_t c = 0; c < moved.size; ++c) {
      moving[c] = static_cast<float>(moving[c] * momentum + towards[c] * factor * (1 - momentum));
    }
  };
  move(kMean, saved.mean, 1);
  move(kVariance, saved.variance, rows / (rows - 1));
}

}  // namespace

// Attributes: alpha, which is added to the variance; beta, what a step leaves of the moving
// statistics. Weights: gamma, beta, moving mean and variance, one a channel.
const Kernel kBatchNorm{.forward = forward,
                        .backward = backward,
                        .backward_weights = backward_weights,
                        .reads_in = true,
                        .clips = true,
                        .stores = true,
                        .saved_size = saved_size,
                        .update_statistics = update_statistics};

void fold_batch_norm(Graph& graph, Node& node) {
  const auto weight = [&](std::size_t number) { return graph.weight(node.weights[number]); };
  const Affine affine =
      affine_of(weight(kGamma), weight(kBeta), channels_of(node), [&](std::size_t c) {
        return Moments{weight(kMean)[c],
                       1 / std::sqrt(weight(kVariance)[c] + double{node.attributes.alpha})};
      });
  node.kernel = &kAffine;
  node.weights = {graph.add_weight(affine.scale), graph.add_weight(affine.shift)};
}

// Scale and shift are rounded to single precision, one of them perhaps within a kernel, and the
// mean may be subtracted first: six roundings, and the shift is worked out from beta and the mean.
Form batch_norm_form(const Graph& graph, const Node& node) {
  const auto weight = [&](std::size_t number, int c) {
    return double{graph.weight(node.weights[number])[c]};
  };
  const int size = size_of(node.shape), channels = node.shape.back();
  SparseForm form{{diagonal(size)}, {}, {}, 6, true};
  for (int i = 0; i < size; ++i) {
    const int c = i % channels;
    const double scale =
        weight(kGamma, c) / std::sqrt(weight(kVariance, c) + double{node.attributes.alpha});
    const double moved = weight(kMean, c) * scale;
    form.inputs[0][static_cast<std::size_t>(i)].factor = scale;
    form.constant.push_back(weight(kBeta, c) - moved);
    form.constant_mass.push_back(std::abs(weight(kBeta, c)) + std::abs(moved));
  }
  return form;
}

Value read_batch_norm(Import& import) {
  // A channel is the file's axis 1; of [N, features] that is the last one anyway.
  const Value& in = import.in(0);
  const Value x = in.rank() == 2 ? import.file_order(in) : import.channels_last(in);
  import.require(x.batch() == 0, "normalises along the batch");
  const std::int64_t channels = x.dim(1);
  const auto& gamma = import.constant_floats(1, channels);
  const auto& beta = import.constant_floats(2, channels);
  const auto& mean = import.constant_floats(3, channels);
  const auto& variance = import.constant_floats(4, channels);
  import.require(import.integer("spatial", 1) == 1 && import.integer("training_mode", 0) == 0,
                 "normalises every position by itself, or by the moments of a batch");
  Attributes attributes;
  attributes.alpha = import.number("epsilon", 1e-5F);
  attributes.beta = import.number("momentum", 0.9F);
  return import.add(kBatchNorm, {x}, x.dims, x.order, attributes,
                    {import.weight("scale", gamma), import.weight("shift", beta),
                     import.weight("mean", mean, Role::kStatistic),
                     import.weight("variance", variance, Role::kStatistic)});
}

}  // namespace inoculate
