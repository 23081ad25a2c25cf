// The losses that APGD climbs: of one image, from its logits.
#pragma once

#include "attack/threat_model.h"

namespace inoculate {

/// What APGD climbs.
enum class ApgdLoss {
  kCrossEntropy,
  kTargetedDlr,  ///< the difference of logits ratio towards one wrong class after another
};

/// The loss of logits [classes], and in d [classes] its gradient. The ratio leads from `label` to
/// `target` and needs 4 classes; the cross-entropy leads away from the label or towards the
/// criterion's target. A ratio of logits says nothing of probabilities: where a confidence is asked
/// for, both losses climb the probability of the class that is aimed at.
float apgd_loss(float* d, ApgdLoss loss, const Criterion& criterion, const float* logits,
                int classes, int label, int target);

}  // namespace inoculate
