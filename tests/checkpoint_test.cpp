#include "train/checkpoint.h"

#include <cmath>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/error.h"
#include "catch.h"
#include "networks.h"
#include "nn/weights.h"
#include "random_data.h"
#include "refusal_of.h"
#include "train/weight_average.h"

using namespace inoculate;
using Json = nlohmann::json;

namespace {

constexpr int kExamples = 23;
constexpr TrainingOptions kOptions{
    3,     5,
    3e-3F, Loss::kMeanSquaredError,
    ~0ULL, {TrainingMethod::kMixedBatch, 0.2F, 7, 0.04F, 0.5F, 6, 0.1F, 0, false}};

/// A run of three epochs of five steps, stopped after nine.
struct Scene {
  Matrix images = RandomData(1).images(kExamples, Network(tiny_network()).input_size());
  Labels labels = RandomData(2).labels(kExamples, 2);  // so few that some are learnt at once
  Network network = random_network(tiny_network());
  Trainer trainer{trainable(network), examples_of(images, labels), kOptions};
  TrainingRun run{100, 100 + kExamples, 0xfedcba9876543210, {{1, 2.5, 0.1, 1.0 / 3, 0.2, 7.75}}};

  Scene() {
    for (int i = 0; i < 9; ++i) trainer.step();
  }
  /// The checkpoint as it comes back from a file's bytes.
  Safetensors file() const {
    return parse_safetensors(write_safetensors(save_checkpoint(trainer, run)), "c.st");
  }
};

std::string refusal(const Safetensors& file) {
  return refusal_of([&] { load_checkpoint(file, *trainable(Network(tiny_network())), "c.st"); });
}

}  // namespace

TEST_CASE("a run goes on from its checkpoint and ends as if it had never stopped") {
  Scene scene;
  TrainerState between_checks = scene.trainer.state();
  between_checks.one_step = {31, 7};
  scene.trainer.restore(between_checks);
  const Safetensors file = scene.file();
  const Checkpoint checkpoint = load_checkpoint(file, *trainable(scene.network), "c.st");
  CHECK(checkpoint.options.epochs == 3);
  CHECK(checkpoint.options.batch_size == 5);
  CHECK(checkpoint.options.learning_rate == 3e-3F);
  CHECK(checkpoint.options.loss == Loss::kMeanSquaredError);
  CHECK(checkpoint.options.seed == ~0ULL);
  CHECK(checkpoint.options.recipe.method == TrainingMethod::kMixedBatch);
  CHECK(checkpoint.options.recipe.epsilon == 0.2F);
  CHECK(checkpoint.options.recipe.steps == 7);
  CHECK(checkpoint.options.recipe.step_size == 0.04F);
  CHECK(checkpoint.options.recipe.smooth_share == 0.5F);
  CHECK(checkpoint.options.recipe.recover == kOptions.recipe.recover);
  CHECK(checkpoint.run.begin == 100);
  CHECK(checkpoint.run.end == 123);
  CHECK(checkpoint.run.fingerprint == 0xfedcba9876543210);
  REQUIRE(checkpoint.run.history.size() == 1);
  const EpochRecord& record = checkpoint.run.history[0];
  CHECK(std::vector<double>{record.loss, record.accuracy, record.validation_loss,
                            record.validation_accuracy,
                            record.seconds} == std::vector<double>{2.5, 0.1, 1.0 / 3, 0.2, 7.75});
  CHECK(record.epoch == 1);

  const TrainerState state = scene.trainer.state();
  CHECK(checkpoint.state.adam.first_moment == state.adam.first_moment);
  CHECK(checkpoint.state.adam.second_moment == state.adam.second_moment);
  CHECK(checkpoint.state.adam.steps == 9);
  CHECK(checkpoint.state.epoch == 1);
  CHECK(checkpoint.state.step == 4);
  CHECK(checkpoint.state.loss_sum == state.loss_sum);
  REQUIRE(state.correct > 0);  // else the next line says nothing
  CHECK(checkpoint.state.correct == state.correct);
  CHECK(checkpoint.state.one_step.unchecked == 31);
  CHECK(checkpoint.state.one_step.recovery == 7);

  Network network(tiny_network());
  set_weights(network, checkpoint.weights, "c.st");
  Trainer trainer(trainable(network), examples_of(scene.images, scene.labels), checkpoint.options);
  trainer.restore(checkpoint.state);
  const auto finish = [](Trainer& t) { t.run([](const TrainingProgress&) { return true; }); };
  finish(trainer);
  finish(scene.trainer);
  CHECK(all_weights(network) == all_weights(scene.network));
}

TEST_CASE("an averaged run goes on from its checkpoint, bit for bit") {
  Scene scene;
  TrainingOptions options = kOptions;
  options.average = 0.99F;
  Trainer trainer(trainable(scene.network), examples_of(scene.images, scene.labels), options);
  for (int i = 0; i < 9; ++i) trainer.step();
  scene.run.keep_best = true;
  scene.run.best = weights(scene.network);
  const Safetensors file =
      parse_safetensors(write_safetensors(save_checkpoint(trainer, scene.run)), "c.st");
  const Checkpoint checkpoint = load_checkpoint(file, *trainable(scene.network), "c.st");
  CHECK(checkpoint.options.average == 0.99F);
  CHECK(checkpoint.weights.size() == checkpoint.run.best.size());

  Network network(tiny_network());
  set_weights(network, checkpoint.weights, "c.st");
  Trainer again(trainable(network), examples_of(scene.images, scene.labels), checkpoint.options);
  again.restore(checkpoint.state);
  CHECK(all_weights(*again.trained()) == all_weights(*trainer.trained()));
  CHECK(all_weights(*again.trained()) != all_weights(network));
  const auto finish = [](Trainer& t) { t.run([](const TrainingProgress&) { return true; }); };
  finish(again);
  finish(trainer);
  CHECK(all_weights(*again.trained()) == all_weights(*trainer.trained()));
}

TEST_CASE("a checkpoint of a finished run is read back as finished") {
  Scene scene;
  while (!scene.trainer.finished()) scene.trainer.step();
  const Checkpoint checkpoint = load_checkpoint(scene.file(), *trainable(scene.network), "c.st");
  CHECK(checkpoint.state.epoch == 3);
  CHECK(checkpoint.state.step == 0);
}

TEST_CASE("a checkpoint holds the weights under their own names, as a weights file does") {
  Scene scene;
  const Safetensors file = scene.file();
  CHECK(file.metadata.at("architecture") == "tiny");
  CHECK(file.tensors.front().name == "a/kernel");
}

TEST_CASE("a weights file is no checkpoint") {
  Scene scene;
  const std::string message = refusal({weights(scene.network), {{"architecture", "tiny"}}});
  CHECK(message.starts_with("c.st: "));
  CHECK(message.find("not a checkpoint") != std::string::npos);
}

TEST_CASE("a checkpoint of another network is refused") {
  Scene scene;
  try {
    load_checkpoint(scene.file(), *trainable(Network(simple_cnn())), "c.st");
    FAIL("accepted");
  } catch (const Error& error) {
    CHECK(std::string(error.what()).starts_with("c.st: "));
  }
}

TEST_CASE("a checkpoint whose numbers cannot be is refused in one line") {
  struct {
    const char* key;
    Json value;
  } const cases[] = {
      {"epochs", 0},
      {"epochs", -3},
      {"epochs", 3'000'000'000},
      {"epochs", "three"},
      {"batch_size", 0},
      {"batch_size", 1'000'000'000},
      {"learning_rate", -1},
      {"learning_rate", 0},
      {"learning_rate", 1e300},
      {"learning_rate", nullptr},
      {"loss", "hinge"},
      {"loss", 3},
      {"begin", -1},
      {"end", 100},
      {"end", 99},
      {"adam_steps", -1},
      {"epoch", -1},
      {"epoch", 4},
      {"step", -1},
      {"step", 5},
      {"correct", -1},
      {"loss_sum", "much"},
      {"history", 3},
      {"history", Json::array({Json::array({1, 2})})},
      {"history", Json::array({Json::array({1, 2, 3, 4, 5, 6}), Json::array({1, 2, 3, 4, 5, 6})})},
      {"order", Json::array({0, 0, 0, 0})},
      {"order", Json::array({1, 2, 3})},
      {"dropout", Json::array({0, 0, 0, 0})},
      {"dropout", Json()},
      {"recipe", Json::array({0, 0, 0, 0})},
      {"unchecked", -1},
      {"unchecked", 50},
      {"recovery", -1},
      {"recovery", 21},
      {"recipe_options", 1},
      {"recipe_options", Json{{"method", "magic"}}},
      {"cosine", 1},
      {"average", -0.1},
      {"average", 1},
      {"average", "some"},
      {"average", 0.5},  // the averaged weights are missing
      {"held_out", -1},
      {"held_out", 23},
      // No integers, or beyond the type: each was taken once.
      {"epochs", 1e300},
      {"epochs", 3.5},
      {"epochs", true},
      {"batch_size", 5.0},
      {"begin", 100.25},
      {"seed", -1},
      {"seed", 1.5},
      {"fingerprint", -1},
      {"fingerprint", 1e19},
      {"order", Json::array({1, -2, 3, 4})},
      {"order", Json::array({1, 2, 3, 4.5})},
      {"order", Json::array({1, 2, 3, 4, 5})},
      {"adam_steps", std::numeric_limits<std::int64_t>::max()},
      {"adam_steps", 8},
      {"correct", std::numeric_limits<std::int64_t>::max()},
      {"correct", std::numeric_limits<std::uint64_t>::max()},
      {"correct", 21},
      {"step", -1e300},
      {"loss_sum", true},
      {"history", Json::array({Json::array({2, 2.5, 0.1, 0.3, 0.2, 7.75})})},
      {"history", Json::array({Json::array({1.0, 2.5, 0.1, 0.3, 0.2, 7.75})})},
      {"history", Json::array({Json::array({1, "low", 0.1, 0.3, 0.2, 7.75})})},
      {"history", Json::array({Json::array({1, 2.5, 0.1, 0.3, 0.2, 7.75, 0.5, 0.5})})},
      {"first_share", -0.1},
      {"first_share", 1.5},
      {"first_share_of_average", "all"},
  };
  const Scene scene;
  const Safetensors good = scene.file();
  REQUIRE(refusal(good) == "accepted");
  for (const auto& c : cases) {
    CAPTURE(c.key, c.value.dump());
    Safetensors bad = good;
    Json training = Json::parse(bad.metadata.at("training"));
    REQUIRE(training.contains(c.key));
    training[c.key] = c.value;
    bad.metadata["training"] = training.dump();
    const std::string message = refusal(bad);
    CAPTURE(message);
    CHECK(message.starts_with("c.st: "));
    CHECK(message.find('\n') == std::string::npos);

    training.erase(c.key);
    bad.metadata["training"] = training.dump();
    CHECK(refusal(bad).starts_with("c.st: "));
  }
}

TEST_CASE("a checkpoint without its description or its moments is refused") {
  const Scene scene;
  const auto spoilt = [&](const std::function<void(Safetensors&)>& spoil) {
    Safetensors file = scene.file();
    spoil(file);
    return refusal(file);
  };
  for (const char* text : {"", "{", "[]", "7", "null", "{}"}) {
    CAPTURE(text);
    CHECK(spoilt([&](Safetensors& f) { f.metadata["training"] = text; }).starts_with("c.st: "));
  }
  const auto tensor = [](Safetensors& f, const std::string& name) -> NamedTensor& {
    for (NamedTensor& t : f.tensors) {
      if (t.name == name) return t;
    }
    throw std::out_of_range(name);
  };
  CHECK(spoilt([&](Safetensors& f) {
          tensor(f, "adam/first_moment/a/bias").name = "adam/first_moment/z";
        }).find("'adam/first_moment/a/bias'") != std::string::npos);
  CHECK(spoilt([&](Safetensors& f) {
          tensor(f, "adam/second_moment/a/bias").shape = {1, 5};
        }).find("'adam/second_moment/a/bias'") != std::string::npos);
  CHECK(spoilt([&](Safetensors& f) {
          tensor(f, "adam/second_moment/a/bias").values[0] = -1e-9F;
        }).find("second moment") != std::string::npos);
  CHECK(spoilt([&](Safetensors& f) {
          tensor(f, "adam/first_moment/a/bias").values[0] = std::numeric_limits<float>::quiet_NaN();
        }).find("'adam/first_moment/a/bias'") != std::string::npos);
}

TEST_CASE("damaged best weights are noticed when the checkpoint is read, and named") {
  Scene scene;
  scene.run.keep_best = true;
  scene.run.best = weights(scene.network);
  const auto spoilt = [&](const std::function<void(NamedTensor&)>& spoil) {
    Safetensors file = scene.file();
    for (NamedTensor& tensor : file.tensors) {
      if (tensor.name == "best/a/bias") spoil(tensor);
    }
    return refusal(file);
  };
  CHECK(spoilt([](NamedTensor&) {}) == "accepted");
  const std::string nan = spoilt([](NamedTensor& t) { t.values[0] = NAN; });
  CHECK(nan.starts_with("c.st: its best weights: tensor 'a/bias'"));
  CHECK(spoilt([](NamedTensor& t) { t.name = "best/z"; }).find("best weights") !=
        std::string::npos);
  CHECK(spoilt([](NamedTensor& t) { t.shape = {1, 5}; }).find("best weights") != std::string::npos);
}

TEST_CASE("a fingerprint is FNV-1a, and differs when anything does") {
  Dataset dataset;
  CHECK(fingerprint(dataset) == 0xcbf29ce484222325);  // of nothing, as published
  dataset.pixels = {'f', 'o', 'o', 'b', 'a'};
  dataset.labels = {'r'};
  CHECK(fingerprint(dataset) == 0x85944171f73967e8);  // of "foobar", as published
  const auto before = fingerprint(dataset);
  dataset.labels[0] ^= 1;
  CHECK(fingerprint(dataset) != before);
}
