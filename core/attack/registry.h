// All attacks by name, run from one set of options: what the command and the page list.
#pragma once

#include <span>
#include <string_view>

#include "attack/method.h"

namespace inoculate {

/// All of them, in the order in which they are listed.
std::span<const AttackMethod> attack_methods();

/// The method of that name, or null.
const AttackMethod* find_attack(std::string_view name);

/// The epsilon that a method has when none is given: infinite where it needs none.
float default_epsilon(const AttackMethod& method, Norm norm);

}  // namespace inoculate
