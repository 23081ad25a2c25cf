// Networks of files in training: outputs, all gradients and moving statistics are PyTorch's in
// double precision; batch normalisation and dropout are what they say.
#include <cmath>
#include <map>

#include "catch.h"
#include "compare.h"
#include "formats/onnx/model.h"
#include "golden_files.h"
#include "nn/graph/graph_network.h"
#include "nn/graph/simplify.h"
#include "onnx_builder.h"
#include "random_data.h"
#include "refusal_of.h"
#include "threads.h"

using namespace inoculate;

namespace {

using Mode = GraphNetwork::Mode;

std::map<std::string, std::vector<float>> tensors_of(const std::string& file) {
  std::map<std::string, std::vector<float>> tensors;
  for (const NamedTensor& tensor : golden_safetensors("onnx/" + file + ".safetensors").tensors) {
    tensors[tensor.name] = tensor.values;
  }
  return tensors;
}

// A network of a file, and of which numbers of the file each of its weights' numbers are copies.
struct Imported {
  Graph graph;
  std::vector<std::string> names;            // of tensors of the file
  std::vector<std::pair<int, int>> origins;  // by place in graph.values: tensor and number
  std::vector<std::vector<float>> empty;     // a number for each of the tensors'
};

// The file is read a second time with the numbers 1, 2, 3, ... in its place of its own.
Imported imported(const std::string& file) {
  const Bytes bytes = golden_file("onnx/" + file + ".onnx");
  OnnxModel model = parse_onnx(bytes, file);
  Imported result{import_onnx(model, file), {}, {}, {}};
  std::vector<std::pair<int, int>> marks{{-1, 0}};
  for (auto& [name, tensor] : model.constants) {
    if (tensor->whole || tensor->size() < 2) continue;
    auto marked = std::make_shared<OnnxTensor>(*tensor);
    for (std::size_t i = 0; i < marked->floats.size(); ++i) {
      marked->floats[i] = static_cast<float>(marks.size());
      marks.emplace_back(static_cast<int>(result.names.size()), static_cast<int>(i));
    }
    result.names.push_back(name);
    result.empty.emplace_back(tensor->size());
    tensor = marked;
  }
  const Graph second = import_onnx(model, file);
  REQUIRE(second.values.size() == result.graph.values.size());
  for (std::size_t i = 0; i < second.values.size(); ++i) {
    const float value = second.values[i];
    const bool is_mark =
        value != result.graph.values[i] && value >= 1 && value < static_cast<float>(marks.size());
    result.origins.push_back(marks[is_mark ? static_cast<std::size_t>(value) : 0]);
  }
  return result;
}

// What d [as graph.values, from the first weight of `role` on] is by tensor of the file.
std::map<std::string, std::vector<float>> by_tensor(const Imported& net, const Graph& arranged,
                                                    Role role, std::span<const float> d) {
  auto sums = net.empty;
  std::size_t at = 0;
  for (std::size_t w = 0; w < net.graph.weights.size(); ++w) {
    if (arranged.weights[w].role != role) continue;
    for (std::size_t i = 0; i < net.graph.weights[w].size; ++i, ++at) {
      const auto [tensor, number] = net.origins[net.graph.weights[w].offset + i];
      sums[static_cast<std::size_t>(tensor)][static_cast<std::size_t>(number)] += d[at];
    }
  }
  CHECK(at == d.size());
  std::map<std::string, std::vector<float>> result;
  for (std::size_t i = 0; i < sums.size(); ++i) result[net.names[i]] = sums[i];
  return result;
}

void check_network(const std::string& name, const std::string& file, const std::string& mode) {
  INFO(name << " " << mode);
  Imported net = imported(file);
  auto expected = tensors_of(name + "_training");
  const auto given = tensors_of(name);
  // What the file's arithmetic uses as a constant may be a parameter too.
  for (Weight& weight : net.graph.weights) {
    if (weight.role != Role::kConstant) continue;
    const int tensor = net.origins[weight.offset].first;
    if (tensor < 0) continue;
    const std::string& origin = net.names[static_cast<std::size_t>(tensor)];
    if (expected.contains(mode + "/d/" + origin)) weight.role = Role::kParameter;
  }
  GraphNetwork network(net.graph);
  const bool trains = mode == "train";
  const Mode how{.batch_statistics = trains, .update_statistics = trains, .drop = false};
  GraphNetwork::Memory memory;
  const std::vector<float>&images = given.at("images"), &d_logits = given.at("d_logits");
  const int n = static_cast<int>(images.size()) / network.input_size();
  const float* logits = network.forward(images.data(), n, how, memory);
  CHECK(relative_difference(std::vector<float>(logits, logits + d_logits.size()),
                            expected[mode + "/logits"]) < 1e-4);
  std::vector<float> d_images(images.size()), d_parameters(network.parameters().size());
  network.backward(d_images.data(), d_parameters, d_logits.data(), memory);
  CHECK(relative_difference(d_images, expected[mode + "/d_images"]) < 1e-4);

  auto actual = by_tensor(net, network.graph(), Role::kParameter, d_parameters);
  double largest = 0;
  for (const auto& [key, values] : expected) {
    if (key.starts_with(mode + "/d/")) largest = std::max(largest, largest_magnitude(values));
  }
  std::size_t compared = 0;
  for (const auto& [key, values] : expected) {
    if (!key.starts_with(mode + "/d/")) continue;
    const std::string tensor = key.substr(mode.size() + 3);
    INFO(tensor);
    // A bias before a normalisation has the gradient 0, which has no digits to compare.
    const double scale = std::max(largest_magnitude(values), 1e-2 * largest);
    CHECK(largest_difference(actual[tensor], values) < 1e-4 * scale);
    ++compared;
  }
  CHECK(compared > 30);
  if (!trains) return;
  auto statistics = by_tensor(net, network.graph(), Role::kStatistic, network.statistics());
  for (const auto& [key, values] : expected) {
    if (!key.starts_with("after/")) continue;
    INFO(key);
    CHECK(relative_difference(statistics[key.substr(6)], values) < 1e-5);
  }
}

// A normalisation over [N, features] or [N, 4, 3, 5], between two others' layers.
Graph normalised(bool positions) {
  OnnxBuilder net(positions ? Sizes{4, 3, 5} : Sizes{6});
  const std::int64_t c = positions ? 4 : 6;
  net.add("BatchNormalization",
          {"image", net.weight({c}), net.weight({c}), net.weight({c}), net.weight({c}, 0.5F)},
          {number("momentum", 0.7F), number("epsilon", 1e-3F)});
  return net.graph();
}

std::vector<float> output_of(GraphNetwork& network, const std::vector<float>& inputs, Mode mode) {
  GraphNetwork::Memory memory;
  const int n = static_cast<int>(inputs.size()) / network.input_size();
  const float* output = network.forward(inputs.data(), n, mode, memory);
  return {output, output + static_cast<std::ptrdiff_t>(n) * network.output_size()};
}

}  // namespace

TEST_CASE("graph training: a ResNet is PyTorch's in double precision") {
  check_network("resnet", "resnet", "eval");
  check_network("resnet", "resnet", "train");
}
TEST_CASE("graph training: a MobileNet is PyTorch's in double precision") {
  check_network("mobilenet_v2", "mobilenet_v2_torchscript", "train");
}
TEST_CASE("graph training: a vision transformer is PyTorch's in double precision") {
  check_network("vit", "vit_torchscript", "eval");
}

TEST_CASE("graph training: gradients are the same bits on any number of threads") {
  for (const std::string file : {"resnet", "mobilenet_v2_torchscript", "vit_torchscript"}) {
    INFO(file);
    GraphNetwork network(imported(file).graph);
    RandomData random(1);
    const std::vector<float> images = random.numbers(9 * network.input_size()),
                             d_output = random.numbers(9 * network.output_size());
    std::vector<float> first_d, first_statistics;
    const std::vector<float> statistics(network.statistics().begin(), network.statistics().end());
    for (const int threads : {1, 2, 3}) {
      const WithThreads some(threads);
      std::copy(statistics.begin(), statistics.end(), network.statistics().begin());
      GraphNetwork::Memory memory;
      network.forward(images.data(), 9, {.masks = 5}, memory);
      std::vector<float> d(network.parameters().size());
      network.backward(nullptr, d, d_output.data(), memory);
      const std::vector<float> after(network.statistics().begin(), network.statistics().end());
      if (threads == 1) {
        first_d = d;
        first_statistics = after;
        CHECK((after != statistics || statistics.empty()));
      }
      CHECK(d == first_d);
      CHECK(after == first_statistics);
    }
  }
}

TEST_CASE("graph training: batch normalisation by the batch's moments") {
  for (const bool positions : {false, true}) {
    GraphNetwork network(normalised(positions));
    const int channels = positions ? 4 : 6, n = 7;
    const int area = network.input_size() / channels;
    RandomData random(2);
    std::vector<float> inputs = random.numbers(n * network.input_size());
    for (float& x : inputs) x = 100 + 3 * x;  // a mean far away takes no digits
    const std::vector<float> before(network.statistics().begin(), network.statistics().end());
    const auto& p = network.parameters();
    const std::vector<float> out = output_of(network, inputs, {});
    const float* moved = network.statistics().data();
    for (int c = 0; c < channels; ++c) {
      // Inputs and outputs are NCHW: the file's Flatten sees them so.
      const auto at = [&](int image, int i) {
        return static_cast<std::size_t>((image * channels + c) * area + i);
      };
      const auto in_at = [&](int image, int i) {
        return static_cast<std::size_t>((image * area + i) * channels + c);
      };
      double sum = 0, squares = 0;
      const double total = n * area;
      for (int image = 0; image < n; ++image) {
        for (int i = 0; i < area; ++i) sum += inputs[in_at(image, i)];
      }
      const double mean = sum / total;
      for (int image = 0; image < n; ++image) {
        for (int i = 0; i < area; ++i) squares += std::pow(inputs[in_at(image, i)] - mean, 2);
      }
      const auto f = static_cast<std::size_t>(c);
      const double deviation = std::sqrt(squares / total + double{1e-3F});
      for (int image = 0; image < n; ++image) {
        for (int i = 0; i < area; ++i) {
          const double y = (inputs[in_at(image, i)] - mean) / deviation;
          const double expected = y * p[f] + p[f + static_cast<std::size_t>(channels)];
          CHECK(std::abs(out[at(image, i)] - expected) < 2e-5);
        }
      }
      const double variance = squares / (total - 1);
      CHECK(moved[c] == Approx(0.7 * before[f] + 0.3 * mean).epsilon(1e-5));
      const auto v = static_cast<std::size_t>(channels + c);
      CHECK(moved[v] == Approx(0.7 * before[v] + 0.3 * variance).epsilon(1e-5));
    }
  }
}

TEST_CASE("graph training: moving statistics stay where they are unless they are to move") {
  GraphNetwork network(normalised(true));
  RandomData random(3);
  const std::vector<float> inputs = random.numbers(3 * network.input_size());
  const std::vector<float> before(network.statistics().begin(), network.statistics().end());
  output_of(network, inputs, {.update_statistics = false});
  const std::vector<float> asked = output_of(network, inputs, {.batch_statistics = false});
  CHECK(std::vector<float>(network.statistics().begin(), network.statistics().end()) == before);
  // And by the moving ones it gives what is asked of the simplified graph.
  const Plan plan(simplified(network.graph()));
  Plan::Workspace workspace;
  const float* logits = plan.forward(inputs.data(), 3, workspace);
  CHECK(std::vector<float>(logits, logits + asked.size()) == asked);
}

TEST_CASE("graph training: a batch of one number a channel is refused") {
  GraphNetwork network(normalised(false));
  CHECK(refusal_of([&] { output_of(network, std::vector<float>(6), {}); }) ==
        "operator 'BatchNormalization' (node 'the_BatchNormalization') cannot normalise a batch of "
        "one number a channel; train with two images at least");
  output_of(network, std::vector<float>(6), {.batch_statistics = false});
}

TEST_CASE("graph training: dropout") {
  OnnxBuilder net({4000});
  net.add("Dropout", {net.add("Abs", {"image"}), net.constant(floats({}, {0.3F}))});
  const Graph graph = net.graph();
  OnnxBuilder two({4000});
  two.add("Dropout",
          {two.add("Dropout", {two.add("Abs", {"image"}), two.constant(floats({}, {0.3F}))}),
           two.constant(floats({}, {0.5F}))});
  GraphNetwork network(graph), both(two.graph());
  const std::vector<float> ones(3 * 4000, 1.0F);
  const std::vector<float> out = output_of(network, ones, {.masks = 9});
  int kept = 0;
  for (const float value : out) {
    CHECK((value == 0 || value == Approx(1 / 0.7)));
    kept += value != 0 ? 1 : 0;
  }
  CHECK(std::abs(kept - 0.7 * 12000) < 4 * std::sqrt(12000 * 0.3 * 0.7));
  CHECK(output_of(network, ones, {.masks = 9}) == out);
  CHECK(output_of(network, ones, {.masks = 10}) != out);
  CHECK(output_of(network, ones, {.drop = false}) == ones);
  // Images have masks of their own, and so has the next layer.
  CHECK(!std::equal(out.begin(), out.begin() + 4000, out.begin() + 4000));
  int left = 0;
  for (const float value : output_of(both, ones, {.masks = 9})) left += value != 0 ? 1 : 0;
  CHECK(std::abs(left - 0.35 * 12000) < 4 * std::sqrt(12000 * 0.35 * 0.65));
  // The gradient goes where the numbers came from, and asking drops nothing.
  GraphNetwork::Memory memory;
  network.forward(ones.data(), 3, {.masks = 9}, memory);
  std::vector<float> d(ones.size());
  network.backward(d.data(), {}, ones.data(), memory);
  CHECK(d == out);
  for (const Graph& asked : {graph, simplified(graph)}) {
    const Plan plan(asked);
    Plan::Workspace workspace;
    const float* logits = plan.forward(ones.data(), 3, workspace);
    CHECK(std::vector<float>(logits, logits + ones.size()) == ones);
  }
}
