// The attacks that the page offers.
#pragma once

#include <span>
#include <string_view>

#include "attack/threat_model.h"

namespace inoculate::page {

/// What a visitor can set of a method, as bits of PageMethod::knobs.
enum Knob : unsigned {
  kEpsilonKnob = 1U << 0,
  kStepsKnob = 1U << 1,
  kQueriesKnob = 1U << 2,
  kPixelsKnob = 1U << 3,
};

struct PageMethod {
  const char* name;    ///< in scripts and links
  const char* title;   ///< on the page
  const char* engine;  ///< the name in attack/registry.h; null where it is live
  Norm norm;           ///< of its epsilon: of its pixels, where those are its knob
  unsigned knobs;
  bool gradients;      ///< sees the network's gradients; else it asks for probabilities
  const char* lesson;  ///< how it works, for the visitor

  /// Quick enough to follow the pen: made in the frame that shows it. The others are made by the
  /// attacker, a worker.
  bool live() const { return engine == nullptr; }
  bool has(Knob knob) const { return (knobs & knob) != 0; }
  /// Whether a curve over epsilon is quick to have.
  bool has_curve() const { return gradients && has(kEpsilonKnob); }
};

/// The attack drawn by hand.
inline constexpr const char* kLineAttack = "line";

/// All of them, the live ones first.
std::span<const PageMethod> page_methods();

/// The method of that name, or null.
const PageMethod* find_page_method(std::string_view name);

/// The method of that name; there must be one.
const PageMethod& page_method(std::string_view name);

}  // namespace inoculate::page
