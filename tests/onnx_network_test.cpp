// Networks out of ONNX files: logits and gradients are PyTorch's in double precision, whatever the
// batch and the number of threads; and what cannot be read is refused in words.
#include <cmath>
#include <functional>
#include <random>

#include "base/error.h"
#include "base/parallel.h"
#include "catch.h"
#include "compare.h"
#include "formats/onnx/model.h"
#include "golden_files.h"
#include "model/graph_classifier.h"
#include "model/graph_function.h"
#include "nn/graph/import.h"
#include "onnx_builder.h"
#include "onnx_models.h"
#include "random_data.h"
#include "refusal_of.h"
#include "threads.h"

using namespace inoculate;

namespace {

// Files of the same network by PyTorch's two exporters stand together.
const std::vector<std::vector<std::string>> kNetworks{{"densenet", "densenet_dynamo"},
                                                      {"efficientnet", "efficientnet_torchscript"},
                                                      {"expressions"},
                                                      {"hourglass", "hourglass_torchscript"},
                                                      {"inception", "inception_dynamo"},
                                                      {"keras_like"},
                                                      {"mlp"},
                                                      {"mobilenet_v2", "mobilenet_v2_torchscript"},
                                                      {"mobilenet_v3", "mobilenet_v3_dynamo"},
                                                      {"operators"},
                                                      {"resnet", "resnet_dynamo"},
                                                      {"shufflenet"},
                                                      {"squeezenet", "squeezenet_torchscript"},
                                                      {"vit", "vit_torchscript"}};

Bytes file_of(const std::string& network) { return golden_file("onnx/" + network + ".onnx"); }

GraphClassifier model_of(const std::string& network) {
  return GraphClassifier(read_onnx_graph(file_of(network), network), network);
}

struct Golden {
  Matrix images, logits, d_logits, d_images;
};

Golden golden_of(const std::string& network) {
  const Safetensors file = golden_safetensors("onnx/" + network + ".safetensors");
  const auto matrix = [&](const std::string& name) {
    for (const NamedTensor& tensor : file.tensors) {
      if (tensor.name != name) continue;
      const auto rows = static_cast<Eigen::Index>(tensor.shape[0]);
      return Matrix(Eigen::Map<const Matrix>(
          tensor.values.data(), rows, static_cast<Eigen::Index>(tensor.values.size()) / rows));
    }
    throw std::runtime_error("no " + name);
  };
  return {matrix("images"), matrix("logits"), matrix("d_logits"), matrix("d_images")};
}

struct Answer {
  Matrix logits;
  Matrix d_images[1];
};

Answer ask(const GraphClassifier& model, const Matrix& images, const Matrix& d_logits) {
  Answer answer;
  const LogitGradient given[] = {[&](float* d, const float*, int begin, int n) {
    Eigen::Map<Matrix>(d, n, d_logits.cols()) = d_logits.middleRows(begin, n);
  }};
  model.gradients(answer.d_images, &answer.logits, images, given);
  return answer;
}

std::vector<float> values(const Matrix& matrix) {
  return {matrix.data(), matrix.data() + matrix.size()};
}

Matrix repeated(const Matrix& matrix, int times) { return matrix.replicate(times, 1); }

// [N, 2, 4, 4] by a convolution of 3 filters of 3 x 3, flattened, to 12 classes.
OnnxModel small_model() {
  OnnxModel model;
  model.opset = 13;
  model.inputs = {{"image", true, {-1, 2, 4, 4}, 1}};
  model.outputs = {{"scores", true, {-1, 12}, 1}};
  model.constants["kernel"] = floats({3, 2, 3, 3}, std::vector<float>(54, 0.25F));
  model.nodes = {node("Conv", {"image", "kernel"}, "features"),
                 node("Flatten", {"features"}, "scores")};
  return model;
}

// What is said of the small model after a change to it.
std::string refusal(const std::function<void(OnnxModel&)>& change) {
  OnnxModel model = small_model();
  change(model);
  return refusal_of([&] { import_onnx(model, "a.onnx"); });
}

}  // namespace

TEST_CASE("onnx: logits and gradients are PyTorch's in double precision") {
  for (const std::vector<std::string>& files : kNetworks) {
    const Golden golden = golden_of(files[0]);
    for (const std::string& file : files) {
      INFO(file);
      const GraphClassifier model = model_of(file);
      CHECK(model.spec().classes == 7);
      CHECK(model.spec().input == Shape{24, 24, 3});
      const Answer answer = ask(model, golden.images, golden.d_logits);
      CHECK(relative_difference(values(answer.logits), values(golden.logits)) < 1e-4);
      CHECK(relative_difference(values(answer.d_images[0]), values(golden.d_images)) < 1e-4);
      CHECK(values(model.logits(golden.images)) == values(answer.logits));
    }
  }
}

TEST_CASE("onnx: an image's answer depends neither on the batch nor on the threads") {
  for (const std::vector<std::string>& files : kNetworks) {
    INFO(files[0]);
    const GraphClassifier model = model_of(files[0]);
    const Golden golden = golden_of(files[0]);
    const int more = model.spec().images_at_once / 2 + 3;  // a slice and a part of one
    const WithThreads one(1);
    const Answer few = ask(model, golden.images, golden.d_logits);
    const WithThreads three(3);
    const Answer many = ask(model, repeated(golden.images, more), repeated(golden.d_logits, more));
    CHECK(many.logits == repeated(few.logits, more));
    CHECK(many.d_images[0] == repeated(few.d_images[0], more));
  }
}

TEST_CASE("onnx: images without an axis of channels are read") {
  for (const auto& [dims, shape] :
       {std::pair{Sizes{-1, 2, 3}, Shape{2, 3, 1}}, std::pair{Sizes{-1, 6, 1}, Shape{1, 1, 6}}}) {
    OnnxModel model;
    model.opset = 13;
    model.inputs = {{"image", true, dims, 1}};
    model.outputs = {{"logits", true, {-1, 2}, 1}};
    model.constants = {{"kernel", floats({6, 2}, {1, 0, 2, 0, 3, 0, 0, 1, 0, 2, 0, 3})}};
    model.nodes = {node("Flatten", {"image"}, "row"), node("MatMul", {"row", "kernel"}, "logits")};
    const GraphClassifier classifier(import_onnx(std::move(model), "a"), "a");
    CHECK(classifier.spec().input == shape);
    Matrix images(1, 6);
    images << 0.5F, 0, 0.25F, 1, 0.5F, 0;
    Matrix expected(1, 2);
    expected << 1.25F, 2;
    CHECK(classifier.logits(images) == expected);
  }
}

TEST_CASE("onnx: what a network holds that cannot be used is refused with the node's name") {
  REQUIRE(refusal([](OnnxModel&) {}) == "accepted");
  struct Fault {
    std::function<void(OnnxModel&)> change;
    std::vector<std::string> words;
  };
  const auto set = [](const std::string& attribute, std::vector<std::int64_t> numbers) {
    return [=](OnnxModel& m) { m.nodes[0].attributes.push_back(integers(attribute, numbers)); };
  };
  const Fault faults[] = {
      {[](OnnxModel& m) { m.nodes[0].op = "GridSample"; },
       {"'the_Conv'", "operator 'GridSample' is none of these: Abs, Add, AveragePool, ", "Where"}},
      {[](OnnxModel& m) { m.nodes[0].domain = "com.microsoft"; }, {"'the_Conv'", "microsoft"}},
      {[](OnnxModel& m) { m.nodes[0].inputs[0] = "scores"; }, {"'the_Conv'", "'scores'", "cycle"}},
      {[](OnnxModel& m) { m.nodes[0].inputs.resize(1); }, {"'the_Conv'", "has no input 1"}},
      {[](OnnxModel& m) { m.nodes[1].outputs = {"features"}; }, {"'the_Flatten'", "already"}},
      {[](OnnxModel& m) {
         m.constants["kernel"] = floats({3, 2, 3, 3}, std::vector<float>(54, NAN));
       },
       {"'the_Conv'", "kernel", "not finite"}},
      {[](OnnxModel& m) {
         m.constants["kernel"] = floats({3, 6, 3}, std::vector<float>(54));
       },
       {"'the_Conv'", "rank"}},
      {[](OnnxModel& m) {
         m.constants["kernel"] = floats({2, 3, 3, 3}, std::vector<float>(54));
       },
       {"'the_Conv'", "number of channels"}},
      {[](OnnxModel& m) {
         m.constants["kernel"] = floats({1, 2, 5, 5}, std::vector<float>(50));
       },
       {"'the_Conv'", "larger than its input"}},
      {set("strides", {1, 0}), {"'the_Conv'", "strides"}},
      {set("dilations", {1, std::int64_t{1} << 40}), {"'the_Conv'", "dilations"}},
      {set("pads", {0, 0, -1, 0}), {"'the_Conv'", "pads"}},
      {[](OnnxModel& m) {
         m.nodes[0].attributes.push_back(integers("body", {}));
         m.nodes[0].attributes[0].is_graph = true;
       },
       {"'the_Conv'", "'body'"}},
      {[](OnnxModel& m) {
         m.nodes[1] = node("Reshape", {"features", "shape"}, "scores");
         m.constants["shape"] = wholes({12, -1});
       },
       {"'the_Reshape'", "mixes the images"}},
      {[](OnnxModel& m) {
         m.nodes[1] = node("Reshape", {"features", "shape"}, "scores");
         m.constants["shape"] = wholes({0, 13});
       },
       {"'the_Reshape'", "impossible new shape"}},
      {[](OnnxModel& m) {
         m.nodes[1] = node("Reshape", {"features", "shape"}, "scores");
         m.constants["shape"] = wholes({0, 6});
       },
       {"'the_Reshape'", "another size"}},
      {[](OnnxModel& m) {
         m.nodes[0] = node("Transpose", {"image"}, "features");
         m.nodes[0].attributes.push_back(integers("perm", {1, 0, 2, 3}));
       },
       {"'the_Flatten'", "batch"}},
      {[](OnnxModel& m) {
         m.nodes[0] = node("ConstantOfShape", {"far"}, "features");
         m.constants["far"] = wholes({1 << 20, 1 << 20, 1 << 20, 1 << 20});
       },
       {"'the_ConstantOfShape'", "impossibly large"}},
      {[](OnnxModel& m) {
         m.nodes[0] = node("Pad", {"image", "pads"}, "features");
         m.constants["pads"] = wholes({0, 4096, 4096, 4096, 0, 4096, 4096, 4096});
       },
       {"'the_Pad'", "more than fits"}},
      {[](OnnxModel& m) { m.nodes.pop_back(); }, {"'scores'", "no node makes"}},
      {[](OnnxModel& m) {
         m.nodes[0].outputs.push_back("more");
         m.nodes[1].inputs = {"more"};
       },
       {"'the_Flatten'", "'more', a further result of node 'the_Conv' (Conv)"}},
      {[](OnnxModel& m) {
         m.nodes[0] = node("Add", {"image", "mask"}, "features");
         m.constants["mask"] = floats({1}, {-INFINITY});
       },
       {"'the_Add'", "not finite; write a mask with large numbers"}},
      {[](OnnxModel& m) {
         m.inputs[0].dims[0] = 1;
         m.nodes[0] = node("ReduceSum", {"image", "axes"}, "features");
         m.constants["axes"] = wholes({0});
       },
       {"'the_ReduceSum'", "along the batch's axis", "one image either"}},
      {[](OnnxModel& m) {
         m.inputs[0].dims[0] = 1;
         m.nodes = {node("Reshape", {"image", "shape"}, "features"),
                    node("MatMul", {"features", "matrix"}, "scores")};
         m.constants["shape"] = wholes({32});
         m.constants["matrix"] = floats({32, 10}, std::vector<float>(320, 1));
       },
       {"'the_MatMul'", "no axis of their own"}},
      {[](OnnxModel& m) {
         m.nodes[0] = node("Pad", {"image", "pads"}, "features");
         m.nodes[0].attributes.push_back(text("mode", "wrap"));
         m.constants["pads"] = wholes({0, 0, 1, 0, 0, 0, -1, 0});
       },
       {"'the_Pad'", "wraps around what it cuts"}},
      {[](OnnxModel& m) {
         m.nodes[0] = node("Shape", {"image"}, "shape");
         m.nodes[1] = node("Expand", {"image", "shape2"}, "scores");
         m.nodes.insert(m.nodes.begin() + 1, node("Gather", {"shape", "back"}, "shape2"));
         m.inputs[0].dims = {-1, 1, 4, 4};
         m.constants["back"] = wholes({0, 0, 2, 3});
       },
       {"'the_Expand'", "as often as there are images"}},
      {[](OnnxModel& m) { m.outputs[0].name = "features"; }, {"'features'", "[N, classes]"}},
      {[](OnnxModel& m) { m.outputs.clear(); }, {"no output"}},
      {[](OnnxModel& m) { m.inputs.clear(); }, {"no input"}},
      {[](OnnxModel& m) {
         m.inputs.push_back({"mask", true, {-1, 2}, 1});
       },
       {"'image'", "'mask'", "has one"}},
      {[](OnnxModel& m) { m.inputs[0].dims[0] = 8; }, {"'image'", "exactly 8"}},
      {[](OnnxModel& m) { m.inputs[0].dims[2] = -1; }, {"'image'", "[?, 2, ?, 4]"}},
      {[](OnnxModel& m) {
         m.inputs[0].dims = {-1, 2, 2, 4, 1};
       },
       {"'image'", "shape"}},
      {[](OnnxModel& m) { m.inputs[0].element_type = 2; }, {"'image'", "float32"}},
  };
  for (const Fault& fault : faults) {
    const std::string line = refusal(fault.change);
    INFO(line);
    CHECK(line.starts_with("a.onnx: "));
    CHECK(line.find('\n') == std::string::npos);
    for (const std::string& word : fault.words) {
      INFO("wanted: " << word);
      CHECK(line.find(word) != std::string::npos);
    }
  }
}

TEST_CASE("onnx: a damaged network is refused in one line, or answers") {
  std::mt19937 random(1);
  int refused = 0, answered = 0;
  for (const std::string name :
       {"squeezenet", "keras_like", "operators", "expressions", "hourglass", "vit_torchscript"}) {
    const Bytes whole = file_of(name);
    for (int round = 0; round < 700; ++round) {
      Bytes bytes = whole;
      for (auto changes = 1 + random() % 3; changes > 0; --changes) {
        bytes[random() % bytes.size()] = static_cast<std::uint8_t>(random());
      }
      INFO(name << " " << round);
      const bool reads = accepts("a.onnx", [&] {
        const GraphClassifier model(read_onnx_graph(bytes, "a.onnx"), "a.onnx");
        // Enough to have been read where it became much larger.
        if (model.graph().nodes.size() < 1000 && model.spec().images_at_once == 64) {
          model.logits(Matrix::Constant(1, model.spec().input.size(), 0.5F));
        }
      });
      ++(reads ? answered : refused);
    }
  }
  CHECK(refused > 500);
  CHECK(answered > 500);
}

TEST_CASE("onnx: a softmax at the end is left out only where it is one of the classes") {
  const auto scores = [](bool grouped) {
    OnnxBuilder network({6});
    const std::string logits = network.add("Gemm", {"image", network.weight({6, 6})});
    if (grouped) network.reshaped(network.add("Softmax", {network.reshaped(logits, {2, 3})}), {6});
    return network.graph();
  };
  RandomData random(3);
  const Matrix images = random.images(4, 6);
  const Matrix logits = GraphFunction(scores(false), "a")(images);
  const Matrix grouped = GraphFunction(scores(true), "a")(images);
  for (Eigen::Index i = 0; i < logits.rows(); ++i) {
    for (Eigen::Index k = 0; k < 6; ++k) {
      const auto group = logits.row(i).segment(k / 3 * 3, 3).cast<double>().array().exp();
      CHECK(static_cast<double>(grouped(i, k)) == Approx(group(k % 3) / group.sum()));
    }
  }
}

TEST_CASE("onnx: rectifiers of an alpha of 0 have the gradient of Relu") {
  const auto gradient = [](const std::string& op) {
    OnnxBuilder network({6});
    std::string last = network.add("Gemm", {"image", network.weight({6, 8}), network.weight({8})});
    last = network.add(
        op, {last}, op == "Relu" ? std::vector<OnnxAttribute>{} : std::vector{number("alpha", 0)});
    network.add("Gemm", {last, network.weight({8, 3})});
    RandomData random(4);
    return ask(GraphClassifier(network.graph(), "a"), random.images(5, 6), Matrix::Ones(5, 3))
        .d_images[0];
  };
  const Matrix expected = gradient("Relu");
  CHECK(expected.squaredNorm() > 0);
  for (const char* op : {"LeakyRelu", "Elu"}) {
    INFO(op);
    CHECK((gradient(op) - expected).cwiseAbs().maxCoeff() < 1e-6F);
  }
}

TEST_CASE("onnx: the root of a rectified 0 passes no gradient back, as in PyTorch") {
  OnnxBuilder network({3});
  const std::string less = network.add("Sub", {"image", network.constant(floats({}, {0.5F}))});
  const std::string zero = network.constant(floats({}, {0}));
  const bool by_max = GENERATE(false, true);
  const std::string positive =
      by_max ? network.add("Max", {less, zero}) : network.add("Relu", {less});
  const std::string root = network.add("Sqrt", {positive});
  network.add("MatMul", {root, network.constant(floats({3, 2}, {1, 2, 3, 4, 5, 6}))});
  Matrix image(1, 3);
  image << 0.25F, 0.75F, 0.1F;
  const Answer answer = ask(GraphClassifier(network.graph(), "a"), image, Matrix::Ones(1, 2));
  CHECK(values(answer.logits) == std::vector<float>{1.5F, 2});
  CHECK(values(answer.d_images[0]) == std::vector<float>{0, 7, 0});  // (3 + 4) / (2 * 0.5)
}

TEST_CASE("onnx: a gradient that is not finite is told apart from such logits") {
  OnnxBuilder network({3});
  const std::string root = network.add("Sqrt", {"image"});
  network.add("MatMul", {root, network.constant(floats({3, 2}, {1, 2, 3, 4, 5, 6}))});
  const GraphClassifier model(network.graph(), "a");
  const Matrix black = Matrix::Zero(1, 3);
  CHECK(values(model.logits(black)) == std::vector<float>{0, 0});
  CHECK_THAT(refusal_of([&] { ask(model, black, Matrix::Ones(1, 2)); }),
             Catch::Contains("a: its logits for these images are finite, but their gradient is"));
}

TEST_CASE("onnx: a squeeze that would take the batch away is refused") {
  const auto change = [](std::int64_t batch) {
    return [batch](OnnxModel& model) {
      model.inputs = {{"image", true, {batch, 2, 4, 4}, 1}};
      model.nodes = {node("Conv", {"image", "kernel"}, "features"),
                     node("Squeeze", {"features"}, "less"), node("Flatten", {"less"}, "scores")};
    };
  };
  CHECK_THAT(refusal(change(1)), Catch::Contains("names no axes, in a file for one image"));
  OnnxModel model = small_model();
  change(-1)(model);
  CHECK_NOTHROW(import_onnx(model, "a.onnx"));
}
