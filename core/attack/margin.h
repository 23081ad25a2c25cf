// How far an attacker's aim is from reached: what attacks minimise that aim for their criterion.
#pragma once

#include <cstdint>
#include <vector>

#include "attack/threat_model.h"
#include "base/shapes.h"

namespace inoculate {

/// The class that the attacker wants to be read: the target, else the likeliest class that is not
/// the label.
int goal_of(const Criterion& criterion, const float* logits, int classes, int label);

/// How far `goal` is from being read with a probability of at least `confidence`: the larger of the
/// largest other logit less the goal's, and of log(p / (1 - p)) at `confidence` less the goal's
/// log-odds, its logit less the log-sum-exp of the others. At or below 0 it is, but for rounding;
/// a confidence of 1 stands for a probability that single precision rounds to 1. Sets
/// d [classes], unless null, to the gradient with respect to the logits.
float gap_to(int goal, float confidence, const float* logits, int classes, float* d = nullptr);

/// The logit of the label less the largest other; with a target the largest other less the
/// target's; with a confidence gap_to() the goal. Below 0 logits [classes] meet the criterion. Sets
/// d [classes], unless null, to the gradient with respect to the logits.
float margin(const Criterion& criterion, const float* logits, int classes, int label,
             float* d = nullptr);

/// For each of logits [N, classes] the classes but the label, by falling logit.
std::vector<Labels> wrong_classes(const Matrix& logits, const Labels& labels);

}  // namespace inoculate
