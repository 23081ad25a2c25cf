// Training with bounds: its gradients by central differences, what it certifies, and that runs are
// the same on any number of threads and however often they stop.
#include "train/certified_training.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "catch.h"
#include "certified_training_scene.h"
#include "model/network_graph_trainable.h"
#include "model/onnx_trainable.h"
#include "naive_bounds.h"
#include "networks.h"
#include "nn/graph/graph_network.h"
#include "refusal_of.h"
#include "threads.h"
#include "train/checkpoint.h"
#include "train/trainer.h"
#include "train/weight_average.h"
#include "train/worst_case.h"

using namespace inoculate;

TEST_CASE("gradients of the bounds' loss are those of central differences, moments and all") {
  TrainingScene scene;
  check_differences(scene, recipe_of(TrainingMethod::kIbp, 0));
  check_differences(scene, recipe_of(TrainingMethod::kIbp, 0.4F));
}

TEST_CASE("an adversary's loss and the bounds' are mixed") {
  const TrainingScene scene;
  RecipeOptions recipe = recipe_of(TrainingMethod::kMtlIbp, 1);
  const LossGradient attacked = gradient_of(scene, recipe);
  recipe.method = TrainingMethod::kIbp;
  const LossGradient clean = gradient_of(scene, recipe);
  CHECK(attacked.loss() > clean.loss());
  recipe.kappa = 0;
  const LossGradient bounds = gradient_of(scene, recipe);
  CHECK(bounds.loss() > attacked.loss());
  recipe.kappa = 0.25F;
  CHECK(gradient_of(scene, recipe).loss() ==
        Approx(0.25 * clean.loss() + 0.75 * bounds.loss()).epsilon(1e-5));
}

TEST_CASE("epsilon and the share of the bounds rise from nothing") {
  const TrainingScene scene;
  RecipeOptions recipe = recipe_of(TrainingMethod::kIbp, 0);
  const double at_once = gradient_of(scene, recipe).loss();
  recipe.warm_up = 4;
  RecipeOptions clean = recipe_of(TrainingMethod::kIbp, 1);
  CHECK(gradient_of(scene, recipe, 0).loss() == Approx(gradient_of(scene, clean).loss()));
  double last = 0;
  for (const double epochs : {0.0, 1.0, 2.0, 3.0, 4.0}) {
    const double loss = gradient_of(scene, recipe, epochs).loss();
    CHECK(loss > last);
    last = loss;
  }
  CHECK(last == at_once);
  CHECK(gradient_of(scene, recipe, 9).loss() == at_once);
}

TEST_CASE("a long gradient is made as long as it may be, and kernels pay for their magnitude") {
  const TrainingScene scene;
  RecipeOptions recipe = recipe_of(TrainingMethod::kIbp, 0);
  const LossGradient whole = gradient_of(scene, recipe);
  double square = 0;
  for (const float d : whole.d) square += static_cast<double>(d) * static_cast<double>(d);
  recipe.clip_norm = 1e-2F;
  const LossGradient clipped = gradient_of(scene, recipe);
  for (std::size_t i = 0; i < whole.d.size(); ++i) {
    CHECK(static_cast<double>(clipped.d[i]) ==
          Approx(1e-2 / std::sqrt(square) * static_cast<double>(whole.d[i]))
              .epsilon(1e-4)
              .margin(1e-12));
  }
  recipe = recipe_of(TrainingMethod::kIbp, 0);
  recipe.l1 = 0.5F;
  const LossGradient costly = gradient_of(scene, recipe);
  for (const TensorInfo& tensor : scene.network->tensors()) {
    if (!tensor.trained) continue;
    const bool pays = tensor.name.ends_with("/kernel");
    for (std::size_t i = tensor.offset; i < tensor.offset + tensor.size; ++i) {
      const float sign = scene.network->parameters()[i] > 0 ? 0.5F : -0.5F;
      CHECK(costly.d[i] - whole.d[i] == Approx(pays ? sign : 0.0F).margin(1e-6));
    }
  }
}

TEST_CASE("worst-case logits are what plain loops say, and no logits within the box are worse") {
  RandomData random(4);
  constexpr int kFeatures = 6, kClasses = 4;
  Matrix bounds(kImages, 2 * kFeatures);
  for (Eigen::Index i = 0; i < bounds.size(); ++i) bounds.data()[i] = random.number();
  bounds.rightCols(kFeatures) = bounds.rightCols(kFeatures).cwiseAbs().eval();
  const auto kernel = random.numbers(kFeatures * kClasses), bias = random.numbers(kClasses);
  const Labels labels = random.labels(kImages, kClasses);
  const LastLayer last{kFeatures, kClasses, kernel.data(), bias.data()};
  Matrix worst(kImages, kClasses);
  worst_case_logits(worst.data(), bounds.data(), last, labels);
  int certified = 0;
  for (int i = 0; i < kImages; ++i) {
    const int label = labels[static_cast<std::size_t>(i)];
    bool holds = true;
    for (int c = 0; c < kClasses; ++c) {
      double most = static_cast<double>(bias[static_cast<std::size_t>(c)]) -
                    static_cast<double>(bias[static_cast<std::size_t>(label)]);
      for (int k = 0; k < kFeatures; ++k) {
        const auto at = static_cast<std::size_t>(k * kClasses);
        const double w = static_cast<double>(kernel[at + static_cast<std::size_t>(c)]) -
                         static_cast<double>(kernel[at + static_cast<std::size_t>(label)]);
        const auto centre = static_cast<double>(bounds(i, k));
        const auto radius = static_cast<double>(bounds(i, kFeatures + k));
        most += std::max(w * (centre - radius), w * (centre + radius));
      }
      CHECK(static_cast<double>(worst(i, c)) == Approx(most).margin(1e-5));
      holds = holds && (c == label || most < 0);
    }
    certified += holds ? 1 : 0;
  }
  CHECK(count_certified(worst.data(), kClasses, labels) == certified);
  // Features that are the logits: the label's least against the others' most.
  Matrix own(kImages, kFeatures);
  worst_case_logits(own.data(), bounds.data(), {kFeatures, kFeatures}, labels);
  for (int i = 0; i < kImages; ++i) {
    const int label = labels[static_cast<std::size_t>(i)];
    for (int c = 0; c < kFeatures; ++c) {
      const float most = c == label ? 0
                                    : bounds(i, c) + bounds(i, kFeatures + c) - bounds(i, label) +
                                          bounds(i, kFeatures + label);
      CHECK(own(i, c) == Approx(most).margin(1e-5));
    }
  }
}

TEST_CASE("what intervals certify is what plain loops do, and is right all around") {
  TrainingScene scene;
  TrainingOptions options;
  options.epochs = 60;
  options.batch_size = kImages;
  options.learning_rate = 0.01F;
  options.recipe = recipe_of(TrainingMethod::kIbp, 0);
  options.recipe.epsilon = 0.02F;
  Trainer trainer(scene.network->copy(), examples_of(scene.images, scene.labels), options,
                  certified_objective(options.recipe, *scene.network));
  trainer.run([](const TrainingProgress&) { return true; });
  const std::unique_ptr<Trainable> trained = trainer.trained();
  constexpr float kEpsilon = 0.02F;
  const int certified = certified_by_bounds(*trained, scene.images, scene.labels, kEpsilon, false);
  CHECK(certified > 0);
  const Graph& graph = trained->graph()->graph();
  const Node& last = graph.node(graph.output);
  int naive_certified = 0;
  for (int i = 0; i < kImages; ++i) {
    Intervals image;
    for (Eigen::Index k = 0; k < 42; ++k) {
      const auto x = static_cast<double>(scene.images(i, k));
      image.push_back({std::max(0.0, x - 0.02), std::min(1.0, x + 0.02)});
    }
    const NaiveBounds naive(graph, image);
    const Intervals& features = naive.at(last.inputs[0]);
    const float *kernel = graph.weight(last.weights[0]), *bias = graph.weight(last.weights[1]);
    const int label = scene.labels[static_cast<std::size_t>(i)];
    bool holds = true;
    for (int c = 0; c < 5; ++c) {
      const auto b = static_cast<double>(bias[c] - bias[label]);
      Interval64 more{b, b};
      for (int k = 0; k < static_cast<int>(features.size()); ++k) {
        add_product(more, features[static_cast<std::size_t>(k)],
                    kernel[k * 5 + c] - kernel[k * 5 + label]);
      }
      holds = holds && (c == label || more.high < 0);
    }
    naive_certified += holds ? 1 : 0;
  }
  CHECK(certified == naive_certified);
  CHECK(certified_by_bounds(*trained, scene.images, scene.labels, 0.5F, false) < certified);
}

TEST_CASE("gradients do not depend on the number of threads") {
  const TrainingScene scene;
  for (const TrainingMethod method :
       {TrainingMethod::kIbp, TrainingMethod::kMtlIbp, TrainingMethod::kCrownIbp}) {
    const WithThreads one(1);
    RecipeOptions recipe = recipe_of(method, 0.5F);
    recipe.crown_share = 0.5F;
    const LossGradient alone = gradient_of(scene, recipe);
    for (const int threads : {2, 3}) {
      const WithThreads more(threads);
      const LossGradient together = gradient_of(scene, recipe);
      CHECK(together.d == alone.d);
      CHECK(together.losses == alone.losses);
    }
  }
}

TEST_CASE("a run that stops and goes on ends as one that does not") {
  for (const TrainingMethod method :
       {TrainingMethod::kIbp, TrainingMethod::kMtlIbp, TrainingMethod::kCrownIbp}) {
    const TrainingScene scene;
    TrainingOptions options;
    options.epochs = 4;
    options.batch_size = 5;
    options.average = 0.9F;
    options.recipe = recipe_of(method, 0.3F);
    options.recipe.warm_up = 3;
    options.recipe.crown_share = 0.25F;
    const auto begin = [&] {
      return Trainer(scene.network->copy(), examples_of(scene.images, scene.labels), options,
                     certified_objective(options.recipe, *scene.network));
    };
    Trainer whole = begin();
    whole.run([](const TrainingProgress&) { return true; });

    Trainer first = begin();
    for (int i = 0; i < 5; ++i) first.step();
    TrainingRun run;
    run.end = kImages;
    const Safetensors file = save_checkpoint(first, run);
    const Checkpoint read = load_checkpoint(file, *scene.network, "a.checkpoint");
    CHECK(read.options.recipe.kappa == options.recipe.kappa);
    CHECK(read.options.recipe.clip_norm == options.recipe.clip_norm);
    CHECK(read.options.recipe.crown_share == options.recipe.crown_share);
    const std::unique_ptr<Trainable> network = scene.network->copy();
    set_weights(*network, read.weights, "a.checkpoint");
    Trainer second(network->copy(), examples_of(scene.images, scene.labels), read.options,
                   certified_objective(read.options.recipe, *network));
    second.restore(read.state);
    second.run([](const TrainingProgress&) { return true; });
    CHECK(all_weights(*second.trained()) == all_weights(*whole.trained()));
  }
}

TEST_CASE("a network trained on graphs is written as one of ours") {
  const TrainingScene scene;
  const Network network = random_network(small_digits());
  const auto equal = [](std::span<const float> a, std::span<const float> b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  };
  CHECK(equal(scene.network->parameters(), network.parameters()));
  CHECK(equal(scene.network->statistics(), network.statistics()));
  const std::unique_ptr<Trainable> own = trainable(Network(network));
  CHECK(scene.network->file({{"note", "x"}}) == own->file({{"note", "x"}}));
  CHECK(scene.network->classifier()->logits(scene.images) ==
        own->classifier()->logits(scene.images));
}

TEST_CASE("training with bounds needs a network on graphs, and an objective") {
  const TrainingScene scene;
  const RecipeOptions recipe = recipe_of(TrainingMethod::kIbp, 0);
  const auto own = trainable(random_network(small_digits()));
  CHECK(refusal_of([&] { certified_objective(recipe, *own); }) ==
        "'small' is not on the graph engine, which training with bounds needs");
  TrainingOptions options;
  options.recipe = recipe;
  CHECK(refusal_of([&] {
          Trainer(scene.network->copy(), examples_of(scene.images, scene.labels), options);
        }).starts_with("the method 'ibp' has an objective of its own"));
}

TEST_CASE("training with bounds that diverges stops with an error") {
  const TrainingScene scene;
  TrainingOptions options;
  options.epochs = 50;
  options.learning_rate = 1e30F;
  options.recipe = recipe_of(TrainingMethod::kIbp, 0);
  Trainer trainer(scene.network->copy(), examples_of(scene.images, scene.labels), options,
                  certified_objective(options.recipe, *scene.network));
  CHECK(refusal_of([&] {
          trainer.run([](const TrainingProgress&) { return true; });
        }).find("diverged") != std::string::npos);
}
