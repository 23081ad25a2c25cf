#include "evaluate/accuracy.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "catch.h"
#include "evaluate/interval.h"
#include "model/network_classifier.h"
#include "networks.h"
#include "random_data.h"
#include "reference_network.h"
#include "threads.h"

using namespace inoculate;

TEST_CASE("Wilson intervals are the published ones") {
  // Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17
  // (1998), table I, method 3, to its four decimals.
  struct {
    int successes, n;
    double low, high;
  } const published[] = {{81, 263, 0.2553, 0.3662},
                         {15, 148, 0.0624, 0.1605},
                         {0, 20, 0, 0.1611},
                         {1, 29, 0.0061, 0.1718}};
  for (const auto& p : published) {
    CAPTURE(p.successes, p.n);
    const Interval interval = wilson_interval(p.successes, p.n);
    CHECK(std::abs(interval.low - p.low) < 0.00005);
    CHECK(std::abs(interval.high - p.high) < 0.00005);
  }
}

TEST_CASE("Wilson intervals solve |p - x| = z sqrt(x (1 - x) / n)") {
  // The ends by bisection of the definition.
  constexpr double z = 1.9599639845400545;
  const auto root = [](double p, int n, double inside, double outside) {
    for (int i = 0; i < 200; ++i) {
      const double x = (inside + outside) / 2;
      (std::abs(p - x) < z * std::sqrt(x * (1 - x) / n) ? inside : outside) = x;
    }
    return inside;
  };
  for (const int n : {1, 2, 7, 100, 200, 1000, 10'000}) {
    for (const int k : {0, 1, n / 2, n - 1, n}) {
      CAPTURE(k, n);
      const double p = static_cast<double>(k) / n;
      const Interval interval = wilson_interval(k, n);
      const double inside = std::clamp(p, 1e-9, 1 - 1e-9);
      CHECK(interval.low == Approx(k == 0 ? 0 : root(p, n, inside, 0)).margin(1e-8));
      CHECK(interval.high == Approx(k == n ? 1 : root(p, n, inside, 1)).margin(1e-8));
      CHECK((interval.low >= 0 && interval.high <= 1));
      CHECK((interval.low <= p + 1e-12 && interval.high >= p - 1e-12));
    }
    CHECK(wilson_interval(0, n).low == 0);
    CHECK(wilson_interval(n, n).high == 1);
  }
}

TEST_CASE("an evaluation counts every image once, with its mean loss") {
  const Network network = random_network(tiny_network());
  const reference::ReferenceNetwork reference(network);
  for (const int n : {1, 33, 200}) {
    CAPTURE(n);
    const Matrix images = RandomData(1).images(n, network.input_size());
    const Labels labels = RandomData(2).labels(n);
    const Evaluation e = evaluate(NetworkClassifier(network), examples_of(images, labels));

    const reference::Values x(images.data(), images.data() + images.size());
    const auto logits = reference.run(x, n, false).logits;
    std::vector<std::vector<int>> confusion(10, std::vector<int>(10));
    int correct = 0;
    for (int i = 0; i < n; ++i) {
      const auto row = logits.begin() + i * 10;
      const auto guess = static_cast<std::size_t>(std::max_element(row, row + 10) - row);
      const auto label = static_cast<std::size_t>(labels[static_cast<std::size_t>(i)]);
      ++confusion[label][guess];
      correct += guess == label;
    }
    CHECK(e.n == n);
    CHECK(e.confusion == confusion);
    CHECK(e.correct == correct);
    CHECK(e.accuracy() == Approx(static_cast<double>(correct) / n));
    CHECK(e.loss ==
          Approx(reference::mean(reference::losses(Loss::kCrossEntropy, logits, labels, 10)))
              .epsilon(1e-5));
    const Interval interval = e.accuracy_interval();
    CHECK((interval.low <= e.accuracy() && e.accuracy() <= interval.high));
  }
}

TEST_CASE("many images are evaluated piece by piece, without loss") {
  // More than one piece, and one that is not whole.
  constexpr int kImages = 5000;
  const Network network = random_network(tiny_network());
  const Matrix images = RandomData(1).images(kImages, network.input_size());
  const Labels labels = RandomData(2).labels(kImages);
  const ExampleSource plain = examples_of(images, labels);
  std::vector<int> asked(kImages);
  const ExampleSource source{
      kImages, [&](std::span<const std::int32_t> indices, Matrix& batch, Labels& batch_labels) {
        for (const auto i : indices) ++asked[static_cast<std::size_t>(i)];
        plain.gather(indices, batch, batch_labels);
      }};
  const Evaluation e = evaluate(NetworkClassifier(network), source);
  CHECK(asked == std::vector<int>(kImages, 1));
  int total = 0, diagonal = 0;
  for (std::size_t label = 0; label < 10; ++label) {
    const auto& row = e.confusion[label];
    const int of_label = std::accumulate(row.begin(), row.end(), 0);
    CHECK(of_label == std::count(labels.begin(), labels.end(), label));
    total += of_label;
    diagonal += row[label];
  }
  CHECK(total == kImages);
  CHECK(diagonal == e.correct);
  for (const int threads : {1, 3}) {
    const WithThreads scope(threads);
    const Evaluation again = evaluate(NetworkClassifier(network), source);
    CHECK(again.loss == e.loss);
    CHECK(again.confusion == e.confusion);
  }
}
