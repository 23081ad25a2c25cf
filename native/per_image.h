// What came of each image, as a table that other tools read.
#pragma once

#include <string>
#include <vector>

#include "attack/attack.h"
#include "native/robustness_run.h"

namespace inoculate {

/// The columns of attack --per-image, which docs/attacks.md describes.
inline constexpr const char* kAttackColumns =
    "index,label,target,read_before,probability_before,read_after,probability_after,read_8bit,"
    "success,success_8bit,linf,l2,l1,l0,forward,gradient";
/// The columns of robustness --per-image.
inline constexpr const char* kRobustnessColumns =
    "model,index,label,read_right,robust,broken_by,broken_by_all";

/// CSV: a line for each of the task's images `rows`, which the outcome counts. Without `labelled`
/// images have no label, only what the model reads before.
std::string per_image_csv(const AttackTask& task, const AttackResult& result,
                          const std::vector<int>& rows, bool labelled);

/// CSV: a line for each model and image of the run; `numbers` [N] are the images' places.
std::string per_image_csv(const RobustnessRun& run, const Labels& labels,
                          const std::vector<int>& numbers);

}  // namespace inoculate
