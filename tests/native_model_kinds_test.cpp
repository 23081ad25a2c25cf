// A linear SVM, logistic regression and a decision tree, asked and attacked by the command as
// networks are: what scikit-learn and NumPy say is in tests/golden/sklearn.
#include <cmath>

#include "data/npy.h"
#include "paths.h"
#include "refusals.h"

using namespace inoculate;

namespace {

constexpr int kSigned = 50;

std::string model_file(const std::string& kind) {
  return in_source("/tests/golden/sklearn/") + kind + ".json";
}

Arguments on(const std::string& kind, const Arguments& command) {
  return with(command, {"--data", small_data(), "--model", model_file(kind)});
}

double summary(const std::string& key) { return golden_json("sklearn/summary.json").at(key); }

std::vector<float> golden_answers(const std::string& name) {
  for (const NamedTensor& tensor : golden_safetensors("sklearn/answers.safetensors").tensors) {
    if (tensor.name == name) return tensor.values;
  }
  throw std::runtime_error("no " + name);
}

}  // namespace

TEST_CASE("kinds: accuracy and logits are scikit-learn's", "[command]") {
  const TemporaryFolder folder;
  for (const std::string kind : {"svm", "logistic", "tree"}) {
    INFO(kind);
    const Json json = json_of(on(kind, {"evaluate"}));
    check_evaluation(json, kSmallTest);
    CHECK(json.at("accuracy").get<double>() == Approx(summary(kind + "_accuracy")).epsilon(1e-12));

    const std::string out = folder / "logits.npy";
    const Json read = json_of(on(kind, {"predict", "--count", "0", "--logits", out}));
    const std::vector<float> labels = golden_answers(kind + "_labels");
    REQUIRE(read.at("predictions").size() == labels.size());
    for (std::size_t i = 0; i < labels.size(); ++i) {
      const Json& first = read.at("predictions").at(i).at("top").at(0);
      if (first.at("class").get<float>() != labels[i]) FAIL("image " << i);
    }
    if (kind == "tree") continue;
    const NpyArray logits = read_npy(out);
    const std::vector<float> expected = golden_answers(kind + "_decision");
    REQUIRE(logits.floats().size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      if (std::abs(logits.floats()[i] - expected[i]) > 1e-4F) FAIL("logit " << i);
    }
  }
}

TEST_CASE("kinds: fgsm on linear models is NumPy's", "[command]") {
  const TemporaryFolder folder;
  const std::string out = folder / "adversaries.npy";
  const Dataset images = small_test();
  for (const std::string kind : {"svm", "logistic"}) {
    INFO(kind);
    const Json json =
        json_of(on(kind, {"attack", "fgsm", "--epsilon", "0.1", "--count", "0", "--out", out}));
    CHECK(json.at("adversarial_accuracy").get<double>() ==
          Approx(summary(kind + "_accuracy_under_fgsm")).epsilon(1e-12));
    const std::vector<std::int64_t> signs = golden_npy("sklearn/" + kind + "_fgsm.npy").integers();
    const NpyArray adversaries = read_npy(out);
    int other = 0;
    for (std::size_t i = 0; i < kSigned * 784; ++i) {
      const int sign = (signs[i / 4] >> (2 * (i % 4)) & 3) - 1;
      const float expected =
          std::clamp(pixel(images, i) + 0.1F * static_cast<float>(sign), 0.0F, 1.0F);
      other += std::abs(adversaries.floats()[i] - expected) > 1e-6F;
    }
    CHECK(other <= kSigned * 784 / 10000);
  }
}

TEST_CASE("kinds: attacks with gradients work on an SVM", "[command]") {
  for (const std::string method : {"pgd", "apgd-ce", "deepfool", "cw", "jsma"}) {
    INFO(method);
    const Json json = json_of(on("svm", {"attack", method, "--count", "10"}));
    CHECK(json.at("adversarial_accuracy") < json.at("clean_accuracy"));
  }
}

TEST_CASE("kinds: a tree is attacked by what it tells, and by nothing else", "[command]") {
  const TemporaryFolder folder;
  const std::string out = folder / "adversaries.npy";
  const Json square = json_of(on("tree", {"attack", "square", "--epsilon", "0.1", "--queries",
                                          "200", "--count", "50", "--out", out}));
  CHECK(square.at("adversarial_accuracy").get<double>() <
        square.at("clean_accuracy").get<double>() - 0.3);
  CHECK(square.at("perturbation").at("linf_largest").get<double>() <= 0.1 + 1e-6);
  const Json labels = json_of(
      on("tree", {"attack", "nes-label", "--epsilon", "0.3", "--queries", "100", "--count", "5"}));
  CHECK(labels.at("adversarial_accuracy") <= labels.at("clean_accuracy"));
  for (const std::string method : {"fgsm", "pgd", "deepfool", "cw", "jsma", "universal"}) {
    check_refused(
        folder, on("tree", {"attack", method}), 1,
        {"tree.json: gives no more than probabilities", method + " needs gradients", "square"});
  }
}

TEST_CASE("kinds: on a tree nothing is nearer than the nearest leaf of another class",
          "[command]") {
  const Json exact = json_of(on("tree", {"attack", "tree-path", "--count", "0"}));
  CHECK(exact.at("adversarial_accuracy") == 0);
  for (const char* epsilon : {"0.02", "0.1"}) {
    const Arguments within{"--epsilon", epsilon, "--count", "60"};
    const Json best = json_of(with(on("tree", {"attack", "tree-path"}), within));
    const Json square = json_of(with(on("tree", {"attack", "square", "--queries", "200"}), within));
    CHECK(best.at("adversarial_accuracy") <= square.at("adversarial_accuracy"));
  }
  const TemporaryFolder folder;
  check_refused(folder, on("svm", {"attack", "tree-path"}), 1,
                {"svm.json: is not a decision tree, which tree-path needs"});
}

TEST_CASE("kinds: adversaries of one kind go to another", "[command]") {
  const Json json = json_of(on("tree", {"attack", "transfer", "--source", model_file("svm"),
                                        "--epsilon", "0.2", "--count", "100"}));
  CHECK(json.at("adversarial_accuracy") < json.at("clean_accuracy"));
  const TemporaryFolder folder;
  check_refused(folder, on("svm", {"attack", "transfer", "--source", model_file("tree")}), 1,
                {"tree.json: gives no gradients"});
}

TEST_CASE("kinds: a model of two classes is asked for two", "[command]") {
  const TemporaryFolder folder;
  const std::string images = folder / "images.npy";
  write_whole_file(images, write_npy(std::vector<float>{0, 0, 0, 1, 1, 0, 1, 1}, {2, 2, 2, 1}));
  write_whole_file(folder / "labels.txt", std::string("0\n1\n"));
  const std::string model = folder / "two.json";
  run_well({"fit", "--kind", "logistic", "--images", images, "--labels", folder / "labels.txt",
            "--input", "2,2,1", "--classes", "2", "--out", model});
  const Json fitted = Json::parse(read_whole_file(model));
  CHECK(contains(fitted.dump(), "--images " + images));
  CHECK(contains(fitted.dump(), "--input 2,2,1 --classes 2"));
  const Arguments predict = {"predict", "--model", model, "--images", images};
  CHECK(json_of(predict).at("predictions").at(0).at("top").size() == 2);
  check_refused(folder, with(predict, {"--top", "3"}), 2, {"--top 3", "only 2 classes"});
}

TEST_CASE("kinds: robustness judges them", "[command]") {
  const Json json = json_of(
      on("svm", {"robustness", "--epsilon", "0.1", "--attacks", "fgsm,pgd", "--count", "50"}));
  INFO(json);
  CHECK(json.at("models").size() == 1);
  const TemporaryFolder folder;
  run_well(on("tree", {"robustness", "--epsilon", "0.1", "--attacks", "square", "--count", "20"}));
  check_refused(folder, on("tree", {"robustness", "--epsilon", "0.1", "--attacks", "pgd"}), 1,
                {"tree.json", "gradients"});
  // Before anything is judged.
  check_refused(folder,
                on("tree", {"robustness", "--epsilon", "0.1", "--attacks", "square", "--report",
                            folder / "report"}),
                2, {"tree.json: gives no gradients", "leave out --curve and --report"});
  CHECK_FALSE(fs::exists(folder / "report"));
}

TEST_CASE("kinds: a bad file is refused by every command in one line", "[command]") {
  const TemporaryFolder folder;
  write_whole_file(folder / "bad.json", bytes_of("{\"kind\": \"forest\"}"));
  write_whole_file(folder / "no.json", bytes_of("forest"));
  for (const std::string command : {"evaluate", "predict", "describe", "robustness"}) {
    Arguments arguments{command, "--model", "bad.json"};
    if (command != "describe") arguments = with(arguments, {"--data", small_data()});
    check_refused(folder, arguments, 1, {"bad.json", "'forest' is unknown"});
  }
  check_refused(folder, {"describe", "no.json"}, 1, {"no.json", "is not JSON from byte"});
}

TEST_CASE("kinds: describe tells what they are made of", "[command]") {
  const Json svm = json_of({"describe", model_file("svm")});
  CHECK(svm.at("parameters") == 7850);
  CHECK(svm.at("multiply_adds") == 7840);
  CHECK(svm.at("input") == Json{28, 28, 1});
  const Json tree = json_of({"describe", model_file("tree")});
  CHECK(tree.at("layers").at(0).at("name") == "299 nodes, 150 leaves");
  CHECK(tree.at("parameters") == 0);
}
