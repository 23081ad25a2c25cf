#include "nn/graph/bounds_graph.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/quote.h"
#include "nn/ops/kernel.h"

namespace inoculate {
namespace {

using How = BoundsWeight::How;

// The nodes that give the bounds of a value, in either form; -1: not made yet. What does not depend
// on the image has a centre alone.
struct Bounds {
  int centre = -1, radius = -1, low = -1, high = -1;
  bool is_constant = false;
};

// Whether an operator of one input gives more where every number of that is more.
bool rises(const Node& node) {
  if (node.kernel == &kMaxPool || node.kernel == &kExtremum) return true;
  if (is_function(node, "HardSigmoid")) return node.attributes.alpha >= 0;
  constexpr std::string_view kRising[] = {"Clip", "LeakyRelu", "Elu",      "Sigmoid",
                                          "Tanh", "Erf",       "Softplus", "Softsign"};
  return std::any_of(std::begin(kRising), std::end(kRising),
                     [&](std::string_view name) { return is_function(node, name); });
}

// Whether it is linear without weights, and never takes anything away.
bool only_adds_up(const Node& node) {
  return node.kernel == &kReshape || node.kernel == &kView || node.kernel == &kAveragePool ||
         node.kernel == &kPad || (node.kernel == &kReduce && node.attributes.alpha >= 0);
}

class Derivation {
 public:
  explicit Derivation(const Graph& network) : network_(network), bounds_(network.nodes.size()) {
    const Extents& input = network.shape(0);
    const int size = size_of(input);
    result_.graph.nodes.push_back({nullptr, {}, {}, {2 * size}, {}, {}, "bounds", "Input"});
    Attributes view;
    view.axes.assign(input.size(), 1);
    for (std::size_t i = input.size(); i-- > 1;) view.axes[i - 1] = view.axes[i] * input[i];
    bounds_[0].centre = add(kView, network.node(0), {0}, {}, view);
    view.offset = size;
    bounds_[0].radius = add(kView, network.node(0), {0}, {}, view);
  }

  BoundsGraph run(bool with_seen) {
    const std::vector<bool> used = used_nodes();
    result_.linear.assign(used.size(), -1);
    result_.seen.assign(used.size(), -1);
    int last = network_.output;
    while (network_.node(last).kernel == &kReshape) last = network_.node(last).inputs[0];
    for (int i = 1; i < static_cast<int>(bounds_.size()); ++i) {
      if (i == last && ends_in_dense(network_.node(i))) result_.last_dense = i;
      if (i == result_.last_dense) break;
      if (!used[static_cast<std::size_t>(i)]) continue;
      at(i) = derive(i);
      result_.linear[static_cast<std::size_t>(i)] = at(i).centre;
      if (with_seen && rises(network_.node(i))) rising_.push_back(i);
    }
    finish(result_.last_dense < 0 ? network_.output : network_.node(last).inputs[0]);
    return std::move(result_);
  }

 private:
  Bounds& at(int node) { return bounds_[static_cast<std::size_t>(node)]; }

  std::vector<bool> used_nodes() const {
    std::vector<bool> used(network_.nodes.size());
    used[static_cast<std::size_t>(network_.output)] = true;
    for (std::size_t i = used.size(); i-- > 0;) {
      if (!used[i]) continue;
      for (const int input : network_.nodes[i].inputs) used[static_cast<std::size_t>(input)] = true;
    }
    return used;
  }

  // Of a single row: of more, the layer would be one of features still.
  bool ends_in_dense(const Node& node) const {
    const auto is_row = [](const Extents& e) { return size_of(e) == e.back(); };
    return node.kernel == &kDense && is_row(node.shape) && is_row(network_.shape(node.inputs[0]));
  }

  int add(const Kernel& kernel, const Node& like, std::vector<int> inputs,
          std::vector<int> weights = {}, const Attributes& attributes = {},
          const ClipRange& clip = {}) {
    result_.graph.nodes.push_back({&kernel, std::move(inputs), std::move(weights), like.shape,
                                   attributes, clip, like.name, like.op});
    return static_cast<int>(result_.graph.nodes.size()) - 1;
  }

  int add_weight(const std::vector<float>& numbers, const BoundsWeight& of, Role role) {
    result_.weights.push_back(of);
    return result_.graph.add_weight(numbers, role);
  }
  // One that follows a weight of the network.
  int add_weight(How how, int weight) {
    const Weight& info = network_.weights[static_cast<std::size_t>(weight)];
    const float* values = network_.weight(weight);
    std::vector<float> numbers(values, values + info.size);
    if (how == How::kMagnitude) {
      for (float& number : numbers) number = std::abs(number);
    }
    return add_weight(std::move(numbers), {how, -1, weight}, info.role);
  }

  // alpha a + beta b, clipped.
  int combine(const Node& like, int a, int b, float alpha, float beta, const ClipRange& clip = {}) {
    Attributes attributes;
    attributes.alpha = alpha;
    attributes.beta = beta;
    return add(kCombination, like, {a, b}, {}, attributes, clip);
  }

  // The forms of bounds, made where they are first asked for.
  void want_centre(int node) {
    Bounds& b = at(node);
    if (b.centre >= 0) return;
    b.centre = combine(network_.node(node), b.high, b.low, 0.5F, 0.5F);
    b.radius = combine(network_.node(node), b.high, b.low, 0.5F, -0.5F);
  }
  void want_ends(int node) {
    Bounds& b = at(node);
    if (b.low >= 0) return;
    b.low = combine(network_.node(node), b.centre, b.radius, 1, -1);
    b.high = combine(network_.node(node), b.centre, b.radius, 1, 1);
  }

  [[noreturn]] static void refuse(const Node& node, const char* why) {
    throw Error("operator " + quote(node.op) + " (node " + quote(node.name) + ") " + why +
                "; train it with a method that attacks, such as pgd");
  }

  Bounds derive(int number) {
    const Node& node = network_.node(number);
    if (node.kernel == &kConstantValue) {
      return {.centre = add(kConstantValue, node, {}, {add_weight(How::kSame, node.weights[0])}),
              .is_constant = true};
    }
    const bool any_constant = std::any_of(node.inputs.begin(), node.inputs.end(),
                                          [&](int input) { return at(input).is_constant; });
    if (node.kernel == &kSum || node.kernel == &kProduct) return derive_arithmetic(node);
    if (any_constant) refuse(node, "mixes values with constants, which has no bounds here");
    if (rises(node)) return derive_rising(node);
    if (node.kernel == &kBatchNorm) return derive_batch_norm(number);
    for (const int input : node.inputs) want_centre(input);
    if (has_kernel(node)) return derive_linear(node);
    const bool drops = node.kernel == &kDropout;
    if (!only_adds_up(node) && !drops && node.kernel != &kConcat) {
      refuse(node, "has no bounds to train with");
    }
    const Kernel& kernel = drops ? kReshape : *node.kernel;
    std::vector<int> centres, radii;
    for (const int input : node.inputs) {
      centres.push_back(at(input).centre);
      radii.push_back(at(input).radius);
    }
    Attributes of_radius = node.attributes;
    of_radius.beta = 0;  // around an image lies the same for every image
    return {.centre = add(kernel, node, centres, {}, node.attributes),
            .radius = add(kernel, node, radii, {}, of_radius)};
  }

  Bounds derive_linear(const Node& node) {
    const Bounds& in = at(node.inputs[0]);
    std::vector<int> weights;
    for (const int weight : node.weights) weights.push_back(add_weight(How::kSame, weight));
    const int magnitudes = add_weight(How::kMagnitude, node.weights[0]);
    return {.centre = add(*node.kernel, node, {in.centre}, weights, node.attributes),
            .radius = add(*node.kernel, node, {in.radius}, {magnitudes}, node.attributes)};
  }

  // Its scale and shift are worked out anew at every step: they are the batch's, as the network's
  // own are (Shi et al. 2021, section 3.3).
  Bounds derive_batch_norm(int number) {
    const Node& node = network_.node(number);
    want_centre(node.inputs[0]);
    const Bounds& in = at(node.inputs[0]);
    const auto channels = static_cast<std::size_t>(node.shape.back());
    const auto weight = [&](How how) {
      return add_weight(std::vector<float>(channels), {how, number, -1}, Role::kParameter);
    };
    const int none = add_weight(std::vector<float>(channels), {}, Role::kConstant);
    const int scale = weight(How::kScale), shift = weight(How::kShift);
    return {
        .centre = add(kAffine, node, {in.centre}, {scale, shift}),
        .radius = add(kAffine, node, {in.radius}, {weight(How::kMagnitudeScale), none}),
    };
  }

  Bounds derive_rising(const Node& node) {
    const int input = node.inputs[0];
    const Bounds in = at(input);
    if (is_function(node, "Clip") && in.low < 0) {
      const ClipRange range{node.attributes.alpha, node.attributes.beta};
      return {.low = combine(node, in.centre, in.radius, 1, -1, range),
              .high = combine(node, in.centre, in.radius, 1, 1, range)};
    }
    want_ends(input);
    return {.low = add(*node.kernel, node, {at(input).low}, {}, node.attributes),
            .high = add(*node.kernel, node, {at(input).high}, {}, node.attributes)};
  }

  // Sums and differences; and products with, and quotients by, what does not depend on the image.
  Bounds derive_arithmetic(const Node& node) {
    const int a = node.inputs[0], b = node.inputs[1];
    for (const int input : {a, b}) {
      if (!at(input).is_constant) want_centre(input);
    }
    const bool subtracts = node.op == "Sub", divides = node.op == "Div";
    if (node.kernel == &kSum && (node.attributes.mode == kAddMode || subtracts)) {
      const int centre = add(kSum, node, {at(a).centre, at(b).centre}, {}, node.attributes);
      Attributes sum;
      sum.mode = kAddMode;
      if (at(a).is_constant && at(b).is_constant) return {.centre = centre, .is_constant = true};
      if (!at(a).is_constant && !at(b).is_constant) {
        return {.centre = centre, .radius = add(kSum, node, {at(a).radius, at(b).radius}, {}, sum)};
      }
      const int moving = at(a).is_constant ? b : a;
      if (network_.shape(moving) != node.shape) refuse(node, "repeats what it adds a constant to");
      return {.centre = centre, .radius = at(moving).radius};
    }
    const bool scales = (node.op == "Mul" && at(a).is_constant != at(b).is_constant) ||
                        (divides && at(b).is_constant && !at(a).is_constant);
    if (node.kernel != &kProduct || !scales) refuse(node, "has no bounds to train with");
    const int constant = at(b).is_constant ? b : a;
    const Node& numbers = network_.node(constant);
    if (numbers.kernel != &kConstantValue) refuse(node, "scales by what is worked out");
    const int magnitudes =
        add(kConstantValue, numbers, {}, {add_weight(How::kMagnitude, numbers.weights[0])});
    const auto radius = [&](int input) {
      return input == constant ? magnitudes : at(input).radius;
    };
    return {.centre = add(kProduct, node, {at(a).centre, at(b).centre}, {}, node.attributes),
            .radius = add(kProduct, node, {radius(a), radius(b)}, {}, node.attributes)};
  }

  // Adds the bounds of a node to what becomes one row. Returns how many values they are of.
  int append(int node, std::vector<int>& row) {
    want_centre(node);
    Node like = network_.node(node);
    const int size = size_of(like.shape);
    like.shape = {size};
    row.push_back(add(kReshape, like, {at(node).centre}));
    row.push_back(add(kReshape, like, {at(node).radius}));
    return size;
  }

  void finish(int features) {
    std::vector<int> row;
    result_.features = append(features, row);
    int size = 2 * result_.features;
    for (const int node : rising_) {
      result_.seen[static_cast<std::size_t>(node)] = size;
      size += 2 * append(network_.node(node).inputs[0], row);
    }
    Node like = network_.node(features);
    like.shape = {size};
    Attributes attributes;
    attributes.axes = {0};
    result_.graph.output = add(kConcat, like, row, {}, attributes);
  }

  const Graph& network_;
  std::vector<Bounds> bounds_;  // by node of the network
  std::vector<int> rising_;     // nodes of the network whose input's bounds are wanted
  BoundsGraph result_;
};

}  // namespace

bool has_kernel(const Node& node) {
  return node.kernel == &kDense || node.kernel == &kConv || node.kernel == &kConvTranspose;
}

BoundsGraph bounds_graph(const Graph& network, bool with_seen) {
  return Derivation(network).run(with_seen);
}

}  // namespace inoculate
