#include "native/chapter10/attacks.h"

#include "attack/registry.h"
#include "attack/run.h"
#include "native/interrupt.h"

namespace inoculate {

AttackResult run_section_attack(const std::string& name, const AttackTask& task,
                                const AttackOptions& options, const ChapterScene& scene) {
  const AttackMethod& method = *find_attack(name);
  require_possible(method, task.model.spec(), options);
  scene.progress.begin(method.name);
  Rng rng(scene.seed);
  AttackResult result = run_attack(method, task, options, rng, [&](const AttackProgress& p) {
    scene.progress.step(p.done, p.total);
    return !InterruptGuard::interrupted();
  });
  if (result.cancelled) throw Interrupted("interrupted");
  scene.progress.done(std::to_string(result.successes()) + " of " + std::to_string(task.size()));
  return result;
}

}  // namespace inoculate
