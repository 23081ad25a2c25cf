// What became of each image of a judgement, and the figures that follow from it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "attack/attack.h"
#include "evaluate/interval.h"

namespace inoculate {

/// What came of one attack on each of N images. Images that do not count, because the model reads
/// them wrong or because they fell before in a cascade, have 0 everywhere.
struct AttackOutcomes {
  std::string name;
  std::vector<std::uint8_t> fooled;  ///< [N]
  /// [N], images whose adversaries still fool once they are stored as 8-bit pictures.
  std::vector<std::uint8_t> stored_fooled;
  std::vector<float> distances;    ///< [N], of the adversaries that fooled, in the norm
  std::vector<AttackCalls> calls;  ///< [N]
  float furthest = 0;              ///< largest distance of any adversary in the norm
  float beyond_range = 0;          ///< the most by which any pixel left the range
  double seconds = 0;
};

/// What became of each of N images of a judgement: all that its figures depend on.
struct Outcomes {
  std::vector<std::uint8_t> read;  ///< [N], the images that the model reads right
  std::vector<AttackOutcomes> attacks;
};

/// Adds the outcomes of the images that come next. Both are of the same attacks.
void append(Outcomes& outcomes, const Outcomes& next);

/// For each attack, the images [N] that count: those read right, in a cascade not yet fooled.
std::vector<std::vector<std::uint8_t>> counted_images(const Outcomes& outcomes, bool cascade);

/// One attack's part of a verdict.
struct AttackScore {
  std::string name;
  int tried = 0;                   ///< images that count
  int withstood = 0;               ///< of them
  int stored_withstood = 0;        ///< of them, when their adversaries are stored as 8-bit pictures
  double mean_distance = 0;        ///< of the successes, in the norm; 0 if there is none
  std::int64_t forward_calls = 0;  ///< for the images that count
  std::int64_t gradient_calls = 0;
  double seconds = 0;
  /// Of each class the first image that counts, whether it fell or not: their places among all
  /// images, ascending, and what the attack made of them [as many, input]. For pictures that
  /// flatter neither side. verdict_of() leaves them out.
  std::vector<int> examples;
  Matrix adversaries;
};

/// What a network withstands. An image counts as robust when it is read right, and after every
/// attack on it too.
struct Verdict {
  int n = 0;
  int clean = 0;       ///< images read right
  int worst_case = 0;  ///< images robust against all attacks
  /// Images robust against all adversaries that were made, stored as 8-bit pictures. Those of a
  /// cascade are fewer, so there this is more than it would be without.
  int stored_worst_case = 0;
  std::vector<AttackScore> attacks;
  std::vector<std::uint8_t> robust;  ///< [N]
  /// For each attack, the images [N] that it fooled.
  std::vector<std::vector<std::uint8_t>> fooled;
  float furthest = 0;      ///< largest distance of any adversary in the norm
  float beyond_range = 0;  ///< the most by which any pixel left the range
  bool cancelled = false;

  /// Without an image that is read rightly no attack says anything.
  bool nothing_to_judge() const { return clean == 0; }
  Interval clean_interval() const { return wilson_interval(clean, n); }
  Interval worst_case_interval() const { return wilson_interval(worst_case, n); }
  double worst_case_accuracy() const { return static_cast<double>(worst_case) / n; }
  /// Share of all images that are read right after attack number `i`; in a cascade after that and
  /// all before it.
  double accuracy_after(std::size_t i) const;
};

/// The figures of outcomes of at least one image.
Verdict verdict_of(const Outcomes& outcomes, bool cascade);

}  // namespace inoculate
