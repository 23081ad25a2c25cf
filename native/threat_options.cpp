#include "native/threat_options.h"

#include <cmath>

#include "attack/quantise.h"
#include "base/numbers.h"
#include "native/commands.h"
#include "native/output.h"
#include "native/text.h"

namespace inoculate {

ThreatModel ThreatOptions::threat(const AttackMethod& method) const {
  ThreatModel threat;
  threat.norm = norm_of(norm);
  if (method.norms.size() == 1) threat.norm = method.norms[0];
  threat.epsilon = epsilon.value_or(default_epsilon(method, threat.norm));
  if (epsilon && threat.norm == Norm::kLinf) require_linf_size("--epsilon", *epsilon);
  if (no_clip) threat.range.reset();
  return threat;
}

void require_linf_size(const std::string& option, float size) {
  if (const auto mistake = linf_mistake(static_cast<double>(size))) {
    throw UsageError(option + ": " + *mistake);
  }
}

void require_levels(const ThreatModel& threat) {
  if (!threat.range) {
    throw UsageError("--quantise makes pictures, whose pixels lie in 0..1; leave out --no-clip");
  }
  if (threat.norm != Norm::kLinf || !std::isfinite(threat.epsilon)) return;
  const float whole = on_levels(threat, Knowledge::kNothing).epsilon;
  const std::string given = number(static_cast<double>(threat.epsilon));
  if (whole == 0) {
    throw UsageError("--quantise: an epsilon of " + given +
                     " is less than the 1/255 between two levels, so no pixel can change");
  }
  if (threat.epsilon - whole > 1e-6F) {
    tell_note("--quantise: of an epsilon of " + given + " pixels on levels can use " +
              fixed(static_cast<double>(255 * whole), 0) + "/255; what needs more is lost");
  }
}

std::string norm_name(Norm norm) {
  switch (norm) {
    case Norm::kLinf:
      return "linf";
    case Norm::kL2:
      return "l2";
    case Norm::kL1:
      return "l1";
    case Norm::kL0:
      return "l0";
  }
  return "";
}

Norm norm_of(const std::string& name) {
  for (const Norm norm : {Norm::kL2, Norm::kL1, Norm::kL0}) {
    if (norm_name(norm) == name) return norm;
  }
  return Norm::kLinf;
}

std::string norm_words(Norm norm) {
  return norm == Norm::kLinf ? "L-inf" : "L" + norm_name(norm).substr(1);
}

Loss ThreatOptions::attack_loss() const {
  return loss == "mse" ? Loss::kMeanSquaredError : Loss::kCrossEntropy;
}

void add_epsilon_option(Command command, ThreatOptions& options, const AttackMethod& method) {
  const bool values = method.norms == std::vector<Norm>{Norm::kL0};
  std::string text = values ? "How many values may change; in colour each pixel has three"
                            : "Size of the perturbation, in pixels of 0..1, such as 0.1 or 8/255";
  if (method.heeds(kGeneratorBit)) {
    text += "; if not given what the generator was trained for";
  }
  for (const Norm norm : method.heeds(kGeneratorBit) ? std::vector<Norm>{} : method.norms) {
    const float own = default_epsilon(method, norm);
    text += std::string(norm == method.norms.front() ? "; if not given " : ", ") +
            (std::isinf(own) ? "unbounded" : fixed(static_cast<double>(own), values ? 0 : 1)) +
            " in " + norm_name(norm);
  }
  command.add_option("--epsilon", options.epsilon, text).number_within(0, 1000);
}

void add_norm_option(Command command, std::string& norm, const std::vector<Norm>& norms) {
  std::vector<std::string> names;
  std::string list;
  for (const Norm one : norms) {
    if (!names.empty()) list += one == norms.back() ? " or " : ", ";
    names.push_back(norm_name(one));
    list += names.back();
  }
  norm = names.front();
  command.add_option("--norm", norm, "Norm of the perturbation: " + list)
      .one_of(names)
      .show_default();
}

void add_loss_option(Command command, ThreatOptions& options) {
  command.add_option("--loss", options.loss, "Loss to climb: crossentropy or mse (the tutorial's)")
      .one_of({"crossentropy", "mse"})
      .show_default();
}

void add_clip_option(Command command, ThreatOptions& options) {
  command.add_flag(
      "--no-clip", options.no_clip,
      "Let pixels leave 0..1, as the tutorial does; such adversaries are not valid images");
}

}  // namespace inoculate
