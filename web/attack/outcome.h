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

struct AttackOutcome {
  int label = 0;  ///< the class attacked: the picture's own, or else the network's reading of it
  ChangedPicture original;
  ChangedPicture adversary;
  ChangedPicture noise;      ///< random, as large as the attack may be, or was
  AttackCalls calls;         ///< what the attack asked of the network
  float largest_change = 0;  ///< of any pixel: the L-inf distance
  float l2 = 0;              ///< the L2 distance
  int pixels_changed = 0;    ///< the L0 distance
  bool success = false;      ///< the adversary is read as the target; without one, wrongly
};

/// How the probabilities go as epsilon grows.
struct EpsilonSweep {
  std::vector<float> epsilons;
  std::vector<Reading> readings;  ///< of the adversary at each
};

/// Judges an adversary of `picture` (784 values) of class `label` by fresh readings, beside random
/// signs: of size epsilon, or where the method has none as long as the change.
AttackOutcome judge(const FrozenNetwork& network, const Picture& picture, int label,
                    Picture adversary, AttackCalls calls, const AttackSettings& settings);

/// Whether a reading is what the attack wants.
bool is_success(const Reading& reading, int label, const AttackSettings& settings);

/// {digit, confidence, probabilities: [10]}.
Json to_json(const Reading& reading);
Json to_json(const AttackOutcome& outcome);

}  // namespace inoculate::page
