// Our own networks as a Classifier.
#pragma once

#include <optional>
#include <string>

#include "model/classifier.h"
#include "nn/frozen_network.h"

namespace inoculate {

/// What a NetworkClassifier of `network` says of itself.
ModelSpec network_classifier_spec(const Network& network, std::string name = "the network",
                                  std::optional<double> promised_accuracy = {});

class NetworkClassifier : public Classifier {
 public:
  /// Refers to `network`, which must neither change nor go. The spec gets the name and the
  /// accuracy.
  explicit NetworkClassifier(const Network& network, std::string name = "the network",
                             std::optional<double> promised_accuracy = {});
  /// Keeps the network.
  explicit NetworkClassifier(Network&& network, std::string name = "the network",
                             std::optional<double> promised_accuracy = {});

  const Network& network() const { return frozen_.network(); }

  const ModelSpec& spec() const override { return spec_; }
  Matrix logits(ConstMatrixRef images) const override;
  void gradients(std::span<Matrix> gradients, Matrix* logits, ConstMatrixRef images,
                 std::span<const LogitGradient> objectives) const override;

 private:
  std::optional<Network> kept_;
  FrozenNetwork frozen_;
  ModelSpec spec_;
};

}  // namespace inoculate
