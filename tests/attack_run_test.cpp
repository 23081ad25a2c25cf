// Running a method: on as many images at a time as fit in memory, and on models that allow it.
#include <cstring>
#include <string>

#include "attack/registry.h"
#include "attack/run.h"
#include "catch.h"
#include "labels_alone.h"
#include "model/network_classifier.h"
#include "networks.h"
#include "random_data.h"
#include "refusal_of.h"

using namespace inoculate;

namespace {

/// So large that not all images are attacked at once.
struct LargeImages {
  static constexpr int kSide = 512, kCount = 70;
  Network network = random_network({"large", {kSide, kSide, 1}, {DenseSpec{"a", 3}}});
  NetworkClassifier model{network};
  Matrix images = 0.5F * (Matrix::Random(kCount, kSide* kSide).array() + 1);
  Labels labels = most_likely(model.logits(images));

  AttackTask task() const {
    ThreatModel threat;
    threat.epsilon = 0.001F;
    return {model, images, labels, threat, {}};
  }
};

}  // namespace

TEST_CASE("a few images at a time come to what all of them at once do") {
  const LargeImages large;
  const AttackTask task = large.task();
  for (const char* name : {"fgsm", "fgsm-rs", "pgd"}) {
    CAPTURE(name);
    const AttackMethod& method = *find_attack(name);
    AttackOptions options;
    options.steps = 2;
    Rng whole_rng(3), sliced_rng(3);
    const AttackResult whole = method.run(task, options, whole_rng, nullptr);
    AttackProgress last;
    int told = 0;
    const AttackResult sliced =
        run_attack(method, task, options, sliced_rng, [&](const AttackProgress& p) {
          CHECK(p.done >= last.done);
          CHECK(p.done <= p.total);
          CHECK(p.images == LargeImages::kCount);
          last = p;
          ++told;
          return true;
        });
    CHECK(sliced.adversaries == whole.adversaries);
    CHECK(sliced.success == whole.success);
    CHECK(sliced.distances == whole.distances);
    CHECK(sliced.calls.size() == whole.calls.size());
    CHECK_FALSE(sliced.cancelled);
    CHECK(sliced_rng.next() == whole_rng.next());
    if (told > 0) CHECK(last.done == last.total);
  }
}

TEST_CASE("a cancelled run leaves the images it has not come to as they are") {
  const LargeImages large;
  AttackOptions options;
  options.steps = 2;
  Rng rng(1);
  int steps = 0;
  const AttackResult result = run_attack(*find_attack("bim"), large.task(), options, rng,
                                         [&](const AttackProgress&) { return ++steps < 2; });
  CHECK(result.cancelled);
  REQUIRE(result.adversaries.rows() == LargeImages::kCount);
  REQUIRE(result.success.size() == std::size_t{LargeImages::kCount});
  const auto unchanged = [&](int i) {
    return result.adversaries.row(i) == large.images.row(i) &&
           result.calls[static_cast<std::size_t>(i)].gradient == 0;
  };
  CHECK_FALSE(unchanged(0));
  CHECK(unchanged(LargeImages::kCount - 1));
}

TEST_CASE("what a method cannot see of a model is told in one line") {
  const LabelsAlone labels(Knowledge::kLabels), probabilities(Knowledge::kProbabilities);
  const auto refusal = [](const char* name, const Classifier& model,
                          const Classifier* source = nullptr) {
    AttackOptions options;
    options.source = source;
    return refusal_of([&] { require_possible(*find_attack(name), model.spec(), options); });
  };
  const std::string told = refusal("pgd", labels);
  CHECK(told.find("black.box: gives no more than labels, and pgd needs gradients") == 0);
  CHECK(told.find("nes-label") != std::string::npos);
  CHECK(told.find("square") == std::string::npos);
  CHECK(refusal("square", labels).find("needs probabilities") != std::string::npos);
  CHECK(refusal("square", probabilities) == "accepted");
  CHECK(refusal("nes-label", labels) == "accepted");
  CHECK(refusal("transfer", labels, &labels).find("no gradients") != std::string::npos);
  const Network network = random_network(tiny_network());
  const NetworkClassifier other(network);
  CHECK(refusal("transfer", labels, &other).find("7x6x2 and 10 classes") != std::string::npos);
}
