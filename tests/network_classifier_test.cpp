#include "model/network_classifier.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "catch.h"
#include "compare.h"
#include "input_gradients.h"
#include "networks.h"
#include "random_data.h"
#include "reference_network.h"
#include "threads.h"

using namespace inoculate;

namespace {

bool same_bits(const Matrix& a, const Matrix& b) {
  return a.rows() == b.rows() && a.cols() == b.cols() &&
         std::memcmp(a.data(), b.data(), sizeof(float) * static_cast<std::size_t>(a.size())) == 0;
}

/// Random images, some of them mostly blank as digits are.
Matrix some_images(const Network& network, int n) {
  RandomData random(1);
  Matrix images = random.images(n, network.input_size());
  const auto drawings = random.drawings(n, network.architecture().input);
  for (int i = 0; i < n; i += 2) {
    const float* drawing = drawings.data() + static_cast<std::ptrdiff_t>(i) * images.cols();
    images.row(i) = Eigen::Map<const Matrix>(drawing, 1, images.cols()).cwiseAbs();
  }
  return images;
}

}  // namespace

TEST_CASE("answers to many images are those of the reference") {
  const Network network = random_network(tiny_network());
  const reference::ReferenceNetwork reference(network);
  for (const int n : {1, 31, 32, 33, 100}) {
    CAPTURE(n);
    const Matrix images = some_images(network, n);
    const Matrix logits = NetworkClassifier(network).logits(images);
    const std::vector<float> actual(logits.data(), logits.data() + logits.size());
    const reference::Values x(images.data(), images.data() + images.size());
    CHECK(relative_difference(actual, reference.run(x, n, false).logits) < 2e-6);
  }
}

TEST_CASE("input_gradients gives each image the gradient of its own loss") {
  const Network network = random_network(simple_cnn());
  const reference::ReferenceNetwork reference(network);
  const Matrix images = some_images(network, 3);
  const Labels labels = RandomData(3).labels(3);
  RandomData random(4);
  for (const Loss loss : {Loss::kCrossEntropy, Loss::kMeanSquaredError}) {
    const Matrix gradients = input_gradients(network, images, labels, loss);
    for (int turn = 0; turn < 20; ++turn) {
      const int image = turn % 3, pixel = random.below(network.input_size());
      CAPTURE(static_cast<int>(loss), image, pixel);
      const reference::Values x(images.row(image).data(), images.row(image).data() + images.cols());
      const auto loss_at = [&](double step) {
        reference::Values moved = x;
        moved[static_cast<std::size_t>(pixel)] += step;
        return reference::losses(loss, reference.run(moved, 1, false).logits,
                                 {labels[static_cast<std::size_t>(image)]}, 10)[0];
      };
      constexpr double kStep = 1e-7;
      CHECK(std::abs(gradients(image, pixel) - (loss_at(kStep) - loss_at(-kStep)) / (2 * kStep)) <
            1e-5 * static_cast<double>(gradients.row(image).cwiseAbs().maxCoeff()));
    }
  }
}

TEST_CASE("an image's answer has the same bits alone and in any batch") {
  for (const auto& architecture : {simple_cnn(), mlp(33), logistic_regression()}) {
    CAPTURE(architecture.name);
    const Network network = random_network(architecture);
    const Matrix images = some_images(network, 67);
    const Labels labels = RandomData(2).labels(67);
    const Matrix logits = NetworkClassifier(network).logits(images);
    const Matrix gradients = input_gradients(network, images, labels, Loss::kCrossEntropy);
    for (const int begin : {0, 1, 30, 66}) {
      for (const int count : {1, 2, 5, 37}) {
        if (begin + count > 67) continue;
        CAPTURE(begin, count);
        const Matrix some = images.middleRows(begin, count);
        const Labels some_labels(labels.begin() + begin, labels.begin() + begin + count);
        CHECK(same_bits(NetworkClassifier(network).logits(some), logits.middleRows(begin, count)));
        CHECK(same_bits(input_gradients(network, some, some_labels, Loss::kCrossEntropy),
                        gradients.middleRows(begin, count)));
      }
    }
  }
}

TEST_CASE("answers do not depend on the number of threads") {
  const Network network = random_network(simple_cnn());
  const Matrix images = some_images(network, 100);
  const Labels labels = RandomData(2).labels(100);
  const auto run = [&](int threads) {
    const WithThreads scope(threads);
    return std::pair{NetworkClassifier(network).logits(images),
                     input_gradients(network, images, labels, Loss::kMeanSquaredError)};
  };
  const auto one = run(1);
  for (const int threads : {2, 3}) {
    const auto more = run(threads);
    CHECK(same_bits(more.first, one.first));
    CHECK(same_bits(more.second, one.second));
  }
}

TEST_CASE("several gradients after one forward pass are those of one pass each") {
  for (const auto& architecture : {simple_cnn(), tiny_network(), mlp(33)}) {
    CAPTURE(architecture.name);
    const Network network = random_network(architecture);
    const NetworkClassifier model(network);
    const Matrix images = some_images(network, 50);
    const int classes = model.spec().classes;
    std::vector<LogitGradient> objectives;
    for (int k = 0; k < 4; ++k) {
      objectives.emplace_back([k, classes](float* d, const float*, int, int n) {
        std::fill_n(d, n * classes, 0.0F);
        for (int i = 0; i < n; ++i) d[i * classes + k] = 1;
      });
    }
    std::vector<Matrix> all(objectives.size());
    Matrix logits;
    model.gradients(all, &logits, images, objectives);
    CHECK(same_bits(logits, model.logits(images)));
    for (std::size_t k = 0; k < objectives.size(); ++k) {
      Matrix alone;
      model.gradients({&alone, 1}, nullptr, images, {&objectives[k], 1});
      CHECK(same_bits(all[k], alone));
    }
  }
}

TEST_CASE("a classifier tells what its network is, and may keep it") {
  const Network network = random_network(tiny_network());
  const NetworkClassifier refers(network), keeps(Network(network), "mine", 0.9);
  CHECK(keeps.spec().name == "mine");
  CHECK(keeps.spec().input == Shape{7, 6, 2});
  CHECK(keeps.spec().classes == 10);
  CHECK(keeps.spec().gives == Knowledge::kGradients);
  CHECK(keeps.spec().promised_accuracy == 0.9);
  CHECK_FALSE(refers.spec().promised_accuracy.has_value());
  const Matrix images = some_images(network, 3);
  CHECK(same_bits(keeps.logits(images), refers.logits(images)));
}

TEST_CASE("no images have no answers") {
  const Network network = random_network(tiny_network());
  const Matrix none(0, network.input_size());
  CHECK(NetworkClassifier(network).logits(none).rows() == 0);
  CHECK(input_gradients(network, none, {}, Loss::kCrossEntropy).rows() == 0);
}

TEST_CASE("the most likely class is the largest logit's, the first of equals") {
  Matrix logits(5, 4);
  logits << 1, 2, 3, 0,  //
      3, 2, 3, 0,        //
      -5, -4, -9, -4,    //
      0, 0, 0, 0,        //
      0, 0, 0, 1e-30F;
  CHECK(most_likely(logits) == Labels{2, 0, 1, 0, 3});
}
