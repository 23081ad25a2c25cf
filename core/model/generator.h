// Networks that make images: the two halves of a variational autoencoder, and a generator of
// perturbations. core/generate trains them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/rng.h"
#include "base/shapes.h"
#include "data/safetensors.h"
#include "nn/graph/graph.h"

namespace inoculate {

enum class GeneratorKind {
  kVae,     ///< Kingma & Welling, "Auto-Encoding Variational Bayes", 2014
  kAdvgan,  ///< Xiao et al., "Generating Adversarial Examples with Adversarial Networks", 2018
};

/// The sizes of a generator's layers. All are dense, with LeakyReLU of slope 0.1 between them.
struct GeneratorSizes {
  GeneratorKind kind = GeneratorKind::kVae;
  Shape image;
  std::vector<int> encoder;  ///< hidden layers from the image to the latent vector; of a VAE alone
  int latent = 0;            ///< of a VAE alone
  std::vector<int> generator;  ///< hidden layers to the image, or to the perturbation
};

struct Generator {
  GeneratorSizes sizes;
  /// Of a VAE: from an image [H*W*C] to the mean of its latent vector and the logarithm of its
  /// variance [2 * latent].
  Graph encoder;
  /// Of a VAE: from a latent vector, whose prior is the standard normal distribution, to pixels in
  /// 0..1 [H*W*C]. Of an AdvGAN: from an image to its perturbation as a part of epsilon, in -1..1.
  Graph generator;
  float epsilon = 0;  ///< of an AdvGAN alone: the size it was trained for, in L-inf
  std::string name;   ///< its file's, for messages
};

/// A generator with first weights.
Generator first_generator(const GeneratorSizes& sizes, Rng& rng);

/// The file of a generator: safetensors with its kind and sizes in the metadata, to which
/// `metadata` is added.
Safetensors generator_file(const Generator& generator, std::map<std::string, std::string> metadata);

/// Whether a file says that it is a generator's.
bool is_generator_file(const Safetensors& file);

/// The generator of a file called `name` in messages. Throws Error, which says what is wrong, where
/// the file is none, its sizes are impossible, or its tensors are not theirs.
Generator generator_of(const Safetensors& file, const std::string& name);

}  // namespace inoculate
