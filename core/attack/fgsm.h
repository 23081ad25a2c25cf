// The fast gradient sign method.
//
// Goodfellow, Shlens & Szegedy, "Explaining and Harnessing Adversarial Examples", 2015, section 4;
// its targeted form is Kurakin, Goodfellow & Bengio, "Adversarial Machine Learning at Scale", 2017,
// section 3. With a random start (Wong, Rice & Kolter, "Fast is better than free", 2020) it is one
// step of PGD: see pgd.h.
#pragma once

#include "attack/method.h"
#include "attack/threat_model.h"
#include "base/shapes.h"
#include "nn/loss.h"

namespace inoculate {

struct FgsmOptions {
  ThreatModel threat;
  Loss loss = Loss::kCrossEntropy;
  Criterion criterion;
};

/// Adversaries [N, input] of images [N, input] in one step from the image. In L-inf the step is
/// epsilon * sign(gradient), in L2 epsilon * gradient / |gradient|; it climbs the loss at the true
/// label, or with a target descends the loss at the target, and with a confidence and no target
/// that at the likeliest wrong class; last it is clipped to the range. Where the gradient is
/// exactly 0 nothing changes.
Matrix fgsm(const Classifier& model, ConstMatrixRef images, const Labels& labels,
            const FgsmOptions& options);

/// The adversaries of a task alone.
Matrix fgsm_step(const AttackTask& task, Loss loss);

/// And with their outcome, as all attacks give it.
AttackResult fgsm(const AttackTask& task, Loss loss);

/// Its row in the registry (attack/registry.h).
AttackMethod fgsm_method();

}  // namespace inoculate
