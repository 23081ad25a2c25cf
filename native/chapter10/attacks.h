// Attacks as sections run them.
#pragma once

#include <string>

#include "attack/attack.h"
#include "attack/method.h"
#include "native/chapter10/chapter.h"

namespace inoculate {

/// Runs the method called `name`, as `inoculate attack` does, and tells its progress. Throws
/// Interrupted on Ctrl-C.
AttackResult run_section_attack(const std::string& name, const AttackTask& task,
                                const AttackOptions& options, const ChapterScene& scene);

}  // namespace inoculate
