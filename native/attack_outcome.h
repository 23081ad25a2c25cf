// What an attack did to a model, as the command tells it.
#pragma once

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
  double mean_l0 = 0;  ///< pixels changed
};

struct AttackOutcome {
  std::string attack;    ///< the method's name
  std::string settings;  ///< and all of it in words
  Criterion criterion;
  Evaluation clean;
  Evaluation adversarial;
  Evaluation stored;  ///< of the adversaries once they have been stored as 8-bit pictures
  int successes = 0;
  int stored_successes = 0;
  double forward_calls = 0;  ///< means over the images
  double gradient_calls = 0;
  Distances distances;
  double seconds = 0;
};

/// Measures the result of a method with these options; `seconds` is what it took.
AttackOutcome measure_attack(const AttackMethod& method, const AttackTask& task,
                             const AttackOptions& options, const AttackResult& result,
                             double seconds);

void print_text(const AttackOutcome& outcome);
void print_json(const AttackOutcome& outcome);

/// The likeliest classes of each image before and after, side by side, as "GANs in Action", Tables
/// 10.1 and 10.2, have them.
void print_before_and_after(const AttackTask& task, const AttackResult& result);

}  // namespace inoculate
