// Adversaries that hold as pictures: every pixel is one of the 256 levels that a file can store.
#pragma once

#include "attack/attack.h"

namespace inoculate {

/// The threat that an attack with this knowledge is to be run with for quantise(). Without
/// gradients its L-inf epsilon is lowered to a whole number of levels, so that rounding takes
/// nothing from what could not be won back.
ThreatModel on_levels(ThreatModel threat, Knowledge knowledge);

/// Brings the adversaries of `result`, which an attack with this `knowledge` made for the task, to
/// levels k / 255, the nearest that lie within epsilon; pixels that the attack left alone stay as
/// they are. Where that undoes a success the attacker goes on with what it can see of the model:
///
/// - gradients: the fewest pixels that tell most move by a level at a time, until the criterion is
///   met again;
/// - probabilities or the class: pixels are rounded up or down at random, up to 100 times, and in
///   the second half go up to a tenth further than the adversary;
/// - nothing: rounding is all.
///
/// Of an L-inf epsilon that is no whole number of levels the rest cannot be used: an image that
/// falls to no less is lost. The looks that this takes are added to the calls, and all is judged
/// afresh. The task's images must be pictures of such levels themselves (as_stored() makes them
/// so), within a range of 0..1.
AttackResult quantise(const AttackTask& task, const AttackResult& result, Knowledge knowledge,
                      Rng& rng);

}  // namespace inoculate
