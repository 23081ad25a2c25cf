#include "train/trainer.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

#include "base/error.h"
#include "base/finite.h"
#include "nn/batch_norm.h"
#include "train/weight_average.h"

namespace inoculate {
namespace {

// The uses of one seed.
constexpr std::uint64_t kOrderStream = 1;
constexpr std::uint64_t kDropoutStream = 2;
constexpr std::uint64_t kRecipeStream = 4;

}  // namespace

Trainer::Trainer(std::unique_ptr<Trainable> network, ExampleSource source,
                 const TrainingOptions& options, std::unique_ptr<Objective> objective)
    : network_(std::move(network)),
      objective_(std::move(objective)),
      source_(std::move(source)),
      options_(options),
      state_{AdamState(network_->parameters().size())},
      order_rng_(options.seed, kOrderStream),
      dropout_rng_(options.seed, kDropoutStream),
      recipe_rng_(options.seed, kRecipeStream),
      order_(static_cast<std::size_t>(source_.size)),
      gradients_(network_->parameters().size()) {
  assert(source_.size > 0 && options.batch_size > 0 && options.epochs >= 0);
  if (std::min(options.batch_size, source_.size) < network_->least_batch()) {
    throw Error(
        "a batch of one image: batch normalisation after a dense layer learns nothing from it; "
        "train on batches of 2 or more");
  }
  if (objective_ == nullptr && needs_objective(options.recipe.method)) {
    throw Error(std::string("the method '") + method_name(options.recipe.method) +
                "' has an objective of its own, and nobody has given it");
  }
  if (options.average > 0) state_.average = all_weights(*network_);
  state_.first_share = state_.first_share_of_average = network_->has_first_statistics() ? 1 : 0;
  shuffle();
}

std::unique_ptr<Trainable> Trainer::trained() const {
  std::unique_ptr<Trainable> network = network_->copy();
  const bool averaged = options_.average > 0;
  if (averaged) set_all_weights(*network, state_.average);
  const double first = averaged ? state_.first_share_of_average : state_.first_share;
  // Before the first step there is nothing else.
  if (first < 1) network->remove_first_statistics(first);
  return network;
}

int Trainer::steps_per_epoch() const {
  return (source_.size + options_.batch_size - 1) / options_.batch_size;
}

void Trainer::shuffle() {
  state_.order_at_epoch = order_rng_.state();
  std::iota(order_.begin(), order_.end(), 0);
  order_rng_.shuffle(order_);
}

double Trainer::epochs_done() const {
  return state_.epoch + static_cast<double>(state_.step) / steps_per_epoch();
}

float Trainer::learning_rate() const {
  if (options_.schedule == Schedule::kConstant) return options_.learning_rate;
  const double part = epochs_done() / options_.epochs;
  return options_.learning_rate * static_cast<float>(0.5 * (1 + std::cos(std::numbers::pi * part)));
}

// Sets gradients_ and losses_ by the examples in images_; returns their logits.
const float* Trainer::find_gradients() {
  const auto refuse_unless_finite = [&](const float* logits, int numbers) {
    if (all_finite(logits, numbers) &&
        all_finite(losses_.data(), static_cast<int>(losses_.size()))) {
      return;
    }
    throw Error("the training has diverged: its loss is not finite; lower the learning rate");
  };
  const int n = static_cast<int>(images_.rows()), classes = network_->spec().classes;
  if (objective_ != nullptr) {
    losses_.resize(static_cast<std::size_t>(n));
    const float* logits = objective_->gradient(gradients_, losses_.data(), *network_,
                                               {images_, labels_, epochs_done()}, recipe_rng_);
    refuse_unless_finite(logits, n * classes);
    return logits;
  }
  apply_recipe(images_, options_.recipe, *network_, labels_, recipe_rng_, epochs_done(),
               state_.one_step);
  // A recipe may have added rows, after those of the examples.
  const int rows = static_cast<int>(images_.rows());
  losses_.resize(static_cast<std::size_t>(rows));
  d_logits_.resize(static_cast<std::size_t>(rows * classes));
  const float* logits = network_->forward_training(images_.data(), rows, dropout_rng_);
  recipe_loss(losses_.data(), d_logits_.data(), options_.recipe, options_.loss,
              1.0F / static_cast<float>(n), logits, labels_, rows, classes);
  refuse_unless_finite(logits, rows * classes);
  network_->backward(gradients_, d_logits_.data());
  return logits;
}

TrainingProgress Trainer::step() {
  assert(!finished());
  const int begin = state_.step * options_.batch_size;
  const int n = std::min(options_.batch_size, source_.size - begin);
  const auto indices =
      std::span(order_).subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(n));
  source_.gather(indices, images_, labels_);
  const int classes = network_->spec().classes;
  const float* logits = find_gradients();
  adam_step(network_->parameters(), gradients_, state_.adam, learning_rate());
  state_.first_share *= static_cast<double>(kBatchNormMomentum);
  if (options_.average > 0) {
    update_average(state_.average, *network_, options_.average, state_.adam.steps);
    const auto kept = static_cast<double>(kept_share(options_.average, state_.adam.steps));
    state_.first_share_of_average =
        kept * state_.first_share_of_average + (1 - kept) * state_.first_share;
  }

  for (int i = 0; i < n; ++i) {
    const float* row = logits + i * classes;
    const auto guess = std::max_element(row, row + classes) - row;
    state_.loss_sum += losses_[static_cast<std::size_t>(i)];
    state_.correct += guess == labels_[static_cast<std::size_t>(i)];
  }
  ++state_.step;
  const double seen = begin + n;
  const TrainingProgress progress{
      state_.epoch + 1,  options_.epochs,        state_.step,
      steps_per_epoch(), state_.loss_sum / seen, static_cast<double>(state_.correct) / seen};
  if (progress.epoch_ended()) {
    ++state_.epoch;
    state_.step = 0;
    state_.loss_sum = 0;
    state_.correct = 0;
    shuffle();
  }
  return progress;
}

void Trainer::run(const std::function<bool(const TrainingProgress&)>& on_step) {
  while (!finished() && on_step(step())) {
  }
}

TrainerState Trainer::state() const {
  TrainerState state = state_;
  state.dropout = dropout_rng_.state();
  state.recipe = recipe_rng_.state();
  return state;
}

void Trainer::restore(const TrainerState& state) {
  assert(state.adam.first_moment.size() == network_->parameters().size());
  assert(state.average.empty() == !(options_.average > 0));
  state_ = state;
  dropout_rng_.set_state(state.dropout);
  recipe_rng_.set_state(state.recipe);
  order_rng_.set_state(state.order_at_epoch);
  shuffle();
}

}  // namespace inoculate
