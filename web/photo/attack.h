// A photograph attacked, and what a network makes of pictures of many classes.
#pragma once

#include "attack/attack.h"
#include "web/photo/settings.h"

namespace inoculate::page {

/// What an attack on one photograph came to. All of it is on the levels k / 255 that a file can
/// hold, and judged as such: a saved file reads the same.
struct PhotoOutcome {
  Matrix adversary;  ///< [1, H*W*C]
  bool success = false;
  AttackCalls calls;
  int largest_change = 0;  ///< of any value, in levels
  double l2 = 0;           ///< with pixels in 0..1
  int pixels_changed = 0;  ///< in any of their channels
};

/// Attacks `image` [1, H*W*C] (levels k / 255), read as `label`, at an epsilon that need not be
/// that of the settings. Throws Error where the model cannot be attacked so.
PhotoOutcome attack_photo(const Classifier& model, const Matrix& image, int label,
                          const PhotoAttackSettings& settings, float epsilon,
                          const OnAttackProgress& on_progress = nullptr);

/// Random signs of the size of a change: added to every value is the largest change where the
/// settings' method keeps to an epsilon, else the change's root mean square, in whole levels, at
/// least one where there was a change. Clipped to 0..1.
Matrix noise_beside(const Matrix& image, const PhotoOutcome& outcome,
                    const PhotoAttackSettings& settings);

/// The name of a class as it is shown: "class 7" where it has none.
std::string photo_class(const ModelSpec& spec, int number);

/// {best, guesses: [{class, name, probability}], label, target}: the five best guesses, best first;
/// `label` and `target` are the probabilities of these classes, null where there is none.
Json photo_reading(const ModelSpec& spec, const Matrix& logits, std::optional<int> label = {},
                   std::optional<int> target = {});

}  // namespace inoculate::page
