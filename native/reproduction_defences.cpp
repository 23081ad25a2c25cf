#include "native/reproduction_defences.h"

#include <algorithm>
#include <chrono>

#include "certify/judgement.h"
#include "model/network_classifier.h"
#include "model/network_graph.h"
#include "model/network_graph_trainable.h"
#include "model/network_trainable.h"
#include "native/commands.h"
#include "native/interrupt.h"
#include "native/text.h"
#include "train/certified_training.h"
#include "train/weight_average.h"

namespace inoculate {
namespace {

constexpr int kTrainingSteps = 5;
constexpr int kJudgingSteps = 40;

// Examples of which the second half of every batch is attacked as it is fetched.
ExampleSource mixed_examples(const Dataset& dataset, const Network& network,
                             const FgsmOptions& attack) {
  const ExampleSource clean = examples_of(dataset);
  return {clean.size, [clean, attack, &network](std::span<const std::int32_t> indices,
                                                Matrix& images, Labels& labels) {
            clean.gather(indices, images, labels);
            const Eigen::Index attacked = images.rows() / 2;
            const Labels some(labels.end() - attacked, labels.end());
            const Matrix adversaries =
                fgsm(NetworkClassifier(network), images.bottomRows(attacked), some, attack);
            images.bottomRows(attacked) = adversaries;
          }};
}

Defence defend_by_mixed_batches(const Network& network, const Dataset& train,
                                const LabelledImages& test, std::uint64_t seed,
                                Progress& progress) {
  Defence defence{network, {}, {}, {}};
  Trainer trainer(trainable(defence.network),
                  mixed_examples(train, defence.network, tutorial_attack()),
                  {.epochs = 10, .learning_rate = 1e-4F, .seed = seed});
  defence.history = train_or_stop(trainer, nullptr, progress);
  score(defence, network, test, tutorial_attack());
  return defence;
}

Network defend_by(TrainingMethod method, const Network& network, const Dataset& train, int epochs,
                  std::uint64_t seed, Progress& progress) {
  TrainingOptions options{.epochs = epochs, .seed = seed, .schedule = Schedule::kCosine};
  options.recipe.method = method;
  options.recipe.epsilon = kReproductionEpsilon;
  options.recipe.steps = kTrainingSteps;
  options.recipe.step_size = default_step_size(kReproductionEpsilon);
  Network defended = network;
  Trainer trainer(trainable(defended), examples_of(train), options);
  train_or_stop(trainer, nullptr, progress);
  return defended;
}

// By interval bounds, a little beyond the epsilon that is judged; epsilon rises in the first two
// fifths of the epochs.
Network train_for_bounds(const Dataset& train, int epochs, std::uint64_t seed, Progress& progress) {
  constexpr float kBeyond = 1.2F;
  Network network(simple_cnn());
  Rng rng(seed);
  network.initialize(rng);
  const std::unique_ptr<Trainable> learner = graph_trainable(network);
  initialize_for_bounds(*learner, seed);
  TrainingOptions options{.epochs = epochs,
                          .batch_size = 128,
                          .learning_rate = 2e-3F,
                          .seed = seed,
                          .schedule = Schedule::kCosine,
                          .average = 0.99F};
  options.recipe.method = TrainingMethod::kIbp;
  options.recipe.epsilon = kBeyond * kReproductionEpsilon;
  options.recipe.judge_epsilon = kReproductionEpsilon;
  options.recipe.warm_up = 0.4 * epochs;
  Trainer trainer(learner->copy(), examples_of(train), options,
                  certified_objective(options.recipe, *learner));
  train_or_stop(trainer, nullptr, progress);
  set_all_weights(*trainable(network), all_weights(*trainer.trained()));
  return network;
}

// FGSM, PGD of 40 steps, and what else counts for the worst case.
std::vector<JudgedAttack> judging_suite() {
  std::vector<JudgedAttack> suite = attack_suite("quick", Norm::kLinf);
  JudgedAttack pgd{find_attack("pgd"), {}};
  pgd.options.steps = kJudgingSteps;
  suite.insert(suite.begin() + 1, pgd);
  return suite;
}

// Judges one network after the other on the same images, with the same old adversaries.
class Judge {
 public:
  Judge(const Network& undefended, const LabelledImages& test, std::uint64_t seed,
        Progress& progress)
      : test_(test),
        old_adversaries_(
            fgsm(NetworkClassifier(undefended), test.images, test.labels, clipped_attack())),
        suite_(judging_suite()),
        progress_(progress) {
    options_.threat.epsilon = kReproductionEpsilon;
    options_.seed = seed;
  }

  JudgedDefence operator()(const std::string& name, const std::string& protocol,
                           const Network& network) const {
    const InterruptGuard guard;
    const auto& [images, labels] = test_;
    const NetworkClassifier model(network);
    progress_.begin("judging " + name);
    const Verdict v = judge_robustness(model, images, labels, suite_, options_,
                                       [&](const std::string&, const AttackProgress& p) {
                                         progress_.step(p.done, p.total);
                                         return !InterruptGuard::interrupted();
                                       });
    if (v.cancelled) throw Interrupted("interrupted; nothing was written");
    const CertificateOptions proof{find_certificate_method("ibp"), Norm::kLinf,
                                   double{kReproductionEpsilon}, ValueRange{}};
    const Certificates certificates =
        certify_images(BoundGraph(graph_of(network), name), images, labels, proof, 0,
                       [](int, int) { return !InterruptGuard::interrupted(); });
    if (certificates.cancelled) throw Interrupted("interrupted; nothing was written");
    progress_.done(percent(v.worst_case_accuracy()) + " in the worst case");
    return {name,
            protocol,
            v.clean,
            evaluate(model, examples_of(old_adversaries_, labels)).correct,
            v.attacks[0].withstood,
            v.attacks[1].withstood,
            v.worst_case,
            certificates.count()};
  }

 private:
  const LabelledImages& test_;
  Matrix old_adversaries_;
  std::vector<JudgedAttack> suite_;
  JudgeOptions options_;
  Progress& progress_;
};

LabelledImages first_images(const Dataset& test) {
  return all_images(slice(test, 0, std::min(kJudgedImages, test.size())));
}

}  // namespace

std::string worst_case_attacks() {
  return "FGSM, PGD of 40 steps, APGD of 20 on the cross-entropy, targeted APGD of 10, and Square "
         "with 200 queries";
}

SecondPart run_second_part(const Reproduction& first, const Dataset& train, const Dataset& test,
                           int epochs, int certified_epochs, Progress& progress) {
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  const std::uint64_t seed = first.seed;
  const auto defended = [&](TrainingMethod method) {
    return defend_by(method, first.network, train, epochs, seed, progress);
  };
  SecondPart part{defend_by_mixed_batches(first.network, train, all_images(test), seed, progress),
                  defended(TrainingMethod::kPgd), defended(TrainingMethod::kTrades),
                  train_for_bounds(train, certified_epochs, seed, progress)};
  part.defence_epochs = epochs;
  part.certified_epochs = certified_epochs;
  const LabelledImages judged = first_images(test);
  part.n = static_cast<int>(judged.labels.size());
  const Judge judge(first.network, judged, seed, progress);
  const std::string long_training =
      ", " + std::to_string(epochs) + (epochs == 1 ? " epoch" : " epochs") +
      " from the plain weights, " + std::to_string(kTrainingSteps) + " steps of " +
      number(static_cast<double>(default_step_size(kReproductionEpsilon))) +
      ", learning rate from 1e-3 to 0 as a cosine";
  part.table = {
      judge("plain", "the undefended network", first.network),
      judge("fine-tuned", "ten epochs on the tutorial's adversaries of training images",
            first.held_out.network),
      judge("mixed batch",
            "ten epochs on all training images, half of each batch attacked as the tutorial does",
            part.mixed.network),
      judge("PGD", "PGD training" + long_training, part.pgd),
      judge("TRADES", "TRADES with beta 6" + long_training, part.trades),
      judge("IBP",
            "interval bounds at epsilon 0.12, " + std::to_string(certified_epochs) +
                (certified_epochs == 1 ? " epoch" : " epochs") +
                " from first weights, batches of 128, learning rate from 2e-3 to 0 as a cosine, "
                "averaged weights",
            part.certified)};
  part.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  return part;
}

}  // namespace inoculate
