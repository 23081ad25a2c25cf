#include "native/threat_options.h"

#include "native/commands.h"

namespace inoculate {

ThreatModel ThreatOptions::threat() const {
  ThreatModel threat;
  threat.norm = norm == "linf" ? Norm::kLinf : Norm::kL2;
  threat.epsilon = epsilon;
  if (no_clip) threat.range.reset();
  return threat;
}

Loss ThreatOptions::attack_loss() const {
  return loss == "mse" ? Loss::kMeanSquaredError : Loss::kCrossEntropy;
}

void add_epsilon_option(CLI::App& command, ThreatOptions& options) {
  command.add_option("--epsilon", options.epsilon, "Size of the perturbation, in pixels of 0..1")
      ->check(number_within(0, 1000))
      ->capture_default_str();
}

void add_norm_option(CLI::App& command, ThreatOptions& options) {
  command.add_option("--norm", options.norm, "Norm of the perturbation: linf or l2")
      ->check(CLI::IsMember({"linf", "l2"}))
      ->capture_default_str();
}

void add_loss_option(CLI::App& command, ThreatOptions& options) {
  command.add_option("--loss", options.loss, "Loss to climb: crossentropy or mse (the tutorial's)")
      ->check(CLI::IsMember({"crossentropy", "mse"}))
      ->capture_default_str();
}

void add_clip_option(CLI::App& command, ThreatOptions& options) {
  command.add_flag("--no-clip", options.no_clip,
                   "Let pixels leave 0..1, as the tutorial does; such adversaries are no images");
}

}  // namespace inoculate
