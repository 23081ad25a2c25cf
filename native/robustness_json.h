// A judgement as one JSON object.
#pragma once

#include "native/commands.h"
#include "native/robustness_run.h"

namespace inoculate {

/// Settings, what was not looked at ("gaps"), and for each model its scores, costs, alarms,
/// warnings and, where there is one, its curve. A model that reads no image rightly has "judged":
/// false, and null for its worst case.
Json to_json(const RobustnessRun& run);

}  // namespace inoculate
