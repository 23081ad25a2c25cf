// The options of `inoculate attack NAME`: those of all methods, and those that one heeds.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "attack/method.h"
#include "native/commands.h"
#include "native/image_options.h"
#include "native/image_outputs.h"
#include "native/method_options.h"
#include "native/preprocess_options.h"
#include "native/purify_options.h"
#include "native/threat_options.h"

namespace inoculate {

/// What `inoculate attack NAME` is told.
struct AttackChoice {
  std::string model;
  PreprocessOptions preprocess;
  ImageOptions images;
  PurifyChoice purify;
  ThreatOptions threat;
  std::string target;
  std::vector<std::string> labels;  ///< of pictures
  std::optional<float> confidence;
  AttackOptions attack;
  std::string source;
  std::string generator;
  bool quantise = false;
  ImageOutputs outputs;
  std::string sheet;
  std::string per_image;
  PatchFlags patch;
  ExpectationFlags expectation;
};

/// Adds them to the sub-command of a method; `choice` must outlive it.
void add_attack_options(Command command, const AttackMethod& method, AttackChoice& choice);

}  // namespace inoculate
