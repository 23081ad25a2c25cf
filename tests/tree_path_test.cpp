// The nearest image that a tree reads as wanted is held against a look at all images that could be
// it: no pixel of the nearest one lies elsewhere than in the image or at a threshold.
#include "attack/tree_path.h"

#include <cmath>
#include <limits>

#include "attack/perturbation.h"
#include "attack/run.h"
#include "catch.h"
#include "golden_files.h"
#include "model/model_json.h"
#include "random_data.h"
#include "refusal_of.h"

using namespace inoculate;

namespace {

constexpr int kPixels = 3, kClasses = 3;

// A full tree of depth 4 that asks for pixels at random.
Tree random_tree(RandomData& random) {
  Tree tree{{1, kPixels, 1}, kClasses, {}, {}};
  constexpr int kInner = 15, kLeaves = 16;
  for (int i = 0; i < kInner; ++i) {
    tree.nodes.push_back({random.below(kPixels), random.number(0, 1), 2 * i + 1, 2 * i + 2, -1});
  }
  for (int leaf = 0; leaf < kLeaves; ++leaf) {
    tree.nodes.push_back({0, 0, 0, 0, leaf});
    for (int k = 0; k < kClasses; ++k) tree.counts.push_back(1 + random.below(20));
  }
  return tree;
}

// What a pixel of the nearest image may be: as it is, or just left or right of a threshold.
std::vector<float> candidates(const Tree& tree, int feature, float pixel) {
  std::vector<float> all{pixel};
  for (const TreeNode& node : tree.nodes) {
    if (node.leaf >= 0 || node.feature != feature) continue;
    const auto threshold = static_cast<float>(node.threshold);  // made of floats
    all.push_back(threshold);
    all.push_back(std::nextafter(threshold, 2.0F));
  }
  return all;
}

// The distance of the nearest image that meets the criterion, by a look at all of them.
float nearest(const AttackTask& task, const Tree& tree, int i) {
  const float* image = task.images.row(i).data();
  std::vector<float> each[kPixels];
  for (int p = 0; p < kPixels; ++p) each[p] = candidates(tree, p, image[p]);
  Matrix all(static_cast<Eigen::Index>(each[0].size() * each[1].size() * each[2].size()), kPixels);
  Eigen::Index row = 0;
  for (const float a : each[0]) {
    for (const float b : each[1]) {
      for (const float c : each[2]) all.row(row++) << a, b, c;
    }
  }
  const Matrix logits = task.model.logits(all);
  float least = std::numeric_limits<float>::infinity();
  for (row = 0; row < all.rows(); ++row) {
    if (!meets(task.criterion, logits.row(row).data(), kClasses,
               task.labels[static_cast<std::size_t>(i)])) {
      continue;
    }
    least = std::min(least, distance(all.row(row).data(), image, kPixels, task.threat.norm));
  }
  return least;
}

}  // namespace

TEST_CASE("tree_path: no image is nearer, in any norm, for any aim") {
  RandomData random(5);
  int unreachable = 0;
  for (int round = 0; round < 20; ++round) {
    const Tree tree = random_tree(random);
    const TreeClassifier model(tree, "a.json");
    const Matrix images = random.images(10, kPixels);
    const Labels labels = random.labels(10, kClasses);
    constexpr float kFar = std::numeric_limits<float>::infinity();
    for (const Norm norm : {Norm::kLinf, Norm::kL2, Norm::kL0}) {
      for (const Criterion& aim : {Criterion{}, Criterion{1, 0}, Criterion{{}, 0.6F}}) {
        const AttackTask task{model, images, labels, {norm, kFar, ValueRange{}}, aim};
        const AttackResult result = tree_path(task);
        for (int i = 0; i < task.size(); ++i) {
          const auto at = static_cast<std::size_t>(i);
          const float least = nearest(task, tree, i);
          unreachable += std::isinf(least);
          CHECK(result.success[at] == !std::isinf(least));
          if (result.success[at] == 1) CHECK(result.distances[at] == Approx(least));
        }
        CHECK(result.adversaries.minCoeff() >= 0);
        CHECK(result.adversaries.maxCoeff() <= 1);
      }
    }
  }
  CHECK(unreachable > 0);
}

TEST_CASE("tree_path: what is further than epsilon is left as it is") {
  RandomData random(6);
  const TreeClassifier model(random_tree(random), "a.json");
  const Matrix images = random.images(50, kPixels);
  const Labels labels = most_likely(model.logits(images));
  int left = 0;
  for (const Norm norm : {Norm::kLinf, Norm::kL2}) {
    const AttackTask task{model, images, labels, {norm, 0.1F, ValueRange{}}, {}};
    const AttackResult result = tree_path(task);
    for (int i = 0; i < task.size(); ++i) {
      const auto at = static_cast<std::size_t>(i);
      CHECK(result.distances[at] <= 0.1F);
      if (result.success[at] == 1) continue;
      CHECK(result.distances[at] == 0);
      ++left;
    }
    CHECK(result.successes() > 10);
  }
  CHECK(left > 0);
}

TEST_CASE("tree_path: what is no tree is refused in one line") {
  const auto svm = read_model_json(golden_file("sklearn/svm.json"), "svm.json");
  const AttackMethod method = tree_path_method();
  CHECK(refusal_of([&] { require_possible(method, svm->spec(), {}); }) ==
        "svm.json: is not a decision tree, which tree-path needs");
}
