// Votes of several models, and JSON files of models written and read again.
#include "model/ensemble.h"

#include <cmath>

#include "catch.h"
#include "golden_files.h"
#include "model/model_json.h"
#include "random_data.h"
#include "refusal_of.h"

using namespace inoculate;

namespace {

std::unique_ptr<Classifier> random_linear(RandomData& random, int pixels, int classes) {
  Linear linear{{1, pixels, 1}, classes, random.numbers(pixels * classes), random.numbers(classes)};
  return classifier_of(JsonModel{std::move(linear), {}, {}}, "linear.json");
}

Bytes bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

std::unique_ptr<Classifier> read_with_parts(const std::string& text) {
  RandomData random(1);
  return read_model_json(bytes_of(text), "vote.json",
                         [&](const std::string&) { return random_linear(random, 2, 3); });
}

}  // namespace

TEST_CASE("ensemble: an image is read as most of the parts read it") {
  RandomData random(1);
  std::vector<std::unique_ptr<Classifier>> parts;
  for (int i = 0; i < 5; ++i) parts.push_back(random_linear(random, 4, 3));
  const Matrix images = random.images(100, 4);
  std::vector<Labels> read;
  for (const auto& part : parts) read.push_back(most_likely(part->logits(images)));
  const EnsembleClassifier ensemble(std::move(parts), "vote.json");
  CHECK(ensemble.spec().gives == Knowledge::kProbabilities);
  const Matrix logits = ensemble.logits(images);
  int split = 0;
  for (Eigen::Index i = 0; i < 100; ++i) {
    std::vector<int> votes(3);
    for (const Labels& labels : read) {
      ++votes[static_cast<std::size_t>(labels[static_cast<std::size_t>(i)])];
    }
    const auto most = std::max_element(votes.begin(), votes.end());
    CHECK(most_likely(logits.middleRows(i, 1))[0] == most - votes.begin());
    split += *most < 5;
    for (Eigen::Index k = 0; k < 3; ++k) {
      const double share = std::max(votes[static_cast<std::size_t>(k)] / 5.0, 1e-7);
      CHECK(static_cast<double>(logits(i, k)) == Approx(std::log(share)));
    }
  }
  CHECK(split > 0);
}

TEST_CASE("ensemble: parts that are unlike, and too few, are refused") {
  RandomData random(2);
  const auto refusal = [&](int pixels, int classes) {
    std::vector<std::unique_ptr<Classifier>> parts;
    parts.push_back(random_linear(random, 4, 3));
    if (pixels > 0) parts.push_back(random_linear(random, pixels, classes));
    return refusal_of([&] { EnsembleClassifier(std::move(parts), "vote.json"); });
  };
  CHECK(refusal(4, 3) == "accepted");
  CHECK(refusal(0, 0) == "vote.json: an ensemble has two parts or more");
  const std::string unlike =
      "vote.json: its parts linear.json and linear.json take other images or have other classes; "
      "they must be alike";
  CHECK(refusal(5, 3) == unlike);
  CHECK(refusal(4, 2) == unlike);
}

TEST_CASE("ensemble: a file's parts lie beside it or below") {
  const auto file = [](const std::string& parts) {
    return R"({"kind": "ensemble", "parts": )" + parts + "}";
  };
  CHECK(read_with_parts(file(R"(["a.json", "below/b.onnx"])"))->spec().classes == 3);
  for (const std::string part :
       {"../a.json", "/etc/passwd", "a/../b", "a//b", "./a", "", ".", "..", "a/", "b\\\\c"}) {
    INFO(part);
    const std::string told =
        refusal_of([&] { read_with_parts(file(R"(["a.json", ")" + part + "\"]")); });
    CHECK(told.starts_with("vote.json: the part '"));
    CHECK(told.ends_with(
        "is no file beside the ensemble's or below; give such a name, without '..'"));
  }
  for (const std::string parts : {"[]", "[\"a.json\"]", "\"a.json\"", "3"}) {
    CHECK(refusal_of([&] { read_with_parts(file(parts)); }) ==
          "vote.json: the model's 'parts' are no list of 2 to 1000 names of files");
  }
  CHECK(refusal_of([&] {
          read_model_json(bytes_of(file(R"(["a.json", "b.json"])")), "vote.json");
        }) == "vote.json: is an ensemble, which cannot be a part of another");
}

TEST_CASE("model_json: what is written is read as the same model") {
  RandomData random(3);
  const Linear linear{{2, 3, 1}, 4, random.numbers(24), random.numbers(4), true};
  const JsonModel read_linear = parse_model_json(
      write_model_json({linear, {"a", "b", "\"c\"", "d"}, {{"how", "so"}}}), "a.json");
  CHECK(std::get<Linear>(read_linear.model).kernel == linear.kernel);
  CHECK(std::get<Linear>(read_linear.model).bias == linear.bias);
  CHECK(std::get<Linear>(read_linear.model).is_svm);
  CHECK(read_linear.class_names == std::vector<std::string>{"a", "b", "\"c\"", "d"});
  CHECK(read_linear.metadata == std::map<std::string, std::string>{{"how", "so"}});

  const Tree tree{
      {1, 2, 1}, 2, {{1, 0.1 + 1e-16, 1, 2}, {0, 0, 0, 0, 0}, {0, 0, 0, 0, 1}}, {3, 1, 0, 2.5}};
  const Tree read_tree =
      std::get<Tree>(parse_model_json(write_model_json({tree, {}, {}}), "a.json").model);
  REQUIRE(read_tree.nodes.size() == 3);
  CHECK(read_tree.nodes[0].threshold == tree.nodes[0].threshold);
  CHECK(read_tree.nodes[0].right == 2);
  CHECK(read_tree.nodes[2].leaf == 1);
  CHECK(read_tree.counts == tree.counts);

  const EnsembleParts parts{{"a.json", "b/c.onnx"}};
  const JsonModel read_parts = parse_model_json(write_model_json({parts, {}, {}}), "a.json");
  CHECK(std::get<EnsembleParts>(read_parts.model).files == parts.files);
}
