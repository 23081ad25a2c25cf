// A judgement of several models, as the command asks for it and tells it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "certify/certificate.h"
#include "evaluate/alarms.h"
#include "evaluate/robustness.h"
#include "native/mnist.h"
#include "native/preprocess_options.h"
#include "native/purify_options.h"
#include "pictures/sheet.h"

namespace inoculate {

/// What is proven of a model, at the run's epsilon and along its curve.
struct Proven {
  int certified = 0;          ///< images
  std::vector<double> curve;  ///< shares at RobustnessRun::epsilons; may be empty
};

/// One model with all that was found of it.
struct JudgedModel {
  std::string name;  ///< its file's, without ending, with as much of its path as tells it apart
  ModelSpec spec;    ///< whose name is its path, as the user gave it
  Verdict verdict;
  std::vector<Alarm> alarms;
  std::vector<double> curve;                    ///< at RobustnessRun::epsilons; may be empty
  std::vector<std::vector<SheetEntry>> sheets;  ///< of each attack, the verdict's examples
  std::optional<Proven> proven{};               ///< where RobustnessRun::certificate says how
};

/// What was asked, and what was found.
struct RobustnessRun {
  std::string suite_name;  ///< "standard", "autoattack", "quick", or names of attacks
  std::vector<JudgedAttack> suite;
  JudgeOptions judging;
  std::filesystem::path data;  ///< where the images came from: a folder of MNIST's files, or
  std::string images;          ///< what --images said, with
  std::string labels;          ///< what --labels did
  PreprocessOptions preprocess{};
  PurifyChoice purify{};
  int n = 0;      ///< how many of the first images
  int count = 0;  ///< what --count said; 0: all
  std::vector<float> epsilons{};
  const CertificateMethod* certificate = nullptr;  ///< --certify; null: none
  std::vector<JudgedModel> models{};
};

/// "test images", or "images" where they are the user's own.
std::string image_words(const RobustnessRun& run);

/// The epsilons of the curve: to 0.5 in L-inf as the book has it, to 5 in L2, to 40 in L1.
std::vector<float> curve_epsilons(Norm norm);

/// A name for each of the files at `paths`: without folder and ending where that tells them apart,
/// else with as many folders as are needed ("a/model", "b/model"); the same path given again is
/// numbered.
std::vector<std::string> distinct_names(const std::vector<std::string>& paths);

/// Whether figures "as 8-bit pictures" are better than without a cascade, as kStoredInCascade says.
bool flatters_when_stored(const RobustnessRun& run);
inline constexpr const char* kStoredInCascade =
    "In a cascade an attack makes no adversary of an image that fell before: as 8-bit pictures "
    "more seems to withstand than without --cascade, or with --quantise.";

/// Whether a model of the run can show the sign.
bool can_ring(const AlarmKind& kind, const RobustnessRun& run);

/// What this judgement does not look at, a sentence each: attacks of the suite that do not know its
/// norm, classes that a suite would try and a model does not have, and alarms that the attacks it
/// has cannot make ring.
std::vector<std::string> judgement_gaps(const RobustnessRun& run);

/// "certified (crown)": what the run's proven figures are called.
std::string certified_words(const RobustnessRun& run);

}  // namespace inoculate
