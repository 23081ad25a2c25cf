// The attack's settings and outcome as JSON: for scripts and links.
#pragma once

#include "web/app/live_attack.h"
#include "web/lab/message.h"

namespace inoculate::page {

/// The names of the attacks that are quick enough to follow the pen.
bool is_live_attack(const std::string& method);

/// Without the hand-drawn line.
Json to_json(const AttackSettings& settings);

/// What is missing keeps its default. Throws Error when a key is unknown or a value out of range.
AttackSettings attack_settings(const Json& json);

/// {digit, confidence, probabilities: [10]}.
Json to_json(const Reading& reading);
Json to_json(const AttackOutcome& outcome);

}  // namespace inoculate::page
