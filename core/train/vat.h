// Virtual adversarial training: answers are to stay the same around images of which no label is
// known, in the direction in which they change most.
//
// Miyato, Maeda, Koyama & Ishii, "Virtual Adversarial Training: A Regularization Method for
// Supervised and Semi-Supervised Learning", 2018, sections 3.1 to 3.4.
#pragma once

#include <cstdint>
#include <span>

#include "base/rng.h"
#include "base/shapes.h"
#include "nn/graph/graph_network.h"

namespace inoculate {

struct VatOptions {
  float epsilon = 2;   ///< L2 size of the perturbation, in pixels of 0..1
  int iterations = 1;  ///< of the power method
  /// Where the power method looks, in L2. The paper's 1e-6 asks for differences between answers
  /// that single precision does not have: they are 1e-6 of the answers' slope, and rounding is as
  /// large. At 0.1 they have five digits, and the answers are still nearly quadratic.
  float xi = 0.1F;
  float weight = 1;               ///< alpha: of the divergence in the loss
  bool minimise_entropy = false;  ///< add the answers' entropy, as the paper's VAT+EntMin
};

/// The parts of the loss of a batch, means over its images, in nats.
struct VatLoss {
  double divergence = 0;  ///< KL(p(x) || p(x + r)), r the virtual adversarial perturbation
  double entropy = 0;     ///< of p(x); only where it is minimised
};

/// Virtual adversarial training of one network, with the memory that it takes. All its passes use
/// the batch's moments and the same dropout masks, and leave moving statistics untouched.
class Vat {
 public:
  explicit Vat(GraphNetwork& network);

  /// The perturbations [N, input] of images [N, input], of L2 norm epsilon each (0 where the answer
  /// does not change at all), begun from directions that `rng` draws.
  Matrix perturbations(const Matrix& images, const VatOptions& options, std::uint64_t masks,
                       Rng& rng);

  /// The loss of images [N, input]; to d_parameters, laid out as the network's parameters, adds the
  /// gradient of weight * divergence + entropy. The answers p(x) are taken for constants in the
  /// divergence.
  VatLoss add_gradient(std::span<float> d_parameters, const Matrix& images,
                       const VatOptions& options, std::uint64_t masks, Rng& rng);

 private:
  Matrix logits_of(const Matrix& images, std::uint64_t masks, GraphNetwork::Memory& memory);
  void find_perturbations(Matrix& r, const Matrix& images, const Matrix& answers,
                          const VatOptions& options, std::uint64_t masks, Rng& rng);
  void add_backward(std::span<float> d_parameters, const Matrix& d_logits,
                    GraphNetwork::Memory& memory);

  GraphNetwork& network_;
  GraphNetwork::Memory clean_, moved_;
  FloatBuffer d_parameters_;
};

}  // namespace inoculate
