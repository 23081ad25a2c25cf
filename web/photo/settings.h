// How a photograph is to be attacked: set by the visitor, a script or a link.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "web/json/json.h"
#include "web/photo/methods.h"

namespace inoculate::page {

inline constexpr float kOneLevel = 1.0F / 255;  ///< the least that a picture's pixel can change by
inline constexpr int kMostLevels = 64;          ///< the largest epsilon, in levels

/// A method heeds what it has a knob for.
struct PhotoAttackSettings {
  std::string method = "pgd";     ///< of photo_methods()
  float epsilon = 4 * kOneLevel;  ///< L-inf of pixels in 0..1, 1/255..64/255
  int steps = 10;                 ///< 1..200
  int queries = 500;              ///< 2..20,000
  float area = 0.05F;             ///< of a sticker, as a share of the photograph, 0.005..0.5
  std::optional<int> target;      ///< the class to be read; without one any other will do
  float confidence = 0;           ///< 0..0.99: what counts as success, see Criterion
  std::uint64_t seed = 1;

  /// Its method; of settings that photo_attack_settings() gave there is one.
  const PhotoMethod& photo_method() const { return *find_photo_method(method); }
};

/// For a network of so many classes. What is missing keeps its default. Throws Error when a key is
/// unknown or a value out of range.
PhotoAttackSettings photo_attack_settings(const Json& json, int classes);

/// The methods, and the limits and defaults of what can be set of them: what the room's controls
/// are made from.
Json photo_choices();

}  // namespace inoculate::page
