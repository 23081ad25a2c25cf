// Any attack of the page but the hand-drawn line, on one picture: the attacker's work.
#pragma once

#include <vector>

#include "attack/attack.h"
#include "web/attack/outcome.h"

namespace inoculate::page {

/// One picture to be attacked at several epsilons.
struct PictureAttack {
  AttackSettings settings;
  Picture picture;  ///< 784 values in 0..1
  int label = 0;
  std::vector<float> epsilons;  ///< 1..100 of them; a method may heed none of them
};

Json to_json(const PictureAttack& attack);
/// Throws Error when anything is missing, of the wrong type or out of its range.
PictureAttack picture_attack(const Json& json);

/// An adversary, not yet rounded as as_saved() does, with what it cost.
struct Adversary {
  Picture pixels;
  AttackCalls calls;
};

/// Attacks at one epsilon: a live method as the page itself does, others by the engine's method.
Adversary attack_picture(const Classifier& model, const PictureAttack& attack, float epsilon,
                         const OnAttackProgress& on_progress = nullptr);

}  // namespace inoculate::page
