// The gradients of a graph's parameters, operator by operator, against central differences of its
// output; and that each gradient comes without the other, on any number of threads.
#include "nn/graph/graph_network.h"

#include <cmath>
#include <functional>
#include <random>

#include "catch.h"
#include "compare.h"
#include "onnx_builder.h"
#include "refusal_of.h"
#include "threads.h"

using namespace inoculate;

namespace {

using Mode = GraphNetwork::Mode;

std::vector<float> normal_numbers(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> numbers(size);
  for (float& number : numbers) number = normal(random);
  return numbers;
}

struct Gradients {
  std::vector<float> output, d_inputs, d_parameters;
  bool operator==(const Gradients&) const = default;
};

// A network, images for it, and the gradient of what it gives.
struct Scene {
  GraphNetwork network;
  int n;
  Mode mode{};
  std::vector<float> inputs, d_output;

  Scene(Graph graph, int images, Mode how) : network(std::move(graph)), n(images), mode(how) {
    const auto size = [&](int each) { return static_cast<std::size_t>(n * each); };
    inputs = normal_numbers(size(network.input_size()), 3);
    d_output = normal_numbers(size(network.output_size()), 4);
  }

  double loss() {
    GraphNetwork::Memory memory;
    const float* output = network.forward(inputs.data(), n, mode, memory);
    double sum = 0;
    for (std::size_t i = 0; i < d_output.size(); ++i) {
      sum += static_cast<double>(output[i]) * static_cast<double>(d_output[i]);
    }
    return sum;
  }

  Gradients gradients(bool of_inputs, bool of_parameters) {
    GraphNetwork::Memory memory;
    const float* output = network.forward(inputs.data(), n, mode, memory);
    Gradients g{{output, output + d_output.size()},
                std::vector<float>(of_inputs ? inputs.size() : 0),
                std::vector<float>(of_parameters ? network.parameters().size() : 0, 77.0F)};
    for (int twice = 0; twice < 2; ++twice) {
      network.backward(of_inputs ? g.d_inputs.data() : nullptr, g.d_parameters, d_output.data(),
                       memory);
    }
    return g;
  }
};

// Central differences of the loss by up to 60 parameters. `step` may be large where the output is
// linear in each parameter: it then costs no accuracy.
void check_differences(Scene& scene, const std::vector<float>& d_parameters, double step,
                       double tolerance) {
  std::mt19937 random(5);
  double largest = 0;
  for (const float d : d_parameters) largest = std::max(largest, std::abs(double{d}));
  REQUIRE(largest > 0);
  const std::size_t size = d_parameters.size();
  for (std::size_t i = 0; i < std::min<std::size_t>(size, 60); ++i) {
    const std::size_t at = size <= 60 ? i : random() % size;
    const float kept = scene.network.parameters()[at];
    const auto loss_at = [&](double value) {
      scene.network.parameters()[at] = static_cast<float>(value);
      return scene.loss();
    };
    const double up = loss_at(kept + step), down = loss_at(kept - step);
    scene.network.parameters()[at] = kept;
    INFO("parameter " << at << " of " << size);
    CHECK(std::abs((up - down) / (2 * step) - double{d_parameters[at]}) < tolerance * largest);
  }
}

void check_gradients(const Graph& graph, int n = 3, Mode mode = {}, double step = 0.5,
                     double tolerance = 2e-5) {
  Scene scene(graph, n, mode);
  scene.mode.update_statistics = false;
  const WithThreads one(1);
  const Gradients both = scene.gradients(true, true);
  check_differences(scene, both.d_parameters, step, tolerance);
  CHECK(scene.gradients(true, false).d_inputs == both.d_inputs);
  CHECK(scene.gradients(false, true).d_parameters == both.d_parameters);
  for (const int threads : {2, 3}) {
    const WithThreads more(threads);
    CHECK(scene.gradients(true, true) == both);
  }
}

// All numbers of the file as parameters, also those of its arithmetic.
Graph with_all_parameters(Graph graph) {
  for (Weight& weight : graph.weights) weight.role = Role::kParameter;
  return graph;
}

struct ConvCase {
  std::int64_t channels, filters, groups;
  Sizes kernel, strides, dilations;
  std::int64_t pad;
};

Graph conv_graph(const ConvCase& c, const Sizes& positions) {
  Sizes dims = positions, shape = c.kernel;
  dims.insert(dims.begin(), c.channels);
  shape.insert(shape.begin(), {c.filters, c.channels / c.groups});
  const bool one_axis = positions.size() == 1;
  OnnxBuilder net(one_axis ? Sizes{c.channels * positions[0]} : dims);
  const std::string x = one_axis ? net.reshaped("image", dims) : "image";
  net.add(
      "Conv", {x, net.weight(shape), net.weight({c.filters})},
      {integer("group", c.groups), integers("strides", c.strides),
       integers("dilations", c.dilations), integers("pads", Sizes(2 * c.kernel.size(), c.pad))});
  return net.graph();
}

}  // namespace

TEST_CASE("graph network: gradients of convolutions") {
  const ConvCase cases[] = {
      {5, 6, 1, {1, 1}, {1, 1}, {1, 1}, 0},    // a product of pixels
      {3, 7, 1, {3, 3}, {1, 1}, {1, 1}, 1},    // few channels
      {16, 20, 1, {3, 3}, {2, 2}, {1, 1}, 1},  // many
      {3, 4, 1, {5, 3}, {1, 2}, {2, 1}, 2},    // dilated
      {4, 6, 2, {3, 3}, {2, 1}, {1, 2}, 1},    // groups of few channels
      {32, 48, 2, {3, 3}, {1, 1}, {1, 1}, 1},  // and of many
      {17, 17, 17, {3, 3}, {2, 2}, {1, 1}, 1},  {20, 20, 20, {5, 3}, {1, 1}, {2, 2}, 3},
      {4, 8, 4, {3, 3}, {1, 1}, {1, 1}, 0},      // two filters a channel
      {96, 100, 1, {3, 3}, {1, 1}, {1, 1}, 1},   // a large kernel
      {128, 320, 2, {3, 3}, {2, 2}, {1, 1}, 0},  // and one in groups
      {2, 3, 1, {9, 9}, {1, 1}, {1, 1}, 8},      // taps that no pixel is seen by
  };
  for (const ConvCase& one : cases) {
    INFO(one.channels << " to " << one.filters << " in " << one.groups);
    check_gradients(conv_graph(one, {9, 11}));
  }
  check_gradients(conv_graph({16, 6, 1, {3}, {2}, {1}, 1}, {13}));
  check_gradients(conv_graph({3, 8, 1, {3, 3}, {1, 1}, {1, 1}, 1}, {28, 28}), 9);  // many rows
  check_gradients(conv_graph({24, 24, 24, {3, 3}, {1, 1}, {1, 1}, 1}, {28, 28}), 30);
}

TEST_CASE("graph network: gradients of transposed convolutions") {
  for (const std::int64_t groups : {1, 2, 8}) {
    for (const std::int64_t stride : {1, 2}) {
      INFO(groups << " groups, stride " << stride);
      OnnxBuilder net({8, 5, 6});
      net.add("ConvTranspose", {"image", net.weight({8, 16 / groups, 3, 3}), net.weight({16})},
              {integer("group", groups), integers("strides", {stride, stride}),
               integers("pads", {1, 0, 1, 0})});
      check_gradients(net.graph());
    }
  }
  OnnxBuilder deep({8, 5, 6});
  deep.add("ConvTranspose", {"image", deep.weight({8, 1, 3, 3})}, {integer("group", 8)});
  check_gradients(deep.graph());
}

TEST_CASE("graph network: gradients of dense layers") {
  for (const std::int64_t features : {1, 7, 40}) {
    for (const std::int64_t units : {2, 10, 70}) {
      INFO(features << " to " << units);
      OnnxBuilder net({features});
      net.add("Gemm", {"image", net.weight({features, units}), net.weight({units})});
      check_gradients(net.graph(), 5);
    }
  }
  OnnxBuilder large({300});
  large.add("Gemm", {"image", large.weight({300, 333})});
  check_gradients(large.graph(), 300);
  OnnxBuilder rows({6 * 12});  // a product of every row of an image
  rows.add("MatMul", {rows.reshaped("image", {6, 12}), rows.weight({12, 5})});
  check_gradients(rows.graph(), 200);
}

TEST_CASE("graph network: gradients of what is computed with numbers of the file") {
  const char* const operators[] = {"Add", "Sub", "Mul", "Max", "PRelu"};
  for (const std::string op : operators) {
    for (const Sizes& dims : {Sizes{3, 4, 5}, Sizes{3, 1, 1}, Sizes{5}, Sizes{1}}) {
      INFO(op);
      OnnxBuilder net({3, 4, 5});
      net.add(op, {"image", net.weight(dims)});
      // A maximum is linear up to where the other number is the larger.
      check_gradients(with_all_parameters(net.graph()), 3, {}, op == "Max" ? 1e-3 : 0.5,
                      op == "Max" ? 1e-2 : 2e-5);
    }
  }
  OnnxBuilder net({12});
  net.add("Div", {net.reshaped("image", {3, 4}), net.weight({4}, 1, 2)});
  check_gradients(with_all_parameters(net.graph()), 3, {}, 1e-2, 1e-3);
  OnnxBuilder power({12});
  power.add("Pow", {power.add("Exp", {power.reshaped("image", {3, 4})}), power.weight({4}, 1, 2)});
  check_gradients(with_all_parameters(power.graph()), 3, {}, 1e-2, 1e-3);
  OnnxBuilder product({3, 4, 4});
  product.add("MatMul", {"image", product.weight({3, 4, 2})});
  check_gradients(with_all_parameters(product.graph()));
}

TEST_CASE("graph network: gradients of normalisations' scales and shifts") {
  OnnxBuilder layer({48});
  layer.add("LayerNormalization",
            {layer.reshaped("image", {6, 8}), layer.weight({8}), layer.weight({8})},
            {integer("axis", -1)});
  check_gradients(layer.graph());
  OnnxBuilder instance({6, 5, 4});
  instance.add("InstanceNormalization", {"image", instance.weight({6}), instance.weight({6})});
  check_gradients(instance.graph(), 40);
}

TEST_CASE("graph network: gradients reach parameters through every operator before the output") {
  const auto before = [](OnnxBuilder& net) {
    return net.add("Conv", {"image", net.weight({6, 3, 3, 3}, -0.5F, 0.5F), net.weight({6})},
                   {integers("pads", {1, 1, 1, 1})});
  };
  // A small step, and so fewer digits: not all of these are linear, and some have corners.
  const auto check = [](OnnxBuilder& net) { check_gradients(net.graph(), 3, {}, 3e-4, 5e-3); };
  for (const std::string op :
       {"Sigmoid", "Tanh", "Elu", "Softplus", "Erf", "Gelu", "HardSwish", "Softmax", "Identity",
        "Selu", "Mish", "Exp", "Softsign", "Neg", "GlobalAveragePool", "LogSoftmax"}) {
    INFO(op);
    OnnxBuilder net({3, 6, 6});
    const std::string x = before(net);
    net.add(op, {x});
    // The last Softmax of a file would be left out.
    net.add("Mul", {net.add("Identity", {op + "1"}), net.weight({1, 6, 1, 1})});
    check(net);
  }
  OnnxBuilder pools({3, 6, 6});
  const std::string x = before(pools);
  const std::string most = pools.add("MaxPool", {x}, {integers("kernel_shape", {2, 2})});
  const std::string mean = pools.add("AveragePool", {x}, {integers("kernel_shape", {2, 2})});
  const std::string joined = pools.add("Concat", {most, mean, most}, {integer("axis", 1)});
  const std::string part =
      pools.add("Slice", {joined, pools.constant(wholes({2})), pools.constant(wholes({15})),
                          pools.constant(wholes({1})), pools.constant(wholes({3}))});
  pools.add("ReduceMean", {pools.add("LRN", {part}, {integer("size", 3), number("alpha", 0.5F)})},
            {integers("axes", {2}), integer("keepdims", 0)});
  check(pools);
  OnnxBuilder twice({3, 6, 6});  // two paths, one of which adds to itself
  const std::string y = before(twice);
  // Without a corner, which one build or another would step over.
  const std::string elu = twice.add("Elu", {y});
  twice.add("Add",
            {twice.add("Add", {elu, elu}), twice.add("Conv", {elu, twice.weight({6, 6, 1, 1})})});
  check(twice);
}

TEST_CASE("graph network: parameters and inputs are asked for one without the other") {
  OnnxBuilder net({4});
  net.add("Sub", {"image", net.weight({4})});  // before the first parameter
  const std::string x = net.add("Gemm", {"Sub0", net.weight({4, 3}), net.weight({3})});
  net.add("Gemm", {net.add("Relu", {x}), net.weight({3, 2})});
  Scene scene(net.graph(), 2, {});
  const Gradients g = scene.gradients(true, true);
  CHECK(g.d_parameters.size() == 4 * 3 + 3 + 3 * 2);
  CHECK(scene.network.statistics().empty());
  // What is asked of the same numbers.
  const Plan plan(scene.network.graph());
  Plan::Workspace workspace{Passes::kForwardAndBackward};
  const float* output = plan.forward(scene.inputs.data(), 2, workspace);
  CHECK(std::vector<float>(output, output + g.output.size()) == g.output);
  std::vector<float> d_inputs(g.d_inputs.size());
  plan.backward(d_inputs.data(), scene.d_output.data(), workspace);
  CHECK(d_inputs == g.d_inputs);
}

TEST_CASE("graph network: a graph that is wired twice to one weight adds both gradients") {
  OnnxBuilder net({4});
  const std::string kernel = net.weight({4, 4});
  net.add("Gemm", {net.add("Gemm", {"image", kernel}), kernel});
  Graph graph = net.graph();
  for (Node& node : graph.nodes) {
    if (!node.weights.empty()) node.weights = {0};
  }
  check_gradients(graph, 3, {}, 1e-2, 1e-3);
}

TEST_CASE("graph network: what has no gradient by its parameters is refused") {
  OnnxBuilder net({4});
  net.add("Gemm", {net.add("Gemm", {"image", net.weight({4, 4})}), net.weight({4, 3})});
  const Kernel forward_only{.forward = [](const Pass&) {}};
  const auto refusal = [&](std::size_t number) {
    Graph graph = net.graph();
    graph.nodes[number].kernel = &forward_only;
    if (number == 2) graph.nodes[number].weights.clear();
    return refusal_of([&] { GraphNetwork network(graph); });
  };
  CHECK(
      refusal(1) ==
      "operator 'Gemm' (node 'the_Gemm') cannot be trained: it has no gradient by its parameters");
  CHECK(refusal(2) ==
        "operator 'Gemm' (node 'the_Gemm') cannot be trained: no gradient goes through it to the "
        "parameters before it");
}
