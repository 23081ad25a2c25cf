#include "attack/tree_path.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "attack/perturbation.h"
#include "base/error.h"
#include "model/tree.h"

namespace inoculate {
namespace {

constexpr float kFar = std::numeric_limits<float>::infinity();

// What a pixel must be for a leaf: from low to high, both included.
struct Bound {
  int feature;
  float low, high;
};

// The images of a leaf.
struct Box {
  int leaf;
  std::vector<Bound> bounds;  // one a feature
};

float largest_up_to(double threshold) {
  const auto near = static_cast<float>(threshold);
  return static_cast<double>(near) <= threshold ? near : std::nextafter(near, -kFar);
}

// Bounds a feature further. Returns whether anything is left of it.
bool narrow(Box& box, const Bound& by) {
  const auto same = [&](const Bound& bound) { return bound.feature == by.feature; };
  auto found = std::find_if(box.bounds.begin(), box.bounds.end(), same);
  if (found == box.bounds.end()) {
    box.bounds.push_back(by);
    found = box.bounds.end() - 1;
  }
  found->low = std::max(found->low, by.low);
  found->high = std::min(found->high, by.high);
  return found->low <= found->high;
}

// All leaves that an image within the range can come to.
std::vector<Box> boxes_of(const std::vector<TreeNode>& nodes, const ValueRange& range) {
  std::vector<Box> boxes;
  std::vector<std::pair<int, Box>> ahead{{0, {}}};
  while (!ahead.empty()) {
    auto [number, box] = std::move(ahead.back());
    ahead.pop_back();
    const TreeNode& node = nodes[static_cast<std::size_t>(number)];
    if (node.leaf >= 0) {
      box.leaf = node.leaf;
      boxes.push_back(std::move(box));
      continue;
    }
    const float left = largest_up_to(node.threshold);
    Box right = box;
    if (narrow(right,
               {node.feature, std::max(range.low, std::nextafter(left, kFar)), range.high})) {
      ahead.emplace_back(node.right, std::move(right));
    }
    if (narrow(box, {node.feature, range.low, std::min(range.high, left)})) {
      ahead.emplace_back(node.left, std::move(box));
    }
  }
  return boxes;
}

// How far an image is from a box; in L2 squared. No further than `enough` is looked.
double distance_from(const Box& box, const float* image, Norm norm, double enough) {
  double distance = 0;
  for (const Bound& bound : box.bounds) {
    const float pixel = image[bound.feature];
    const double change = static_cast<double>(std::clamp(pixel, bound.low, bound.high)) - pixel;
    if (change == 0) continue;
    if (norm == Norm::kLinf) {
      distance = std::max(distance, std::abs(change));
    } else {
      distance += norm == Norm::kL2 ? change * change : 1;
    }
    if (distance >= enough) break;
  }
  return distance;
}

}  // namespace

AttackResult tree_path(const AttackTask& task) {
  const auto* tree = dynamic_cast<const TreeClassifier*>(&task.model);
  if (tree == nullptr) throw Error(task.model.spec().name + ": its nodes cannot be followed");
  const std::vector<Box> boxes =
      boxes_of(tree->nodes(), task.threat.range.value_or(ValueRange{-kFar, kFar}));
  Matrix adversaries = task.images;
  for_each_row(task.size(), [&](int i) {
    const float* image = task.images.row(i).data();
    const Box* nearest = nullptr;
    double best = std::numeric_limits<double>::infinity();
    for (const Box& box : boxes) {
      if (!meets(task.criterion, tree->leaf_logits().row(box.leaf).data(), task.classes(),
                 task.labels[static_cast<std::size_t>(i)])) {
        continue;
      }
      const double distance = distance_from(box, image, task.threat.norm, best);
      if (distance >= best) continue;
      best = distance;
      nearest = &box;
    }
    if (nearest == nullptr) return;
    float* x = adversaries.row(i).data();
    for (const Bound& bound : nearest->bounds) {
      x[bound.feature] = std::clamp(x[bound.feature], bound.low, bound.high);
    }
    if (distance(x, image, task.input_size(), task.threat.norm) > task.threat.epsilon) {
      adversaries.row(i) = task.images.row(i);
    }
  });
  return judge_adversaries(task, std::move(adversaries),
                           std::vector<AttackCalls>(static_cast<std::size_t>(task.size())));
}

AttackMethod tree_path_method() {
  return {"tree-path",
          "to the nearest leaf of another class, exactly",
          "Papernot et al. 2016",
          {Norm::kLinf, Norm::kL2, Norm::kL0},
          Knowledge::kProbabilities,
          kWithinBits | kNearestBit,
          [](const AttackTask& task, const AttackOptions&, Rng&, const OnAttackProgress&) {
            return tree_path(task);
          },
          ModelKind::kTree};
}

}  // namespace inoculate
