// Findings of some images as JSON, and back.
#pragma once

#include <nlohmann/json.hpp>

#include "native/findings.h"

namespace inoculate {

/// Exact: all numbers are written so that the same are read back. Throws Error where one is not
/// finite, which JSON cannot say; what() goes on from a subject that the caller gives.
nlohmann::json json_of_findings(const Findings& findings, const RobustnessRun& run);

/// Findings of `size` images of a model of the run. Throws Error, as above, for whatever
/// json_of_findings() does not make.
Findings findings_of_json(const nlohmann::json& json, const ModelSpec& spec, int size,
                          const RobustnessRun& run);

nlohmann::json json_of_signs(const Signs& signs);
Signs signs_of_json(const nlohmann::json& json);

}  // namespace inoculate
