// The options that say what an attacker may do, under the same names in every sub-command.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "attack/threat_model.h"
#include "nn/loss.h"

namespace inoculate {

struct ThreatOptions {
  float epsilon = 0.1F;
  std::string norm = "linf";
  std::string loss = "crossentropy";
  bool no_clip = false;

  ThreatModel threat() const;
  Loss attack_loss() const;
};

void add_epsilon_option(CLI::App& command, ThreatOptions& options);
void add_norm_option(CLI::App& command, ThreatOptions& options);
void add_loss_option(CLI::App& command, ThreatOptions& options);
void add_clip_option(CLI::App& command, ThreatOptions& options);

}  // namespace inoculate
