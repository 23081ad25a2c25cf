// Every operator's bounds (nn/ops/form.h), held against what the network gives for images: of a
// single image they are its value, of a ball they hold all that the ball's images give, and where
// one operator alone stands between image and logits no number could be tighter.
#include <algorithm>
#include <optional>
#include <set>
#include <string>

#include "base/error.h"
#include "catch.h"
#include "certify/certificate.h"
#include "model/graph_function.h"
#include "nn/graph/import.h"
#include "operator_cases.h"
#include "random_data.h"

using namespace inoculate;

namespace {

constexpr ValueRange kWide{-9, 9};  // images of these cases are not of 0..1
constexpr double kEpsilon = 0.05;

ValueBounds logit_bounds(const BoundGraph& graph, const Matrix& image, double epsilon) {
  const Ball ball = ball_around(image.data(), graph.input_size(), Norm::kLinf, epsilon, kWide);
  return interval_bounds(
      graph, box_bounds(ball.low, ball.high))[static_cast<std::size_t>(graph.graph().output)];
}

bool all_linear(const BoundGraph& graph) {
  for (std::size_t i = 1; i < graph.graph().nodes.size(); ++i) {
    const BoundNode& node = graph.node(static_cast<int>(i));
    if (node.used && !node.is_linear()) return false;
  }
  return true;
}

// Corners of the box around the image, points within it, and its two opposite corners.
Matrix points_around(const Matrix& image, int count, RandomData& random) {
  const auto reach = static_cast<float>(kEpsilon);
  Matrix points = image.replicate(count + 2, 1);
  for (int i = 0; i < count; ++i) {
    for (int j = 0; j < image.cols(); ++j) {
      const float side = i % 2 == 0 ? random.number() : static_cast<float>(2 * random.below(2) - 1);
      points(i, j) += reach * side;
    }
  }
  points.row(count).array() -= reach;
  points.row(count + 1).array() += reach;
  return points;
}

void check_near(double found, double expected) {
  CHECK(found == Approx(expected).epsilon(1e-4).margin(5e-4));
}

// What intervals cannot but give: of sums by their coefficients, which differences of the network's
// own answers tell, and of functions of single numbers by the least and the most along the way from
// one end of the box to the other.
void check_tight(const BoundGraph& graph, const GraphFunction& network, const Matrix& image,
                 const ValueBounds& bounds) {
  const auto reach = static_cast<float>(kEpsilon);
  const bool linear = all_linear(graph);
  Matrix moved = image.replicate(image.cols() + 1, 1);
  for (int j = 0; j < image.cols(); ++j) moved(j + 1, j) += reach;
  const Matrix values = network(moved);
  constexpr int kSteps = 100;
  Matrix way = image.replicate(2 * kSteps + 1, 1);
  for (int i = -kSteps; i <= kSteps; ++i) {
    way.row(i + kSteps).array() += reach * static_cast<float>(i) / kSteps;
  }
  const Matrix along = network(way);
  for (int k = 0; k < values.cols(); ++k) {
    const double middle = values(0, k);
    double reaches = 0;
    for (int j = 0; j < image.cols(); ++j) {
      reaches += std::abs(static_cast<double>(values(j + 1, k)) - middle);
    }
    const double least = along.col(k).minCoeff(), most = along.col(k).maxCoeff();
    check_near(bounds.low(0, k), linear ? middle - reaches : least);
    check_near(bounds.high(0, k), linear ? middle + reaches : most);
  }
}

// Operators that have no bounds, or none as these cases use them: products and quotients of two
// values of the image, slopes that depend on it, the largest or smallest of values and constants of
// fewer numbers.
const std::set<std::string> kRefused = {"Abs",
                                        "Ceil",
                                        "Div",
                                        "Equal",
                                        "Floor",
                                        "Gelu",
                                        "Greater",
                                        "GreaterOrEqual",
                                        "GroupNormalization",
                                        "HardSigmoid",
                                        "HardSwish",
                                        "InstanceNormalization",
                                        "LRN",
                                        "LayerNormalization",
                                        "Less",
                                        "LessOrEqual",
                                        "Log",
                                        "LogSoftmax",
                                        "MatMul",
                                        "Max",
                                        "Min",
                                        "Mish",
                                        "Mul",
                                        "Not",
                                        "PRelu",
                                        "Pow",
                                        "Reciprocal",
                                        "Softmax",
                                        "Sqrt",
                                        "Where"};

}  // namespace

TEST_CASE("every operator is bounded by what it gives, or refused by name") {
  RandomData random(4);
  std::set<std::string> refused;
  int tight = 0;
  for (const OperatorCase& one : kOperatorCases) {
    INFO(one.op << " " << one.inputs.back() << " " << one.opset);
    const Graph read = import_onnx(model_of(one), "a.onnx");
    std::optional<BoundGraph> graph;
    try {
      graph.emplace(read, "a.onnx");
    } catch (const Error& error) {
      CHECK_THAT(error.what(), Catch::Contains("a.onnx: cannot be certified: operator '"));
      refused.insert(one.op);
      continue;
    }
    const GraphFunction network(read, "a.onnx");
    const Matrix image = image_of(one, random);
    const Matrix values = network(image);
    const ValueBounds point = logit_bounds(*graph, image, 0);
    const ValueBounds bounds = logit_bounds(*graph, image, kEpsilon);
    const Matrix logits = network(points_around(image, 400, random));
    const auto classes = static_cast<Eigen::Index>(graph->classes());
    RealMatrix rows(2 * classes, classes);
    rows << RealMatrix::Identity(classes, classes), -RealMatrix::Identity(classes, classes);
    const Ball ball = ball_around(image.data(), graph->input_size(), Norm::kLinf, kEpsilon, kWide);
    std::vector<Eigen::VectorXd> lowest;
    for (const CertificateMethod& method : certificate_methods()) {
      lowest.push_back(method.lowest(*graph, ball, rows));
    }
    for (Eigen::Index k = 0; k < classes; ++k) {
      const double value = values(0, k);
      CHECK(point.low(0, k) <= value);
      CHECK(point.high(0, k) >= value);
      check_near(point.low(0, k), value);
      check_near(point.high(0, k), value);
      const double least = logits.col(k).minCoeff(), most = logits.col(k).maxCoeff();
      CHECK(bounds.low(0, k) <= least);
      CHECK(bounds.high(0, k) >= most);
      for (const Eigen::VectorXd& low : lowest) {
        CHECK(low[k] <= least);
        CHECK(-low[classes + k] >= most);
      }
    }
    if (std::find(one.inputs.begin(), one.inputs.end(), "half") != one.inputs.end()) continue;
    check_tight(*graph, network, image, bounds);
    ++tight;
  }
  CHECK(tight > 30);
  CHECK(refused == kRefused);
}
