// What a judgement was asked for, as the file of a part of it keeps it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "model/classifier.h"
#include "native/mnist.h"
#include "native/robustness_run.h"

namespace inoculate {

/// A run in two objects. `same` is all that the figures depend on, so equal in all parts of a run:
/// options, the version, and fingerprints of models and images instead of their paths, which may
/// differ from machine to machine. `told` is what a report says besides: the paths.
struct RunJson {
  nlohmann::json same;
  nlohmann::json told;
};

/// Of a run on all of its `images`, of which each part judges some. Reads the files of the models,
/// whose paths the specs have for names, once more. Throws Error where one cannot be read.
RunJson json_of_run(const RobustnessRun& run, const std::vector<ModelSpec>& models,
                    const LabelledImages& images, int shards);

/// The run again, without its models. Throws Error for whatever json_of_run() does not make; what()
/// goes on from a subject that the caller gives: "has no norm".
RobustnessRun run_of_json(const RunJson& json);

/// What the run's models tell of themselves. Throws as run_of_json().
std::vector<ModelSpec> specs_of_json(const RunJson& json);

/// The number of the run's parts, 1 or more, and no more than it has images. Throws as
/// run_of_json().
int shards_of_json(const RunJson& json);

/// In which way the first run is another than the second: "its epsilon is 0.2, not 0.1"; empty
/// where they are one run.
std::string difference(const nlohmann::json& same, const nlohmann::json& other);

}  // namespace inoculate
