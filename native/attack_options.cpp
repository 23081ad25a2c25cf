#include "native/attack_options.h"

#include "native/classifier.h"

namespace inoculate {
namespace {

// The options of the method alone: those that it heeds.
void add_method_options(Command command, const AttackMethod& method, AttackChoice& choice) {
  AttackOptions& settings = choice.attack;
  if (method.heeds(kEpsilonBit)) add_epsilon_option(command, choice.threat, method);
  if (method.norms.size() > 1) {
    add_norm_option(command, choice.threat.norm, method.norms);
  }
  if (method.heeds(kLossBit)) add_loss_option(command, choice.threat);
  add_clip_option(command, choice.threat);
  const auto add_number = [&](AttackOptionBits bit, const char* name, std::optional<int>& value,
                              const char* text, int least) {
    if (method.heeds(bit)) command.add_option(name, value, text).within(least, 1000000);
  };
  add_number(kStepsBit, "--steps", settings.steps, "Steps along the gradient", 1);
  if (method.heeds(kStepSizeBit)) {
    command.add_option("--step-size", settings.step_size, "Size of a step, in pixels of 0..1")
        .number_within(1e-9, 1000);
  }
  add_number(kQueriesBit, "--queries", settings.queries, "Queries for each image, at most", 2);
  add_number(kRestartsBit, "--restarts", settings.restarts,
             "Random starts; the first that succeeds counts", 1);
  if (method.heeds(kRandomStartBit)) {
    command.add_flag("!--no-random-start", settings.random_start, "Start at the image")
        .excludes(command.get_option("--restarts"));
  }
  add_number(kPixelsBit, "--pixels", settings.pixels,
             "Pixels that may change, each with all its channels", 1);
  if (method.heeds(kPatchBit)) add_patch_options(command, settings, choice.patch);
  if (method.knowledge == Knowledge::kGradients || method.heeds(kSourceBit)) {
    add_expectation_options(command, choice.expectation);
  }
  if (method.heeds(kTargetBit)) {
    command.add_option("--target", choice.target,
                       std::string("Make the model read this class instead, of which images are "
                                   "left out") +
                           (method.heeds(kOneForAllBit) ? ""
                                                        : "; or random, or least-likely: a class "
                                                          "for each image"));
  }
  const bool aims = method.heeds(kConfidenceBit);
  if (aims || method.heeds(kConfidenceFilterBit)) {
    command
        .add_option("--confidence", choice.confidence,
                    aims ? "Aim for, and count only, what is read wrong with this probability"
                         : "Count only what is read wrong with this probability or more; this "
                           "attack cannot aim for it")
        .number_within(0, 1);
  }
  if (method.heeds(kSourceBit)) {
    command
        .add_option("--source", choice.source,
                    "The model that the adversaries are made against, of the same kinds")
        .required();
  }
  if (method.heeds(kGeneratorBit)) {
    command
        .add_option("--generator", choice.generator,
                    "What makes the perturbations (train-generator --kind advgan)")
        .required();
  }
}

}  // namespace

void add_attack_options(Command command, const AttackMethod& method, AttackChoice& choice) {
  command.add_option("--model", choice.model, kModelFiles).required();
  choice.images.count.usual = 1000;
  add_image_options(command, choice.images);
  add_picture_options(command, choice.images);
  add_noise_option(command, choice.images);
  add_preprocess_options(command, choice.preprocess);
  add_purify_options(command, choice.purify);
  command
      .add_option("--label", choice.labels,
                  "The true class of the pictures, or of each, with commas; without it success is "
                  "a change of what the model reads")
      .allow_extra_args(false)
      .needs(command.get_option("pictures"));
  add_method_options(command, method, choice);
  if (!method.heeds(kPatchBit)) {  // its values are levels, and no others may change
    command.add_flag("--quantise", choice.quantise,
                     "Make adversaries that hold as pictures, every pixel one of 256 levels");
  }
  add_image_outputs(command, choice.outputs);
  command.add_option("--sheet", choice.sheet, "Draw some of them to this PNG");
  command.add_option("--per-image", choice.per_image,
                     "Write what came of each image to this CSV file");
}

}  // namespace inoculate
