// What a defence bought, told so that it cannot flatter.
#pragma once

#include "attack/fgsm.h"
#include "evaluate/accuracy.h"

namespace inoculate {

/// Three scores of one network on the same images.
struct DefenceReport {
  Evaluation clean;
  Evaluation replayed;  ///< on adversaries made earlier, against the undefended weights
  Evaluation fresh;     ///< on adversaries made now, against these weights: the one that counts
};

/// Scores `network` on images [N, input], on `old_adversaries` made from them before the defence,
/// and on fresh ones made by the same attack.
DefenceReport judge_defence(const Classifier& model, const Matrix& images, const Labels& labels,
                            const Matrix& old_adversaries, const FgsmOptions& attack);

}  // namespace inoculate
