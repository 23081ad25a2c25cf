// What is going on, in sentences: for the live region of the page, and for its panels.
#pragma once

#include <string>

#include "web/app/app.h"

namespace inoculate::page {

/// The reading and the attack, in a few sentences; what an empty pad is waiting for.
std::string describe_state(const App& app);

/// What a network reads and how surely: "3 (91.2 %)".
std::string describe_guess(const Reading& reading);

/// What the attack did: "Read as 3 (91.2 %) instead of 7: fooled, although no pixel changed by more
/// than 0.100."
std::string describe_attack(const AttackOutcome& outcome, const AttackSettings& settings);

/// How the attack compares with random noise of its size, which a large epsilon lets mislead, too.
std::string describe_noise(const AttackOutcome& outcome);

std::string describe_smallest(float epsilon);

/// What an inoculation is doing: "Epoch 2 of 5", or what it measures.
std::string describe_phase(const RunningInoculation& running);

/// What an inoculation bought.
std::string describe_round(const Round& round);

}  // namespace inoculate::page
