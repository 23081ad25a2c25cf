// What is known of a network: its preprocessing gives PyTorch's logits and gradients, whoever says
// it, and what does not fit is refused in words.
#include <nlohmann/json.hpp>

#include "catch.h"
#include "compare.h"
#include "golden_files.h"
#include "model/preprocessed.h"
#include "refusal_of.h"

using namespace inoculate;

namespace {

// The network of tests/golden/make_preprocessing.py: the square of a linear one.
class SquaredLinear : public Classifier {
 public:
  SquaredLinear(Shape input, Matrix weights) : weights_(std::move(weights)) {
    spec_.name = "a.onnx";
    spec_.input = input;
    spec_.classes = static_cast<int>(weights_.rows());
    spec_.images_at_once = 2;  // fewer than there are
  }
  const ModelSpec& spec() const override { return spec_; }
  Matrix logits(ConstMatrixRef images) const override { return sums(images).array().square(); }
  void gradients(std::span<Matrix> gradients, Matrix* logits, ConstMatrixRef images,
                 std::span<const LogitGradient> objectives) const override {
    const Matrix inner = sums(images), all = inner.array().square();
    if (logits != nullptr) *logits = all;
    for (std::size_t k = 0; k < objectives.size(); ++k) {
      Matrix d_logits(all.rows(), all.cols());
      objectives[k](d_logits.data(), all.data(), 0, static_cast<int>(all.rows()));
      gradients[k] = Matrix::Zero(images.rows(), images.cols());
      for (Eigen::Index i = 0; i < all.rows(); ++i) {
        for (Eigen::Index j = 0; j < all.cols(); ++j) {
          gradients[k].row(i) += 2 * d_logits(i, j) * inner(i, j) * weights_.row(j);
        }
      }
    }
  }

 private:
  Matrix sums(ConstMatrixRef images) const {
    Matrix all(images.rows(), weights_.rows());
    for (Eigen::Index i = 0; i < all.rows(); ++i) {
      for (Eigen::Index j = 0; j < all.cols(); ++j) {
        all(i, j) = images.row(i).dot(weights_.row(j));
      }
    }
    return all;
  }

  Matrix weights_;
  ModelSpec spec_;
};

Matrix matrix(const nlohmann::json& rows) {
  Matrix all(static_cast<Eigen::Index>(rows.size()), static_cast<Eigen::Index>(rows[0].size()));
  for (Eigen::Index i = 0; i < all.rows(); ++i) {
    for (Eigen::Index j = 0; j < all.cols(); ++j) {
      all(i, j) = rows[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)].get<float>();
    }
  }
  return all;
}

std::vector<float> values(const Matrix& matrix) {
  return {matrix.data(), matrix.data() + matrix.size()};
}

PreprocessedClassifier model_with(const ModelNotes& notes, Shape input = {2, 2, 3}) {
  return {std::make_unique<SquaredLinear>(input, Matrix::Ones(3, input.size())), notes};
}

// What is said of a JSON with this text beside a.onnx, or of its network.
std::string refusal(const std::string& text, Shape input = {2, 2, 3}) {
  return refusal_of([&] { model_with(parse_notes(text, "a.json"), input); });
}

ModelNotes from_metadata(const std::map<std::string, std::string>& metadata) {
  return notes_of_metadata(metadata, "a.onnx");
}

}  // namespace

TEST_CASE("a preprocessed network has PyTorch's logits and gradients of the pixels") {
  const nlohmann::json golden = golden_json("preprocessing.json");
  const int side = golden["side"];
  REQUIRE(golden["cases"].size() == 7);
  for (const auto& [name, item] : golden["cases"].items()) {
    INFO(name);
    const Shape input{side, side, item["channels"]};
    const PreprocessedClassifier model(
        std::make_unique<SquaredLinear>(input, matrix(item["weights"])), read_notes(item["notes"]));
    const Matrix images = matrix(item["images"]), wanted = matrix(item["d_logits"]);
    CHECK(relative_difference(values(model.logits(images)), values(matrix(item["logits"]))) < 1e-5);

    const LogitGradient objectives[] = {
        [&](float* d, const float*, int begin, int n) {
          Eigen::Map<Matrix>(d, n, wanted.cols()) = wanted.middleRows(begin, n);
        },
        [&](float* d, const float*, int begin, int n) {
          Eigen::Map<Matrix>(d, n, wanted.cols()) = -wanted.middleRows(begin, n);
        }};
    Matrix gradients[2], logits;
    model.gradients(gradients, &logits, images, objectives);
    CHECK(values(logits) == values(model.logits(images)));
    CHECK(relative_difference(values(gradients[0]), values(matrix(item["d_images"]))) < 1e-5);
    CHECK(values(gradients[1]) == values(-gradients[0]));
    CHECK(model.spec().range.low == 0);
    CHECK(model.spec().range.high == 1);
  }
}

TEST_CASE("text and JSON say the same") {
  const ModelNotes text = from_metadata({{"mean", "0.1, 1/5, 0.3"},
                                         {"std", "2"},
                                         {"input_range", "0,255"},
                                         {"channels", "bgr"},
                                         {"resize", "256"},
                                         {"interpolation", "bicubic"},
                                         {"classes", "\xef\xbb\xbfone\r\ntwo, or 2\r\nthree\n\n"},
                                         {"author", "somebody"}});
  const ModelNotes json = parse_notes(
      R"({"mean": [0.1, 0.2, 0.3], "std": 2, "input_range": [0, 255], "channels": "bgr",
          "resize": 256, "interpolation": "bicubic", "classes": ["one", "two, or 2", "three"]})",
      "a.json");
  for (const ModelNotes& notes : {text, json}) {
    CHECK(notes.mean == std::vector<float>{0.1F, 0.2F, 0.3F});
    CHECK(notes.std == std::vector<float>{2});
    REQUIRE(notes.input_range);
    CHECK(notes.input_range->low == 0);
    CHECK(notes.input_range->high == 255);
    CHECK(notes.bgr == true);
    CHECK(notes.resize == 256);
    CHECK(notes.interpolation == Interpolation::kBicubic);
    CHECK(notes.classes == std::vector<std::string>{"one", "two, or 2", "three"});
  }
  const PreprocessedClassifier model = model_with(json);
  CHECK(model.spec().class_names == *json.classes);
  CHECK(json.pictures().resize == 256);
  CHECK(json.pictures().interpolation == Interpolation::kBicubic);
  CHECK(ModelNotes().empty());
  CHECK(ModelNotes().pictures().resize == 0);
}

TEST_CASE("of two that say something the first counts, key by key") {
  const ModelNotes command = from_metadata({{"mean", "0.5"}});
  const ModelNotes file = from_metadata({{"preprocess", "torch"}, {"resize", "40"}});
  const ModelNotes both = either(command, file);
  CHECK(both.mean == std::vector<float>{0.5F});
  CHECK(both.std == std::vector<float>{0.229F, 0.224F, 0.225F});
  CHECK(both.resize == 40);
  CHECK_FALSE(both.classes);
  // A whole way of preprocessing is said by its name: nothing of another one is left.
  CHECK(either(from_metadata({{"preprocess", "none"}}), file).std == std::vector<float>{1});
}

TEST_CASE("names of classes are shown as they stand in one line") {
  const ModelNotes notes = parse_notes(R"({"classes": ["a\u001b[31m", "b\nc", "\u202ed"]})", "a");
  CHECK(notes.classes == std::vector<std::string>{"a\\x1b[31m", "b\\nc", "\\u202ed"});
}

TEST_CASE("notes that are wrong or do not fit are refused in words") {
  const std::pair<const char*, const char*> cases[] = {
      {"{", "a.json: is not JSON from byte"},
      {"[1]", "a.json: is not a JSON object; its keys may be preprocess, mean, std"},
      {R"({"Mean": 1})", "has the unknown key 'Mean'; the keys are preprocess, mean, std"},
      {R"({"mean": 1, "mean": 2})", "names 'mean' twice"},
      {R"({"preprocess": "keras"})", "'keras' is unknown; give none, torch, caffe or tf"},
      {R"({"preprocess": 1})", "bad value of preprocess; give none, torch, caffe or tf"},
      {R"({"preprocess": "tf", "std": 2})", "has both preprocess and std"},
      {R"({"mean": "0.5"})", "bad value of mean; give a number, or one for each channel"},
      {R"({"mean": []})", "bad value of mean"},
      {R"({"mean": [[0.5]]})", "bad value of mean"},
      {R"({"mean": [0.5, null, 0.5]})", "bad value of mean"},
      {R"({"mean": 1e30})", "bad value of mean"},
      {R"({"mean": 1e999})", "a.json: holds a number that is too large"},
      {R"({"mean": [0.1, 0.2]})",
       "a.onnx: has a mean of 2 numbers, but its network takes images of 3 channels; give one "
       "number for each, or one for all"},
      {R"({"std": [1, 1, 1, 1]})", "a.onnx: has a std of 4 numbers"},
      {R"({"std": 0})", "bad value of std; give a number, or one for each channel, each above 0"},
      {R"({"std": [1, -1, 1]})", "bad value of std"},
      {R"({"std": 1e-40})", "bad value of std"},
      {R"({"input_range": [1]})",
       "bad value of input_range; give two numbers, the lower one first"},
      {R"({"input_range": [1, 0]})", "bad value of input_range"},
      {R"({"input_range": 255})", "bad value of input_range"},
      {R"({"channels": "grb"})", "bad value of channels; give rgb or bgr"},
      {R"({"channels": true})", "bad value of channels"},
      {R"({"resize": 0})", "bad value of resize; give a number of pixels, 1 to 16384"},
      {R"({"resize": 2.5})", "bad value of resize"},
      {R"({"resize": "256"})", "bad value of resize"},
      {R"({"resize": 1})",
       "a.onnx: takes images of 2 x 2 pixels, which cannot be cut out of pictures of 1; resize to "
       "2 or more"},
      {R"({"interpolation": "nearest"})", "bad value of interpolation; give bilinear or bicubic"},
      {R"({"classes": "a"})", "bad value of classes; give a list of the classes' names"},
      {R"({"classes": []})", "bad value of classes"},
      {R"({"classes": ["a", "", "c"]})", "that of class 1 is none"},
      {R"({"classes": ["a", 2, "c"]})", "that of class 1 is none"},
      {R"({"classes": ["a", "b"]})",
       "a.onnx: has 3 classes, but 2 names for them; give one name a class"},
  };
  for (const auto& [text, words] : cases) {
    const std::string told = refusal(text);
    INFO(text << ": " << told);
    CHECK(told.find(words) != std::string::npos);
    CHECK(told.find('\n') == std::string::npos);
  }
  CHECK(refusal("{}") == "accepted");
  const Shape grey{2, 2, 1};
  CHECK(refusal(R"({"preprocess": "torch"})", grey) ==
        "a.onnx: has a mean of 3 numbers, but its network takes images of 1 channel; give one "
        "number");
  CHECK(refusal(R"({"channels": "bgr"})", grey) ==
        "a.onnx: says channels bgr, but its network takes images of 1 channel; leave it out");
  CHECK(refusal_of([] {
          from_metadata({{"mean", "0.5,nan"}});
        }) ==
        "a.onnx: its metadata has 'nan' in mean, which is not a number; give numbers with commas "
        "between them");
  CHECK(refusal_of([] {
          from_metadata({{"std", "0"}});
        }).starts_with("a.onnx: its metadata has a bad"));
  CHECK(refusal_of([] {
          from_metadata({{"resize", "3,4"}});
        }).starts_with("a.onnx: its metadata has a bad"));
}

TEST_CASE("a class's name that is too long when it is shown is refused, and others stay the same") {
  // Each of these bytes is no character, and shown as four.
  const auto notes = [](std::size_t bytes) {
    return notes_of_metadata({{"classes", std::string(bytes, '\xF9') + "\nb"}}, "net.onnx");
  };
  const ModelNotes taken = notes(50);
  CHECK(to_json(read_notes(to_json(taken))) == to_json(taken));
  CHECK(refusal_of([&] { notes(51); }).find("at most 200 bytes") != std::string::npos);
}
