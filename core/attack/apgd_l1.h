// What Auto-PGD does otherwise in L1.
//
// Croce & Hein, "Mind the box: l1-APGD for sparse adversarial attacks on image classifiers", 2021,
// section 3 and algorithm 1.
#pragma once

#include <vector>

namespace inoculate {

/// So many steps within so large a ball.
struct ApgdStage {
  float epsilon;
  int steps;
};

/// Three tenths of the steps each within three and two times epsilon, the others within epsilon: a
/// climb that begins in a larger ball ends higher.
std::vector<ApgdStage> l1_stages(float epsilon, int steps);

/// x = from + a step of L1 size `length` that moves the part `density` (0..1) of all values evenly,
/// those where the gradient is largest, along its signs. All [size]; x may be `from`.
void sparse_step(float* x, const float* from, const float* gradient, int size, float density,
                 float length);

/// How large one image's steps are and how many values they move, set anew from how sparse its best
/// point has become.
struct SparseStep {
  float length;   ///< of a step: at first epsilon
  float density;  ///< part of the values that it moves
  int changed;    ///< values in which the best point differed from the image at the last check

  /// For a stage within `epsilon` that starts at x [size].
  SparseStep(float epsilon, const float* x, const float* image, int size);
  /// Looks at the best point so far. True: it has become clearly sparser, and the climb is to go on
  /// from there with whole steps; else steps become shorter.
  bool check(float epsilon, const float* best, const float* image, int size);
};

}  // namespace inoculate
