#include "train/checkpoint.h"

#include <algorithm>
#include <cfloat>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/error.h"
#include "data/json.h"
#include "data/json_number.h"
#include "train/weight_average.h"

namespace inoculate {
namespace {

using Json = nlohmann::json;

constexpr const char* kKey = "training";
constexpr const char* kFirstMoment = "adam/first_moment/";
constexpr const char* kSecondMoment = "adam/second_moment/";
constexpr std::int64_t kMostExamples = std::numeric_limits<int>::max();
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

Json to_json(const RecipeOptions& r) {
  return {{"method", method_name(r.method)},
          {"epsilon", r.epsilon},
          {"steps", r.steps},
          {"step_size", r.step_size},
          {"smooth_share", r.smooth_share},
          {"beta", r.beta},
          {"smoothing", r.smoothing},
          {"sigma", r.sigma},
          {"warm_up", r.warm_up},
          {"recover", r.recover},
          {"kappa", r.kappa},
          {"l1", r.l1},
          {"clip_norm", r.clip_norm},
          {"crown_share", r.crown_share},
          {"judge_epsilon", r.judge_epsilon},
          {"l2", r.norm == Norm::kL2},
          {"pair_weight", r.pair_weight},
          {"decoder_fingerprint", r.decoder_fingerprint}};
}

Json to_json(const Trainer& trainer, const TrainingRun& run) {
  const TrainingOptions& options = trainer.options();
  const TrainerState state = trainer.state();
  Json history = Json::array();
  for (const EpochRecord& record : run.history) history.push_back(to_json(record));
  Json json{{"epochs", options.epochs},
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
            {"keep_best", run.keep_best},
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
            {"recovery", state.one_step.recovery},
            {"first_share", state.first_share},
            {"first_share_of_average", state.first_share_of_average}};
  if (!run.from.empty()) {
    json["from"] = run.from;
    json["from_fingerprint"] = run.from_fingerprint;
    json["frozen_statistics"] = run.frozen_statistics;
  }
  return json;
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

// The members of a JSON object, each a number in its range or the checkpoint is refused.
class Fields {
 public:
  Fields(const Json& json, const std::string& name) : json_(json), name_(name) {}

  int integer(const char* key, std::int64_t low, std::int64_t high = kMostExamples) const {
    return static_cast<int>(long_integer(key, low, high));
  }
  std::int64_t long_integer(const char* key, std::int64_t low, std::int64_t high) const {
    return checked(json_integer(json_.at(key), low, high), key);
  }
  std::uint64_t bits(const char* key) const { return checked(json_unsigned(json_.at(key)), key); }
  double real(const char* key, double low, double high) const {
    return checked(json_real(json_.at(key), low, high), key);
  }
  float single(const char* key, double low, double high = FLT_MAX) const {
    return static_cast<float>(real(key, low, high));
  }
  // From nothing but zeros xoshiro draws nothing but zeros.
  Rng::State generator(const char* key) const {
    const Json& list = json_.at(key);
    Rng::State state{};
    require(list.is_array() && list.size() == state.size(), name_, misfit(key));
    for (std::size_t i = 0; i < state.size(); ++i) {
      state[i] = checked(json_unsigned(list[i]), key);
    }
    require(state != Rng::State{}, name_, "the state of a random generator is all zero");
    return state;
  }

 private:
  static std::string misfit(std::string key) {
    std::replace(key.begin(), key.end(), '_', ' ');
    return "its " + key + " is missing or out of range";
  }
  template <class T>
  T checked(const std::optional<T>& value, const char* key) const {
    require(value.has_value(), name_, misfit(key));
    return *value;
  }

  const Json& json_;
  const std::string& name_;
};

EpochRecord record_from(const Json& j, std::int64_t epoch, const std::string& name) {
  const auto real = [&](std::size_t i) {
    const auto value = json_real(j.at(i), -DBL_MAX, DBL_MAX);
    require(value.has_value(), name, "its history holds something that is not a number");
    return *value;
  };
  require(j.is_array() && j.size() <= 7 && json_integer(j.at(0), epoch, epoch), name,
          "its history is out of order");
  EpochRecord record{static_cast<int>(epoch), real(1), real(2), real(3), real(4), real(5)};
  if (j.size() > 6) record.attacked_accuracy = real(6);
  return record;
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
  const Fields fields(j, name);
  const auto method = find_training_method(j.at("method").get<std::string>());
  require(method.has_value(), name, "its training method is unknown");
  r.method = *method;
  r.epsilon = fields.single("epsilon", 0);
  r.steps = fields.integer("steps", 1, 1'000'000);
  r.step_size = fields.single("step_size", 0);
  r.smooth_share = fields.single("smooth_share", 0);
  r.beta = fields.single("beta", 0);
  r.smoothing = fields.single("smoothing", 0);
  r.sigma = fields.single("sigma", 0);
  r.warm_up = fields.real("warm_up", 0, DBL_MAX);
  r.recover = j.at("recover").get<bool>();
  r.kappa = fields.single("kappa", 0, 1);
  r.l1 = fields.single("l1", 0);
  r.clip_norm = fields.single("clip_norm", FLT_MIN);
  r.crown_share = fields.single("crown_share", 0, 1);
  r.judge_epsilon = fields.single("judge_epsilon", 0);
  r.norm = j.at("l2").get<bool>() ? Norm::kL2 : Norm::kLinf;
  r.pair_weight = fields.single("pair_weight", 0);
  r.decoder_fingerprint = fields.bits("decoder_fingerprint");
}

void read(TrainingOptions& o, const Json& j, const std::string& name) {
  const Fields fields(j, name);
  o.epochs = fields.integer("epochs", 1, 1'000'000);
  o.batch_size = fields.integer("batch_size", 1, 65536);
  o.learning_rate = fields.single("learning_rate", FLT_MIN);
  const auto loss = j.at("loss").get<std::string>();
  require(loss == kCrossEntropy || loss == kMeanSquaredError, name, "its loss is unknown");
  o.loss = loss == kCrossEntropy ? Loss::kCrossEntropy : Loss::kMeanSquaredError;
  o.seed = fields.bits("seed");
  read(o.recipe, j.at("recipe_options"), name);
  o.average = fields.single("average", 0);
  require(o.average < 1, name, "its average is missing or out of range");
  o.schedule = j.at("cosine").get<bool>() ? Schedule::kCosine : Schedule::kConstant;
}

void read(TrainingRun& run, const Json& j, const std::string& name) {
  const Fields fields(j, name);
  run.begin = fields.integer("begin", 0);
  run.end = fields.integer("end", 0);
  require(run.end > run.begin, name, "its range of examples is empty");
  run.held_out = fields.integer("held_out", 0);
  require(run.held_out < run.end - run.begin, name, "its held-out examples are more than all");
  run.keep_best = j.at("keep_best").get<bool>();
  run.fingerprint = fields.bits("fingerprint");
  for (const Json& record : j.at("history")) {
    run.history.push_back(
        record_from(record, static_cast<std::int64_t>(run.history.size()) + 1, name));
  }
}

// All of it is held against the run, so that nothing leads the trainer out of its arrays.
void read(TrainerState& s, const Json& j, const TrainingOptions& options, const TrainingRun& run,
          const std::string& name) {
  const Fields fields(j, name);
  const int examples = run.end - run.begin - run.held_out;
  const std::int64_t steps = (examples - 1) / options.batch_size + 1;
  s.epoch = fields.integer("epoch", 0, options.epochs);
  s.step = fields.integer("step", 0, s.epoch < options.epochs ? steps - 1 : 0);
  const std::int64_t done = s.epoch * steps + s.step;
  s.adam.steps = fields.long_integer("adam_steps", done, done);
  s.loss_sum = fields.real("loss_sum", -DBL_MAX, DBL_MAX);
  s.correct = fields.long_integer("correct", 0, std::int64_t{s.step} * options.batch_size);
  s.order_at_epoch = fields.generator("order");
  s.dropout = fields.generator("dropout");
  s.recipe = fields.generator("recipe");
  s.one_step = {fields.integer("unchecked", 0, OneStepState::kCheckEvery - 1),
                fields.integer("recovery", 0, OneStepState::kRecovery)};
  s.first_share = fields.real("first_share", 0, 1);
  s.first_share_of_average = fields.real("first_share_of_average", 0, 1);
  require(run.history.size() <= static_cast<std::size_t>(s.epoch), name,
          "its history is longer than its run");
}

// 64-bit FNV-1a, a number at a time.
struct Hash {
  std::uint64_t value = 0xcbf29ce484222325ULL;

  void mix_one(std::uint64_t number) { value = (value ^ number) * 0x100000001b3ULL; }
  template <class Numbers>
  void mix(const Numbers& numbers) {
    for (const auto number : numbers) mix_one(static_cast<std::uint64_t>(number));
  }
};

// The description of the run in a checkpoint, empty where it is damaged; none in any other file.
std::optional<Json> description_in(const Safetensors& file) {
  const auto training = file.metadata.find(kKey);
  if (training == file.metadata.end()) return std::nullopt;
  try {
    return parse_json(training->second);
  } catch (const Error&) {
    return Json::object();
  }
}

}  // namespace

std::uint64_t fingerprint(const Dataset& dataset) {
  Hash hash;
  hash.mix(dataset.pixels);
  hash.mix(dataset.labels);
  return hash.value;
}

std::uint64_t fingerprint(ByteView bytes) {
  Hash hash;
  hash.mix(bytes);
  return hash.value;
}

std::uint64_t fingerprint(ConstMatrixRef images, const Labels& labels) {
  Hash hash;
  for (Eigen::Index i = 0; i < images.rows(); ++i) {
    const float* row = images.row(i).data();
    for (Eigen::Index k = 0; k < images.cols(); ++k) hash.mix_one(bits_as<std::uint32_t>(row[k]));
  }
  hash.mix(labels);
  return hash.value;
}

Safetensors save_checkpoint(const Trainer& trainer, const TrainingRun& run) {
  const Trainable& network = trainer.network();
  const WeightTable table = weight_table(network);
  const TrainerState state = trainer.state();
  Safetensors file;
  file.tensors = weights(table);
  for (auto& moments : {named(table, state.adam.first_moment, kFirstMoment),
                        named(table, state.adam.second_moment, kSecondMoment)}) {
    file.tensors.insert(file.tensors.end(), moments.begin(), moments.end());
  }
  const auto add = [&](std::vector<NamedTensor> tensors, const std::string& prefix) {
    for (NamedTensor& tensor : tensors) {
      tensor.name = prefix + tensor.name;
      file.tensors.push_back(std::move(tensor));
    }
  };
  add(run.best, kBest);
  if (trainer.options().average > 0) {
    const std::unique_ptr<Trainable> averaged = network.copy();
    set_all_weights(*averaged, state.average);
    add(weights(weight_table(*averaged)), kAverage);
  }
  file.metadata["architecture"] = network.architecture();
  file.metadata[kKey] = to_json(trainer, run).dump(-1, ' ', false, Json::error_handler_t::replace);
  return file;
}

CheckpointStart checkpoint_start(const Safetensors& file) {
  const std::optional<Json> json = description_in(file);
  try {
    if (!json || !json->is_object() || !json->contains("from")) return {};
    return {json->at("from").get<std::string>(),
            json_unsigned(json->at("from_fingerprint")).value_or(0),
            json->at("frozen_statistics").get<bool>()};
  } catch (const Json::exception&) {
    return {};
  }
}

std::optional<TrainingMethod> checkpoint_method(const Safetensors& file) {
  const std::optional<Json> json = description_in(file);
  if (!json) return std::nullopt;
  try {
    const auto name = json->at("recipe_options").at("method").get<std::string>();
    return find_training_method(name).value_or(TrainingMethod::kPlain);
  } catch (const Json::exception&) {
    return TrainingMethod::kPlain;
  }
}

Checkpoint load_checkpoint(const Safetensors& file, const Trainable& network,
                           const std::string& name) {
  const auto training = file.metadata.find(kKey);
  if (training == file.metadata.end()) {
    throw Error(name +
                ": is not a checkpoint of a training run; give the file that --checkpoint wrote");
  }
  const std::size_t parameters = network.parameters().size();
  Checkpoint checkpoint{{}, {}, {AdamState(parameters)}, {}};
  try {
    const Json json = description_of(training->second, name);
    read(checkpoint.options, json, name);
    read(checkpoint.run, json, name);
    read(checkpoint.state, json, checkpoint.options, checkpoint.run, name);
    const CheckpointStart start = checkpoint_start(file);
    checkpoint.run.from = start.from;
    checkpoint.run.from_fingerprint = start.fingerprint;
    checkpoint.run.frozen_statistics = start.frozen_statistics;
  } catch (const Json::exception&) {
    require(false, name, "its description of the run cannot be read");
  }
  AdamState& adam = checkpoint.state.adam;
  const WeightTable table = weight_table(network);
  set_named(adam.first_moment, table, file.tensors, kFirstMoment, name);
  set_named(adam.second_moment, table, file.tensors, kSecondMoment, name);
  for (const float v : adam.second_moment) require(v >= 0, name, "a second moment is negative");
  const std::unique_ptr<Trainable> scratch = network.copy();
  checkpoint.run.best = tensors_under(kBest, file);
  TrainingRun& run = checkpoint.run;
  if (!run.best.empty()) set_weights(*scratch, run.best, name + ": its best weights");
  require(run.best.empty() == !(run.keep_best && !run.history.empty()), name,
          "its best weights are missing, or there though none are kept");
  for (const NamedTensor& tensor : file.tensors) {
    const auto is_under = [&](const std::string& prefix) {
      return tensor.name.starts_with(prefix);
    };
    if (!is_under("adam/") && !is_under(kBest) && !is_under(kAverage)) {
      checkpoint.weights.push_back(tensor);
    }
  }
  if (checkpoint.options.average > 0) {
    set_weights(*scratch, tensors_under(kAverage, file), name + ": its averaged weights");
    checkpoint.state.average = all_weights(*scratch);
  }
  return checkpoint;
}

}  // namespace inoculate
