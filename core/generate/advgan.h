// Training of a generator of perturbations against a classifier that stays as it is, with a
// discriminator that learns to tell adversaries from images.
//
// Xiao, Li, Zhu, He, Liu & Song, "Generating Adversarial Examples with Adversarial Networks", 2018,
// section 3.2. There a hinge loss holds the perturbation small in L2; here it cannot leave epsilon
// in L-inf, since it is epsilon times a tanh.
#pragma once

#include <optional>

#include "generate/batches.h"
#include "model/classifier.h"
#include "model/generator.h"

namespace inoculate {

/// The sizes for images of `image`: hidden layers of 512 and 512.
GeneratorSizes advgan_sizes(const Shape& image);

struct AdvganOptions {
  float epsilon = 0.3F;  ///< above 0; pixels of adversaries stay in 0..1
  float margin = 5;      ///< of logits, by which another class is to be the likelier
  float realism = 0.1F;  ///< weight of the discriminator's judgement beside that margin
};

/// Trains by Adam against a classifier that gives gradients, of images like the source's.
/// GeneratorFigures are the images whose adversary is misread, and the discriminator's loss.
/// Nothing where `on_step` ended it. Throws Error where the loss is not finite any more.
std::optional<Generator> train_advgan(const GeneratorSizes& sizes, const Classifier& classifier,
                                      const ExampleSource& source, const AdvganOptions& options,
                                      const GeneratorTraining& training,
                                      const OnGeneratorStep& on_step = nullptr);

}  // namespace inoculate
