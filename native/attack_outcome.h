// What an attack did to a model, as the command tells it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "attack/registry.h"
#include "evaluate/accuracy.h"

namespace inoculate {

/// The size of perturbations over all images.
struct Distances {
  double mean_linf = 0;
  double largest_linf = 0;
  double mean_l2 = 0;
  double largest_l2 = 0;
  double mean_l1 = 0;
  double largest_l1 = 0;
  double mean_l0 = 0;  ///< values changed: in colour each pixel has three
};

/// Of some images, those whose adversary meets the criterion.
struct Success {
  int count = 0;
  int of = 0;  ///< perhaps 0
};

/// Nothing in it counts images whose class is the attack's target: they are left out.
struct AttackOutcome {
  std::string attack;    ///< the method's name
  std::string settings;  ///< and all of it in words
  std::string target;    ///< "3", "random", "least-likely", or nothing
  /// Whether the images' true classes are known. If not, what the network reads in them stands for
  /// their class: then success is a change of the reading, and accuracies mean nothing.
  bool labelled = true;
  int left_out = 0;
  Evaluation clean;
  Evaluation adversarial;
  Evaluation stored;       ///< of the adversaries once they have been stored as 8-bit pictures
  Success success;         ///< of the images read rightly before: what was misread is nobody's
  Success stored_success;  ///< the same as 8-bit pictures
  /// With --quantise: of the images that the attack fooled, those that are fooled on 256 levels.
  std::optional<Success> quantised;
  double forward_calls = 0;  ///< means over the images
  double gradient_calls = 0;
  Distances distances;
  double seconds = 0;
};

/// The images of a task that count: without those whose class is the target already.
std::vector<int> counted_images(const AttackTask& task);

/// Measures the result of a method with these options, of which at least one image must count;
/// `seconds` is what it took, and `target` what --target said.
AttackOutcome measure_attack(const AttackMethod& method, const AttackTask& task,
                             const AttackOptions& options, const AttackResult& result,
                             bool labelled, double seconds, const std::string& target);

/// Says that the task's adversaries were brought to 256 levels (attack/quantise.h), with what
/// succeeded before and after.
void add_quantised(AttackOutcome& outcome, const AttackTask& task,
                   const std::vector<std::uint8_t>& before, const std::vector<std::uint8_t>& after);

void print_text(const AttackOutcome& outcome);
void print_json(const AttackOutcome& outcome);

/// The likeliest classes of each image before and after, side by side, as "GANs in Action", Tables
/// 10.1 and 10.2, have them.
void print_before_and_after(const AttackTask& task, const AttackResult& result);

}  // namespace inoculate
