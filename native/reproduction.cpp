#include "native/reproduction.h"

#include <algorithm>
#include <chrono>

#include "model/network_classifier.h"
#include "model/network_trainable.h"
#include "native/commands.h"
#include "native/mnist.h"
#include "native/results.h"
#include "native/training.h"
#include "train/adversarial_batches.h"
#include "train/weight_average.h"

namespace inoculate {
namespace {

constexpr int kAdversaries = 10000;

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// The tutorial's defence: ten epochs at a tenth of the learning rate on adversaries drawn from
// `source`.
Defence defend(const Network& network, const Dataset& source, const LabelledImages& test,
               const FgsmOptions& attack, std::uint64_t seed, Progress& progress) {
  Defence defence{network, {}, {}, {}};
  const int count = std::min(kAdversaries, source.size());
  const AdversarialBatch lesson =
      AdversarialBatches(*trainable(defence.network), examples_of(source), count, attack, seed)
          .next();
  Trainer trainer(trainable(defence.network), examples_of(lesson.adversaries, lesson.labels),
                  {.epochs = 10, .learning_rate = 1e-4F, .seed = seed});
  defence.history = train_or_stop(trainer, nullptr, progress);
  score(defence, network, test, attack);
  return defence;
}

}  // namespace

std::vector<EpochRecord> train_or_stop(Trainer& trainer, const ExampleSource* validation,
                                       Progress& progress) {
  std::vector<EpochRecord> history;
  if (!run_training(trainer, validation, progress, history)) {
    throw Interrupted("interrupted; nothing was written");
  }
  return history;
}

void score(Defence& defence, const Network& undefended, const LabelledImages& test,
           const FgsmOptions& attack) {
  const auto& [images, labels] = test;
  const Matrix old_adversaries = fgsm(NetworkClassifier(undefended), images, labels, attack);
  const NetworkClassifier defended(defence.network);
  defence.report = judge_defence(defended, images, labels, old_adversaries, attack);
  const Matrix clipped = fgsm(defended, images, labels, clipped_attack());
  defence.fresh_clipped = evaluate(defended, examples_of(clipped, labels));
}

FgsmOptions tutorial_attack() {
  FgsmOptions attack;
  attack.threat.epsilon = kReproductionEpsilon;
  attack.threat.range.reset();
  attack.loss = Loss::kMeanSquaredError;
  return attack;
}

FgsmOptions clipped_attack() {
  FgsmOptions attack;
  attack.threat.epsilon = kReproductionEpsilon;
  return attack;
}

Reproduction run_reproduction(const Dataset& train, const Dataset& test, int epochs,
                              std::uint64_t seed, Progress& progress) {
  const auto begin = Clock::now();
  const LabelledImages images = all_images(test);
  const ExampleSource validation = examples_of(test);

  Network network(simple_cnn());
  Rng rng(seed);
  network.initialize(rng);
  Trainer trainer(trainable(network), examples_of(train), {.epochs = epochs, .seed = seed});
  std::vector<EpochRecord> history = train_or_stop(trainer, &validation, progress);
  set_all_weights(*trainable(network), all_weights(*trainer.trained()));
  const NetworkClassifier model(network);
  const Matrix adversaries = fgsm(model, images.images, images.labels, tutorial_attack());
  const DefenceReport before =
      judge_defence(model, images.images, images.labels, adversaries, tutorial_attack());
  Defence tutorial = defend(network, test, images, tutorial_attack(), seed, progress);
  const double seconds = seconds_since(begin);

  const Matrix clipped = fgsm(model, images.images, images.labels, clipped_attack());
  Evaluation before_clipped = evaluate(model, examples_of(clipped, images.labels));
  std::vector<SheetEntry> entries = sheet_entries(model, images.images, adversaries, images.labels);
  Defence held_out = defend(network, train, images, tutorial_attack(), seed, progress);
  Defence held_out_clipped = defend(network, train, images, clipped_attack(), seed, progress);
  return {seed,
          std::move(network),
          std::move(history),
          before,
          before_clipped,
          std::move(tutorial),
          std::move(held_out),
          std::move(held_out_clipped),
          std::move(entries),
          seconds,
          seconds_since(begin)};
}

}  // namespace inoculate
