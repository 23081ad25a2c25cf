#include "train/recipe.h"

#include <algorithm>
#include <array>

#include "attack/gradients.h"
#include "attack/perturbation.h"

namespace inoculate {
namespace {

struct NamedMethod {
  TrainingMethod method;
  const char* name;
};

constexpr std::array kMethods{NamedMethod{TrainingMethod::kPlain, "plain"},
                              NamedMethod{TrainingMethod::kMixedBatch, "mixed-batch"}};

void mix(Matrix& images, float epsilon, const Network& network, const Labels& labels, Rng& rng) {
  const int clean = static_cast<int>(images.rows() + 1) / 2;
  const int attacked = static_cast<int>(images.rows()) - clean;
  const Labels aims(labels.begin() + clean, labels.end());
  Matrix gradients;
  objective_gradients(gradients, nullptr, network, images.bottomRows(attacked),
                      loss_objective(Loss::kCrossEntropy, aims, network.classes()));
  for (int i = 0; i < attacked; ++i) {
    float* image = images.row(clean + i).data();
    const int size = network.input_size();
    step_along(image, image, gradients.row(i).data(), size, Norm::kLinf,
               epsilon * static_cast<float>(rng.uniform()));
    clip(image, size, ValueRange{});
  }
}

}  // namespace

const char* method_name(TrainingMethod method) {
  const auto found = std::find_if(kMethods.begin(), kMethods.end(),
                                  [&](const NamedMethod& m) { return m.method == method; });
  return found->name;
}

std::optional<TrainingMethod> find_training_method(std::string_view name) {
  for (const NamedMethod& m : kMethods) {
    if (name == m.name) return m.method;
  }
  return std::nullopt;
}

void apply_recipe(Matrix& images, const RecipeOptions& options, const Network& network,
                  const Labels& labels, Rng& rng) {
  if (options.method == TrainingMethod::kMixedBatch) {
    mix(images, options.epsilon, network, labels, rng);
  }
}

}  // namespace inoculate
