// Expectation over transformations: a model whose gradients are means over small random changes of
// the image, for attacks whose adversaries should survive such changes.
//
// Athalye, Engstrom, Ilyas & Kwok, "Synthesizing Robust Adversarial Examples", 2018, section 2.1.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/rng.h"
#include "model/classifier.h"

namespace inoculate {

/// Which changes are drawn; any may be 0, which leaves it out.
struct ExpectationOptions {
  int draws = 10;           ///< changes that a gradient is the mean of; at least 1
  int shift = 1;            ///< pixels up, down, to the left and to the right, at most
  float brightness = 0.1F;  ///< all values times 1 - brightness .. 1 + brightness; below 1
  float noise = 0.05F;      ///< standard deviation of what is added to each value
};

/// One change: shifted, with the edge repeated where nothing else is; brightened; noise added; then
/// brought into the range.
struct Transformation {
  int down = 0, right = 0;
  float factor = 1;
  std::vector<float> noise;  ///< [input]; empty: none

  /// y = the changed image x, both [H, W, C].
  void apply(float* y, const float* x, Shape shape, const ValueRange& range) const;
  /// d_x += the gradient with respect to x, where d_y is that with respect to apply()'s y; at
  /// values that the range cut off it is 0.
  void add_backward(float* d_x, const float* d_y, const float* x, Shape shape,
                    const ValueRange& range) const;
};

Transformation draw_transformation(const ExpectationOptions& options, Shape shape, Rng& rng);

/// Another model as it is, but for its gradients: for each image they are the mean of the gradients
/// at `draws` changes of it, all of which follow from the seed and the image's pixels alone. Its
/// logits are the model's own of the unchanged image, so success is what the bare model reads.
class Expectation : public Classifier {
 public:
  /// The model, which must outlive this, gives gradients.
  Expectation(const Classifier& model, const ExpectationOptions& options, std::uint64_t seed);

  const ModelSpec& spec() const override { return model_.spec(); }
  Matrix logits(ConstMatrixRef images) const override { return model_.logits(images); }
  /// Objectives are asked once more at the end, about the bare logits: what they note of an image
  /// is what holds for it unchanged.
  void gradients(std::span<Matrix> gradients, Matrix* logits, ConstMatrixRef images,
                 std::span<const LogitGradient> objectives) const override;

  /// The changes of one image [input] that its gradient is the mean of.
  std::vector<Transformation> transformations(const float* image) const;

 private:
  const Classifier& model_;
  ExpectationOptions options_;
  std::uint64_t seed_;
};

}  // namespace inoculate
