// Networks of ONNX files in training: steps are PyTorch's in double precision, and the file that is
// written is read as the network that was trained.
#include "model/onnx_trainable.h"

#include <cmath>
#include <string>

#include "base/error.h"
#include "catch.h"
#include "compare.h"
#include "formats/onnx/model.h"
#include "formats/onnx/writer.h"
#include "golden_files.h"
#include "golden_networks.h"
#include "nn/adam.h"
#include "nn/loss.h"
#include "onnx_models.h"
#include "random_data.h"
#include "refusal_of.h"
#include "train/trainer.h"
#include "train/weight_average.h"

using namespace inoculate;

namespace {

Bytes file_of(const std::string& network) { return golden_file("onnx/" + network + ".onnx"); }

std::unique_ptr<Trainable> network_of(Bytes file, const ModelNotes& notes = {}) {
  return trainable_onnx(std::move(file), "a.onnx", notes, false).network;
}

NamedTensor tensor_of(const Safetensors& file, const std::string& name) {
  for (const NamedTensor& tensor : file.tensors) {
    if (tensor.name == name) return tensor;
  }
  throw std::runtime_error("no " + name);
}

std::vector<float> values(const Matrix& matrix) {
  return {matrix.data(), matrix.data() + matrix.size()};
}

// One step of Adam on the cross-entropy of a batch.
void step(Trainable& network, const float* images, const Labels& labels, AdamState& adam,
          float rate) {
  const int n = static_cast<int>(labels.size()), classes = network.spec().classes;
  Rng rng(1);
  const float* logits = network.forward_training(images, n, rng);
  std::vector<float> d_logits(static_cast<std::size_t>(n * classes));
  loss_and_gradient(nullptr, d_logits.data(), Loss::kCrossEntropy, 1.0F / static_cast<float>(n),
                    logits, labels.data(), n, classes);
  FloatBuffer gradients(network.parameters().size());
  network.backward(gradients, d_logits.data());
  adam_step(network.parameters(), gradients, adam, rate);
}

// The training images of the golden network, and its labels.
struct Golden {
  Safetensors file = golden_safetensors("onnx/steps.safetensors");
  NamedTensor images = tensor_of(file, "images");
  Labels labels;

  Golden() {
    for (const float label : tensor_of(file, "labels").values) {
      labels.push_back(static_cast<std::int32_t>(label));
    }
  }
  Matrix rows() const {
    return Eigen::Map<const Matrix>(images.values.data(), static_cast<Eigen::Index>(labels.size()),
                                    200);
  }
};

std::unique_ptr<Trainable> after_two_steps(const Golden& golden) {
  std::unique_ptr<Trainable> network = network_of(file_of("steps"));
  AdamState adam(network->parameters().size());
  const Matrix rows = golden.rows();
  for (const int first : {0, 12}) {
    step(*network, rows.row(first).data(),
         {golden.labels.begin() + first, golden.labels.begin() + first + 12}, adam, 0.01F);
  }
  return network;
}

}  // namespace

TEST_CASE("onnx training: two steps of Adam are PyTorch's in double precision") {
  const Golden golden;
  const std::unique_ptr<Trainable> network = after_two_steps(golden);
  const OnnxModel written = parse_onnx(network->file({}), "a.onnx");
  for (const auto& [name, tensor] : written.constants) {
    INFO(name);
    CHECK(relative_difference(tensor->floats, tensor_of(golden.file, "after/" + name).values) <
          1e-3);
  }
  CHECK(written.constants.size() == 9);
  CHECK(relative_difference(values(network->classifier()->logits(golden.rows())),
                            tensor_of(golden.file, "logits").values) < 1e-3);
}

TEST_CASE("onnx training: the written file gives the trained network's logits, bit for bit") {
  const Golden golden;
  const std::unique_ptr<Trainable> network = after_two_steps(golden);
  const Bytes file = network->file({{"trained_by", "a test"}});
  const std::unique_ptr<Classifier> read = network_of(file)->classifier();
  CHECK(read->logits(golden.rows()) == network->classifier()->logits(golden.rows()));
  CHECK(parse_onnx(file, "b.onnx").metadata.at("trained_by") == "a test");
}

TEST_CASE("onnx training: what is not trained stays as it is, to the last byte") {
  const Bytes file = file_of("steps");
  CHECK(network_of(file)->file({}) == file);
}

TEST_CASE("onnx training: every golden network can be trained, or is refused in words") {
  for (const std::string& name : golden_networks()) {
    INFO(name);
    const Bytes file = file_of(name);
    OnnxTraining training;
    try {
      training = trainable_onnx(file, name, {}, false);
    } catch (const Error& error) {
      CHECK(std::string(error.what()).starts_with(name + ": "));
      CHECK(std::string(error.what()).find("cannot be trained") != std::string::npos);
      WARN(error.what());
      continue;
    }
    Trainable& network = *training.network;
    for (const std::string& node : training.left_out) WARN(name << " leaves out " << node);
    CHECK(network.file({}) == file);
    // A few steps on one batch: its loss falls, and what is written is what was trained.
    const int n = 6, size = network.spec().input.size();
    const Matrix images = RandomData(1).images(n, size);
    Labels labels;
    for (int i = 0; i < n; ++i) labels.push_back(i % network.spec().classes);
    AdamState adam(network.parameters().size());
    const auto loss = [&] {
      const Matrix logits = network.classifier()->logits(images);
      std::vector<float> losses(labels.size());
      loss_and_gradient(losses.data(), nullptr, Loss::kCrossEntropy, 1, logits.data(),
                        labels.data(), n, network.spec().classes);
      float sum = 0;
      for (const float one : losses) sum += one;
      return sum;
    };
    const float before = loss();
    const std::vector<float> weights = all_weights(network);
    for (int i = 0; i < 40; ++i) step(network, images.data(), labels, adam, 2e-3F);
    CHECK(all_weights(network) != weights);
    CHECK(loss() < before);
    const Bytes written = network.file({});
    const std::unique_ptr<Classifier> read = network_of(written)->classifier();
    CHECK(read->logits(images) == network.classifier()->logits(images));
  }
}

TEST_CASE("onnx training: preprocessed images are those that the network sees") {
  // A network behind (x - 0.5) / 0.25 learns what it learns from such pixels without it.
  const Golden golden;
  ModelNotes notes;
  notes.mean = {0.5F};
  notes.std = {0.25F};
  const std::unique_ptr<Trainable> plain = network_of(file_of("steps"));
  const std::unique_ptr<Trainable> behind = network_of(file_of("steps"), notes);
  const Matrix images = golden.rows();
  const Matrix seen = (images.array() - 0.5F) * 4.0F;
  AdamState first(plain->parameters().size()), second(plain->parameters().size());
  for (int i = 0; i < 3; ++i) {
    step(*plain, seen.data(), golden.labels, first, 0.01F);
    step(*behind, images.data(), golden.labels, second, 0.01F);
  }
  CHECK(all_weights(*plain) == all_weights(*behind));
  CHECK(plain->classifier()->logits(seen) == behind->classifier()->logits(images));
}

TEST_CASE("onnx training: frozen statistics stay, and normalise") {
  const Golden golden;
  const auto network = trainable_onnx(file_of("steps"), "a.onnx", {}, true).network;
  const std::vector<float> before(network->statistics().begin(), network->statistics().end());
  REQUIRE(before.size() == 8);
  Rng rng(1);
  const Matrix images = golden.rows();
  const float* logits = network->forward_training(images.data(), 24, rng);
  CHECK(relative_difference(std::vector<float>(logits, logits + 24 * 5),
                            values(network->classifier()->logits(images))) < 1e-5);
  AdamState adam(network->parameters().size());
  step(*network, images.data(), golden.labels, adam, 0.01F);
  CHECK(std::vector<float>(network->statistics().begin(), network->statistics().end()) == before);
}

TEST_CASE("onnx training: a resumed run gives the weights of an uninterrupted one") {
  const Golden golden;
  TrainingOptions options{4, 7};
  options.average = 0.9F;
  options.recipe.method = TrainingMethod::kMixedBatch;
  const Matrix images = golden.rows();
  const auto source = [&] { return examples_of(images, golden.labels); };
  Trainer whole(network_of(file_of("steps")), source(), options);
  whole.run([](const TrainingProgress&) { return true; });
  Trainer first(network_of(file_of("steps")), source(), options);
  for (int i = 0; i < 6; ++i) first.step();
  Trainer second(first.network().copy(), source(), options);
  second.restore(first.state());
  second.run([](const TrainingProgress&) { return true; });
  CHECK(all_weights(*second.trained()) == all_weights(*whole.trained()));
}

TEST_CASE("onnx training: what cannot be trained is refused in words") {
  OnnxModel model;
  model.opset = 13;
  model.inputs = {{"image", true, {-1, 2}, 1}};
  model.outputs = {{"scores", true, {-1, 2}, 1}};
  model.nodes = {node("Relu", {"image"}, "scores")};
  const auto refusal = [&] { return refusal_of([&] { network_of(write_onnx(model)); }); };
  CHECK(refusal() == "a.onnx: has no parameters, so there is nothing to train");

  model.constants["kernel"] = floats({2, 2}, {1, 2, 3, 4});
  model.constants["twos"] = floats({2, 2}, {2, 2, 2, 2});
  model.nodes = {node("Mul", {"kernel", "twos"}, "twice"),
                 node("MatMul", {"image", "twice"}, "scores")};
  CHECK(refusal() ==
        "a.onnx: its parameters are worked out from other numbers of the file, so that none can be "
        "trained here");

  // The kernel is used as it is, and in arithmetic.
  model.nodes = {node("MatMul", {"image", "kernel"}, "hidden"),
                 node("Mul", {"kernel", "twos"}, "twice"),
                 node("MatMul", {"hidden", "twice"}, "scores")};
  CHECK(refusal() ==
        "a.onnx: its parameters are also used in another way than as they are; it cannot be "
        "trained here");
}
