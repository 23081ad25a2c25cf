// Certificates, held against auto_LiRPA: never looser, and the same to what both round.
#include <algorithm>
#include <stdexcept>
#include <string>

#include "catch.h"
#include "certify/certificate.h"
#include "golden_files.h"
#include "model/graph_classifier.h"
#include "paths.h"

using namespace inoculate;

namespace {

// Of one network: its graph, and what tests/golden/make_certify.py has of it.
struct Golden {
  explicit Golden(const std::string& name)
      : graph(read_onnx_graph(read_whole_file(in_source("/tests/golden/certify/") + name + ".onnx"),
                              name),
              name, Arithmetic::kReal),
        answers(golden_safetensors("certify/" + name + ".safetensors").tensors) {}

  const std::vector<float>& operator[](const std::string& name) const {
    for (const NamedTensor& tensor : answers) {
      if (tensor.name == name) return tensor.values;
    }
    throw std::runtime_error("no " + name);
  }

  BoundGraph graph;
  std::vector<NamedTensor> answers;
};

constexpr int kImages = 3, kClasses = 5;

// Bounds of every logit: of intervals as they are, where the command folds differences of logits
// into the last layer.
Eigen::VectorXd lowest(const Golden& golden, const std::string& method, const Ball& ball) {
  RealMatrix rows(2 * kClasses, kClasses);
  rows << RealMatrix::Identity(kClasses, kClasses), -RealMatrix::Identity(kClasses, kClasses);
  if (method != "ibp") return find_certificate_method(method)->lowest(golden.graph, ball, rows);
  const GraphBounds known = interval_bounds(golden.graph, box_bounds(ball.low, ball.high));
  const ValueBounds& logits = known[static_cast<std::size_t>(golden.graph.graph().output)];
  Eigen::VectorXd both(2 * kClasses);
  both << logits.low.row(0).transpose(), -logits.high.row(0).transpose();
  return both;
}

void check(const std::string& network, const std::string& method, Norm norm, double tolerance) {
  const Golden golden(network);
  const std::string key = (norm == Norm::kL2 ? "l2/" : "linf/") + method;
  const double epsilon = static_cast<double>(golden["epsilon"][0]) * (norm == Norm::kL2 ? 10 : 1);
  double furthest = 0;
  for (std::size_t i = 0; i < kImages; ++i) {
    const auto size = static_cast<std::size_t>(golden.graph.input_size());
    const float* image = golden["images"].data() + i * size;
    // Without the ends of a range, which auto_LiRPA was not told.
    const Ball ball = ball_around(image, golden.graph.input_size(), norm, epsilon, {-9, 9});
    const Eigen::VectorXd given = lowest(golden, method, ball);
    for (std::size_t k = 0; k < kClasses; ++k) {
      const double low = static_cast<double>(golden[key + "/low"][i * kClasses + k]);
      const double high = static_cast<double>(golden[key + "/high"][i * kClasses + k]);
      const double own_low = given[static_cast<Eigen::Index>(k)];
      const double own_high = -given[static_cast<Eigen::Index>(kClasses + k)];
      INFO(network << " " << key << " image " << i << " logit " << k);
      const double width = high - low;
      CHECK(own_low >= low - tolerance * std::max(1.0, std::abs(low)));
      CHECK(own_high <= high + tolerance * std::max(1.0, std::abs(high)));
      furthest =
          std::max({furthest, std::abs(own_low - low) / width, std::abs(own_high - high) / width});
    }
  }
  INFO(network << " " << key);
  CHECK(furthest < (norm == Norm::kL2 ? 1.0 : 1e-4));
}

}  // namespace

TEST_CASE("interval bounds are auto_LiRPA's within 1e-5") {
  for (const char* network : {"plain", "mixed", "perceptron"}) {
    check(network, "ibp", Norm::kLinf, 1e-5);
  }
}

TEST_CASE("CROWN-IBP and CROWN are auto_LiRPA's within 1e-4, and never looser") {
  for (const char* network : {"plain", "mixed", "perceptron"}) {
    check(network, "crown-ibp", Norm::kLinf, 1e-5);
    check(network, "crown", Norm::kLinf, 1e-5);
    check(network, "crown", Norm::kL2, 1e-5);
  }
}
