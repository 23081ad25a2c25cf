#include "native/training.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "evaluate/accuracy.h"
#include "native/commands.h"
#include "native/interrupt.h"
#include "native/text.h"

namespace inoculate {
namespace {

// Adds up time between start() and stop().
class Stopwatch {
 public:
  void start() { begin_ = Clock::now(); }
  void stop() { seconds_ += std::chrono::duration<double>(Clock::now() - begin_).count(); }
  double take() { return std::exchange(seconds_, 0.0); }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point begin_{};
  double seconds_ = 0;
};

}  // namespace

void require_batch(const Trainable& network, int batch_size, int examples) {
  const int least = network.least_batch(), batch = std::min(batch_size, examples);
  if (batch >= least) return;
  throw UsageError("--batch-size " + std::to_string(batch_size) + " with " +
                   std::to_string(examples) + (examples == 1 ? " image" : " images") +
                   ": batch normalisation after a dense layer learns nothing from a single image; "
                   "give it batches of 2 or more");
}

bool run_training(Trainer& trainer, const ExampleSource* validation, Progress& progress,
                  std::vector<EpochRecord>& history, const OnEpoch& on_epoch,
                  const WorstCaseCheck& check) {
  const InterruptGuard guard;
  Stopwatch watch;
  bool begun = false;  // the current epoch is on the screen
  while (!trainer.finished()) {
    if (InterruptGuard::interrupted()) {
      progress.pause();
      return false;
    }
    if (!begun) {
      progress.begin_epoch(trainer.state().epoch + 1, trainer.options().epochs);
      begun = true;
    }
    watch.start();
    const TrainingProgress p = trainer.step();
    watch.stop();
    progress.step(p.step, p.steps, p.loss, p.accuracy);
    if (!p.epoch_ended()) continue;
    begun = false;
    EpochRecord record{p.epoch, p.loss, p.accuracy, 0, 0, watch.take()};
    std::optional<Score> score;
    const std::unique_ptr<Trainable> trained = trainer.trained();
    if (validation != nullptr) {
      const Evaluation e = evaluate(*trained->classifier(), *validation);
      score = Score{e.loss, e.accuracy()};
      record.validation_loss = e.loss;
      record.validation_accuracy = e.accuracy();
    }
    if (check.accuracy) record.attacked_accuracy = check.accuracy(*trained);
    progress.epoch_done({p.loss, p.accuracy}, score, record.attacked_accuracy, check.name);
    history.push_back(record);
    if (on_epoch && !on_epoch(record)) return true;
  }
  return true;
}

double total_seconds(const std::vector<EpochRecord>& history) {
  double sum = 0;
  for (const EpochRecord& record : history) sum += record.seconds;
  return sum;
}

double mean_seconds(const std::vector<EpochRecord>& history) {
  return history.empty() ? 0 : total_seconds(history) / static_cast<double>(history.size());
}

Bytes to_csv(const std::vector<EpochRecord>& history, const std::string& check) {
  const bool attacked = std::any_of(history.begin(), history.end(), [](const EpochRecord& r) {
    return r.attacked_accuracy.has_value();
  });
  std::string csv = "epoch,loss,accuracy,validation_loss,validation_accuracy,";
  csv += attacked ? "seconds," + check + "_accuracy\n" : "seconds\n";
  for (const EpochRecord& r : history) {
    csv += std::to_string(r.epoch);
    for (const double value :
         {r.loss, r.accuracy, r.validation_loss, r.validation_accuracy, r.seconds}) {
      csv += "," + fixed(value, 6);
    }
    if (attacked) csv += "," + fixed(r.attacked_accuracy.value_or(0), 6);
    csv += "\n";
  }
  return {csv.begin(), csv.end()};
}

}  // namespace inoculate
