// The gradient of each image's own loss with respect to its pixels.
#pragma once

#include "attack/gradients.h"
#include "model/network_classifier.h"

namespace inoculate {

inline Matrix input_gradients(const Network& network, ConstMatrixRef images, const Labels& labels,
                              Loss loss) {
  Matrix gradients;
  objective_gradients(gradients, nullptr, NetworkClassifier(network), images,
                      loss_objective(loss, labels, network.classes()));
  return gradients;
}

}  // namespace inoculate
