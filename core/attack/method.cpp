#include "attack/method.h"

namespace inoculate {

float relative_step(const AttackOptions& options, const AttackTask& task, float usual) {
  if (!options.step_size) return usual;
  return task.threat.epsilon > 0 ? *options.step_size / task.threat.epsilon : 0;
}

}  // namespace inoculate
