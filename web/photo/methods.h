// The attacks that the room of photographs offers.
#pragma once

#include <span>
#include <string_view>

#include "attack/method.h"

namespace inoculate::page {

/// What a visitor can set of one, as bits of PhotoMethod::knobs; a target and a confidence can be
/// set of each.
enum PhotoKnob : unsigned {
  kPhotoEpsilon = 1U << 0,
  kPhotoSteps = 1U << 1,
  kPhotoQueries = 1U << 2,
  kPhotoArea = 1U << 3,
};

struct PhotoMethod {
  const char* name;  ///< in scripts and links; the page's texts know it by that
  AttackMethod (*engine)();
  Norm norm;
  unsigned knobs;

  bool has(PhotoKnob knob) const { return (knobs & knob) != 0; }
};

std::span<const PhotoMethod> photo_methods();

/// The method of that name, or null.
const PhotoMethod* find_photo_method(std::string_view name);

}  // namespace inoculate::page
