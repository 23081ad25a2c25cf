#include "nn/graph/crown_pass.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/error.h"
#include "base/parallel.h"
#include "base/quote.h"
#include "nn/ops/conv_sizes.h"
#include "nn/ops/kernel.h"

namespace inoculate {
namespace {

bool is_rectifier(const Node& node) {
  return is_function(node, "Clip") && node.attributes.alpha == 0 &&
         std::isinf(node.attributes.beta);
}

[[noreturn]] void refuse(const Node& node) {
  throw Error("operator " + quote(node.op) + " (node " + quote(node.name) +
              ") has no linear bounds to train with; train it with ibp");
}

}  // namespace

// The lines of a step's rectifiers: above * (x - root), and below * x.
struct CrownPass::Lines {
  std::vector<float> above, below, root;

  Lines(const Step& step, const Seen& seen)
      : above(index(step.in)), below(above.size()), root(above.size()) {
    for (int i = 0; i < step.in; ++i) {
      const float low = seen.low(i), high = seen.high(i);
      const bool bends = low < 0 && high > 0;
      above[index(i)] = bends ? high / (high - low) : high > 0 ? 1.0F : 0.0F;
      below[index(i)] = high > 0 && high > -low ? 1.0F : 0.0F;
      root[index(i)] = bends ? low : 0;
    }
  }
};

// What the largest of some numbers lies between: below it is the one whose lower bound is the
// highest. So it is above, where that one is larger than all others, else their highest bound.
struct CrownPass::Choice {
  int best, highest;
  bool dominates;
};

std::vector<CrownPass::Choice> CrownPass::choices(const Step& step, const Seen& seen) {
  std::vector<Choice> all;
  for (int i = 0; i < step.out; ++i) all.push_back(choose(step, seen, i));
  return all;
}

CrownPass::Choice CrownPass::choose(const Step& step, const Seen& seen, int i) {
  const auto begin = step.members.begin() + step.begins[index(i)];
  const auto end = step.members.begin() + step.begins[index(i) + 1];
  const int best =
      *std::max_element(begin, end, [&](int a, int b) { return seen.low(a) < seen.low(b); });
  const int highest =
      *std::max_element(begin, end, [&](int a, int b) { return seen.high(a) < seen.high(b); });
  const bool dominates = std::all_of(begin, end, [&](int member) {
    return member == best || seen.low(best) >= seen.high(member);
  });
  return {best, highest, dominates};
}

CrownPass::CrownPass(const GraphNetwork& network, const NetworkBounds& bounds)
    : input_(network.input_size()), outputs_(bounds.outputs()) {
  const Graph& graph = network.graph();
  const BoundsGraph& form = bounds.form();
  int number = form.last_dense < 0 ? graph.output : graph.node(form.last_dense).inputs[0];
  while (number != 0) {
    const Node& node = graph.node(number);
    if (node.inputs.size() != 1) refuse(node);
    const int from = node.inputs[0];
    Step step{Step::kLinear,
              form.linear[index(number)],
              size_of(graph.shape(from)),
              size_of(node.shape),
              form.seen[index(number)],
              {},
              {}};
    if (node.kernel == &kMaxPool) {
      step.kind = Step::kLargest;
      const ConvSizes sizes = conv_sizes(graph.shape(from), node.shape, node.attributes);
      std::vector<int> counts(index(step.out));
      for_each_pair_seen(sizes, [&](int out, int in) {
        step.members.push_back(in);
        ++counts[index(out)];
      });
      step.begins.push_back(0);
      for (const int count : counts) {
        if (count == 0) refuse(node);  // a window that sees padding alone
        step.begins.push_back(step.begins.back() + count);
      }
    } else if (is_rectifier(node)) {
      step.kind = Step::kRectifier;
    } else if (step.linear < 0) {
      refuse(node);
    }
    // Another shape, or dropout that drops nothing, moves no number.
    if (node.kernel != &kReshape && node.kernel != &kDropout) steps_.push_back(std::move(step));
    number = from;
  }
  std::reverse(steps_.begin(), steps_.end());
  coefficients_.resize(steps_.size() + 1);
  values_.resize(steps_.size() + 1);
}

int CrownPass::rows_at_once() const {
  constexpr double kFloats = 1 << 22;
  double each = 2.0 * input_;
  for (const Step& step : steps_) each += 2.0 * step.out;
  return static_cast<int>(std::clamp(kFloats / each, 1.0, 4096.0));
}

void CrownPass::step_back(std::size_t number, const NetworkBounds& bounds) {
  const Step& step = steps_[number];
  const Matrix& from = coefficients_[number + 1];
  Matrix& to = coefficients_[number];
  to.resize(from.rows(), step.in);
  if (step.kind == Step::kLinear) {
    Pass pass = bounds.bounds().pass(step.linear, index(from.rows()));
    pass.d_out = from.data();
    pass.d_in = {to.data()};
    pass.stores = {{pass.node.kernel->stores ? Epilogue::kSet : Epilogue::kAdd}};
    if (!pass.node.kernel->stores) to.setZero();
    return pass.node.kernel->backward(pass);
  }
  parallel_for(images(), [&](int image) {
    const Seen seen = this->seen(step, image);
    if (step.kind == Step::kRectifier) {
      const Lines lines(step, seen);
      for (int row = image * each_; row < (image + 1) * each_; ++row) {
        const float* a = from.row(row).data();
        float* to_row = to.row(row).data();
        for (std::size_t i = 0; i < lines.above.size(); ++i) {
          to_row[i] = a[i] * (a[i] > 0 ? lines.above[i] : lines.below[i]);
        }
      }
      return;
    }
    const std::vector<Choice> all = choices(step, seen);
    to.middleRows(image * each_, each_).setZero();
    for (int row = image * each_; row < (image + 1) * each_; ++row) {
      for (int i = 0; i < step.out; ++i) {
        const Choice& choice = all[index(i)];
        const float a = from(row, i);
        if (choice.dominates || a <= 0) to(row, choice.best) += a;
      }
    }
  });
}

void CrownPass::step_forward(std::size_t number, const NetworkBounds& bounds) {
  const Step& step = steps_[number];
  const Matrix& from = values_[number];
  const Matrix& coefficients = coefficients_[number + 1];
  Matrix& to = values_[number + 1];
  to.resize(from.rows(), step.out);
  if (step.kind == Step::kLinear) {
    Pass pass = bounds.bounds().pass(step.linear, index(from.rows()));
    pass.in = {from.data()};
    pass.out = to.data();
    return pass.node.kernel->forward(pass);
  }
  parallel_for(images(), [&](int image) {
    const Seen seen = this->seen(step, image);
    if (step.kind == Step::kRectifier) {
      const Lines lines(step, seen);
      for (int row = image * each_; row < (image + 1) * each_; ++row) {
        const float *a = coefficients.row(row).data(), *x = from.row(row).data();
        float* y = to.row(row).data();
        for (std::size_t i = 0; i < lines.above.size(); ++i) {
          const float above = lines.above[i] * (x[i] - lines.root[i]);
          y[i] = a[i] > 0 ? above : lines.below[i] * x[i];
        }
      }
      return;
    }
    const std::vector<Choice> all = choices(step, seen);
    for (int row = image * each_; row < (image + 1) * each_; ++row) {
      for (int i = 0; i < step.out; ++i) {
        const Choice& choice = all[index(i)];
        to(row, i) = choice.dominates || coefficients(row, i) <= 0 ? from(row, choice.best)
                                                                   : seen.high(choice.highest);
      }
    }
  });
}

void CrownPass::forward(float* upper, const Matrix& coefficients, int each, const float* boxes,
                        const float* given, const NetworkBounds& bounds) {
  each_ = each;
  given_ = given;
  const auto rows = static_cast<int>(coefficients.rows());
  coefficients_.back() = coefficients;
  for (std::size_t number = steps_.size(); number-- > 0;) step_back(number, bounds);
  Matrix& corners = values_.front();
  corners.resize(rows, input_);
  parallel_for(rows, [&](int row) {
    const float* centres = boxes + std::ptrdiff_t{2} * (row / each) * input_;
    const float *radii = centres + input_, *a = coefficients_.front().row(row).data();
    float* corner = corners.row(row).data();
    for (int i = 0; i < input_; ++i) corner[i] = centres[i] + (a[i] > 0 ? radii[i] : -radii[i]);
  });
  for (std::size_t number = 0; number < steps_.size(); ++number) step_forward(number, bounds);
  for (int row = 0; row < rows; ++row) {
    upper[row] = coefficients.row(row).dot(values_.back().row(row));
  }
}

// Of what the lines and the choices of a step follow from.
void CrownPass::add_bounds_gradient(std::size_t number, float* d_given) const {
  const Step& step = steps_[number];
  parallel_for(images(), [&](int image) {
    const Seen seen = this->seen(step, image);
    float* d_centres = d_given + std::ptrdiff_t{image} * outputs_ + step.seen;
    float* d_radii = d_centres + step.in;
    const auto add = [&](int i, float d_low, float d_high) {
      d_centres[i] += d_low + d_high;
      d_radii[i] += d_high - d_low;
    };
    const auto d_out = coefficients_[number + 1].middleRows(image * each_, each_);
    if (step.kind == Step::kRectifier) {
      // Of the chord, s (x - low) with s = high / (high - low), at x = low + t (high - low) the
      // derivatives are s (t - 1) by low and (1 - s) t by high.
      const auto x = values_[number].middleRows(image * each_, each_);
      for (int i = 0; i < step.in; ++i) {
        const float low = seen.low(i), high = seen.high(i);
        if (!(low < 0 && high > 0)) continue;
        float sum = 0, sum_of_t = 0;
        for (int row = 0; row < each_; ++row) {
          const float d = std::max(0.0F, d_out(row, i));
          sum += d;
          sum_of_t += d * (x(row, i) - low) / (high - low);
        }
        const float s = high / (high - low);
        add(i, s * (sum_of_t - sum), (1 - s) * sum_of_t);
      }
      return;
    }
    const std::vector<Choice> all = choices(step, seen);
    for (int i = 0; i < step.out; ++i) {
      if (all[index(i)].dominates) continue;
      add(all[index(i)].highest, 0, d_out.col(i).cwiseMax(0.0F).sum());
    }
  });
}

void CrownPass::backward(Matrix& d_coefficients, float* d_given, std::span<float> d_weights,
                         const float* d_upper, const NetworkBounds& bounds) {
  const Eigen::Map<const Eigen::VectorXf> d(d_upper, values_.back().rows());
  d_coefficients = d.asDiagonal() * values_.back();
  for (std::size_t number = 0; number < steps_.size(); ++number) {
    Matrix& d_out = coefficients_[number + 1];
    d_out.array().colwise() *= d.array();
    const Step& step = steps_[number];
    if (step.kind != Step::kLinear) {
      add_bounds_gradient(number, d_given);
      continue;
    }
    Pass pass = bounds.bounds().pass(step.linear, index(d_out.rows()));
    if (pass.node.kernel->backward_weights == nullptr) continue;
    pass.in = {values_[number].data()};
    pass.d_out = d_out.data();
    for (const int weight : pass.node.weights) {
      const Weight& info = pass.graph.weights[index(weight)];
      const bool learns = info.role == Role::kParameter;
      pass.d_weights.push_back(learns ? d_weights.data() + info.offset : nullptr);
    }
    pass.node.kernel->backward_weights(pass);
  }
}

}  // namespace inoculate
