// The transfer matrix: its counts are what attacks and readings say, one by one.
#include "evaluate/transfer_matrix.h"

#include "attack/fitting.h"
#include "attack/run.h"
#include "catch.h"
#include "model/ensemble.h"
#include "model/model_json.h"
#include "model/neighbours.h"
#include "random_data.h"
#include "refusal_of.h"

using namespace inoculate;

namespace {

constexpr Shape kInput{2, 3, 1};

std::unique_ptr<Classifier> linear(RandomData& random, bool is_svm, int classes = 3,
                                   Shape input = kInput) {
  return classifier_of(JsonModel{Linear{input, classes, random.numbers(input.size() * classes),
                                        random.numbers(classes), is_svm},
                                 {},
                                 {}},
                       is_svm ? "svm.json" : "logistic.json");
}

std::unique_ptr<Classifier> neighbours(RandomData& random) {
  return std::make_unique<NeighboursClassifier>(
      Neighbours{kInput, 3, 1, random.images(40, 6), random.labels(40, 3)}, "knn.safetensors");
}

}  // namespace

TEST_CASE("transfer_matrix: every field is counted of its attack and its readings") {
  RandomData random(1);
  const auto a = linear(random, false), b = linear(random, true), c = neighbours(random);
  const std::vector<const Classifier*> models{a.get(), b.get(), c.get()};
  const Matrix images = random.images(70, 6);
  const Labels labels = random.labels(70, 3);
  TransferOptions options;
  options.threat.epsilon = 0.2F;
  const TransferMatrix matrix = transfer_matrix(models, images, labels, options);
  REQUIRE(matrix.cells.size() == 3);
  for (std::size_t row = 0; row < 3; ++row) {
    Rng rng(options.seed);
    const AttackMethod& method = fitting_attack(models[row]->spec());
    CHECK(matrix.attacks[row] == &method);
    const AttackTask task{*models[row], images, labels, options.threat, {}};
    const AttackResult made = run_attack(method, task, {}, rng);
    const Labels before = most_likely(models[row]->logits(images));
    CHECK(matrix.right[row] == std::count_if(labels.begin(), labels.end(), [&](auto& label) {
            return before[static_cast<std::size_t>(&label - labels.data())] == label;
          }));
    for (std::size_t column = 0; column < 3; ++column) {
      const Labels clean = most_likely(models[column]->logits(images));
      const Labels after = most_likely(models[column]->logits(made.adversaries));
      int misread = 0, both = 0, fooled = 0;
      for (std::size_t i = 0; i < labels.size(); ++i) {
        misread += after[i] != labels[i];
        if (before[i] != labels[i] || clean[i] != labels[i]) continue;
        ++both;
        fooled += after[i] != labels[i];
      }
      const TransferCell& cell = matrix.cells[row][column];
      CHECK(cell.n == 70);
      CHECK(cell.misread == misread);
      CHECK(cell.both_right == both);
      CHECK(cell.fooled == fooled);
      CHECK(cell.both_right == matrix.cells[column][row].both_right);
    }
    // The diagonal is the attack's own success.
    CHECK(matrix.cells[row][row].misread == made.successes());
    CHECK(matrix.cells[row][row].both_right == matrix.right[row]);
  }
}

TEST_CASE("transfer_matrix: models of other images or classes are refused by name") {
  RandomData random(2);
  const auto a = linear(random, false), wide = linear(random, true, 3, {1, 6, 1}),
             more = linear(random, true, 4);
  const auto refusal = [&](const Classifier& other) {
    const std::vector<const Classifier*> models{a.get(), &other};
    return refusal_of([&] { require_alike(models); });
  };
  CHECK(refusal(*a) == "accepted");
  const std::string ends = "; adversaries are shown to models of the same images and classes";
  CHECK(refusal(*wide) ==
        "svm.json: has images of 1x6x1 and 3 classes, the model logistic.json those of 2x3x1 and 3 "
        "classes" +
            ends);
  CHECK(refusal(*more) ==
        "svm.json: has images of 2x3x1 and 4 classes, the model logistic.json those of 2x3x1 and 3 "
        "classes" +
            ends);
}

TEST_CASE("transfer_matrix: an attack that a row does not allow is refused") {
  RandomData random(3);
  const auto a = linear(random, false), c = neighbours(random);
  const std::vector<const Classifier*> models{a.get(), c.get()};
  TransferOptions options;
  options.attack = &fitting_attack(a->spec());  // fgsm
  CHECK(refusal_of([&] {
          row_attacks(models, options);
        }).starts_with("knn.safetensors: gives no more than probabilities, and fgsm needs"));
  options.attack = nullptr;
  options.threat.norm = Norm::kL0;
  CHECK(refusal_of([&] { row_attacks(models, options); }) ==
        "logistic.json: fgsm, which attacks it, does not know this norm");
}

TEST_CASE("transfer_matrix: it stops when it is told to") {
  RandomData random(4);
  const auto a = linear(random, false);
  const std::vector<const Classifier*> models{a.get()};
  TransferOptions options;
  const Matrix images = random.images(5, 6);
  const Labels labels = random.labels(5, 3);
  const AttackMethod& stops = *[] {
    static const AttackMethod method{
        "stops",
        "",
        "",
        {Norm::kLinf},
        Knowledge::kGradients,
        kEpsilonBit,
        [](const AttackTask& task, const AttackOptions&, Rng&, const OnAttackProgress& tell) {
          AttackResult result = judge_adversaries(
              task, task.images, std::vector<AttackCalls>(static_cast<std::size_t>(task.size())));
          result.cancelled = !tell({1, 2, 0, task.size()});
          return result;
        }};
    return &method;
  }();
  options.attack = &stops;
  CHECK(transfer_matrix(models, images, labels, options, [](int, const AttackProgress&) {
          return false;
        }).cancelled);
  CHECK_FALSE(transfer_matrix(models, images, labels, options).cancelled);
}
