// The options that say what an attacker may do, under the same names in every sub-command.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "attack/registry.h"
#include "attack/threat_model.h"
#include "native/command_line.h"
#include "nn/loss.h"

namespace inoculate {

struct ThreatOptions {
  std::optional<float> epsilon;  ///< none: the method's own
  std::string norm = "linf";     ///< as norm_name() has it
  std::string loss = "crossentropy";
  bool no_clip = false;

  /// For a method; its norm is the method's where it has only one.
  ThreatModel threat(const AttackMethod& method) const;
  Loss attack_loss() const;
};

/// "linf", "l2", "l1" or "l0", as options and JSON have them.
std::string norm_name(Norm norm);
/// The norm of a name that norm_name() gives.
Norm norm_of(const std::string& name);
/// "L-inf", "L2", "L1" or "L0", as sentences have them.
std::string norm_words(Norm norm);

/// Throws UsageError, which says what was probably meant, unless `size` can be that of a
/// perturbation in L-inf, 0 to 1. `option` gave it.
void require_linf_size(const std::string& option, float size);

/// Throws UsageError unless adversaries of the threat can be pictures of 256 levels (--quantise).
/// Tells a note where they cannot use all of its epsilon.
void require_levels(const ThreatModel& threat);

/// The description tells the method's own epsilon.
void add_epsilon_option(Command command, ThreatOptions& options, const AttackMethod& method);
/// Takes any of `norms`, at least one; without the option it is the first.
void add_norm_option(Command command, std::string& norm, const std::vector<Norm>& norms);
void add_loss_option(Command command, ThreatOptions& options);
void add_clip_option(Command command, ThreatOptions& options);

}  // namespace inoculate
