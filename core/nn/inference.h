// Questions to a fixed network about any number of images.
//
// Images are taken a chunk at a time, chunks in parallel: memory stays small however many there
// are, and each image's answer is the same whatever images are around it.
#pragma once

#include "base/shapes.h"
#include "model/classifier.h"
#include "nn/frozen_network.h"
#include "nn/network.h"

namespace inoculate {

/// Throws Error unless all of `count` logits are finite: weights that are can still overflow.
void require_finite(const float* logits, int count);

/// Logits [N, classes] of images [N, input]. Throws Error where one would not be finite.
Matrix predict_logits(const FrozenNetwork& network, ConstMatrixRef images);
/// The same of a network that is asked once.
Matrix predict_logits(const Network& network, ConstMatrixRef images);

}  // namespace inoculate
