// What was found of one model, image by image: all that a judgement tells of it follows from this,
// whether the images were judged at once or in parts.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "certify/judgement.h"
#include "evaluate/alarms.h"
#include "evaluate/data_check.h"
#include "native/robustness_run.h"

namespace inoculate {

/// What is found of some of a run's images.
struct Findings {
  ModelSpec spec;
  Outcomes outcomes;
  std::vector<int> withstood;  ///< [N] of RobustnessRun::epsilons; empty where there are none
  Certificates certificates;   ///< empty where the run certifies nothing
  /// Of each attack an entry for each class, in the order of their numbers: its first image that
  /// counts. No more than a sheet shows.
  std::vector<std::vector<SheetEntry>> sheets;
};

/// What is found of the model beside, on images all over the run.
struct Signs {
  std::optional<Looks> looks;
  std::optional<BetterReading> better;  ///< as find_better_reading() has it
};

/// Told what is at work and how far it is; false cancels.
using OnFinding = std::function<bool(const std::string& work, std::int64_t done, std::int64_t of)>;

/// Judges images, of which the first is number `first` of the run. `bounded` is the model's graph
/// where the run certifies, else null. Throws Interrupted when `on_progress` cancels.
Findings find_outcomes(const Classifier& model, const LabelledImages& images, int first,
                       const RobustnessRun& run, const BoundGraph* bounded,
                       const OnFinding& on_progress);

/// Adds what was found of the images that come next.
void append(Findings& findings, const Findings& next);

/// What the run tells of a model, called `name`, whose images are all in `findings`. `better` is
/// asked for Signs::better only where images are read poorly.
JudgedModel judged_of(const std::string& name, const Findings& findings, const RobustnessRun& run,
                      const std::optional<Looks>& looks,
                      const std::function<std::optional<BetterReading>()>& better);

/// Judges all of the run's images, with progress on stderr. Throws Interrupted on Ctrl-C.
JudgedModel judge_model(const Classifier& model, const std::string& name,
                        const LabelledImages& test, const RobustnessRun& run,
                        const BoundGraph* bounded);

}  // namespace inoculate
