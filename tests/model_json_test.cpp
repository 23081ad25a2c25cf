// A linear SVM, logistic regression and a decision tree out of JSON files: answers are
// scikit-learn's, gradients are the definition's in double precision, and files that hold something
// else are refused in words.
#include "model/model_json.h"

#include <cmath>
#include <cstdint>
#include <random>

#include "catch.h"
#include "compare.h"
#include "data/idx.h"
#include "golden_files.h"
#include "golden_images.h"
#include "random_data.h"
#include "refusal_of.h"
#include "threads.h"

using namespace inoculate;

namespace {

using Json = nlohmann::json;
using Values = std::vector<float>;

constexpr int kCount = 200;

Bytes bytes_of(const Json& json) {
  const std::string text = json.dump();
  return {text.begin(), text.end()};
}

std::unique_ptr<Classifier> golden_model(const std::string& kind) {
  return read_model_json(golden_file("sklearn/" + kind + ".json"), kind + ".json");
}

Values golden_answers(const std::string& name) {
  for (const NamedTensor& tensor : golden_safetensors("sklearn/answers.safetensors").tensors) {
    if (tensor.name == name) return tensor.values;
  }
  throw std::runtime_error("no " + name);
}

Values values(const Matrix& matrix) { return {matrix.data(), matrix.data() + matrix.size()}; }

Values as_values(const Labels& labels) { return {labels.begin(), labels.end()}; }

// Two classes, of images of two pixels.
Json small_linear() {
  return {{"kind", "linear"},
          {"input", {1, 2, 1}},
          {"classes", 2},
          {"weights", {{1.0, 2.0}, {-1.0, 0.5}}},
          {"bias", {0.5, 0}}};
}

Json inner(const Json& feature, const Json& threshold, const Json& left, const Json& right) {
  return {{"feature", feature}, {"threshold", threshold}, {"left", left}, {"right", right}};
}

Json leaf(const Json& counts) { return {{"counts", counts}}; }

Json small_tree() {
  return {{"kind", "tree"},
          {"input", {1, 2, 1}},
          {"classes", {"cat", "dog", "eel"}},
          {"nodes",
           {inner(1, 0.1, 1, 2), leaf({3, 1, 0}), inner(0, 0.5, 3, 4), leaf({0, 0, 2}),
            leaf({0, 5, 5})}}};
}

std::string refusal(const Json& json) {
  return refusal_of([&] { read_model_json(bytes_of(json), "a.json"); });
}

std::string refusal_of_text(const std::string& text) {
  return refusal_of([&] { read_model_json(Bytes(text.begin(), text.end()), "a.json"); });
}

std::string with(Json json, const std::string& key, const Json& value) {
  json[key] = value;
  return refusal(json);
}

std::string without(Json json, const std::string& key) {
  json.erase(key);
  return refusal(json);
}

// What is said of the small tree with another node.
std::string with_node(std::size_t number, const Json& node) {
  Json tree = small_tree();
  tree["nodes"][number] = node;
  return refusal(tree);
}

std::string with_root(const Json& node) { return with_node(0, node); }

}  // namespace

TEST_CASE("model_json: an SVM and logistic regression answer as in scikit-learn") {
  const Matrix images = golden_images(kCount);
  for (const std::string kind : {"svm", "logistic"}) {
    INFO(kind);
    const auto model = golden_model(kind);
    CHECK(model->spec().name == kind + ".json");
    CHECK(model->spec().input == Shape{28, 28, 1});
    CHECK(model->spec().classes == 10);
    CHECK(model->spec().class_names.empty());
    CHECK(model->spec().gives == Knowledge::kGradients);
    const Matrix logits = model->logits(images);
    CHECK(relative_difference(values(logits), golden_answers(kind + "_decision")) < 1e-6);
    CHECK(as_values(most_likely(logits)) == golden_answers(kind + "_labels"));
  }
}

TEST_CASE("model_json: a decision tree answers as in scikit-learn") {
  const auto model = golden_model("tree");
  CHECK(model->spec().classes == 10);
  CHECK(model->spec().gives == Knowledge::kProbabilities);
  const Matrix images = golden_images(kCount);
  const WithThreads one(1);
  const Matrix logits = model->logits(images);
  CHECK(as_values(most_likely(logits)) == golden_answers("tree_labels"));
  Values expected = golden_answers("tree_probabilities");
  for (float& p : expected) p = std::max(p, 1e-7F);
  Values probabilities = values(logits);
  for (float& logit : probabilities) logit = std::exp(logit);
  CHECK(relative_difference(probabilities, expected) < 1e-6);
  CHECK(logits.minCoeff() == Approx(std::log(1e-7)));
  const WithThreads three(3);
  CHECK(model->logits(images) == logits);
}

TEST_CASE("model_json: gradients of a linear model are its weights'") {
  Json json = small_linear();
  RandomData random(4);
  constexpr int kPixels = 3 * 5 * 2, kClasses = 4;
  json["input"] = {3, 5, 2};
  json["classes"] = kClasses;
  json["bias"] = random.numbers(kClasses);
  json["weights"] = Json::array();
  for (int k = 0; k < kClasses; ++k) json["weights"].push_back(random.numbers(kPixels));
  const auto model = read_model_json(bytes_of(json), "a.json");
  const Matrix images = random.images(7, kPixels);
  const Values given = random.numbers(7 * kClasses);
  const LogitGradient objectives[] = {[&](float* d_logits, const float*, int begin, int n) {
    std::copy_n(given.data() + begin * kClasses, n * kClasses, d_logits);
  }};
  Matrix gradients[1], logits;
  model->gradients(gradients, &logits, images, objectives);
  const auto weight = [&](int k, int p) {
    return json["weights"][static_cast<std::size_t>(k)][static_cast<std::size_t>(p)].get<double>();
  };
  std::vector<double> expected_logits, expected_gradients;
  for (int i = 0; i < 7; ++i) {
    for (int k = 0; k < kClasses; ++k) {
      double sum = json["bias"][static_cast<std::size_t>(k)].get<double>();
      for (int p = 0; p < kPixels; ++p) sum += images(i, p) * weight(k, p);
      expected_logits.push_back(sum);
    }
    for (int p = 0; p < kPixels; ++p) {
      double sum = 0;
      for (int k = 0; k < kClasses; ++k) {
        sum +=
            static_cast<double>(given[static_cast<std::size_t>(i * kClasses + k)]) * weight(k, p);
      }
      expected_gradients.push_back(sum);
    }
  }
  CHECK(relative_difference(values(logits), expected_logits) < 1e-6);
  CHECK(relative_difference(values(gradients[0]), expected_gradients) < 1e-6);
}

TEST_CASE("model_json: a pixel that equals a threshold goes left, and is compared as a double") {
  // Of float32's neighbours of 0.1 one is just above; scikit-learn compares it with the double 0.1.
  const auto model = read_model_json(bytes_of(small_tree()), "a.json");
  CHECK(model->spec().class_names == std::vector<std::string>{"cat", "dog", "eel"});
  Matrix images(4, 2);
  images << 0, 0.1F,                  // above the double 0.1: right, then left
      0, std::nextafter(0.1F, 0.0F),  // below: left
      0.5F, 1,                        // equal: left
      0.75F, 1;
  const Matrix logits = model->logits(images);
  const Labels labels = most_likely(logits);
  CHECK(as_values(labels) == Values{2, 0, 2, 1});  // of equals the first, as NumPy's argmax
  CHECK(logits(1, 0) == Approx(std::log(0.75)));
  CHECK(logits(1, 2) == Approx(std::log(1e-7)));
}

TEST_CASE("model_json: a tree of one leaf always says the same") {
  Json json = small_tree();
  json["nodes"] = Json::array({leaf({0, 1e308, 1e308})});
  const auto model = read_model_json(bytes_of(json), "a.json");
  const Matrix logits = model->logits(Matrix::Zero(1, 2));
  CHECK(logits(0, 1) == Approx(std::log(0.5)));
  CHECK(logits(0, 1) == logits(0, 2));
}

TEST_CASE("model_json: who asks a tree for gradients is told in one line that it has none") {
  const auto model = read_model_json(bytes_of(small_tree()), "a.json");
  Matrix gradients[1];
  const LogitGradient objectives[] = {[](float*, const float*, int, int) {}};
  CHECK(refusal_of([&] { model->gradients(gradients, nullptr, Matrix::Zero(1, 2), objectives); }) ==
        "a.json: is a decision tree, which has no gradients; take what needs none");
}

TEST_CASE("model_json: nodes that are not one tree are refused with the node's number") {
  REQUIRE(refusal(small_tree()) == "accepted");
  CHECK(with(small_tree(), "nodes", Json::array()) == "a.json: a tree has at least one node");
  CHECK(with_root(inner(1, 0.1, 1, 5)) == "a.json: node 0 has a child 5; there are nodes 0 to 4");
  CHECK(with_node(2, inner(0, 0.5, 0, 4)) == "a.json: node 2 leads back to the root, node 0");
  CHECK(with_node(2, inner(0, 0.5, 4, 4)) ==
        "a.json: node 4 is a child twice: of node 2 and of node 2");
  CHECK(with_node(2, inner(0, 0.5, 1, 4)) ==
        "a.json: node 1 is a child twice: of node 0 and of node 2");
  CHECK(with_node(2, inner(0, 0.5, 2, 4)) ==
        "a.json: node 2 is a child twice: of node 0 and of node 2");
  CHECK(with_node(2, leaf({1, 0, 0})) == "a.json: node 3 is reached from nowhere");
  CHECK(with_root(inner(2, 0.1, 1, 2)) ==
        "a.json: node 0 asks for feature 2; images have features 0 to 1");
  // A cycle that the root does not reach: nodes 5 and 6 are each other's children.
  Json json = small_tree();
  json["nodes"].push_back(inner(0, 0.5, 6, 7));
  json["nodes"].push_back(inner(0, 0.5, 5, 8));
  for (int i = 0; i < 2; ++i) json["nodes"].push_back(leaf({1, 0, 0}));
  const std::string line = refusal(json);
  CHECK((line == "a.json: node 5 is its own ancestor" ||
         line == "a.json: node 6 is its own ancestor"));
}

TEST_CASE("model_json: a deep tree neither overflows the stack nor takes long") {
  Json json = small_tree();
  json["nodes"] = Json::array();
  constexpr int kDepth = 50000;
  for (int i = 0; i < kDepth; ++i) {
    json["nodes"].push_back(inner(0, 0.5, 2 * i + 1, 2 * i + 2));
    json["nodes"].push_back(leaf({1, 0, 0}));
  }
  json["nodes"].push_back(leaf({0, 0, 1}));
  const auto model = read_model_json(bytes_of(json), "a.json");
  CHECK(as_values(most_likely(model->logits(Matrix::Ones(1, 2)))) == Values{2});
}

TEST_CASE("model_json: what is no such model is refused in one line that says where") {
  REQUIRE(refusal(small_linear()) == "accepted");
  const Json linear = small_linear(), tree = small_tree();
  const double inf = 1e300;  // of a float
  const std::pair<std::string, std::string> cases[] = {
      {refusal_of_text("nothing"), "is not JSON from byte 2 on"},
      {refusal_of_text(""), "is not JSON from byte 1 on"},
      {refusal_of_text("{\"kind\": \"tree\", \"kind\": \"tree\"}"), "names 'kind' twice"},
      {refusal_of_text("{\"bias\": [1e999]}"), "holds a number that is too large"},
      {refusal_of_text(std::string(20, '[')), "is nested deeper than 8 levels"},
      {refusal(Json::array()), "holds no JSON object"},
      {refusal(Json::object()),
       "the model has no 'kind'; it is 'linear', 'svm', 'tree' or 'ensemble' (notes on an ONNX "
       "network lie beside it: give its .onnx)"},
      {with(linear, "kind", "forest"),
       "the model's 'kind' 'forest' is unknown; known are 'linear', 'svm', 'tree' and 'ensemble'"},
      {with(linear, "kind", 1), "the model's 'kind' is no text"},
      {without(linear, "input"), "the model has no 'input'"},
      {with(linear, "input", {28, 28}), "the model's 'input' is no list of 3, but of 2"},
      {with(linear, "input", 784), "the model's 'input' is no list of 3"},
      {with(linear, "input", {28, 28, 0}),
       "an extent of the model's 'input' is no whole number from 1 to 67108864"},
      {with(linear, "input", {1, 2.5, 1}),
       "an extent of the model's 'input' is no whole number from 1 to 67108864"},
      {with(linear, "input", {60000000, 60000000, 60000000}),
       "the model's 'input' is impossibly large"},
      {without(linear, "classes"), "the model has no 'classes'"},
      {with(linear, "classes", 1),
       "the model's 'classes', if not names, is no whole number from 2 to 1000000"},
      {with(linear, "classes", Json::array({"one"})),
       "the model's 'classes' are 1; a classifier has 2 to 1000000"},
      {with(linear, "classes", {"one", 2}), "a name of 'classes' is no text"},
      {with(linear, "classes", {"one", ""}), "a name of 'classes' is empty"},
      {with(linear, "metadata", "svm"), "the model's 'metadata' is no object"},
      {with(linear, "metadata", {{"a", 1}}), "the metadata's 'a' is no text"},
      {with(linear, "biases", {0, 0}), "the model has 'biases', which means nothing here"},
      {with(linear, "nodes", {0, 0}), "the model has 'nodes', which means nothing here"},
      {without(linear, "bias"), "the model has no 'bias'"},
      {with(linear, "bias", {0, 0, 0}), "the model's 'bias' is no list of 2, but of 3"},
      {with(linear, "bias", {0, "1"}), "number 1 of 'bias' is no number"},
      {with(linear, "bias", {0, inf}), "number 1 of 'bias' is no number"},
      {without(linear, "weights"), "the model has no 'weights'"},
      {with(linear, "weights", Json::array({Json::array({1, 2})})),
       "the model's 'weights' is no list of 2, but of 1"},
      {with(linear, "weights", {{1, 2}, {1, 2, 3}}),
       "row 1 of 'weights' is no list of 2, but of 3"},
      {with(linear, "weights", {{1, 2}, {1, nullptr}}),
       "a number in row 1 of 'weights' is no number"},
      {with(tree, "weights", 1), "the model has 'weights', which means nothing here"},
      {without(tree, "nodes"), "the model has no 'nodes'"},
      {with(tree, "nodes", 3), "the model's 'nodes' are no list"},
      {with_root(1), "node 0 is no object"},
      {with_root({{"feature", 1}, {"threshold", 0}, {"left", 1}}), "node 0 has no 'right'"},
      {with_root(inner(-1, 0.1, 1, 2)),
       "node 0's 'feature' is no whole number from 0 to 2147483647"},
      {with_root(inner(1, nullptr, 1, 2)), "node 0's 'threshold' is no number"},
      {with_root(inner(1, 0.1, -1, 2)), "node 0's 'left' is no whole number from 0 to 2147483647"},
      {with_root(inner(1, 0.1, 1, 2.5)),
       "node 0's 'right' is no whole number from 0 to 2147483647"},
      {with_node(1, {{"count", {1, 2, 3}}}), "node 1 has 'count', which means nothing here"},
      {with_node(1, {{"counts", {1, 2, 3}}, {"left", 1}}),
       "node 1 has 'left', which means nothing here"},
      {with_node(1, leaf({1, 2})), "node 1's 'counts' is no list of 3, but of 2"},
      {with_node(1, leaf({1, 2, -1})), "a number in node 1's 'counts' is no number from 0 on"},
      {with_node(1, leaf({0, 0, 0})), "node 1's 'counts' are all 0; a leaf has a class"},
  };
  for (const auto& [line, expected] : cases) CHECK(line == "a.json: " + expected);
}

TEST_CASE("model_json: a damaged file is refused in one line, or answers") {
  std::mt19937 random(1);
  int refused = 0, answered = 0;
  for (const Json& json : {small_linear(), small_tree()}) {
    const Bytes whole = bytes_of(json);
    for (int round = 0; round < 2000; ++round) {
      Bytes bytes = whole;
      constexpr std::string_view kSigns = "0123456789-.,:[]{}\"eE \n";
      bytes[random() % bytes.size()] = static_cast<std::uint8_t>(kSigns[random() % kSigns.size()]);
      const bool reads = accepts("a.json", [&] {
        const auto model = read_model_json(bytes, "a.json");
        CHECK(model->logits(Matrix::Constant(1, model->spec().input.size(), 0.5F)).allFinite());
      });
      ++(reads ? answered : refused);
    }
  }
  CHECK(refused > 500);
  CHECK(answered > 100);
}
