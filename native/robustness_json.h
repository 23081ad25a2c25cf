// A judgement as one JSON object.
#pragma once

#include "native/commands.h"
#include "native/robustness_run.h"

namespace inoculate {

/// Settings, and for each model its scores, costs, alarms and, where there is one, its curve.
Json to_json(const RobustnessRun& run);

}  // namespace inoculate
