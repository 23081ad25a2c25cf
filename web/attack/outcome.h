// What an attack on a picture came to.
#pragma once

#include "attack/attack.h"
#include "web/attack/settings.h"
#include "web/picture/picture.h"
#include "web/picture/reading.h"

namespace inoculate::page {

/// A changed picture, and what the network makes of it.
struct ChangedPicture {
  Picture pixels;
  Reading reading;
};

/// All of it is judged as a saved picture would be read: see as_saved().
struct AttackOutcome {
  int label = 0;  ///< the class attacked: the picture's own, or else the network's reading of it
  ChangedPicture original;
  ChangedPicture adversary;
  ChangedPicture noise;             ///< random, as large as the attack may be, or was
  AttackCalls calls;                ///< what the attack asked of the network
  float largest_change = 0;         ///< of any pixel: the L-inf distance
  float l2 = 0;                     ///< the L2 distance
  int pixels_changed = 0;           ///< the L0 distance
  bool success = false;             ///< the adversary is read as the target; without one, wrongly
  bool undone_by_rounding = false;  ///< it would have been a success had it not been rounded
};

/// How the probabilities go as epsilon grows.
struct EpsilonSweep {
  std::vector<float> epsilons;
  std::vector<Reading> readings;  ///< of the adversary at each
};

/// The adversary of `original` (784 values each) as a saved picture holds it: every pixel becomes
/// the nearest of the 256 levels k / 255. Where the method has an epsilon and that level lies
/// farther than `epsilon` from the original's pixel, it becomes the next one towards it. So a
/// change within epsilon stays within it, provided that the original has such levels itself.
Picture as_saved(const Picture& adversary, const Picture& original, const AttackSettings& settings,
                 float epsilon);

/// Rounds an adversary of `picture` (784 values) of class `label` as above, and judges it by fresh
/// readings, beside random signs: of size epsilon, or where the method has none as long as the
/// change.
AttackOutcome judge(const Classifier& model, const Picture& picture, int label,
                    const Picture& adversary, AttackCalls calls, const AttackSettings& settings);

/// Whether a reading is what the attack wants.
bool is_success(const Reading& reading, int label, const AttackSettings& settings);

/// {digit, confidence, probabilities: [10]}.
Json to_json(const Reading& reading);
Json to_json(const AttackOutcome& outcome);

}  // namespace inoculate::page
