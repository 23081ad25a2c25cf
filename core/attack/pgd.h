// Projected gradient descent, and what it is with other settings: the basic iterative method, the
// momentum method and FGSM with a random start.
//
// Madry, Makelov, Schmidt, Tsipras & Vladu, "Towards Deep Learning Models Resistant to Adversarial
// Attacks", 2018, section 2; BIM: Kurakin, Goodfellow & Bengio, "Adversarial Examples in the
// Physical World", 2017, section 2.2; momentum: Dong et al., "Boosting Adversarial Attacks with
// Momentum", 2018, algorithm 1; one step from a random start: Wong, Rice & Kolter, "Fast is
// better than free: Revisiting adversarial training", 2020, algorithm 3; the margin: Carlini &
// Wagner, "Towards Evaluating the Robustness of Neural Networks", 2017, section V.A; smoothed
// gradients: Dong, Pang, Su & Zhu, "Evading Defenses to Transferable Adversarial Examples by
// Translation-Invariant Attacks", 2019, section 3.3.
#pragma once

#include <optional>

#include "attack/method.h"
#include "nn/loss.h"

namespace inoculate {

/// The defaults are foolbox's for PGD in L-inf.
struct PgdOptions {
  /// What to climb; none: the margin, the largest other logit less the label's.
  std::optional<Loss> loss = Loss::kCrossEntropy;
  int steps = 40;
  float step_size = 0.01F / 0.3F;  ///< as a part of epsilon
  float shrink_to = 1;       ///< part of its size that the step has shrunk to at the end, evenly
  bool smooth = false;       ///< go along smoothed gradients, see smooth()
  bool random_start = true;  ///< uniform in the ball, instead of the image
  int restarts = 1;          ///< starts in all; more than 1 need a random start
  float momentum =
      0;  ///< part of the last direction that is added to the gradient over its L1 size
};

/// foolbox's settings of each method.
PgdOptions pgd_options(Norm norm);
PgdOptions bim_options();
PgdOptions momentum_options();
/// One step of 1.25 epsilon from a random start.
PgdOptions random_start_fgsm_options();
/// On the margin along smoothed gradients, with momentum, from many starts, in steps that begin
/// large. The signs of a network's gradients change from pixel to pixel much as noise does;
/// smoothing finds the perturbations of whole areas that they miss and black-box attacks find.
PgdOptions smooth_pgd_options();

/// Steps up the loss at the label (with a target: down the loss at it; with a confidence and no
/// target: down the loss at the likeliest wrong class of each iterate), each followed by a
/// projection into the ball and the range. The adversary is the last iterate, of the first start
/// that succeeds: only images not yet fooled take part in the next. A cancelled attack gives the
/// iterate it has reached. Epsilon must be finite.
AttackResult pgd(const AttackTask& task, const PgdOptions& options, Rng& rng,
                 const OnAttackProgress& on_progress = nullptr);

/// The last iterates [N, input] of one start, unjudged: what training needs.
Matrix pgd_iterates(const AttackTask& task, const PgdOptions& options, Rng& rng);

/// A method's settings with what the common options say otherwise.
PgdOptions with_common_options(PgdOptions method, const AttackTask& task,
                               const AttackOptions& common);

/// Their rows in the registry (attack/registry.h).
AttackMethod random_start_fgsm_method();
AttackMethod bim_method();
AttackMethod momentum_method();
AttackMethod pgd_method();
AttackMethod smooth_pgd_method();

}  // namespace inoculate
