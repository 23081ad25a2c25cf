#include "train/checkpoint.h"

#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/error.h"
#include "data/json.h"
#include "nn/weights.h"
#include "train/weight_average.h"

namespace inoculate {
namespace {

using Json = nlohmann::json;

constexpr const char* kKey = "training";
constexpr const char* kFirstMoment = "adam/first_moment/";
constexpr const char* kSecondMoment = "adam/second_moment/";
const std::string kBest = "best/";
const std::string kAverage = "average/";
const std::string kCrossEntropy = "crossentropy";
const std::string kMeanSquaredError = "mse";

Json to_json(const EpochRecord& r) {
  Json json = Json::array(
      {r.epoch, r.loss, r.accuracy, r.validation_loss, r.validation_accuracy, r.seconds});
  if (r.attacked_accuracy) json.push_back(*r.attacked_accuracy);
  return json;
}

EpochRecord record_from(const Json& j) {
  EpochRecord record{j.at(0).get<int>(),    j.at(1).get<double>(), j.at(2).get<double>(),
                     j.at(3).get<double>(), j.at(4).get<double>(), j.at(5).get<double>()};
  if (j.size() > 6) record.attacked_accuracy = j.at(6).get<double>();
  return record;
}

Json to_json(const RecipeOptions& r) {
  return {
      {"method", method_name(r.method)}, {"epsilon", r.epsilon},           {"steps", r.steps},
      {"step_size", r.step_size},        {"smooth_share", r.smooth_share}, {"beta", r.beta},
      {"smoothing", r.smoothing},        {"warm_up", r.warm_up},           {"recover", r.recover}};
}

Json to_json(const Trainer& trainer, const TrainingRun& run) {
  const TrainingOptions& options = trainer.options();
  const TrainerState state = trainer.state();
  Json history = Json::array();
  for (const EpochRecord& record : run.history) history.push_back(to_json(record));
  return {{"epochs", options.epochs},
          {"batch_size", options.batch_size},
          {"learning_rate", options.learning_rate},
          {"loss", options.loss == Loss::kCrossEntropy ? kCrossEntropy : kMeanSquaredError},
          {"seed", options.seed},
          {"recipe_options", to_json(options.recipe)},
          {"average", options.average},
          {"cosine", options.schedule == Schedule::kCosine},
          {"begin", run.begin},
          {"end", run.end},
          {"held_out", run.held_out},
          {"fingerprint", run.fingerprint},
          {"history", history},
          {"adam_steps", state.adam.steps},
          {"epoch", state.epoch},
          {"step", state.step},
          {"loss_sum", state.loss_sum},
          {"correct", state.correct},
          {"order", state.order_at_epoch},
          {"dropout", state.dropout},
          {"recipe", state.recipe},
          {"unchecked", state.one_step.unchecked},
          {"recovery", state.one_step.recovery}};
}

std::vector<NamedTensor> tensors_under(const std::string& prefix, const Safetensors& file) {
  std::vector<NamedTensor> tensors;
  for (const NamedTensor& tensor : file.tensors) {
    if (!tensor.name.starts_with(prefix)) continue;
    tensors.push_back(tensor);
    tensors.back().name.erase(0, prefix.size());
  }
  return tensors;
}

void require(bool holds, const std::string& name, const std::string& what) {
  if (!holds) throw Error(name + ": " + what + "; this checkpoint is damaged, start the run again");
}

// Numbers that would lead the trainer out of its arrays, or a run astray, are refused.
void check(const Checkpoint& c, const std::string& name) {
  const TrainingOptions& o = c.options;
  require(o.epochs >= 1 && o.epochs <= 1'000'000, name, "its number of epochs is out of range");
  require(c.run.begin >= 0 && c.run.end > c.run.begin, name, "its range of examples is empty");
  require(c.run.held_out >= 0 && c.run.held_out < c.run.end - c.run.begin, name,
          "its held-out examples are more than all");
  const int examples = c.run.end - c.run.begin - c.run.held_out;
  require(o.batch_size >= 1 && o.batch_size <= 65536, name, "its batch size is out of range");
  require(std::isfinite(o.learning_rate) && o.learning_rate > 0, name,
          "its learning rate is no positive number");
  require(o.average >= 0 && o.average < 1, name, "its decay of the average is out of range");
  const int steps = (examples - 1) / o.batch_size + 1;
  require(c.state.epoch >= 0 && c.state.epoch <= o.epochs && c.state.step >= 0 &&
              c.state.step < steps && c.state.adam.steps >= 0 && c.state.correct >= 0,
          name, "its place in the run is out of range");
  require(
      c.state.one_step.unchecked >= 0 && c.state.one_step.unchecked < OneStepState::kCheckEvery &&
          c.state.one_step.recovery >= 0 && c.state.one_step.recovery <= OneStepState::kRecovery,
      name, "its place between two checks is out of range");
  // From nothing but zeros xoshiro draws nothing but zeros.
  const Rng::State zero{};
  require(c.state.order_at_epoch != zero && c.state.dropout != zero && c.state.recipe != zero, name,
          "the state of a random generator is all zero");
  require(c.run.history.size() <= static_cast<std::size_t>(c.state.epoch), name,
          "its history is longer than its run");
}

Json description_of(const std::string& text, const std::string& name) {
  try {
    return parse_json(text);
  } catch (const Error& error) {
    throw Error(name + ": its description of the run " + error.what() +
                "; this checkpoint is damaged, start the run again");
  }
}

void read(RecipeOptions& r, const Json& j, const std::string& name) {
  const auto method = find_training_method(j.at("method").get<std::string>());
  require(method.has_value(), name, "its training method is unknown");
  r.method = *method;
  r.epsilon = j.at("epsilon").get<float>();
  r.steps = j.at("steps").get<int>();
  r.step_size = j.at("step_size").get<float>();
  r.smooth_share = j.at("smooth_share").get<float>();
  r.beta = j.at("beta").get<float>();
  r.smoothing = j.at("smoothing").get<float>();
  r.warm_up = j.at("warm_up").get<double>();
  r.recover = j.at("recover").get<bool>();
  for (const double value : {static_cast<double>(r.epsilon), static_cast<double>(r.step_size),
                             static_cast<double>(r.smooth_share), static_cast<double>(r.beta),
                             static_cast<double>(r.smoothing), r.warm_up}) {
    require(std::isfinite(value) && value >= 0, name, "a setting of its method is out of range");
  }
  require(r.steps >= 1 && r.steps <= 1'000'000, name, "its attack's steps are out of range");
}

void read(Checkpoint& c, const Json& j, const std::string& name) {
  c.options.epochs = j.at("epochs").get<int>();
  c.options.batch_size = j.at("batch_size").get<int>();
  c.options.learning_rate = j.at("learning_rate").get<float>();
  const auto loss = j.at("loss").get<std::string>();
  require(loss == kCrossEntropy || loss == kMeanSquaredError, name, "its loss is unknown");
  c.options.loss = loss == kCrossEntropy ? Loss::kCrossEntropy : Loss::kMeanSquaredError;
  c.options.seed = j.at("seed").get<std::uint64_t>();
  read(c.options.recipe, j.at("recipe_options"), name);
  c.options.average = j.at("average").get<float>();
  c.options.schedule = j.at("cosine").get<bool>() ? Schedule::kCosine : Schedule::kConstant;
  c.run.begin = j.at("begin").get<int>();
  c.run.end = j.at("end").get<int>();
  c.run.held_out = j.at("held_out").get<int>();
  c.run.fingerprint = j.at("fingerprint").get<std::uint64_t>();
  for (const Json& record : j.at("history")) c.run.history.push_back(record_from(record));
  c.state.adam.steps = j.at("adam_steps").get<std::int64_t>();
  c.state.epoch = j.at("epoch").get<int>();
  c.state.step = j.at("step").get<int>();
  c.state.loss_sum = j.at("loss_sum").get<double>();
  c.state.correct = j.at("correct").get<std::int64_t>();
  c.state.order_at_epoch = j.at("order").get<Rng::State>();
  c.state.dropout = j.at("dropout").get<Rng::State>();
  c.state.recipe = j.at("recipe").get<Rng::State>();
  c.state.one_step = {j.at("unchecked").get<int>(), j.at("recovery").get<int>()};
}

}  // namespace

std::uint64_t fingerprint(const Dataset& dataset) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  const auto mix = [&hash](ByteView bytes) {
    for (const std::uint8_t byte : bytes) hash = (hash ^ byte) * 0x100000001b3ULL;
  };
  mix(dataset.pixels);
  mix(dataset.labels);
  return hash;
}

Safetensors save_checkpoint(const Trainer& trainer, const TrainingRun& run) {
  const Network& network = trainer.network();
  const TrainerState state = trainer.state();
  Safetensors file;
  file.tensors = weights(network);
  for (auto& moments : {named(network, state.adam.first_moment, kFirstMoment),
                        named(network, state.adam.second_moment, kSecondMoment)}) {
    file.tensors.insert(file.tensors.end(), moments.begin(), moments.end());
  }
  const auto add = [&](std::vector<NamedTensor> tensors, const std::string& prefix) {
    for (NamedTensor& tensor : tensors) {
      tensor.name = prefix + tensor.name;
      file.tensors.push_back(std::move(tensor));
    }
  };
  add(run.best, kBest);
  if (trainer.options().average > 0) add(weights(trainer.trained()), kAverage);
  file.metadata["architecture"] = network.architecture().name;
  file.metadata[kKey] = to_json(trainer, run).dump();
  return file;
}

Checkpoint load_checkpoint(const Safetensors& file, const Network& network,
                           const std::string& name) {
  const auto training = file.metadata.find(kKey);
  if (training == file.metadata.end()) {
    throw Error(name +
                ": is no checkpoint of a training run; give the file that --checkpoint wrote");
  }
  const std::size_t parameters = network.parameters().size();
  Checkpoint checkpoint{{}, {}, {AdamState(parameters)}, {}};
  try {
    read(checkpoint, description_of(training->second, name), name);
  } catch (const Json::exception&) {
    require(false, name, "its description of the run cannot be read");
  }
  check(checkpoint, name);
  AdamState& adam = checkpoint.state.adam;
  set_named(adam.first_moment, network, file.tensors, kFirstMoment, name);
  set_named(adam.second_moment, network, file.tensors, kSecondMoment, name);
  for (const float v : adam.second_moment) require(v >= 0, name, "a second moment is negative");
  checkpoint.run.best = tensors_under(kBest, file);
  for (const NamedTensor& tensor : file.tensors) {
    const auto is_under = [&](const std::string& prefix) {
      return tensor.name.starts_with(prefix);
    };
    if (!is_under("adam/") && !is_under(kBest) && !is_under(kAverage)) {
      checkpoint.weights.push_back(tensor);
    }
  }
  if (checkpoint.options.average > 0) {
    Network averaged = network;
    set_weights(averaged, tensors_under(kAverage, file), name);
    checkpoint.state.average = all_weights(averaged);
  }
  return checkpoint;
}

}  // namespace inoculate
