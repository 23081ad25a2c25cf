#include "attack/run.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>

#include "attack/registry.h"
#include "base/error.h"
#include "model/graph_function.h"

namespace inoculate {
namespace {

std::string possible_on(const ModelSpec& model) {
  std::string names;
  for (const AttackMethod& method : attack_methods()) {
    if (method.knowledge > model.gives || (method.inside && method.inside != model.kind)) continue;
    names += (names.empty() ? "" : ", ") + std::string(method.name);
  }
  return names;
}

// Numbers begin .. begin + n - 1.
std::vector<int> rows_from(int begin, int n) {
  std::vector<int> rows(static_cast<std::size_t>(n));
  std::iota(rows.begin(), rows.end(), begin);
  return rows;
}

}  // namespace

void require_possible(const AttackMethod& method, const ModelSpec& model,
                      const AttackOptions& options) {
  if (method.knowledge > model.gives) {
    throw Error(model.name + ": gives no more than " + knowledge_name(model.gives) + ", and " +
                method.name + " needs " + knowledge_name(method.knowledge) + "; possible are " +
                possible_on(model));
  }
  if (method.inside && method.inside != model.kind) {
    throw Error(model.name + ": is not " + kind_name(*method.inside) + ", which " + method.name +
                " needs" +
                (method.inside == ModelKind::kPurified ? "; give a generator with --purify" : ""));
  }
  if (method.heeds(kFourClassesBit) && model.classes < 4) {
    throw Error(model.name + ": has only " + std::to_string(model.classes) + " classes, and " +
                method.name + " compares four logits; name other attacks");
  }
  if (method.heeds(kGeneratorBit) && options.generator != nullptr &&
      options.generator->outputs() != model.input.size()) {
    throw Error(model.name + ": has images of " + std::to_string(model.input.size()) +
                " numbers, and the generator makes perturbations of " +
                std::to_string(options.generator->outputs()) + "; train one on such images");
  }
  if (!method.heeds(kSourceBit) || options.source == nullptr) return;
  const ModelSpec& source = options.source->spec();
  if (source.gives != Knowledge::kGradients) {
    throw Error(source.name + ": gives no gradients, which " + method.name +
                " needs of its source");
  }
  if (source.input != model.input || source.classes != model.classes) {
    const auto what = [](const ModelSpec& spec) {
      return std::to_string(spec.input.h) + "x" + std::to_string(spec.input.w) + "x" +
             std::to_string(spec.input.c) + " and " + std::to_string(spec.classes) + " classes";
    };
    throw Error(source.name + ": has images of " + what(source) + ", the model " + model.name +
                " those of " + what(model) + "; the source must be like the model");
  }
}

AttackResult run_attack(const AttackMethod& method, const AttackTask& task,
                        const AttackOptions& options, Rng& rng,
                        const OnAttackProgress& on_progress) {
  if (!task.targets.empty() && method.heeds(kOneForAllBit)) {
    throw Error(std::string(method.name) +
                " makes one perturbation for all images, which cannot have a target each");
  }
  const int at_once = images_in_slice(task.model.spec());
  if (task.size() <= at_once || method.heeds(kTogetherBit)) {
    return method.run(task, options, rng, on_progress);
  }
  AttackResult whole;
  whole.adversaries.resize(task.size(), task.input_size());
  const int slices = (task.size() + at_once - 1) / at_once;
  const Rng start = rng;
  int fooled = 0;
  for (int number = 0; number < slices; ++number) {
    const int begin = number * at_once;
    const TaskPart slice(task, rows_from(begin, std::min(at_once, task.size() - begin)));
    AttackResult part;
    if (whole.cancelled) {
      part = judge_adversaries(slice.task, slice.task.images,
                               std::vector<AttackCalls>(slice.labels.size()));
    } else {
      Rng own = start;  // what is drawn for an image follows from its number
      part = method.run(slice.task, options, own, [&](const AttackProgress& p) {
        return !on_progress || on_progress({number * p.total + p.done, slices * p.total,
                                            fooled + p.fooled, task.size()});
      });
      rng = own;
      whole.cancelled = part.cancelled;
    }
    whole.without_start += part.without_start;
    fooled += part.successes();
    whole.adversaries.middleRows(begin, part.adversaries.rows()) = part.adversaries;
    whole.success.insert(whole.success.end(), part.success.begin(), part.success.end());
    whole.distances.insert(whole.distances.end(), part.distances.begin(), part.distances.end());
    whole.calls.insert(whole.calls.end(), part.calls.begin(), part.calls.end());
  }
  return whole;
}

}  // namespace inoculate
