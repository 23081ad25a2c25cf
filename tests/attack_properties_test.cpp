// What must hold for every attack of the registry.
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "attack/registry.h"
#include "catch.h"
#include "model/network_classifier.h"
#include "networks.h"
#include "nn/softmax.h"
#include "random_data.h"
#include "threads.h"

using namespace inoculate;

namespace {

constexpr int kImages = 12;

/// A small network with images that it reads right, but for the last two.
struct Scene {
  Network network = random_network(tiny_network(0));
  NetworkClassifier model{network};
  Matrix images = RandomData(1).images(kImages, network.input_size());
  Labels labels;

  Scene() {
    for (Eigen::Index i = 0; i < images.size(); i += 3) {
      images.data()[i] = i % 2 == 0 ? 0.0F : 1.0F;
    }
    labels = most_likely(NetworkClassifier(network).logits(images));
    for (const int i : {kImages - 2, kImages - 1}) {
      int& label = labels[static_cast<std::size_t>(i)];
      label = (label + 1) % 10;
    }
  }

  AttackTask task(const ThreatModel& threat, const Criterion& criterion = {}) const {
    return {model, images, labels, threat, criterion};
  }
};

/// A method in one of its norms, with few steps.
struct Case {
  const AttackMethod* method;
  ThreatModel threat;
  AttackOptions options;

  AttackResult run(const AttackTask& task, std::uint64_t seed = 1,
                   const OnAttackProgress& on_progress = nullptr) const {
    Rng rng(seed);
    return method->run(task, options, rng, on_progress);
  }
  /// The same with an epsilon and a step size so many times as large.
  Case scaled(float factor) const {
    Case other = *this;
    if (std::isfinite(threat.epsilon)) other.threat.epsilon *= factor;
    if (other.options.step_size) *other.options.step_size *= factor;
    return other;
  }
};

float moderate_epsilon(Norm norm) {
  return norm == Norm::kLinf ? 0.03F : norm == Norm::kL2 ? 0.2F : 8.0F;
}

std::vector<Case> cases() {
  static const NetworkClassifier source(random_network(tiny_network(0), 1));
  std::vector<Case> all;
  for (const AttackMethod& method : attack_methods()) {
    if (method.inside) continue;  // tree_path_test.cpp, inside_attacks_test.cpp
    std::vector<Norm> norms = method.norms;
    if (norms.empty()) norms = {Norm::kL2};
    for (const Norm norm : norms) {
      const float epsilon = method.heeds(kEpsilonBit) ? moderate_epsilon(norm)
                                                      : std::numeric_limits<float>::infinity();
      Case one{&method, {norm, epsilon, ValueRange{}}, {}};
      if (method.heeds(kStepsBit)) one.options.steps = method.heeds(kNearestBit) ? 60 : 5;
      if (one.options.steps && method.heeds(kStepSizeBit)) one.options.step_size = epsilon / 3;
      // A gradient of NES takes 50 queries.
      if (method.heeds(kQueriesBit)) one.options.queries = method.heeds(kStepSizeBit) ? 160 : 20;
      if (method.heeds(kRestartsBit)) one.options.restarts = 2;
      if (method.heeds(kSourceBit)) one.options.source = &source;
      all.push_back(one);
    }
  }
  return all;
}

std::string name_of(const Case& c) {
  const char* norms[] = {" linf", " l2", " l0"};
  return c.method->name + std::string(norms[static_cast<int>(c.threat.norm)]);
}

double distance_of(const Matrix& a, const Matrix& b, Eigen::Index row, Norm norm) {
  const auto change = a.row(row).cast<double>() - b.row(row).cast<double>();
  if (norm == Norm::kL0) return static_cast<double>((change.array() != 0).count());
  return norm == Norm::kLinf ? change.cwiseAbs().maxCoeff() : change.norm();
}

bool is_success(const Classifier& model, const Matrix& image, int label,
                const Criterion& criterion) {
  Matrix p = model.logits(image);
  const int read = most_likely(p)[0];
  softmax(p.data(), p.data(), 1, model.spec().classes);
  const bool wanted = criterion.target ? read == *criterion.target : read != label;
  return wanted && p(0, read) >= criterion.confidence;
}

/// Everything that a result says of itself is true.
void check_result(const AttackResult& result, const AttackTask& task) {
  REQUIRE(result.adversaries.rows() == task.size());
  REQUIRE(result.success.size() == static_cast<std::size_t>(task.size()));
  REQUIRE(result.distances.size() == result.success.size());
  REQUIRE(result.calls.size() == result.success.size());
  CHECK(result.adversaries.allFinite());
  if (task.threat.range && result.adversaries.size() > 0) {
    CHECK(result.adversaries.minCoeff() >= task.threat.range->low);
    CHECK(result.adversaries.maxCoeff() <= task.threat.range->high);
  }
  int successes = 0;
  for (int i = 0; i < task.size(); ++i) {
    CAPTURE(i);
    const auto at = static_cast<std::size_t>(i);
    const double distance = distance_of(result.adversaries, task.images, i, task.threat.norm);
    CHECK(distance <= static_cast<double>(task.threat.epsilon) * (1 + 1e-5) + 1e-6);
    CHECK(static_cast<double>(result.distances[at]) == Approx(distance).margin(1e-6));
    const bool success =
        is_success(task.model, result.adversaries.row(i), task.labels[at], task.criterion);
    CHECK((result.success[at] != 0) == success);
    successes += success;
    CHECK(result.calls[at].forward >= 0);
    CHECK(result.calls[at].gradient >= 0);
  }
  CHECK(result.successes() == successes);
}

bool same(const AttackResult& a, const AttackResult& b) {
  return a.adversaries == b.adversaries && a.success == b.success && a.distances == b.distances;
}

}  // namespace

TEST_CASE("attacks keep the bound and the range, and claim no success that a prediction denies") {
  const Scene scene;
  for (const Case& c : cases()) {
    CAPTURE(name_of(c));
    for (const float scale : {0.1F, 1.0F, 5.0F}) {
      CAPTURE(scale);
      const Case scaled = c.scaled(scale);
      const AttackTask task = scene.task(scaled.threat);
      check_result(scaled.run(task), task);
    }
    // Of a narrower range the images must be inside.
    const Matrix inner = 0.25F + 0.5F * scene.images.array();
    ThreatModel narrow = c.threat;
    narrow.range = ValueRange{0.25F, 0.75F};
    const AttackTask task{scene.model, inner, scene.labels, narrow, {}};
    check_result(c.run(task), task);
  }
}

TEST_CASE("attacks succeed where success is easy, and at no image where it is impossible") {
  const Scene scene;
  for (const Case& c : cases()) {
    CAPTURE(name_of(c));
    if (c.method->knowledge == Knowledge::kGradients && !c.method->heeds(kTogetherBit)) {
      const Case easy = c.scaled(10);
      CHECK(easy.run(scene.task(easy.threat)).successes() == kImages);
    } else {
      const Case easy = c.scaled(200);
      // What rests on other images, or has no size, cannot be made easy.
      const int most = c.method->heeds(kTogetherBit) || !c.method->heeds(kEpsilonBit) ? 2 : 6;
      CHECK(easy.run(scene.task(easy.threat)).successes() > most);
    }
    if (!c.method->heeds(kEpsilonBit)) continue;
    const Case impossible = c.scaled(0);
    const AttackResult nothing = impossible.run(scene.task(impossible.threat));
    CHECK((nothing.adversaries - scene.images).cwiseAbs().maxCoeff() < 1e-6F);
    CHECK(nothing.successes() == 2);
  }
}

TEST_CASE("a target and a confidence are kept to") {
  const Scene scene;
  Matrix logits = NetworkClassifier(scene.network).logits(scene.images);
  const Labels before = most_likely(logits);
  logits(0, before[0]) = -1000;
  const int target = most_likely(logits.topRows(1))[0];  // the first image's second class
  for (const Case& c : cases()) {
    if (!c.method->heeds(kTargetBit)) continue;
    CAPTURE(name_of(c));
    const bool white_box = c.method->knowledge == Knowledge::kGradients;
    const Case more = c.scaled(white_box ? 10 : 200);
    const AttackTask targeted = scene.task(more.threat, {target, 0});
    const AttackResult hits = more.run(targeted);
    check_result(hits, targeted);
    const auto chance = std::count(before.begin(), before.end(), target);
    CHECK(hits.successes() >= chance);
    if (white_box) CHECK(hits.successes() > chance);
    if (!c.method->heeds(kConfidenceBit)) continue;
    const AttackTask sure = scene.task(more.threat, {std::nullopt, 0.9F});
    const AttackResult certain = more.run(sure);
    check_result(certain, sure);
    CHECK(certain.successes() <= more.run(scene.task(more.threat)).successes());
  }
}

TEST_CASE("the same seed gives the same adversaries, on any number of threads") {
  const Scene scene;
  for (const Case& c : cases()) {
    CAPTURE(name_of(c));
    const AttackTask task = scene.task(c.threat);
    const AttackResult first = c.run(task, 7);
    for (const int threads : {1, 3}) {
      const WithThreads scope(threads);
      CHECK(same(c.run(task, 7), first));
    }
  }
}

TEST_CASE("an image's adversary does not depend on the images around it") {
  const Scene scene;
  for (const Case& c : cases()) {
    if (c.method->heeds(kTogetherBit)) continue;
    CAPTURE(name_of(c));
    const AttackResult all = c.run(scene.task(c.threat));
    // By their numbers, some of them in another order and each alone.
    std::vector<std::vector<int>> choices{{0, 1, 2}, {3, 5, 6, 9, 11}, {8, 2, 10, 4}};
    for (int i = 0; i < kImages; ++i) choices.push_back({i});
    for (const std::vector<int>& rows : choices) {
      CAPTURE(rows);
      const Matrix images = rows_of(scene.images, rows);
      const Labels labels = labels_of(scene.labels, rows);
      const AttackResult some = c.run({scene.model, images, labels, c.threat, {}, rows});
      CHECK(some.adversaries == rows_of(all.adversaries, rows));
      for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto row = static_cast<std::size_t>(rows[i]);
        CHECK(some.success[i] == all.success[row]);
        CHECK(some.calls[i].forward == all.calls[row].forward);
        CHECK(some.calls[i].gradient == all.calls[row].gradient);
      }
    }
  }
}

TEST_CASE("attacks leave the network as it was, and take one image or none") {
  const Scene scene;
  const Network before = scene.network;
  const Matrix none(0, scene.network.input_size());
  const Labels no_labels;
  for (const Case& c : cases()) {
    CAPTURE(name_of(c));
    const AttackResult result = c.run({scene.model, none, no_labels, c.threat, {}});
    CHECK(result.adversaries.rows() == 0);
    CHECK(result.successes() == 0);
    const Matrix one = scene.images.row(0);
    const Labels label{scene.labels[0]};
    const AttackTask task{scene.model, one, label, c.threat, {}};
    check_result(c.run(task), task);
  }
  CHECK(std::equal(before.parameters().begin(), before.parameters().end(),
                   scene.network.parameters().begin()));
  CHECK(std::equal(before.statistics().begin(), before.statistics().end(),
                   scene.network.statistics().begin()));
}

TEST_CASE("a cancelled attack gives what it has, and progress counts up") {
  const Scene scene;
  for (const Case& c : cases()) {
    CAPTURE(name_of(c));
    const AttackTask task = scene.task(c.threat);
    std::int64_t last = 0;
    const AttackResult whole = c.run(task, 1, [&](const AttackProgress& p) {
      CHECK(p.done > last);
      CHECK(p.done <= p.total);
      CHECK(p.fooled <= p.images);
      CHECK(p.images == kImages);
      last = p.done;
      return true;
    });
    CHECK_FALSE(whole.cancelled);
    if (last < 2) continue;  // a method of one step has nothing to cancel
    int calls = 0;
    const AttackResult stopped = c.run(task, 1, [&](const AttackProgress&) {
      ++calls;
      return false;
    });
    CHECK(calls == 1);
    CHECK(stopped.cancelled);
    check_result(stopped, task);
  }
}

TEST_CASE("methods have names of their own, and are found by them") {
  for (const AttackMethod& method : attack_methods()) {
    CHECK(find_attack(method.name) == &method);
  }
  CHECK(find_attack("magic") == nullptr);
}
