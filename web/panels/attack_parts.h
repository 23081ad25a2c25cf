// The parts of the attack panel, from top to bottom.
#pragma once

#include "web/panels/panels.h"

namespace inoculate::page {

/// Method, target, and how strong it may be.
void attack_controls(App& app, Ui& ui);

/// How many of a network's guesses are shown, each so high.
struct Guesses {
  int count = 3;
  float height = 0;
  /// The height of all of them, with what is between them.
  float all() const;
};

/// As many and as high as they may be with `spare` pixels more than they need.
Guesses guesses(const Ui& ui, float spare);

/// Original, change, adversary and noise side by side, with what the network makes of each. There
/// must be an outcome.
void attack_pictures(App& app, Ui& ui, const Guesses& guesses);

/// What the network reads, or how sure the networks are, as epsilon grows; dragging sets epsilon.
void attack_curves(App& app, Ui& ui, float height);

/// Every network beside the others: does this adversary transfer to it, and does it withstand the
/// same attack made against itself?
void networks_side_by_side(App& app, Ui& ui);

}  // namespace inoculate::page
