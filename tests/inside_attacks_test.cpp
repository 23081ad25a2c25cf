// Attacks that look inside: across a hyperplane, along softened neighbours, through an ensemble's
// parts; and which of all attacks fits a model.
#include <cmath>

#include "attack/by_parts.h"
#include "attack/fitting.h"
#include "attack/hyperplane.h"
#include "attack/perturbation.h"
#include "attack/run.h"
#include "attack/soft_neighbours.h"
#include "attack/tree_path.h"
#include "catch.h"
#include "model/ensemble.h"
#include "model/model_json.h"
#include "model/neighbours.h"
#include "random_data.h"
#include "refusal_of.h"

using namespace inoculate;

namespace {

constexpr int kPixels = 6, kClasses = 3;
constexpr Shape kInput{1, kPixels, 1};

Linear random_linear(RandomData& random) {
  return {kInput, kClasses, random.numbers(kPixels * kClasses), random.numbers(kClasses), true};
}

std::unique_ptr<Classifier> classifier(Linear linear) {
  return classifier_of(JsonModel{std::move(linear), {}, {}}, "svm.json");
}

std::unique_ptr<Classifier> neighbours(RandomData& random) {
  return std::make_unique<NeighboursClassifier>(
      Neighbours{kInput, kClasses, 1, random.images(50, kPixels), random.labels(50, kClasses)},
      "knn.safetensors");
}

std::unique_ptr<Classifier> tree() {
  return std::make_unique<TreeClassifier>(
      Tree{kInput,
           kClasses,
           {{2, 0.5, 1, 2}, {0, 0, 0, 0, 0}, {4, 0.3, 3, 4}, {0, 0, 0, 0, 1}, {0, 0, 0, 0, 2}},
           {1, 0, 0, 0, 1, 0, 0, 0, 1}},
      "tree.json");
}

}  // namespace

TEST_CASE("hyperplane: it goes along the true class's normal, by all of epsilon") {
  RandomData random(1);
  const Linear linear = random_linear(random);
  const auto model = classifier(linear);
  const Matrix images = random.images(20, kPixels);
  const Labels labels = random.labels(20, kClasses);
  for (const std::optional<int> target : {std::optional<int>{}, std::optional<int>{1}}) {
    for (const Norm norm : {Norm::kL2, Norm::kLinf}) {
      const AttackTask task{*model, images, labels, {norm, 0.3F, std::nullopt}, {target, 0}};
      const AttackResult result = hyperplane(task);
      for (int i = 0; i < task.size(); ++i) {
        const int k = target.value_or(labels[static_cast<std::size_t>(i)]);
        const float sign = target ? 1 : -1;
        Eigen::RowVectorXf normal(kPixels);
        for (int p = 0; p < kPixels; ++p) {
          normal[p] = sign * linear.kernel[static_cast<std::size_t>(p * kClasses + k)];
        }
        const Eigen::RowVectorXf expected = norm == Norm::kL2
                                                ? Eigen::RowVectorXf(0.3F * normal.normalized())
                                                : Eigen::RowVectorXf(0.3F * normal.array().sign());
        CHECK((result.adversaries.row(i) - images.row(i) - expected).norm() < 1e-5F);
        CHECK(result.calls[static_cast<std::size_t>(i)].gradient == 1);
      }
    }
  }
}

TEST_CASE("hyperplane: pixels stay within the range") {
  RandomData random(2);
  const auto model = classifier(random_linear(random));
  const AttackResult result = hyperplane({*model,
                                          random.images(20, kPixels),
                                          random.labels(20, kClasses),
                                          {Norm::kLinf, 0.6F, ValueRange{}},
                                          {}});
  CHECK(result.adversaries.minCoeff() == 0);
  CHECK(result.adversaries.maxCoeff() == 1);
}

TEST_CASE("soft-neighbours: every pixel moves away from the class by epsilon, and many fall") {
  RandomData random(3);
  const auto model = neighbours(random);
  const Matrix images = random.images(60, kPixels);
  const Labels labels = most_likely(model->logits(images));
  const AttackTask task{*model, images, labels, {Norm::kLinf, 0.3F, std::nullopt}, {}};
  const AttackResult result = soft_neighbours(task, Loss::kCrossEntropy);
  for (const float distance : result.distances) CHECK(distance == Approx(0.3F).epsilon(1e-5));
  CHECK(result.successes() > 30);
  // The same step the other way leaves nearly all as they were.
  const Matrix back = 2 * images - result.adversaries;
  const Labels read = most_likely(model->logits(back));
  int same = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) same += read[i] == labels[i];
  CHECK(same > 60 - result.successes());
}

TEST_CASE("by-parts: it succeeds wherever an adversary of one of its parts does") {
  RandomData random(4);
  std::vector<std::unique_ptr<Classifier>> parts;
  parts.push_back(classifier(random_linear(random)));
  parts.push_back(neighbours(random));
  parts.push_back(tree());
  const EnsembleClassifier ensemble(std::move(parts), "vote.json");
  const Matrix images = random.images(80, kPixels);
  const Labels labels = most_likely(ensemble.logits(images));
  const AttackTask task{ensemble, images, labels, {Norm::kLinf, 0.2F, ValueRange{}}, {}};
  Rng rng(1);
  const AttackResult result = by_parts(task, {}, rng);
  CHECK(result.adversaries.minCoeff() >= 0);
  CHECK(result.adversaries.maxCoeff() <= 1);
  for (const float distance : result.distances) CHECK(distance <= 0.2F + 1e-6F);
  const auto through = [&](const Classifier& part) {
    const AttackTask own{part, images, labels, task.threat, {}};
    const AttackResult made = part.spec().kind == ModelKind::kTree
                                  ? tree_path(own)
                                  : soft_neighbours(own, Loss::kCrossEntropy);
    return judge_adversaries(task, made.adversaries, made.calls);
  };
  for (const std::size_t part : {std::size_t{1}, std::size_t{2}}) {
    const AttackResult made = through(*ensemble.parts()[part]);
    for (std::size_t i = 0; i < labels.size(); ++i) CHECK(result.success[i] >= made.success[i]);
  }
  CHECK(result.successes() > 5);
}

TEST_CASE("by-parts: of linear parts it is a step along the mean probability's gradient") {
  RandomData random(5);
  const std::vector<Linear> linear{random_linear(random), random_linear(random)};
  std::vector<std::unique_ptr<Classifier>> parts;
  for (const Linear& one : linear) parts.push_back(classifier(one));
  const EnsembleClassifier ensemble(std::move(parts), "vote.json");
  const Matrix images = random.images(30, kPixels);
  const Labels labels = random.labels(30, kClasses);
  const AttackTask task{ensemble, images, labels, {Norm::kL2, 0.4F, std::nullopt}, {}};
  Rng rng(1);
  const AttackResult result = by_parts(task, {}, rng);
  const auto mean = [&](const Eigen::RowVectorXd& x, int label) {
    double sum = 0;
    for (const Linear& one : linear) {
      Eigen::RowVectorXd logits(kClasses);
      for (int k = 0; k < kClasses; ++k) {
        logits[k] = static_cast<double>(one.bias[static_cast<std::size_t>(k)]);
        for (int p = 0; p < kPixels; ++p) {
          logits[k] +=
              x[p] * static_cast<double>(one.kernel[static_cast<std::size_t>(p * kClasses + k)]);
        }
      }
      sum += std::exp(logits[label]) / logits.array().exp().sum();
    }
    return sum / 2;
  };
  for (int i = 0; i < task.size(); ++i) {
    const Eigen::RowVectorXd image = images.row(i).cast<double>();
    Eigen::RowVectorXd slope(kPixels);
    for (int p = 0; p < kPixels; ++p) {
      Eigen::RowVectorXd up = image, down = image;
      up[p] += 1e-5;
      down[p] -= 1e-5;
      const int label = labels[static_cast<std::size_t>(i)];
      slope[p] = (mean(up, label) - mean(down, label)) / 2e-5;
    }
    const Eigen::RowVectorXd expected = image - 0.4 * slope.normalized();
    CHECK((result.adversaries.row(i).cast<double>() - expected).norm() < 1e-3);
  }
}

TEST_CASE("fitting: each kind of model has the attack that looks inside it") {
  RandomData random(6);
  const auto svm = classifier(random_linear(random));
  Linear logistic = random_linear(random);
  logistic.is_svm = false;
  CHECK(fitting_attack(svm->spec()).name == std::string("hyperplane"));
  CHECK(fitting_attack(classifier(logistic)->spec()).name == std::string("fgsm"));
  CHECK(fitting_attack(tree()->spec()).name == std::string("tree-path"));
  CHECK(fitting_attack(neighbours(random)->spec()).name == std::string("soft-neighbours"));
  ModelSpec spec = svm->spec();
  spec.kind = ModelKind::kEnsemble;
  CHECK(fitting_attack(spec).name == std::string("by-parts"));
  spec.kind = ModelKind::kOther;
  spec.gives = Knowledge::kProbabilities;
  CHECK(fitting_attack(spec).name == std::string("square"));
  spec.gives = Knowledge::kLabels;
  CHECK(fitting_attack(spec).name == std::string("nes-label"));
}

TEST_CASE("inside: attacks refuse models of other kinds in one line") {
  RandomData random(7);
  const auto refusal = [](const AttackMethod& method, const Classifier& model) {
    return refusal_of([&] { require_possible(method, model.spec(), {}); });
  };
  const auto svm = classifier(random_linear(random));
  CHECK(refusal(soft_neighbours_method(), *svm) ==
        "svm.json: is not nearest neighbours, which soft-neighbours needs");
  CHECK(refusal(by_parts_method(), *svm) == "svm.json: is not an ensemble, which by-parts needs");
  CHECK(refusal(hyperplane_method(), *svm) == "accepted");
  CHECK(refusal(hyperplane_method(), *tree()).starts_with("tree.json: gives no more than "));
  CHECK(refusal(soft_neighbours_method(), *neighbours(random)) == "accepted");
}
