#include "train/certified_training.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/sign.h"
#include "nn/graph/crown_pass.h"
#include "nn/graph/network_bounds.h"
#include "nn/loss.h"
#include "train/worst_case.h"

namespace inoculate {
namespace {

// Apart from the streams that training draws from under the same seed.
constexpr std::uint64_t kStream = 5;

const GraphNetwork& graph_of(const Trainable& network) {
  if (const GraphNetwork* graph = network.graph()) return *graph;
  throw Error("'" + network.architecture() +
              "' is not on the graph engine, which training with bounds needs");
}

// Centres and radii [N, 2 input] of what the network's graph sees of images within epsilon.
Matrix boxes_around(ConstMatrixRef images, float epsilon, const Trainable& network) {
  const ValueRange range = network.spec().range;
  const Matrix low = network.graph_inputs((images.array() - epsilon).cwiseMax(range.low).matrix());
  const Matrix high =
      network.graph_inputs((images.array() + epsilon).cwiseMin(range.high).matrix());
  Matrix boxes(low.rows(), 2 * low.cols());
  boxes << (low + high) / 2, (high - low).cwiseAbs() / 2;
  return boxes;
}

// The layer that makes logits of the features, and where its weights lie among the parameters.
struct Last {
  LastLayer layer;
  int kernel = -1, bias = -1;  // weights of the graph

  Last(const NetworkBounds& bounds, const GraphNetwork& network)
      : layer{bounds.features(), network.output_size()} {
    if (bounds.last_dense() < 0) return;
    const Node& node = network.graph().node(bounds.last_dense());
    kernel = node.weights[0];
    layer.kernel = network.graph().weight(kernel);
    if (node.weights.size() < 2) return;
    bias = node.weights[1];
    layer.bias = network.graph().weight(bias);
  }
};

// Null for what is no parameter.
float* gradient_of(int weight, std::span<float> d_parameters, const GraphNetwork& network) {
  if (weight < 0) return nullptr;
  const Weight& info = network.graph().weights[static_cast<std::size_t>(weight)];
  return info.role == Role::kParameter ? d_parameters.data() + info.offset : nullptr;
}

void limit_norm(std::span<float> d, float most) {
  double square = 0;
  for (const float x : d) square += double{x} * double{x};
  const double norm = std::sqrt(square);
  if (!(norm > double{most})) return;
  const auto factor = static_cast<float>(double{most} / norm);
  for (float& x : d) x *= factor;
}

// Worst-case logits by CROWN.
class CrownMargins {
 public:
  CrownMargins(const GraphNetwork& network, const NetworkBounds& bounds)
      : bounds_(bounds), pass_(network, bounds) {}

  // Of how many images at most: memory is proportional to them.
  int images_at_once(int classes) const {
    return std::max(1, pass_.rows_at_once() / (classes - 1));
  }

  // What worst_case_logits gives, of images with these labels that have boxes and, `given`, bounds.
  Matrix forward(const LastLayer& last, const Labels& labels, const float* boxes,
                 const float* given) {
    const int each = last.classes - 1;
    margin_rows(margins_, last, labels);
    upper_.resize(margins_.rows());
    pass_.forward(upper_.data(), margins_, each, boxes, given, bounds_);
    Matrix worst = Matrix::Zero(static_cast<Eigen::Index>(labels.size()), last.classes);
    for (int row = 0; row < static_cast<int>(upper_.size()); ++row) {
      const int label = labels[index(row / each)], c = margin_class(row % each, label);
      worst(row / each, c) =
          upper_[row] + (last.bias == nullptr ? 0 : last.bias[c] - last.bias[label]);
    }
    return worst;
  }

  // After that, once, by d_worst, none of which is below 0 but the label's: adds to d_given, to
  // d_more by the parameters of the bounds, and to d_kernel and d_bias, each unless null.
  void backward(float* d_given, std::span<float> d_more, float* d_kernel, float* d_bias,
                const Matrix& d_worst, const LastLayer& last, const Labels& labels) {
    const int each = last.classes - 1;
    for (int row = 0; row < static_cast<int>(upper_.size()); ++row) {
      const int label = labels[index(row / each)], c = margin_class(row % each, label);
      upper_[row] = d_worst(row / each, c);
      if (d_bias == nullptr) continue;
      d_bias[c] += upper_[row];
      d_bias[label] -= upper_[row];
    }
    pass_.backward(margins_, d_given, d_more, upper_.data(), bounds_);
    margin_rows_backward(d_kernel, margins_, last, labels);
  }

 private:
  const NetworkBounds& bounds_;
  CrownPass pass_;
  Matrix margins_;         // and their gradients
  Eigen::VectorXf upper_;  // and theirs
};

class CertifiedObjective : public Objective {
 public:
  CertifiedObjective(const RecipeOptions& options, const Trainable& network)
      : options_(options), bounds_(graph_of(network), options.method == TrainingMethod::kCrownIbp) {
    if (options.method == TrainingMethod::kCrownIbp) crown_.emplace(graph_of(network), bounds_);
  }

  const float* gradient(std::span<float> d_parameters, float* losses, Trainable& network,
                        const TrainingBatch& batch, Rng& rng) override {
    GraphNetwork& graph = *network.graph();
    const auto warm = static_cast<float>(warmth(options_, batch.epochs_done));
    const float kappa = 1 + warm * (options_.kappa - 1);
    const int n = static_cast<int>(batch.images.rows()), classes = network.spec().classes;
    const float each = 1.0F / static_cast<float>(n);

    Matrix images = batch.images;
    OneStepState state;
    apply_recipe(images, options_, network, batch.labels, rng, batch.epochs_done, state);
    inputs_ = network.graph_inputs(images);
    GraphNetwork::Mode mode;
    mode.batch_statistics = mode.update_statistics = !network.keeps_statistics();
    mode.drop = false;
    const float* logits = graph.forward(inputs_.data(), n, mode, memory_);
    d_logits_.resize(n, classes);
    loss_and_gradient(losses, d_logits_.data(), Loss::kCrossEntropy, kappa * each, logits,
                      batch.labels.data(), n, classes);

    GraphNetwork::Memory* normalised = mode.batch_statistics ? &memory_ : nullptr;
    boxes_ = boxes_around(batch.images, options_.epsilon * warm, network);
    const float* given = bounds_.forward(boxes_.data(), n, graph, normalised);
    const Matrix bounds =
        Eigen::Map<const Matrix>(given, n, bounds_.outputs()).leftCols(2 * bounds_.features());
    const Last last(bounds_, graph);
    worst_.resize(n, classes);
    worst_case_logits(worst_.data(), bounds.data(), last.layer, batch.labels);
    std::vector<float> worst_losses(static_cast<std::size_t>(n));
    d_worst_.resize(n, classes);
    d_of_bounds_.assign(d_parameters.size(), 0.0F);
    Matrix d_features(n, bounds.cols()), d_given = Matrix::Zero(n, bounds_.outputs());
    d_more_.assign(crown_ ? bounds_.bounds().parameters().size() : 0, 0.0F);
    const float share = crown_ ? 1 + warm * (options_.crown_share - 1) : 0;
    const int some = share > 0 ? crown_->images_at_once(classes) : n;
    for (int begin = 0; begin < n; begin += some) {
      const int count = std::min(some, n - begin);
      const Labels labels(batch.labels.begin() + begin, batch.labels.begin() + begin + count);
      auto worst = worst_.middleRows(begin, count), d_worst = d_worst_.middleRows(begin, count);
      if (share > 0) {
        worst *= 1 - share;
        worst += share * crown_->forward(last.layer, labels, boxes_.row(begin).data(),
                                         given + std::ptrdiff_t{begin} * bounds_.outputs());
      }
      loss_and_gradient(worst_losses.data() + begin, d_worst.data(), Loss::kCrossEntropy,
                        (1 - kappa) * each, worst.data(), labels.data(), count, classes);
      if (share > 0) {
        crown_->backward(
            d_given.row(begin).data(), d_more_, gradient_of(last.kernel, d_of_bounds_, graph),
            gradient_of(last.bias, d_of_bounds_, graph), share * d_worst, last.layer, labels);
      }
    }
    for (int i = 0; i < n; ++i) {
      losses[i] = kappa * losses[i] + (1 - kappa) * worst_losses[static_cast<std::size_t>(i)];
    }

    // The network's own gradients come last: the bounds leave some at its moments.
    d_worst_ *= 1 - share;
    worst_case_backward(d_features.data(), gradient_of(last.kernel, d_of_bounds_, graph),
                        gradient_of(last.bias, d_of_bounds_, graph), d_worst_.data(), bounds.data(),
                        last.layer, batch.labels);
    d_given.leftCols(bounds.cols()) = d_features;
    bounds_.backward(d_of_bounds_, d_given.data(), graph, normalised, d_more_);
    graph.backward(nullptr, d_parameters, d_logits_.data(), memory_);
    for (std::size_t i = 0; i < d_parameters.size(); ++i) d_parameters[i] += d_of_bounds_[i];
    network.tie(d_parameters);
    limit_norm(d_parameters, options_.clip_norm);
    add_l1(d_parameters, graph);
    return logits;
  }

 private:
  void add_l1(std::span<float> d_parameters, const GraphNetwork& graph) const {
    if (options_.l1 <= 0) return;
    const std::span<const float> values = graph.parameters();
    const auto add = [&](std::size_t begin, std::size_t size) {
      for (std::size_t i = begin; i < begin + size; ++i) {
        d_parameters[i] += options_.l1 * sign_of(values[i]);
      }
    };
    bounds_.for_each_kernel(graph, add);
    if (bounds_.last_dense() < 0) return;
    const int kernel = graph.graph().node(bounds_.last_dense()).weights[0];
    const Weight& info = graph.graph().weights[static_cast<std::size_t>(kernel)];
    if (info.role == Role::kParameter) add(info.offset, info.size);
  }

  RecipeOptions options_;
  NetworkBounds bounds_;
  GraphNetwork::Memory memory_;
  std::optional<CrownMargins> crown_;
  Matrix inputs_, boxes_, worst_, d_worst_, d_logits_;
  FloatBuffer d_of_bounds_;
  FloatBuffer d_more_;  // by the parameters of the bounds
};

}  // namespace

std::unique_ptr<Objective> certified_objective(const RecipeOptions& options,
                                               const Trainable& network) {
  return std::make_unique<CertifiedObjective>(options, network);
}

void initialize_for_bounds(Trainable& network, std::uint64_t seed) {
  graph_of(network);
  GraphNetwork& graph = *network.graph();
  const std::span<float> parameters = graph.parameters();
  Rng rng(seed, kStream);
  for (const Node& node : graph.graph().nodes) {
    if (!has_kernel(node)) continue;
    const Weight& kernel = graph.graph().weights[static_cast<std::size_t>(node.weights[0])];
    if (kernel.role != Role::kParameter) continue;
    const double inputs = static_cast<double>(kernel.size) / node.shape.back();
    const double deviation = std::sqrt(2 * std::numbers::pi) / inputs;
    for (float& number : parameters.subspan(kernel.offset, kernel.size)) {
      number = static_cast<float>(deviation * rng.normal());
    }
  }
}

int certified_by_bounds(const Trainable& network, ConstMatrixRef images, const Labels& labels,
                        float epsilon, bool with_crown) {
  const GraphNetwork& graph = graph_of(network);
  NetworkBounds bounds(graph, with_crown);
  std::optional<CrownMargins> crown;
  if (with_crown) crown.emplace(graph, bounds);
  const Last last(bounds, graph);
  const Eigen::Index at_once = with_crown ? crown->images_at_once(last.layer.classes) : 256;
  int certified = 0;
  for (Eigen::Index begin = 0; begin < images.rows(); begin += at_once) {
    const Eigen::Index n = std::min(at_once, images.rows() - begin);
    const Labels own(labels.begin() + begin, labels.begin() + begin + n);
    const Matrix boxes = boxes_around(images.middleRows(begin, n), epsilon, network);
    const float* given = bounds.forward(boxes.data(), static_cast<int>(n), graph, nullptr);
    const Matrix of_features =
        Eigen::Map<const Matrix>(given, n, bounds.outputs()).leftCols(2 * bounds.features());
    Matrix worst(n, last.layer.classes);
    worst_case_logits(worst.data(), of_features.data(), last.layer, own);
    if (with_crown) worst = worst.cwiseMin(crown->forward(last.layer, own, boxes.data(), given));
    certified += count_certified(worst.data(), last.layer.classes, own);
  }
  return certified;
}

}  // namespace inoculate
