// Training, one optimiser step a call: the command, the page and the tests all drive this.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/rng.h"
#include "model/trainable.h"
#include "nn/adam.h"
#include "nn/loss.h"
#include "train/examples.h"
#include "train/objective.h"
#include "train/recipe.h"

namespace inoculate {

/// How Adam's step size goes on from `learning_rate`.
enum class Schedule {
  kConstant,
  kCosine,  ///< falls to 0 at the end as half a cosine (Loshchilov & Hutter, "SGDR", 2017)
};

struct TrainingOptions {
  int epochs = 20;
  int batch_size = 64;
  float learning_rate = 1e-3F;
  Loss loss = Loss::kCrossEntropy;
  std::uint64_t seed = 1;  ///< of the order of the examples, of dropout and of the recipe
  RecipeOptions recipe{};  ///< plain training, or a defence
  Schedule schedule = Schedule::kConstant;
  float average = 0;  ///< decay of the average of the weights, in 0..1; 0: the last ones count
};

/// How far training has come. Loss and accuracy are means over the epoch so far, in training mode,
/// as Keras shows them.
struct TrainingProgress {
  int epoch = 0;  ///< counted from 1
  int epochs = 0;
  int step = 0;  ///< of this epoch, counted from 1
  int steps = 0;
  double loss = 0;
  double accuracy = 0;

  bool epoch_ended() const { return step == steps; }
};

/// All that a run needs besides the network to go on where it stopped, bit for bit.
struct TrainerState {
  AdamState adam;
  int epoch = 0;        // finished epochs
  int step = 0;         // steps done in the current one
  double loss_sum = 0;  // over the current epoch's examples
  std::int64_t correct = 0;
  Rng::State
      order_at_epoch{};  // of the generator that shuffles, before the current epoch's shuffle
  Rng::State dropout{};
  Rng::State recipe{};
  OneStepState one_step{};
  std::vector<float> average{};  // as all_weights; empty where the last weights count
  // What the values that batch normalisation's moving statistics began with still make up of
  // them: in the network, and in `average`. 0 where they began as those of a trained network.
  double first_share = 0;
  double first_share_of_average = 0;
};

/// Trains `network` by Adam on batches of `source`, shuffled anew each epoch, after the recipe has
/// made of each batch what is to be learnt; the last batch of an epoch may be smaller. What the
/// source refers to must outlive the trainer. Throws Error when batches are too small for the
/// network's batch normalisation, and where the recipe needs an objective and there is none.
class Trainer {
 public:
  /// `objective`, such as train/certified_training.h has, takes the place of the recipe's images
  /// and loss.
  Trainer(std::unique_ptr<Trainable> network, ExampleSource source, const TrainingOptions& options,
          std::unique_ptr<Objective> objective = nullptr);

  const TrainingOptions& options() const { return options_; }
  const Trainable& network() const { return *network_; }
  int steps_per_epoch() const;
  /// The network as training leaves it, to be asked and written: of averaged weights where the
  /// options ask for that, and without what the moving statistics of batch normalisation began with
  /// (see nn/moving_statistics.h). network() has them as Keras does, which is what training goes on
  /// from, and what recipes attack.
  std::unique_ptr<Trainable> trained() const;
  bool finished() const { return state_.epoch == options_.epochs; }

  /// One step on the next batch; not to be called when finished. Throws Error when the training has
  /// diverged: a loss is not finite. The network is then of no more use.
  TrainingProgress step();

  /// Steps until finished or until `on_step` returns false.
  void run(const std::function<bool(const TrainingProgress&)>& on_step);

  TrainerState state() const;
  /// Goes on from a state taken under the same options and source.
  void restore(const TrainerState& state);

 private:
  void shuffle();
  const float* find_gradients();
  double epochs_done() const;
  float learning_rate() const;

  std::unique_ptr<Trainable> network_;
  std::unique_ptr<Objective> objective_;
  ExampleSource source_;
  TrainingOptions options_;
  TrainerState state_;
  Rng order_rng_;
  Rng dropout_rng_;
  Rng recipe_rng_;
  std::vector<std::int32_t> order_;
  FloatBuffer gradients_;
  Matrix images_;
  Labels labels_;
  std::vector<float> losses_;
  std::vector<float> d_logits_;
};

}  // namespace inoculate
