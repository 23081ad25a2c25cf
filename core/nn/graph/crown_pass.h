// Upper bounds of what a network gives by one pass of CROWN back to the pixels, and their
// gradients.
//
// Zhang, Weng, Chen, Hsieh & Daniel, "Efficient Neural Network Robustness Certification with
// General Activation Functions", 2018 (CROWN); Zhang et al., "Towards Stable and Efficient Training
// of Verifiably Robust Neural Networks", 2020 (from interval bounds: CROWN-IBP). A rectifier whose
// input may have either sign lies between two lines, and the sign of its coefficient says which of
// them counts. With every line chosen the network is linear, and the bound is its value at the
// worst corner of the box. So are the gradients: the coefficients, which the pass back finds, are
// those of the values already, and one pass forward from that corner finds all that is left.
//
// Bounds are those of single precision, rounded to nearest: for training, not for a proof
// (core/certify).
#pragma once

#include <span>
#include <vector>

#include "base/shapes.h"
#include "nn/graph/network_bounds.h"

namespace inoculate {

class CrownPass {
 public:
  /// For `network`, of which `bounds` are made with what rising operators see. Throws Error for an
  /// operator that is none of: those that are linear in one input, rectifiers, maximum pools.
  CrownPass(const GraphNetwork& network, const NetworkBounds& bounds);

  /// How many rows a call should have at most: memory is proportional to them.
  int rows_at_once() const;

  /// upper [rows]: at least the product of coefficients [rows, features] with the features, where
  /// `each` rows after each other are of one image, and images have boxes [n, 2 input] and `given`
  /// [n, outputs], the bounds of NetworkBounds::forward. Boxes and `given` must stay.
  void forward(float* upper, const Matrix& coefficients, int each, const float* boxes,
               const float* given, const NetworkBounds& bounds);

  /// After a forward, once, by d_upper [rows], none of them below 0: sets d_coefficients [rows,
  /// features], adds to d_given [n, outputs], and to d_weights, laid out as the parameters of
  /// bounds.bounds(). The slope of a line below, 0 or 1, has no gradient.
  void backward(Matrix& d_coefficients, float* d_given, std::span<float> d_weights,
                const float* d_upper, const NetworkBounds& bounds);

 private:
  // An operator on the way from the pixels to the features.
  struct Step {
    enum Kind { kLinear, kRectifier, kLargest } kind = kLinear;
    int linear = -1;  // the node of the bounds' graph that computes it
    int in = 0, out = 0;
    int seen = -1;  // where the bounds of what it sees begin
    // Of a pool: output i sees the inputs members[begins[i] .. begins[i + 1] - 1].
    std::vector<int> begins, members;
  };
  // The bounds of an image that a step sees.
  struct Seen {
    const float *centres, *radii;

    float low(int i) const { return centres[i] - radii[i]; }
    float high(int i) const { return centres[i] + radii[i]; }
  };
  struct Lines;
  struct Choice;

  Seen seen(const Step& step, std::ptrdiff_t image) const {
    const float* centres = given_ + image * outputs_ + step.seen;
    return {centres, centres + step.in};
  }
  static Choice choose(const Step& step, const Seen& seen, int i);
  static std::vector<Choice> choices(const Step& step, const Seen& seen);
  void step_back(std::size_t number, const NetworkBounds& bounds);
  void step_forward(std::size_t number, const NetworkBounds& bounds);
  void add_bounds_gradient(std::size_t number, float* d_given) const;
  int images() const { return static_cast<int>(coefficients_.back().rows()) / each_; }

  std::vector<Step> steps_;
  int input_ = 0, outputs_ = 0;  // numbers of an image, and of its bounds
  // Of what each step is given, and last of the features: [rows, size].
  std::vector<Matrix> coefficients_, values_;
  int each_ = 1;
  const float* given_ = nullptr;
};

}  // namespace inoculate
