// Randomised smoothing: a certificate for any model that can be asked often enough (Cohen et al.,
// "Certified Adversarial Robustness via Randomized Smoothing", 2019).
//
// It is one of another model: the one that says what this one says most often of the image with
// normal noise. No image within `radius` of this one, in L2, is read otherwise by that model. The
// statement holds with a probability of at least 1 - alpha, which is that of the noise drawn here,
// and for real numbers: noise and pixels are in single precision.
#pragma once

#include <cstdint>
#include <functional>

#include "model/classifier.h"

namespace inoculate {

struct SmoothingOptions {
  double sigma = 0.5;    ///< deviation of the noise, in pixels of 0..1; above 0
  int selection = 100;   ///< how many noisy images choose the class
  int samples = 10'000;  ///< and how many others count how often it is read
  double alpha = 0.001;  ///< how probable it may be that an image's certificate is wrong
  std::uint64_t seed = 1;
};

/// What the smoothed model says of an image.
struct Smoothed {
  int label = -1;     ///< -1: it abstains, since no class is surely more probable than a half
  double radius = 0;  ///< in L2
};

/// Asked after every batch of noisy images; false cancels, and the answer abstains.
using OnSmoothed = std::function<bool()>;

/// Of the image [input] that is number `number` of a task: its noise depends on this and the seed.
Smoothed smoothed(const Classifier& model, const float* image, int number,
                  const SmoothingOptions& options, const OnSmoothed& go_on = {});

/// The lower end of the one-sided interval of Clopper and Pearson (1934): the largest p for which
/// `successes` or more out of n trials of probability p have no more than probability alpha. 0 <=
/// successes <= n, n > 0.
double clopper_pearson_low(int successes, int n, double alpha);

/// The point below which a standard normal number lies with probability p of (0, 1).
double normal_quantile(double p);

}  // namespace inoculate
