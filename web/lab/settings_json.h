// Settings as JSON, the one form for messages, links and scripts.
#pragma once

#include <vector>

#include "web/lab/inoculation.h"
#include "web/lab/message.h"

namespace inoculate::page {

/// A measurement of robust accuracy on held-out digits.
struct EvaluationSettings {
  float epsilon = 0.2F;  ///< of FGSM, L-inf, 0..0.5
  int count = 1000;      ///< held-out digits, 1..1,000
};

/// Robust accuracy over several epsilons, under PGD of a few steps.
struct SweepSettings {
  std::vector<float> epsilons;  ///< 0..0.5 each, growing, 1..100 of them
  int count = 200;              ///< held-out digits, 1..1,000
  int steps = 10;               ///< of PGD, 1..100
};

Json to_json(const InoculationSettings& settings);
Json to_json(const EvaluationSettings& settings);
Json to_json(const SweepSettings& settings);

/// What is missing keeps its default. Throws Error when a key is unknown, or a value is of the
/// wrong type or out of its range.
InoculationSettings inoculation_settings(const Json& json);
EvaluationSettings evaluation_settings(const Json& json);
SweepSettings sweep_settings(const Json& json);

}  // namespace inoculate::page
