// Training by CROWN-IBP: its gradients by central differences, how it gives way to intervals, and
// what it certifies.
#include "catch.h"
#include "certified_training_scene.h"
#include "certify/certificate.h"
#include "compare.h"
#include "nn/graph/crown_pass.h"
#include "train/trainer.h"

using namespace inoculate;

TEST_CASE("gradients of bounds that are partly CROWN's are those of central differences") {
  TrainingScene scene;
  RecipeOptions recipe = recipe_of(TrainingMethod::kCrownIbp, 0);
  for (const float share : {1.0F, 0.5F}) {
    INFO(share);
    recipe.crown_share = share;
    check_differences(scene, recipe);
  }
}

TEST_CASE("CROWN gives way to intervals while epsilon rises") {
  const TrainingScene scene;
  RecipeOptions recipe = recipe_of(TrainingMethod::kCrownIbp, 0);
  const RecipeOptions intervals = recipe_of(TrainingMethod::kIbp, 0);
  const LossGradient ibp = gradient_of(scene, intervals), without = gradient_of(scene, recipe);
  CHECK(without.losses == ibp.losses);
  CHECK(without.d == ibp.d);
  // Linear bounds of this network are tighter.
  recipe.crown_share = 1;
  const double linear = gradient_of(scene, recipe).loss();
  CHECK(linear < 0.9 * ibp.loss());
  // Half way up the share is three quarters of a share of a half, and epsilon the half of it.
  recipe.warm_up = 2;
  recipe.crown_share = 0.5F;
  RecipeOptions half = recipe_of(TrainingMethod::kCrownIbp, 0.5F);
  half.epsilon = recipe.epsilon / 2;
  half.crown_share = 0.75F;
  CHECK(gradient_of(scene, recipe, 1).losses == gradient_of(scene, half).losses);
}

TEST_CASE("a batch of which CROWN takes parts is worth what these are worth") {
  constexpr int kBatch = 500, kHalf = kBatch / 2;
  const auto network = graph_trainable(random_network(mlp(16)));
  const Matrix images = RandomData(3).images(kBatch, 784);
  const Labels labels = RandomData(4).labels(kBatch);
  RecipeOptions recipe = recipe_of(TrainingMethod::kCrownIbp, 0.25F);
  recipe.crown_share = 0.5F;
  const auto of = [&](int begin, int count) {
    LossGradient g{std::vector<float>(static_cast<std::size_t>(count)),
                   std::vector<float>(network->parameters().size())};
    Rng rng(1);
    const Labels own(labels.begin() + begin, labels.begin() + begin + count);
    certified_objective(recipe, *network)
        ->gradient(g.d, g.losses.data(), *network, {images.middleRows(begin, count), own, 0}, rng);
    return g;
  };
  const CrownPass pass(*network->graph(), NetworkBounds(*network->graph(), true));
  REQUIRE(pass.rows_at_once() < 9 * kBatch);
  REQUIRE(pass.rows_at_once() > 9 * kHalf);
  const LossGradient whole = of(0, kBatch), first = of(0, kHalf), second = of(kHalf, kHalf);
  std::vector<float> losses = first.losses, mean;
  losses.insert(losses.end(), second.losses.begin(), second.losses.end());
  for (std::size_t i = 0; i < first.d.size(); ++i) mean.push_back((first.d[i] + second.d[i]) / 2);
  CHECK(relative_difference(whole.losses, losses) < 1e-6);
  CHECK(relative_difference(whole.d, mean) < 1e-5);
}

TEST_CASE("what CROWN certifies besides is what certify does") {
  TrainingScene scene;
  TrainingOptions options;
  options.epochs = 60;
  options.batch_size = kImages;
  options.learning_rate = 0.01F;
  options.recipe = recipe_of(TrainingMethod::kCrownIbp, 0);
  options.recipe.crown_share = 1;
  Trainer trainer(scene.network->copy(), examples_of(scene.images, scene.labels), options,
                  certified_objective(options.recipe, *scene.network));
  trainer.run([](const TrainingProgress&) { return true; });
  const std::unique_ptr<Trainable> trained = trainer.trained();
  constexpr float kEpsilon = 0.05F;
  const auto by = [&](bool with_crown) {
    return certified_by_bounds(*trained, scene.images, scene.labels, kEpsilon, with_crown);
  };
  const BoundGraph graph(trained->graph()->graph(), "a", Arithmetic::kReal);
  int certified = 0;
  for (int i = 0; i < kImages; ++i) {
    const int label = scene.labels[static_cast<std::size_t>(i)];
    const Ball ball = ball_around(scene.images.row(i).data(), 42, Norm::kLinf,
                                  static_cast<double>(kEpsilon), ValueRange{});
    RealMatrix rows = -RealMatrix::Identity(5, 5);
    rows.col(label).array() += 1;
    Eigen::VectorXd margins = find_certificate_method("ibp")->lowest(graph, ball, rows);
    margins = margins.cwiseMax(find_certificate_method("crown-ibp")->lowest(graph, ball, rows));
    margins[label] = 1;
    certified += margins.minCoeff() > 0 ? 1 : 0;
  }
  CHECK(by(true) == certified);
  CHECK(by(false) < certified);
}
