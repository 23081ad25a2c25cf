// A classifier with what is known of it: it takes pixels of 0..1 and prepares them for the network.
#pragma once

#include <memory>

#include "model/model_notes.h"

namespace inoculate {

/// A network behind its preprocessing. Valid images are those of pixels 0..1 before it, which is
/// what attacks change and measure, and gradients are those of these pixels.
class PreprocessedClassifier : public Classifier {
 public:
  /// What `notes` do not say is as if there were none of it: pixels stay as they are, classes are
  /// their numbers. Throws Error, which names the network, where the notes do not fit it.
  PreprocessedClassifier(std::unique_ptr<Classifier> network, const ModelNotes& notes);

  const ModelSpec& spec() const override { return spec_; }
  const Classifier& network() const { return *network_; }
  const Preprocessing& preprocessing() const { return preprocessing_; }
  /// The same for this network's channels: prepared(map(), images) is what the network sees.
  const ChannelMap& map() const { return map_; }
  Matrix logits(ConstMatrixRef images) const override;
  void gradients(std::span<Matrix> gradients, Matrix* logits, ConstMatrixRef images,
                 std::span<const LogitGradient> objectives) const override;

 private:
  /// Turns gradients of what the network sees [N, input] into those of the pixels.
  void to_pixels(MatrixRef d_images, const Matrix& d_prepared) const;

  std::unique_ptr<Classifier> network_;
  Preprocessing preprocessing_;
  ChannelMap map_;
  ModelSpec spec_;
};

}  // namespace inoculate
