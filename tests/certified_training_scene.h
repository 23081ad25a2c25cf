// A small network to train with bounds, and its gradients by an objective and by differences.
#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "catch.h"
#include "model/network_graph_trainable.h"
#include "networks.h"
#include "nn/graph/graph_network.h"
#include "train/certified_training.h"

namespace inoculate {

constexpr int kImages = 12;

// SimpleCNN's order of layers in few numbers, with one channel as all of ours.
inline Architecture small_digits() {
  return {"small",
          {7, 6, 1},
          {ConvSpec{"a", 4, 3, 2}, ReluSpec{}, BatchNormSpec{"b"}, ConvSpec{"c", 3, 2, 1},
           BatchNormSpec{"d"}, ReluSpec{}, DenseSpec{"e", 8}, ReluSpec{}, BatchNormSpec{"f"},
           DropoutSpec{0.5F}, DenseSpec{"g", 5}}};
}

struct TrainingScene {
  Matrix images = RandomData(1).images(kImages, 42);
  Labels labels = RandomData(2).labels(kImages, 5);
  std::unique_ptr<Trainable> network = graph_trainable(random_network(small_digits()));
};

inline RecipeOptions recipe_of(TrainingMethod method, float kappa) {
  RecipeOptions recipe;
  recipe.method = method;
  recipe.epsilon = 0.05F;
  recipe.kappa = kappa;
  recipe.clip_norm = 1e6F;
  return recipe;
}

struct LossGradient {
  std::vector<float> losses, d;
  double loss() const {
    double sum = 0;
    for (const float one : losses) sum += static_cast<double>(one);
    return sum / static_cast<double>(losses.size());
  }
};

inline LossGradient gradient_of(const TrainingScene& scene, const RecipeOptions& recipe,
                                double epochs_done = 0) {
  LossGradient g{std::vector<float>(kImages),
                 std::vector<float>(scene.network->parameters().size())};
  const std::unique_ptr<Trainable> network = scene.network->copy();
  Rng rng(1);
  certified_objective(recipe, *network)
      ->gradient(g.d, g.losses.data(), *network, {scene.images, scene.labels, epochs_done}, rng);
  return g;
}

inline void check_differences(TrainingScene& scene, const RecipeOptions& recipe) {
  const LossGradient g = gradient_of(scene, recipe);
  double largest = 0, off = 0;
  for (const float d : g.d) largest = std::max(largest, std::abs(static_cast<double>(d)));
  REQUIRE(largest > 0);
  constexpr float kStep = 1e-4F;
  int bad = 0;
  for (std::size_t i = 0; i < g.d.size(); ++i) {
    float& parameter = scene.network->parameters()[i];
    const float kept = parameter;
    parameter = kept + kStep;
    const double up = gradient_of(scene, recipe).loss();
    parameter = kept - kStep;
    const double down = gradient_of(scene, recipe).loss();
    parameter = kept;
    const double expected = (up - down) / (2 * static_cast<double>(kStep));
    const double error = std::abs(expected - static_cast<double>(g.d[i])) / largest;
    // Single numbers lie at a kink of a rectifier or of a magnitude.
    bad += error > 0.01 ? 1 : 0;
    off += error;
  }
  INFO(off / static_cast<double>(g.d.size()));
  CHECK(bad <= static_cast<int>(g.d.size()) / 50);
  CHECK(off / static_cast<double>(g.d.size()) < 2e-3);
}

}  // namespace inoculate
