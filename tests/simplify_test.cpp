// A graph that is simplified for asking: the same answers from fewer operators, and nothing is
// folded away that somebody else reads.
#include "nn/graph/simplify.h"

#include <random>

#include "catch.h"
#include "compare.h"
#include "formats/onnx/model.h"
#include "nn/graph/import.h"
#include "nn/graph/plan.h"

using namespace inoculate;

namespace {

// Networks over [N, 4, 6, 6] with random weights, an operator at a time.
class Net {
 public:
  Net() {
    model_.opset = 13;
    model_.inputs = {{"image", true, {-1, 4, 6, 6}, 1}};
  }

  std::string conv(const std::string& in, std::int64_t filters, std::int64_t groups,
                   std::int64_t kernel = 3) {
    const std::string out = add("Conv", {in, random({filters, 4 / groups, kernel, kernel}, -1)});
    const std::int64_t pad = kernel / 2;
    attribute("group").integer = groups;
    attribute("pads").integers = {pad, pad, pad, pad};
    return out;
  }
  std::string norm(const std::string& in, std::int64_t channels) {
    return add("BatchNormalization", {in, random({channels}, -1), random({channels}, -1),
                                      random({channels}, -1), random({channels}, 0.5F)});
  }
  std::string relu(const std::string& in) { return add("Relu", {in}); }
  std::string sum(const std::string& a, const std::string& b) { return add("Add", {a, b}); }

  Graph graph(const std::string& features) {
    add("Flatten", {features});
    model_.outputs = {{model_.nodes.back().outputs[0], true, {}, 1}};
    return import_onnx(model_, "a.onnx");
  }

 private:
  std::string add(const std::string& op, std::vector<std::string> inputs) {
    OnnxNode node;
    node.op = op;
    node.name = op + std::to_string(model_.nodes.size());
    node.inputs = std::move(inputs);
    node.outputs = {node.name + "_out"};
    model_.nodes.push_back(node);
    return node.outputs[0];
  }
  OnnxAttribute& attribute(const std::string& name) {
    model_.nodes.back().attributes.emplace_back().name = name;
    return model_.nodes.back().attributes.back();
  }
  std::string random(Sizes dims, float low) {
    const auto tensor = std::make_shared<OnnxTensor>();
    tensor->dims = std::move(dims);
    std::int64_t size = 1;
    for (const std::int64_t dim : tensor->dims) size *= dim;
    std::uniform_real_distribution<float> uniform(low, 1);
    for (std::int64_t i = 0; i < size; ++i) tensor->floats.push_back(uniform(random_));
    const std::string name = "constant" + std::to_string(model_.constants.size());
    model_.constants[name] = tensor;
    return name;
  }

  OnnxModel model_;
  std::mt19937 random_{7};
};

struct Answer {
  std::vector<float> logits, d_images;
};

Answer ask(const Plan& plan) {
  constexpr int kImages = 3;
  std::mt19937 random(11);
  std::normal_distribution<float> normal;
  const auto some = [&](int size) {
    std::vector<float> numbers(static_cast<std::size_t>(kImages * size));
    for (float& number : numbers) number = normal(random);
    return numbers;
  };
  const std::vector<float> images = some(plan.input_size()), d_logits = some(plan.classes());
  Plan::Workspace workspace{Passes::kForwardAndBackward};
  const float* logits = plan.forward(images.data(), kImages, workspace);
  Answer answer{{logits, logits + d_logits.size()}, std::vector<float>(images.size())};
  for (int twice = 0; twice < 2; ++twice) {
    plan.backward(answer.d_images.data(), d_logits.data(), workspace);
  }
  return answer;
}

int operators_left(const Graph& graph) {
  std::vector<bool> used(graph.nodes.size());
  used[static_cast<std::size_t>(graph.output)] = true;
  int count = 0;
  for (std::size_t i = graph.nodes.size(); i-- > 1;) {
    if (!used[i]) continue;
    for (const int input : graph.nodes[i].inputs) used[static_cast<std::size_t>(input)] = true;
    count += graph.nodes[i].kernel->alias ? 0 : 1;
  }
  return count;
}

// That the answers stay as they are, and how many operators give them. Flatten turns NHWC first.
void check(const Graph& graph, int operators) {
  const Answer exact = ask(Plan(graph));
  const Graph fewer = simplified(graph);
  CHECK(operators_left(fewer) == operators + 1);
  const Answer answer = ask(Plan(fewer));
  CHECK(relative_difference(answer.logits, exact.logits) < 1e-6);
  CHECK(relative_difference(answer.d_images, exact.d_images) < 1e-6);
}

}  // namespace

TEST_CASE("simplify: a normalisation and a rectifier go into the convolution before them") {
  for (const std::int64_t groups : {1, 2, 4}) {
    for (const std::int64_t filters : {4, 8, 20}) {
      INFO(groups << " groups, " << filters << " filters");
      Net net;
      check(net.graph(net.relu(net.norm(net.conv("image", filters, groups), filters))), 1);
    }
  }
  Net net;
  check(net.graph(net.norm(net.norm(net.conv("image", 5, 1), 5), 5)), 1);
}

TEST_CASE("simplify: what somebody else reads stays as it is") {
  Net net;
  SECTION("a convolution with two readers") {
    const std::string x = net.conv("image", 4, 1);
    check(net.graph(net.sum(net.norm(x, 4), x)), 3);
  }
  SECTION("a rectifier whose input is read elsewhere") {
    const std::string x = net.conv("image", 4, 1);
    check(net.graph(net.sum(net.conv(net.relu(x), 4, 2), x)), 4);
  }
  SECTION("a convolution that gives the logits, and has an unused reader") {
    const std::string x = net.conv("image", 4, 1);
    net.norm(x, 4);
    check(net.graph(x), 1);
  }
}

TEST_CASE("simplify: a normalisation of a sum stays, and clips") {
  Net net;
  const std::string x = net.sum(net.conv("image", 4, 1), net.conv("image", 4, 4));
  check(net.graph(net.conv(net.relu(net.norm(x, 4)), 4, 1)), 5);
}

TEST_CASE("simplify: a clipped value with several readers") {
  Net net;
  const std::string x = net.relu(net.norm(net.conv("image", 4, 1), 4));
  SECTION("of different kinds") {
    const std::string y = net.sum(net.conv(x, 4, 4), net.conv(x, 4, 1, 1));
    check(net.graph(net.relu(net.sum(y, x))), 5);
  }
  SECTION("one of which reads it twice") { check(net.graph(net.sum(x, x)), 2); }
  SECTION("which is also the last") { check(net.graph(net.relu(net.sum(x, net.relu(x)))), 3); }
}
