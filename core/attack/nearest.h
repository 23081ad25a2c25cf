// What the attacks share that look for the nearest adversary.
#pragma once

#include <limits>
#include <vector>

#include "attack/search.h"

namespace inoculate {

/// The nearest adversary of each image so far: that of a Search, which holds no other.
class NearestAdversary {
 public:
  explicit NearestAdversary(Search& search)
      : search_(search), nearest_(search.calls.size(), std::numeric_limits<float>::infinity()) {}

  /// Of the image's nearest adversary, in whatever measure adversaries are offered by; infinite
  /// where there is none yet.
  float distance(int image) const { return nearest_[static_cast<std::size_t>(image)]; }
  bool found(int image) const { return distance(image) < std::numeric_limits<float>::infinity(); }
  /// Takes x [input], which meets the image's criterion, if it is nearer than all before it. Called
  /// for several images at once.
  void offer(int image, const float* x, float distance);

 private:
  Search& search_;
  std::vector<float> nearest_;
};

/// How far the furthest point of the range is from an image [size]; infinite without a range, but
/// in L0, where it is `size`.
float furthest_in_range(const float* image, int size, const ThreatModel& threat);

/// Falls from `first` at step 0 to `last` after the last of `steps`, along half a cosine.
float cosine_between(float first, float last, int step, int steps);

/// A bisection, on a scale of powers of ten at first, for the least constant with which an attack
/// finds an adversary that minimises a distance plus the constant times a margin.
struct Constant {
  float value;
  float low = 0;
  float high = std::numeric_limits<float>::infinity();
  bool found = false;  // an adversary, with this value

  /// Goes on to the next value.
  void next();
};

}  // namespace inoculate
