// The engine against Keras and TensorFlow; golden/README.md describes the files.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <numeric>
#include <string>
#include <vector>

#include "attack/fgsm.h"
#include "catch.h"
#include "compare.h"
#include "data/dataset.h"
#include "golden_files.h"
#include "model/network_classifier.h"
#include "nn/adam.h"
#include "nn/weights.h"
#include "paths.h"
#include "reference.h"

using namespace inoculate;

namespace {

/// The thousand images of the golden files.
struct Sample {
  Matrix images;
  Labels labels;

  Sample() {
    const std::string images_path = in_sample("/sample-images-idx3-ubyte");
    const std::string labels_path = in_sample("/sample-labels-idx1-ubyte");
    const Dataset dataset = make_dataset(read_whole_file(images_path), images_path,
                                         read_whole_file(labels_path), labels_path);
    const auto golden = golden_json("golden.json").at("sample");
    std::vector<std::int32_t> indices;
    for (int i = 0; i < golden.at("count").get<int>(); ++i) {
      indices.push_back(i * golden.at("stride").get<int>());
    }
    gather(dataset, indices, images, labels);
  }
};

Network keras_network() {
  Network network(simple_cnn());
  set_weights(network, golden_safetensors("keras_simple_cnn.safetensors").tensors, "golden");
  return network;
}

double share_right(const Network& network, const Matrix& images, const Labels& labels) {
  const Labels guesses = most_likely(NetworkClassifier(network).logits(images));
  int right = 0;
  for (std::size_t i = 0; i < guesses.size(); ++i) right += guesses[i] == labels[i];
  return right / static_cast<double>(guesses.size());
}

/// FGSM's adversaries of the first `count` images; targeted ones aim at the class after the label.
Matrix attack(const Network& network, const Sample& sample, int count, Loss loss, bool targeted,
              std::optional<ValueRange> range) {
  FgsmOptions options{{Norm::kLinf, 0.1F, range}, loss, {}};
  const Labels labels(sample.labels.begin(), sample.labels.begin() + count);
  if (!targeted)
    return fgsm(NetworkClassifier(network), sample.images.topRows(count), labels, options);
  Matrix adversaries(count, 784);
  for (int i = 0; i < count; ++i) {
    const int label = labels[static_cast<std::size_t>(i)];
    options.criterion.target = (label + 1) % 10;
    adversaries.row(i) = fgsm(NetworkClassifier(network), sample.images.row(i), {label}, options);
  }
  return adversaries;
}

/// The share of pixels that move as the stored signs say, against them for a target.
double share_equal(const Matrix& change, const std::string& file, bool targeted) {
  const NpyArray array = golden_npy(file);
  REQUIRE(array.shape == std::vector<std::int64_t>{change.rows(), 196});
  const auto packed = array.integers();
  Eigen::Index equal = 0;
  for (Eigen::Index i = 0; i < change.size(); ++i) {
    const auto code = packed[static_cast<std::size_t>(i / 4)] >> (2 * (i % 4)) & 3;
    const int stored = static_cast<int>(code) - 1;
    const float moved = targeted ? -change.data()[i] : change.data()[i];
    equal += stored == (moved > 0) - (moved < 0);
  }
  return static_cast<double>(equal) / static_cast<double>(change.size());
}

std::uint32_t fmix32(std::uint32_t h) {
  h ^= h >> 16;
  h *= 0x85ebca6b;
  h ^= h >> 13;
  h *= 0xc2b2ae35;
  return h ^ h >> 16;
}

/// A SimpleCNN with the initial weights of the golden training runs, from their formula.
Network golden_start(std::uint32_t seed) {
  const std::map<std::string, double> fans{{"conv1/kernel", 297},
                                           {"conv2/kernel", 864},
                                           {"dense1/kernel", 3264},
                                           {"dense2/kernel", 138}};
  Network network(simple_cnn(0));
  auto tensors = weights(network);
  for (std::size_t number = 0; number < tensors.size(); ++number) {
    NamedTensor& tensor = tensors[number];
    const bool ones = tensor.name.ends_with("/gamma") || tensor.name.ends_with("/moving_variance");
    const auto fan = fans.find(tensor.name);
    for (std::size_t i = 0; i < tensor.values.size(); ++i) {
      const auto key = static_cast<std::uint32_t>(i + 1'000'003 * number) + seed;
      tensor.values[i] =
          fan == fans.end()
              ? (ones ? 1.0F : 0.0F)
              : static_cast<float>((fmix32(key) / 0x1p32 - 0.5) * (2 * std::sqrt(6 / fan->second)));
    }
  }
  set_weights(network, tensors, "golden");
  return network;
}

double norm(const reference::Values& v) { return std::sqrt(reference::dot(v, v)); }

/// ||a - b|| / ||b||, where `tensor` is a and the files hold b or, of a large one, projections.
double relative_error(const NamedTensor& tensor, const std::string& prefix,
                      const std::map<std::string, std::vector<float>>& golden) {
  const std::string key = prefix + tensor.name;
  reference::Values difference;
  if (const auto whole = golden.find(key); whole != golden.end()) {
    for (std::size_t i = 0; i < tensor.values.size(); ++i) {
      difference.push_back(static_cast<double>(tensor.values[i]) - whole->second.at(i));
    }
    return norm(difference) / norm(reference::doubles(whole->second));
  }
  const auto& projections = golden.at(key + "/projections");
  for (unsigned k = 0; k < projections.size(); ++k) {
    double sum = 0;
    for (std::size_t i = 0; i < tensor.values.size(); ++i) {
      const bool minus = (fmix32(static_cast<std::uint32_t>(i)) >> k & 1) != 0;
      sum += static_cast<double>(minus ? -tensor.values[i] : tensor.values[i]);
    }
    difference.push_back(sum - projections[k]);
  }
  const double mean_square =
      reference::dot(difference, difference) / static_cast<double>(difference.size());
  return std::sqrt(mean_square) / golden.at(key + "/norm").at(0);
}

}  // namespace

TEST_CASE("with Keras's weights the logits are Keras's") {
  const Sample sample;
  const Network network = keras_network();
  const NpyArray golden = golden_npy("keras_logits.npy");
  REQUIRE(golden.shape == std::vector<std::int64_t>{1000, 10});
  const Matrix logits = NetworkClassifier(network).logits(sample.images);
  const std::span<const float> actual(logits.data(), static_cast<std::size_t>(logits.size()));
  CHECK(largest_difference(actual, golden.floats()) < 1e-4);

  const auto expected = golden_json("golden.json");
  std::vector<float> losses(1000);
  loss_and_gradient(losses.data(), nullptr, Loss::kCrossEntropy, 1, logits.data(),
                    sample.labels.data(), 1000, 10);
  CHECK(reference::mean(reference::doubles(losses)) ==
        Approx(expected.at("crossentropy").get<double>()).epsilon(1e-5));
  CHECK(share_right(network, sample.images, sample.labels) ==
        Approx(expected.at("accuracy").get<double>()));
}

TEST_CASE("FGSM moves the pixels as TensorFlow does") {
  // In single precision TensorFlow's own softmax - one-hot loses the sign where the network is
  // almost certain; ours does not, so it is held against TensorFlow in double precision, and
  // against single precision as closely as that agrees with itself.
  struct {
    const char* name;
    Loss loss;
    bool targeted;
  } const cases[] = {{"crossentropy", Loss::kCrossEntropy, false},
                     {"mse", Loss::kMeanSquaredError, false},
                     {"targeted", Loss::kCrossEntropy, true}};
  const Sample sample;
  const Network network = keras_network();
  const auto golden = golden_json("golden.json").at("fgsm");
  for (const auto& c : cases) {
    CAPTURE(c.name);
    const auto& expected = golden.at(c.name);
    const int count = expected.at("count").get<int>();
    const Matrix change =
        attack(network, sample, count, c.loss, c.targeted, {}) - sample.images.topRows(count);
    const std::string file = std::string("keras_fgsm_") + c.name;
    const double agreement = expected.at("pixels_equal_to_float64").get<double>();
    CHECK(share_equal(change, file + ".npy", c.targeted) > agreement - 0.0005);
    if (!c.targeted) CHECK(share_equal(change, file + "_float64.npy", false) > 0.9999);
    const Matrix clipped = attack(network, sample, count, c.loss, c.targeted, ValueRange{});
    CHECK(std::abs(share_right(network, clipped, sample.labels) -
                   expected.at("clipped_accuracy_epsilon_0.1").get<double>()) < 0.0051);
  }
}

TEST_CASE("steps of training from Keras's start end at Keras's weights") {
  const Sample sample;
  const auto golden = golden_json("golden.json").at("training");
  std::map<std::string, std::vector<float>> stored;
  for (const auto& tensor : golden_safetensors("keras_training.safetensors").tensors) {
    stored[tensor.name] = tensor.values;
  }
  const int n = golden.at("batch_size").get<int>();
  struct {
    const char* name;
    Loss loss;
    std::vector<int> compared;
  } const runs[] = {{"crossentropy", Loss::kCrossEntropy, {1, 10}},
                    {"mse", Loss::kMeanSquaredError, {1, 3}}};
  for (const auto& run : runs) {
    const auto losses = golden.at(run.name).at("losses").get<std::vector<double>>();
    Network network = golden_start(golden.at("seed").get<std::uint32_t>());
    AdamState adam(network.parameters().size());
    std::vector<float> gradients(network.parameters().size());
    std::vector<float> batch_losses(static_cast<std::size_t>(n)),
        d_logits(batch_losses.size() * 10);
    Cache cache;
    Rng rng(1);
    for (int step = 1; step <= run.compared.back(); ++step) {
      CAPTURE(run.name, step);
      const float* images = sample.images.row((step - 1) * n).data();
      const float* logits = network.forward_training(images, n, rng, cache);
      loss_and_gradient(batch_losses.data(), d_logits.data(), run.loss,
                        1.0F / static_cast<float>(n), logits,
                        &sample.labels.at(static_cast<std::size_t>((step - 1) * n)), n, 10);
      network.backward(gradients, d_logits.data(), images, cache);
      adam_step(network.parameters(), gradients, adam, golden.at("learning_rate").get<float>());
      CHECK(reference::mean(reference::doubles(batch_losses)) ==
            Approx(losses.at(static_cast<std::size_t>(step - 1))).epsilon(1e-4));
      // More steps make more of the rounding.
      const double tolerance = step == 1 ? 5e-5 : 1e-3;
      if (std::count(run.compared.begin(), run.compared.end(), step) == 0) continue;
      const std::string prefix = std::string(run.name) + "/step" + std::to_string(step) + "/";
      for (const NamedTensor& tensor : weights(network)) {
        CAPTURE(tensor.name);
        CHECK(relative_error(tensor, prefix, stored) < tolerance);
      }
    }
  }
}
