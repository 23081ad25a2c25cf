#include "attack/registry.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "attack/apgd.h"
#include "attack/by_parts.h"
#include "attack/carlini_wagner.h"
#include "attack/deepfool.h"
#include "attack/fgsm.h"
#include "attack/hyperplane.h"
#include "attack/jsma.h"
#include "attack/line.h"
#include "attack/nes.h"
#include "attack/noise.h"
#include "attack/pgd.h"
#include "attack/soft_neighbours.h"
#include "attack/spatial.h"
#include "attack/square.h"
#include "attack/transfer.h"
#include "attack/tree_path.h"
#include "attack/universal.h"

namespace inoculate {
namespace {

const std::vector<AttackMethod>& methods() {
  static const std::vector<AttackMethod> all{
      fgsm_method(),
      random_start_fgsm_method(),
      bim_method(),
      momentum_method(),
      pgd_method(),
      smooth_pgd_method(),
      apgd_cross_entropy_method(),
      apgd_targeted_method(),
      deepfool_method(),
      carlini_wagner_method(),
      jsma_pairs_method(),
      jsma_single_method(),
      universal_method(),
      transfer_method(),
      square_method(),
      nes_method(),
      nes_top_class_method(),
      nes_label_method(),
      uniform_noise_method(),
      gaussian_noise_method(),
      spatial_method(),
      line_method(),
      tree_path_method(),
      hyperplane_method(),
      soft_neighbours_method(),
      by_parts_method(),
  };
  return all;
}

}  // namespace

std::span<const AttackMethod> attack_methods() { return methods(); }

const AttackMethod* find_attack(std::string_view name) {
  const auto& all = methods();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const AttackMethod& m) { return name == m.name; });
  return found == all.end() ? nullptr : &*found;
}

float default_epsilon(const AttackMethod& method, Norm norm) {
  if (!method.heeds(kEpsilonBit) || method.heeds(kNearestBit)) {
    return std::numeric_limits<float>::infinity();
  }
  switch (norm) {
    case Norm::kLinf:
      return 0.1F;
    case Norm::kL2:
      return 1.5F;
    case Norm::kL0:
      return 113;
  }
  return 0;
}

}  // namespace inoculate
