#include "attack/fitting.h"

#include "attack/registry.h"

namespace inoculate {

const AttackMethod& fitting_attack(const ModelSpec& model) {
  const auto name = [&] {
    switch (model.kind) {
      case ModelKind::kLinearSvm:
        return "hyperplane";
      case ModelKind::kTree:
        return "tree-path";
      case ModelKind::kNeighbours:
        return "soft-neighbours";
      case ModelKind::kEnsemble:
        return "by-parts";
      case ModelKind::kOther:
        break;
    }
    switch (model.gives) {
      case Knowledge::kGradients:
        return "fgsm";
      case Knowledge::kProbabilities:
        return "square";
      case Knowledge::kTopProbability:
        return "nes-top";
      case Knowledge::kLabels:
      case Knowledge::kNothing:
        break;
    }
    return "nes-label";
  };
  return *find_attack(name());
}

}  // namespace inoculate
