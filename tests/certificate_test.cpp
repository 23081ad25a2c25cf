// Certificates: bounds hold whatever is tried, are tight where they must be, and are never claimed
// where single precision alone decides.
#include "certify/certificate.h"

#include <cmath>
#include <limits>

#include "attack/run.h"
#include "catch.h"
#include "certify/crown.h"
#include "certify/preprocessed_graph.h"
#include "evaluate/robustness.h"
#include "model/graph_classifier.h"
#include "model/graph_function.h"
#include "model/network_classifier.h"
#include "model/network_graph.h"
#include "networks.h"
#include "nn/graph/build.h"
#include "onnx_builder.h"
#include "refusal_of.h"

using namespace inoculate;

namespace {

// Images of a ball, as attacks make them in single precision: corners of its box and its inside.
Matrix points_of(ConstMatrixRef image, Norm norm, double epsilon, int count, RandomData& random) {
  const auto reach = static_cast<float>(epsilon);
  Matrix points(count, image.cols());
  for (Eigen::Index i = 0; i < count; ++i) {
    Eigen::RowVectorXf change(image.cols());
    for (float& one : change) {
      one = i % 3 == 0 ? random.number() : static_cast<float>(2 * random.below(2) - 1);
    }
    change *= norm == Norm::kL2 ? reach / change.norm() : reach;
    points.row(i) = (image.row(0) + change).cwiseMax(0.0F).cwiseMin(1.0F);
  }
  return points;
}

// Every method's lower bounds of +-logits are below what the points give.
void check_sound(const Graph& graph, Norm norm, double epsilon, unsigned seed, int points = 600) {
  RandomData random(seed);
  const BoundGraph bounded(graph, "a");
  const GraphFunction function(graph, "a");
  const Matrix images = random.images(3, bounded.input_size());
  const auto classes = static_cast<Eigen::Index>(bounded.classes());
  RealMatrix rows(2 * classes, classes);
  rows << RealMatrix::Identity(classes, classes), -RealMatrix::Identity(classes, classes);
  for (Eigen::Index i = 0; i < images.rows(); ++i) {
    const Ball ball =
        ball_around(images.row(i).data(), bounded.input_size(), norm, epsilon, {0, 1});
    const Matrix logits = function(points_of(images.row(i), norm, epsilon, points, random));
    for (const CertificateMethod& method : certificate_methods()) {
      INFO(method.name);
      const Eigen::VectorXd lowest = method.lowest(bounded, ball, rows);
      CHECK(lowest.allFinite());
      for (Eigen::Index k = 0; k < classes; ++k) {
        CHECK(lowest[k] <= static_cast<double>(logits.col(k).minCoeff()));
        CHECK(-lowest[classes + k] >= static_cast<double>(logits.col(k).maxCoeff()));
      }
    }
  }
}

}  // namespace

TEST_CASE("bounds hold for a network of ours, in both norms") {
  const Network network = random_network(tiny_network());
  for (const double epsilon : {0.0, 0.01, 0.2}) {
    INFO(epsilon);
    check_sound(graph_of(network), Norm::kLinf, epsilon, 3);
    check_sound(graph_of(network), Norm::kL2, epsilon, 4);
  }
}

TEST_CASE("bounds hold for every function that bends") {
  const struct {
    std::string op;
    std::vector<OnnxAttribute> attributes;
  } kFunctions[] = {{"Relu", {}},
                    {"LeakyRelu", {number("alpha", 0.2F)}},
                    {"LeakyRelu", {number("alpha", 1.7F)}},
                    {"PRelu", {}},
                    {"Elu", {number("alpha", 0.7F)}},
                    {"Selu", {}},
                    {"Clip", {}},
                    {"Sigmoid", {}},
                    {"Tanh", {}},
                    {"Softsign", {}},
                    {"Softplus", {}},
                    {"Erf", {}},
                    {"Exp", {}}};
  for (const auto& [op, attributes] : kFunctions) {
    INFO(op << " " << attributes.size());
    OnnxBuilder network({12}, 5);
    const std::string ends = network.constant(floats({}, {0.4F}));
    std::string last = "image";
    for (const std::int64_t inputs : {12, 8}) {
      last = network.add("Gemm",
                         {last, network.weight({inputs, 8}, -0.7F, 0.7F), network.weight({8})});
      std::vector<std::string> values{last};
      if (op == "PRelu") values.push_back(network.weight({8}, -0.5F, 1.8F));
      if (op == "Clip") values.insert(values.end(), {network.constant(floats({}, {-0.3F})), ends});
      last = network.add(op, values, attributes);
    }
    network.add("Gemm", {last, network.weight({8, 3}), network.weight({3})});
    const Graph built = network.graph();
    for (const double epsilon : {0.02, 0.3}) {
      check_sound(built, Norm::kLinf, epsilon, 6, 20000);
      check_sound(built, Norm::kL2, epsilon, 7, 20000);
    }
  }
}

TEST_CASE("a rectifier that falls below 0 is least at 0") {
  OnnxBuilder network({2});
  network.add("PRelu", {"image", network.constant(floats({2}, {-0.5F, 2}))});
  const BoundGraph graph(network.graph(), "a");
  const Matrix image = Matrix::Constant(1, 2, 0.25F);
  const Ball ball = ball_around(image.data(), 2, Norm::kLinf, 0.5, {-1, 1});  // -0.25 to 0.75
  RealMatrix rows(4, 2);
  rows << RealMatrix::Identity(2, 2), -RealMatrix::Identity(2, 2);
  const double exact[] = {0, -0.5, -0.75, -0.75};
  for (const CertificateMethod& method : certificate_methods()) {
    INFO(method.name);
    const Eigen::VectorXd lowest = method.lowest(graph, ball, rows);
    for (Eigen::Index i = 0; i < 4; ++i) {
      CHECK(lowest[i] <= exact[i]);
      if (method.name == std::string("ibp")) CHECK(lowest[i] == Approx(exact[i]).margin(1e-5));
    }
  }
}

TEST_CASE("of one linear layer bounds are what its numbers say, to the last digits") {
  RandomData random(8);
  const auto kernel = random.numbers(20 * 4), bias = random.numbers(4);
  GraphBuilder builder({20});
  const Graph graph = builder.take(builder.dense(0, kernel, bias));
  const BoundGraph exact(graph, "a", Arithmetic::kReal);
  const Matrix image = random.images(1, 20);
  for (const Norm norm : {Norm::kLinf, Norm::kL2}) {
    const double epsilon = 0.05;
    const Ball ball = ball_around(image.data(), 20, norm, epsilon, {-10, 10});
    for (const CertificateMethod& method : certificate_methods()) {
      const Eigen::VectorXd lowest = method.lowest(exact, ball, RealMatrix::Identity(4, 4));
      for (std::size_t k = 0; k < 4; ++k) {
        double sum = static_cast<double>(bias[k]), length = 0, square = 0;
        for (std::size_t i = 0; i < 20; ++i) {
          const double w = static_cast<double>(kernel[i * 4 + k]);
          sum += w * static_cast<double>(image(0, static_cast<Eigen::Index>(i)));
          length += std::abs(w);
          square += w * w;
        }
        const double expected = sum - epsilon * (norm == Norm::kLinf ? length : std::sqrt(square));
        CHECK(lowest[static_cast<Eigen::Index>(k)] == Approx(expected).margin(2e-6));
        CHECK(lowest[static_cast<Eigen::Index>(k)] <= expected);
      }
    }
  }
}

TEST_CASE("a margin that rounding could turn is not certified") {
  // 1 + 2^-25 - 1 is 2^-25 for real numbers, and 0 in single precision: the logits are then equal.
  GraphBuilder builder({3});
  const float tiny = 0x1p-25F;
  const Graph graph = builder.take(builder.dense(0, {1, 0, tiny, 0, -1, 0}, {0, 0}));
  const Matrix image = Matrix::Ones(1, 3);
  const Matrix logits = GraphFunction(graph, "a")(image);
  REQUIRE(logits(0, 0) == logits(0, 1));  // whatever is claimed of the first is wrong
  for (const CertificateMethod& method : certificate_methods()) {
    const CertificateOptions options{&method, Norm::kLinf, 0, {0, 1}};
    CHECK(certified_margin(BoundGraph(graph, "a", Arithmetic::kReal), image.data(), 0, options) >
          0);
    CHECK(certified_margin(BoundGraph(graph, "a"), image.data(), 0, options) < 0);
  }
}

TEST_CASE("tighter methods are tighter, and the certified epsilon has a certificate") {
  const BoundGraph graph(graph_of(random_network(tiny_network(), 2)), "a");
  RandomData random(9);
  const Matrix images = random.images(6, graph.input_size());
  const GraphFunction function(graph.graph(), "a");
  const Labels labels = most_likely(function(images));
  for (Eigen::Index i = 0; i < images.rows(); ++i) {
    double before = -std::numeric_limits<double>::infinity(), radius_before = 0;
    for (const CertificateMethod& method : certificate_methods()) {
      INFO(method.name);
      CertificateOptions options{&method, Norm::kLinf, 0.01, {0, 1}};
      const int label = labels[static_cast<std::size_t>(i)];
      const double margin = certified_margin(graph, images.row(i).data(), label, options);
      CHECK(margin >= before);
      before = margin;
      const double radius = certified_radius(graph, images.row(i).data(), label, options, 1);
      CHECK(radius >= radius_before);
      radius_before = radius;
      options.epsilon = radius;
      if (radius > 0) {
        CHECK(certified_margin(graph, images.row(i).data(), label, options) > 0);
      }
    }
  }
}

TEST_CASE("in a smaller ball of L2 no less is certified, and no smaller epsilon found") {
  // The first layer's numbers are bounded in L2 whether a function bends there or not: with those
  // of the box alone a larger ball, in which more bend, had had the tighter bounds.
  const BoundGraph graph(graph_of(random_network(mlp(16), 3)), "a");
  RandomData random(4);
  const Matrix images = random.images(4, graph.input_size());
  const Labels labels = most_likely(GraphFunction(graph.graph(), "a")(images));
  for (const char* name : {"ibp", "crown-ibp"}) {
    INFO(name);
    CertificateOptions options{find_certificate_method(name), Norm::kL2, 0, {0, 1}};
    for (Eigen::Index i = 0; i < images.rows(); ++i) {
      const int label = labels[static_cast<std::size_t>(i)];
      double before = std::numeric_limits<double>::infinity(), furthest = 0;
      for (const double epsilon : {0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0}) {
        options.epsilon = epsilon;
        const double margin = certified_margin(graph, images.row(i).data(), label, options);
        CHECK(margin <= before);
        before = margin;
        if (margin > 0) furthest = epsilon;
      }
      CHECK(furthest > 0);
      CHECK(certified_radius(graph, images.row(i).data(), label, options, 10) >= furthest);
    }
  }
}

TEST_CASE("nothing breaks what is certified") {
  const Network network = random_network(tiny_network(), 2);
  const NetworkClassifier model(network);
  const BoundGraph graph(graph_of(network), "a");
  RandomData random(10);
  const Matrix images = random.images(24, graph.input_size());
  const Labels labels = most_likely(model.logits(images));
  for (const Norm norm : {Norm::kLinf, Norm::kL2}) {
    const double epsilon = norm == Norm::kLinf ? 0.01 : 0.05;
    const CertificateOptions options{find_certificate_method("crown"), norm, epsilon, {0, 1}};
    std::vector<int> certified;
    for (int i = 0; i < 24; ++i) {
      if (certified_margin(graph, images.row(i).data(), labels[static_cast<std::size_t>(i)],
                           options) > 0) {
        certified.push_back(i);
      }
    }
    REQUIRE(certified.size() > 3);
    JudgeOptions judging;
    judging.threat = {norm, static_cast<float>(epsilon), ValueRange{}};
    const Verdict verdict =
        judge_robustness(model, images, labels, attack_suite("standard", norm), judging);
    for (const int i : certified) CHECK(verdict.robust[static_cast<std::size_t>(i)] == 1);
  }
}

TEST_CASE("preprocessing is part of the network: epsilon is one of pixels") {
  RandomData random(11);
  GraphBuilder builder({2, 2, 3});
  const int flat = builder.flatten(0);
  const Graph graph = builder.take(
      builder.dense(builder.relu(builder.dense(flat, random.numbers(12 * 6), random.numbers(6))),
                    random.numbers(6 * 3), random.numbers(3)));
  for (const ChannelMap& map : {ChannelMap{{0, 1, 2}, {2, 3, 4}, {-1, 0, 1}},
                                ChannelMap{{2, 1, 0}, {255, 255, 255}, {-103, -116, -123}}}) {
    const Graph whole = with_preprocessing(graph, map);
    const Matrix images = random.images(4, 12);
    CHECK(GraphFunction(whole, "a")(images).isApprox(
        GraphFunction(graph, "a")(prepared(map, images)), 1e-5F));
    check_sound(whole, Norm::kLinf, 0.02, 12);
  }
}

TEST_CASE("what has no bounds is refused by name") {
  for (const char* op : {"Softmax", "Abs"}) {
    OnnxBuilder builder({2, 6, 6});
    builder.add("Relu",
                {builder.add(op, {builder.add("Conv", {"image", builder.weight({4, 2, 3, 3})})})});
    const Graph graph = builder.graph();
    CHECK(refusal_of([&] { BoundGraph(graph, "m.onnx"); }) ==
          std::string("m.onnx: cannot be certified: operator '") + op + "' (node 'the_" + op +
              "') has no bounds");
  }
}
