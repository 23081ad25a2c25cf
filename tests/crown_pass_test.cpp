// The pass of CROWN in training against that of core/certify, which is in double precision and of
// other code: its bounds, and its gradients by differences of those.
#include "nn/graph/crown_pass.h"

#include <cmath>
#include <string>

#include "bounded_network.h"
#include "catch.h"
#include "certify/certificate.h"
#include "compare.h"
#include "model/graph_architectures.h"
#include "model/network_graph.h"
#include "networks.h"
#include "onnx_builder.h"
#include "random_data.h"
#include "refusal_of.h"
#include "train/worst_case.h"

using namespace inoculate;

namespace {

constexpr int kImages = 3;

// What files have besides: channels first, averages, a transposed convolution, logits that no dense
// layer makes.
Graph network_of_file() {
  OnnxBuilder onnx({2, 5, 6});
  std::string last = onnx.add("Conv", {"image", onnx.weight({3, 2, 3, 3}), onnx.weight({3})},
                              {integers("pads", {1, 1, 1, 1})});
  last = onnx.add("AveragePool", {onnx.add("Relu", {last})}, {integers("kernel_shape", {2, 2})});
  last = onnx.add("ConvTranspose", {last, onnx.weight({3, 2, 2, 2}), onnx.weight({2})});
  last = onnx.add("MaxPool", {onnx.add("Relu", {last})},
                  {integers("kernel_shape", {2, 2}), integers("strides", {2, 2}),
                   integers("pads", {1, 0, 0, 0})});
  last = onnx.add("Flatten", {last});
  onnx.add("Relu", {onnx.add("Gemm", {last, onnx.weight({18, 7}), onnx.weight({7})})});
  return onnx.graph();
}

struct Scene {
  GraphNetwork network;
  Matrix boxes;  // centres, radii
  Labels labels;

  // `moved`: by how much weights and statistics are, at most.
  Scene(Graph graph, float radius, float moved = 0.3F) : network(std::move(graph)) {
    RandomData random(1);
    for (float& x : network.parameters()) x += random.number(-moved, moved);
    for (float& x : network.statistics()) x += random.number(-moved, moved);
    boxes = random.images(kImages, 2 * network.input_size());
    boxes.rightCols(network.input_size()) *= radius;
    labels = random.labels(kImages, network.output_size());
  }
  int each() const { return network.output_size() - 1; }
  LastLayer last(const NetworkBounds& bounds) const {
    if (bounds.last_dense() < 0) return {bounds.features(), network.output_size()};
    const Graph& graph = network.graph();
    const std::vector<int>& weights = graph.node(bounds.last_dense()).weights;
    return {bounds.features(), network.output_size(), graph.weight(weights[0]),
            graph.weight(weights[1])};
  }
};

// By how much each logit can be above the label's, [images (classes - 1)].
Eigen::VectorXd certified_bounds(const Scene& scene, const char* method = "crown-ibp") {
  const BoundGraph graph(scene.network.graph(), "a", Arithmetic::kReal);
  const int size = scene.network.input_size(), each = scene.each();
  Eigen::VectorXd upper(kImages * each);
  for (int i = 0; i < kImages; ++i) {
    Ball ball{Norm::kLinf, 0, scene.boxes.row(i).head(size).cast<double>(), {}, {}};
    const Eigen::RowVectorXd radii = scene.boxes.row(i).tail(size).cast<double>();
    ball.low = ball.centre - radii;
    ball.high = ball.centre + radii;
    const int label = scene.labels[static_cast<std::size_t>(i)];
    RealMatrix rows = RealMatrix::Zero(each, each + 1);
    for (int row = 0; row < each; ++row) {
      rows(row, label) = 1;
      rows(row, margin_class(row, label)) = -1;
    }
    upper.segment(i * each, each) = -find_certificate_method(method)->lowest(graph, ball, rows);
  }
  return upper;
}

struct Trained {
  Eigen::VectorXf upper;
  std::vector<float> d_parameters;
};

// The same by the pass in training, and the gradients of the sum of d times it.
Trained trained_bounds(const Scene& scene, const Eigen::VectorXf& d) {
  NetworkBounds bounds(scene.network, true);
  CrownPass crown(scene.network, bounds);
  const float* given = bounds.forward(scene.boxes.data(), kImages, scene.network, nullptr);
  const LastLayer last = scene.last(bounds);
  Matrix margins;
  margin_rows(margins, last, scene.labels);
  Trained trained{Eigen::VectorXf(margins.rows()),
                  std::vector<float>(scene.network.parameters().size())};
  crown.forward(trained.upper.data(), margins, scene.each(), scene.boxes.data(), given, bounds);
  std::vector<float> d_weights(bounds.bounds().parameters().size());
  Matrix d_given = Matrix::Zero(kImages, bounds.outputs());
  crown.backward(margins, d_given.data(), d_weights, d.data(), bounds);
  bounds.backward(trained.d_parameters, d_given.data(), scene.network, nullptr, d_weights);
  if (last.kernel == nullptr) return trained;
  const Graph& graph = scene.network.graph();
  const auto offset = [&](std::size_t weight) {
    const int number = graph.node(bounds.last_dense()).weights[weight];
    return graph.weights[static_cast<std::size_t>(number)].offset;
  };
  margin_rows_backward(trained.d_parameters.data() + offset(0), margins, last, scene.labels);
  for (int row = 0; row < d.size(); ++row) {
    const int label = scene.labels[static_cast<std::size_t>(row / scene.each())];
    const int c = margin_class(row % scene.each(), label);
    trained.upper[row] += last.bias[c] - last.bias[label];
    trained.d_parameters[offset(1) + static_cast<std::size_t>(c)] += d[row];
    trained.d_parameters[offset(1) + static_cast<std::size_t>(label)] -= d[row];
  }
  return trained;
}

void check_bounds(const Scene& scene) {
  const Eigen::VectorXd expected = certified_bounds(scene);
  const Trained trained = trained_bounds(scene, Eigen::VectorXf::Zero(expected.size()));
  CHECK(relative_difference(trained.upper, expected) < 1e-5);
}

void check_gradients(Scene& scene) {
  const Eigen::VectorXd expected = certified_bounds(scene);
  RandomData random(5);
  Eigen::VectorXf d(expected.size());
  for (float& x : d) x = random.number(0, 1);
  d[1] = 0;
  const Trained trained = trained_bounds(scene, d);
  std::vector<double> differences;
  constexpr float kStep = 1e-5F;  // of double precision; a longer one passes kinks
  for (float& parameter : scene.network.parameters()) {
    const float kept = parameter;
    const auto at = [&](float x) {
      parameter = x;
      return certified_bounds(scene).dot(d.cast<double>());
    };
    const float more = kept + kStep, less = kept - kStep;
    differences.push_back((at(more) - at(less)) /
                          (static_cast<double>(more) - static_cast<double>(less)));
    parameter = kept;
  }
  CHECK(relative_difference(trained.d_parameters, differences) < 5e-5);
}

}  // namespace

TEST_CASE("bounds of CROWN in training are those of certify") {
  for (const float radius : {0.0F, 0.02F, 0.2F, 1.0F}) {
    INFO(radius);
    check_bounds(Scene(small_network(), radius));
    check_bounds(Scene(network_of_file(), radius));
  }
  // Lines are tighter than intervals where there are some.
  const Scene scene(small_network(), 0.05F);
  const Eigen::VectorXd lines = certified_bounds(scene), intervals = certified_bounds(scene, "ibp");
  CHECK(((intervals - lines).array() > 0.01).all());
}

// But for cnn7, which is cnn7_small with more of the same: certify would take a minute of it.
TEST_CASE("bounds of CROWN are those of certify for the networks that are built") {
  for (const std::string& name : architecture_names()) {
    INFO(name);
    check_bounds(Scene(graph_of(random_network(*find_architecture(name))), 0.02F, 0));
  }
  for (const char* name : {"cnn7_small", "small_cnn"}) {
    INFO(name);
    check_bounds(Scene(*graph_architecture(name, 1), 0.004F, 0.01F));
  }
}

TEST_CASE("gradients of CROWN are those of differences of certify's bounds") {
  for (const float radius : {0.02F, 0.2F}) {
    INFO(radius);
    Scene small(small_network(), radius), file(network_of_file(), radius);
    check_gradients(small);
    check_gradients(file);
  }
}

TEST_CASE("a network without linear bounds is refused by its operator") {
  const auto refusal = [](const std::string& op, const std::vector<OnnxAttribute>& attributes = {},
                          bool twice = false) {
    OnnxBuilder onnx({2, 4, 4});
    const std::string conv = onnx.add("Conv", {"image", onnx.weight({3, 2, 3, 3})});
    const std::vector<std::string> inputs(twice ? 2 : 1, conv);
    onnx.add(op, inputs, attributes);
    const GraphNetwork network(onnx.graph());
    const NetworkBounds bounds(network, true);
    return refusal_of([&] { CrownPass pass(network, bounds); });
  };
  CHECK(refusal("Relu") == "accepted");
  for (const char* op : {"Sigmoid", "LeakyRelu", "Tanh"}) {
    CHECK(refusal(op) == "operator '" + std::string(op) + "' (node 'the_" + op +
                             "') has no linear bounds to train with; train it with ibp");
  }
  CHECK(refusal("Add", {}, true).starts_with("operator 'Add'"));
  CHECK(refusal("MaxPool", {integers("kernel_shape", {1, 1}), integers("pads", {1, 0, 0, 0})})
            .starts_with("operator 'MaxPool'"));
}
