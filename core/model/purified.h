// A classifier behind a generator: an image is replaced by the nearest one that the generator can
// make, and that is read.
//
// Samangouei, Kabkab & Chellappa, "Defense-GAN: Protecting Classifiers Against Adversarial Attacks
// Using Generative Models", 2018, section 4; Jalal, Ilyas, Daskalakis & Dimakis, "The Robust
// Manifold Defense: Adversarial Training using Generative Models", 2019, section 3 ("invert and
// classify"). It withstands adversaries that were made against the classifier alone, and no
// attacker who knows of it: see attack/bpda.h and attack/latent.h.
#pragma once

#include <cstdint>
#include <memory>

#include "model/classifier.h"
#include "model/generator.h"
#include "model/graph_function.h"

namespace inoculate {

/// How the nearest image is searched for: Adam in the latent space, from several starts.
struct PurifyOptions {
  int steps = 60;
  int restarts = 4;
  std::uint64_t seed = 1;  ///< of the starts, which are the same for all images
};

class PurifiedClassifier : public Classifier {
 public:
  /// Throws Error where `vae` is of another kind, or makes other images than the classifier takes.
  PurifiedClassifier(std::unique_ptr<Classifier> classifier, const Generator& vae,
                     const PurifyOptions& options);

  /// The classifier's: it says that it gives gradients if the classifier does.
  const ModelSpec& spec() const override { return spec_; }
  /// What the classifier makes of purified(images).
  Matrix logits(ConstMatrixRef images) const override;
  /// All zeros. The latent vector is the result of a search, and a step of a pixel that is small
  /// enough changes nothing that can be followed back: so says whoever differentiates the
  /// classifier and the decoder, and takes the search's result as it is. An attacker does better by
  /// attack/bpda.h.
  void gradients(std::span<Matrix> gradients, Matrix* logits, ConstMatrixRef images,
                 std::span<const LogitGradient> objectives) const override;

  const Classifier& classifier() const { return *classifier_; }
  const GraphFunction& decoder() const { return decoder_; }

  /// The latent vector [N, latent] of the nearest image to each of images [N, input] in L2, as far
  /// as the search finds it. A row depends on its image and the options alone.
  Matrix latent(ConstMatrixRef images) const;
  /// And that image [N, input].
  Matrix purified(ConstMatrixRef images) const { return decoder_(latent(images)); }

 private:
  void search(MatrixRef latent, ConstMatrixRef images) const;

  std::unique_ptr<Classifier> classifier_;
  GraphFunction decoder_;
  PurifyOptions options_;
  Matrix starts_;  // [restarts, latent]
  ModelSpec spec_;
};

/// The model as what it is. Throws Error where it is none.
const PurifiedClassifier& purified_model(const Classifier& model);

}  // namespace inoculate
