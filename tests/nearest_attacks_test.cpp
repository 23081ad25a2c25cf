// FMN, DDN and EAD on networks whose nearest adversaries are known.
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "attack/ddn.h"
#include "attack/ead.h"
#include "attack/fmn.h"
#include "attack/nearest.h"
#include "attack/perturbation.h"
#include "catch.h"
#include "model/network_classifier.h"
#include "networks.h"

using namespace inoculate;

namespace {

constexpr int kImages = 10, kInput = 30;
constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// One linear map, of which the distance to the nearest boundary is a difference of logits over the
/// dual norm of a difference of columns.
struct LinearScene {
  int classes;
  Network network = random_network({"linear", {6, 5, 1}, {DenseSpec{"a", classes}}});
  NetworkClassifier model{network};
  Matrix images = RandomData(1).images(kImages, kInput);
  Labels labels = most_likely(model.logits(images));

  explicit LinearScene(int of = 10) : classes(of) {}
  AttackTask task(Norm norm) const {
    return {model, images, labels, {norm, kInfinity, std::nullopt}, {}};
  }
  double boundary(int i, Norm norm) const {
    const auto w = network.parameters();  // [input, classes], row-major
    const Matrix z = model.logits(images.row(i));
    const int label = labels[static_cast<std::size_t>(i)];
    double nearest = HUGE_VAL;
    for (int k = 0; k < classes; ++k) {
      if (k == label) continue;
      double sum = 0, squares = 0, largest = 0;
      for (int j = 0; j < kInput; ++j) {
        const double d = static_cast<double>(w[static_cast<std::size_t>(j * classes + k)]) -
                         static_cast<double>(w[static_cast<std::size_t>(j * classes + label)]);
        sum += std::abs(d);
        squares += d * d;
        largest = std::max(largest, std::abs(d));
      }
      const double dual = norm == Norm::kLinf ? sum
                          : norm == Norm::kL2 ? std::sqrt(squares)
                                              : largest;
      nearest = std::min(nearest, static_cast<double>(z(0, label) - z(0, k)) / dual);
    }
    return nearest;
  }
};

/// The fewest values of an image that must change to anything in 0..1: for each other class those
/// that bring its logit nearest, in order.
int fewest_values(const LinearScene& scene, int i) {
  const auto w = scene.network.parameters();
  const Matrix z = scene.model.logits(scene.images.row(i));
  const int label = scene.labels[static_cast<std::size_t>(i)];
  int fewest = kInput + 1;
  for (int k = 0; k < scene.classes; ++k) {
    if (k == label) continue;
    std::vector<double> gains;
    for (int j = 0; j < kInput; ++j) {
      const double d = static_cast<double>(w[static_cast<std::size_t>(j * scene.classes + k)]) -
                       static_cast<double>(w[static_cast<std::size_t>(j * scene.classes + label)]);
      const double x = static_cast<double>(scene.images(i, j));
      gains.push_back(std::max(d * (1 - x), -d * x));
    }
    std::sort(gains.rbegin(), gains.rend());
    double gap = static_cast<double>(z(0, label) - z(0, k));
    for (int n = 0; n < kInput && gap >= 0; ++n) {
      gap -= gains[static_cast<std::size_t>(n)];
      if (gap < 0) fewest = std::min(fewest, n + 1);
    }
  }
  return fewest;
}

double median(std::vector<float> values) {
  std::sort(values.begin(), values.end());
  return static_cast<double>(values[values.size() / 2]);
}

}  // namespace

TEST_CASE("FMN comes to the boundary of two classes in L-inf, L2 and L1, from beyond it") {
  // Of more classes it goes for the likeliest, whose boundary need not be the nearest.
  const LinearScene scene(2);
  for (const Norm norm : {Norm::kLinf, Norm::kL2, Norm::kL1}) {
    CAPTURE(static_cast<int>(norm));
    FmnOptions options;
    options.steps = 300;
    const AttackResult result = fmn(scene.task(norm), options);
    CHECK(result.successes() == kImages);
    for (int i = 0; i < kImages; ++i) {
      CAPTURE(i);
      const double found = static_cast<double>(result.distances[static_cast<std::size_t>(i)]);
      const double least = scene.boundary(i, norm);
      CHECK(found >= least * (1 - 1e-4));
      CHECK(found <= least * 1.01);
    }
  }
}

TEST_CASE("FMN changes hardly more values than must change in L0") {
  const LinearScene scene;
  AttackTask task = scene.task(Norm::kL0);
  task.threat.range = ValueRange{};
  const AttackResult result = fmn(task, {});
  double found = 0, least = 0;
  for (int i = 0; i < kImages; ++i) {
    const int fewest = fewest_values(scene, i);
    if (fewest > kInput) continue;
    CHECK(result.success[static_cast<std::size_t>(i)] == 1);
    CHECK(result.distances[static_cast<std::size_t>(i)] >= static_cast<float>(fewest));
    found += static_cast<double>(result.distances[static_cast<std::size_t>(i)]);
    least += fewest;
  }
  CHECK(least > 0);
  CHECK(found <= 1.35 * least);
}

TEST_CASE("FMN's and DDN's distance falls with their steps") {
  const Network network = random_network(tiny_network(0));
  const NetworkClassifier model(network);
  const Matrix images = RandomData(2).images(kImages, network.input_size());
  const Labels labels = most_likely(model.logits(images));
  for (const Norm norm : {Norm::kLinf, Norm::kL2, Norm::kL1}) {
    const AttackTask task{model, images, labels, {norm, kInfinity, ValueRange{}}, {}};
    FmnOptions few, many;
    few.steps = 8;
    many.steps = 200;
    CHECK(median(fmn(task, many).distances) < median(fmn(task, few).distances));
  }
  const AttackTask task{model, images, labels, {Norm::kL2, kInfinity, ValueRange{}}, {}};
  DdnOptions few, many;
  few.steps = 8;
  many.steps = 200;
  CHECK(median(ddn(task, many).distances) < median(ddn(task, few).distances));
}

TEST_CASE("DDN comes to the boundary of two classes, from beyond it") {
  // Of more classes the cross-entropy's slope does not point straight at the nearest boundary.
  const LinearScene scene(2);
  DdnOptions options;
  options.steps = 300;
  const AttackResult result = ddn(scene.task(Norm::kL2), options);
  CHECK(result.successes() == kImages);
  for (int i = 0; i < kImages; ++i) {
    const double found = static_cast<double>(result.distances[static_cast<std::size_t>(i)]);
    CHECK(found >= scene.boundary(i, Norm::kL2) * (1 - 1e-4));
    CHECK(found <= scene.boundary(i, Norm::kL2) * 1.05);
  }
}

TEST_CASE("EAD changes fewer values than L2 would, and each rule is best by its own measure") {
  const LinearScene scene;
  EadOptions options;
  options.steps = 200;
  options.first_constant = 0.1F;
  options.searches = 6;
  options.beta = 0.05F;
  const AttackTask task = scene.task(Norm::kL1);
  const AttackResult elastic = ead(task, options);
  options.rule = EadRule::kL1;
  const AttackResult l1 = ead(task, options);
  CHECK(elastic.successes() == kImages);
  CHECK(l1.successes() == kImages);
  for (int i = 0; i < kImages; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const float* image = scene.images.row(i).data();
    const auto net = [&](const AttackResult& r) {
      const float* x = r.adversaries.row(i).data();
      const float l2 = distance(x, image, kInput, Norm::kL2);
      return l2 * l2 + options.beta * distance(x, image, kInput, Norm::kL1);
    };
    CHECK(l1.distances[at] <= elastic.distances[at]);
    CHECK(net(elastic) <= net(l1));
    CHECK(static_cast<double>(l1.distances[at]) >= scene.boundary(i, Norm::kL1) * (1 - 1e-4));
    CHECK(distance(l1.adversaries.row(i).data(), image, kInput, Norm::kL0) < kInput);
  }
}

TEST_CASE("the constant of a search grows tenfold until it is enough, then is halved in on") {
  Constant c{1};
  c.next();
  CHECK(c.value == 10);
  c.found = true;
  c.next();
  CHECK(c.value == Approx(5.5));  // between 1, which was not enough, and 10
  c.next();
  CHECK(c.value == Approx(7.75));
}

TEST_CASE("how far the range goes is told in each norm") {
  const std::vector<float> image{0.25F, 1.0F, 0.5F};
  const auto furthest = [&](Norm norm, std::optional<ValueRange> range = ValueRange{}) {
    return furthest_in_range(image.data(), 3, {norm, 1, range});
  };
  CHECK(furthest(Norm::kLinf) == 1);
  CHECK(furthest(Norm::kL1) == Approx(2.25));
  CHECK(furthest(Norm::kL2) == Approx(std::sqrt(0.75 * 0.75 + 1 + 0.25)));
  CHECK(furthest(Norm::kL0) == 3);
  CHECK(furthest(Norm::kL2, std::nullopt) == kInfinity);
}
