// Training of a variational autoencoder: an encoder and a decoder with a latent vector between
// them that is drawn from what the encoder says of it.
//
// Kingma & Welling, "Auto-Encoding Variational Bayes", 2014, section 3 and appendices B and C.2.
#pragma once

#include <optional>
#include <span>

#include "generate/batches.h"
#include "model/generator.h"
#include "nn/graph/graph_network.h"

namespace inoculate {

/// The sizes for images of `image`, as Jalal et al. (2019) have them for MNIST: encoder 500, latent
/// vector 20, decoder 500 and 500.
GeneratorSizes vae_sizes(const Shape& image, int latent = 20);

/// What is trained. The decoder is without its last sigmoid: it gives the logits of pixels.
struct VaeNetworks {
  GraphNetwork encoder, decoder;
  GraphNetwork::Memory encoder_memory = {}, decoder_memory = {};

  explicit VaeNetworks(const Generator& vae);
};

/// The parts of the negative evidence lower bound of a batch, summed over its images.
struct VaeLoss {
  double reconstruction = 0;  ///< cross-entropy of pixels as probabilities (Bernoulli)
  double divergence = 0;      ///< Kullback-Leibler, of the latent vector from its prior
};

/// The loss of images [N, pixels], of which latent vectors are drawn by `noise` [N, latent] from
/// the standard normal distribution. Sets the gradients of its mean over the batch, laid out as the
/// networks' parameters.
VaeLoss vae_loss(VaeNetworks& networks, const Matrix& images, const Matrix& noise,
                 std::span<float> d_encoder, std::span<float> d_decoder);

/// Trains by Adam; GeneratorFigures are the parts of VaeLoss. Nothing where `on_step` ended it.
/// Throws Error where the loss is not finite any more.
std::optional<Generator> train_vae(const GeneratorSizes& sizes, const ExampleSource& source,
                                   const GeneratorTraining& training,
                                   const OnGeneratorStep& on_step = nullptr);

/// What a VAE makes of images [N, pixels], by way of the mean of their latent vectors.
Matrix reconstructed(const Generator& vae, ConstMatrixRef images);

/// Images of n latent vectors drawn from their prior.
Matrix sampled(const Generator& vae, int n, Rng& rng);

}  // namespace inoculate
