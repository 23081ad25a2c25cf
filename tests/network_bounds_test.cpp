// The derived graph of bounds against plain loops in double precision, and against what the network
// itself gives within them.
#include "nn/graph/network_bounds.h"

#include <algorithm>

#include "bounded_network.h"
#include "catch.h"
#include "compare.h"
#include "naive_bounds.h"
#include "nn/ops/batch_moments.h"
#include "onnx_builder.h"
#include "random_data.h"
#include "refusal_of.h"

using namespace inoculate;

namespace {

// Numbers as of a trained network: signs of all kinds, and statistics that are not 0 and 1.
void scatter(GraphNetwork& network, unsigned seed) {
  RandomData random(seed);
  for (float& x : network.parameters()) x += random.number(-0.3F, 0.3F);
  for (float& x : network.statistics()) x += random.number(-0.3F, 0.3F);
}

struct Scene {
  static constexpr int kImages = 5;
  GraphNetwork network;
  Matrix boxes;  // centres, radii

  explicit Scene(Graph graph, unsigned seed = 1) : network(std::move(graph)) {
    scatter(network, seed);
    RandomData random(seed + 10);
    boxes = random.images(kImages, 2 * network.input_size());
    boxes.rightCols(network.input_size()) *= 0.1F;
  }
  int size() const { return network.input_size(); }
  Matrix centres() const { return boxes.leftCols(size()); }

  Intervals image(int row) const {
    Intervals image;
    for (int i = 0; i < size(); ++i) {
      const auto c = static_cast<double>(boxes(row, i)),
                 r = static_cast<double>(boxes(row, size() + i));
      image.push_back({c - r, c + r});
    }
    return image;
  }
};

GraphNetwork::Mode asked() { return {false, false, false, 0}; }

void check_against_naive(const float* bounds, int features, const NaiveBounds& naive, int node) {
  std::vector<double> low, high, naive_low, naive_high;
  for (int k = 0; k < features; ++k) {
    const auto c = static_cast<double>(bounds[k]), r = static_cast<double>(bounds[features + k]);
    CHECK(r >= 0);
    low.push_back(c - r);
    high.push_back(c + r);
  }
  for (const Interval64& x : naive.at(node)) {
    naive_low.push_back(x.low);
    naive_high.push_back(x.high);
  }
  CHECK(relative_difference(low, naive_low) < 1e-5);
  CHECK(relative_difference(high, naive_high) < 1e-5);
}

}  // namespace

TEST_CASE("bounds are those of plain loops, as the network is asked") {
  Scene scene(small_network());
  NetworkBounds bounds(scene.network);
  const Graph& graph = scene.network.graph();
  REQUIRE(bounds.last_dense() == graph.output);
  REQUIRE(bounds.features() == 9);
  const float* given = bounds.forward(scene.boxes.data(), Scene::kImages, scene.network, nullptr);
  for (int i = 0; i < Scene::kImages; ++i) {
    check_against_naive(given + i * 18, 9, NaiveBounds(graph, scene.image(i)),
                        graph.node(graph.output).inputs[0]);
  }
}

TEST_CASE("bounds are normalised by the moments of the batch that the network saw") {
  Scene scene(small_network());
  NetworkBounds bounds(scene.network);
  const Graph& graph = scene.network.graph();
  GraphNetwork::Memory memory;
  const Matrix images = scene.centres();
  scene.network.forward(images.data(), Scene::kImages, {true, false, false, 0}, memory);
  std::vector<NaiveMoments> moments(graph.nodes.size());
  for (int i = 0; i < static_cast<int>(graph.nodes.size()); ++i) {
    const Node& node = graph.node(i);
    if (node.kernel != &kBatchNorm) continue;
    const BatchMoments of(node, scene.network.saved(i, memory));
    const std::size_t channels = BatchMoments::channels_of(node);
    moments[static_cast<std::size_t>(i)] = {{of.mean, of.mean + channels},
                                            {of.variance, of.variance + channels}};
    CHECK(of.variance[0] != Approx(graph.weight(node.weights[3])[0]));
  }
  const float* given = bounds.forward(scene.boxes.data(), Scene::kImages, scene.network, &memory);
  for (int i = 0; i < Scene::kImages; ++i) {
    check_against_naive(given + i * 18, 9, NaiveBounds(graph, scene.image(i), moments),
                        graph.node(graph.output).inputs[0]);
  }
}

TEST_CASE("every value within the pixels' bounds lies within its own, whatever the operators") {
  OnnxBuilder onnx({2, 6, 6});
  const auto conv = [&](const std::string& x, std::int64_t in, std::int64_t out) {
    return onnx.add("Conv", {x, onnx.weight({out, in, 3, 3}), onnx.weight({out})},
                    {integers("pads", {1, 1, 1, 1})});
  };
  const std::string scaled = onnx.add("Mul", {"image", onnx.weight({2, 1, 1})});
  const std::string moved = onnx.add("Sub", {scaled, onnx.weight({2, 1, 1})});
  const std::string a = onnx.add("LeakyRelu", {conv(moved, 2, 3)});
  const std::string b = onnx.add("Tanh", {conv(a, 3, 3)});
  const std::string joined =
      onnx.add("Concat", {onnx.add("Add", {a, b}), onnx.add("Sub", {b, a})}, {integer("axis", 1)});
  const std::string pooled = onnx.add(
      "AveragePool", {joined}, {integers("kernel_shape", {2, 2}), integers("strides", {2, 2})});
  const std::string largest = onnx.add("GlobalMaxPool", {onnx.add("Sigmoid", {pooled})});
  onnx.add("Softplus", {conv(largest, 6, 4)});
  Scene scene(onnx.graph());
  NetworkBounds bounds(scene.network);
  REQUIRE(bounds.last_dense() == -1);
  const int features = bounds.features();
  REQUIRE(features == 4);
  const float* given = bounds.forward(scene.boxes.data(), Scene::kImages, scene.network, nullptr);
  RandomData random(9);
  GraphNetwork::Memory memory;
  float closest = 1;
  for (int sample = 0; sample < 400; ++sample) {
    Matrix images = scene.centres();
    for (Eigen::Index i = 0; i < images.rows(); ++i) {
      for (Eigen::Index k = 0; k < images.cols(); ++k) {
        // Half of the samples are corners, where the bounds are met.
        const float at =
            sample % 2 == 0 ? random.number() : static_cast<float>(random.below(2) * 2 - 1);
        images(i, k) += at * scene.boxes(i, scene.size() + k);
      }
    }
    const float* values = scene.network.forward(images.data(), Scene::kImages, asked(), memory);
    for (int i = 0; i < Scene::kImages * features; ++i) {
      const float* box = given + i / features * 2 * features + i % features;
      const float distance = std::abs(values[i] - box[0]) / box[features];
      closest = std::min(closest, 1 - distance);
    }
  }
  CHECK(closest > -1e-5F);
}

TEST_CASE("what has no bounds is refused by its name") {
  const auto refusal = [](const std::string& op, std::vector<OnnxAttribute> attributes = {}) {
    OnnxBuilder onnx({2, 4, 4});
    onnx.add(op, {onnx.add("Conv", {"image", onnx.weight({3, 2, 3, 3})})}, std::move(attributes));
    const GraphNetwork network(onnx.graph());
    return refusal_of([&] { NetworkBounds bounds(network); });
  };
  CHECK(refusal("Relu") == "accepted");
  for (const char* op : {"Abs", "Mish", "Exp", "HardSwish"}) {
    const std::string told = refusal(op);
    INFO(told);
    CHECK(told.starts_with("operator '" + std::string(op) + "' (node 'the_" + op +
                           "') has no bounds"));
  }
  OnnxBuilder onnx({3});
  onnx.add("Mul", {"image", onnx.add("Gemm", {"image", onnx.weight({3, 3})})});
  const GraphNetwork product(onnx.graph());
  CHECK(refusal_of([&] { NetworkBounds bounds(product); }).starts_with("operator 'Mul'"));
}
