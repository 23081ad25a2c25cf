#include "evaluate/data_check.h"

#include <cmath>
#include <functional>

#include "catch.h"
#include "data/dataset.h"
#include "evaluate/accuracy.h"
#include "golden_files.h"
#include "model/network_classifier.h"
#include "paths.h"
#include "random_data.h"
#include "train/model_file.h"

using namespace inoculate;

namespace {

constexpr int kSide = 28, kImages = 500;

Network standard() {
  const std::string path = in_source("/assets/standard.safetensors");
  return network_of(parse_safetensors(read_whole_file(path), path), path);
}

Dataset sample() {
  const std::string base = in_sample("/t10k-");
  const std::string images = base + "images-idx3-ubyte", labels = base + "labels-idx1-ubyte";
  return slice(make_dataset(read_whole_file(images), images, read_whole_file(labels), labels), 0,
               kImages);
}

using PixelOf = std::function<int(const std::uint8_t* image, int y, int x)>;

// The sample with every pixel of every image said anew.
Dataset changed_sample(const PixelOf& pixel_of) {
  const Dataset from = sample();
  Dataset to = from;
  for (int i = 0; i < from.size(); ++i) {
    for (int y = 0; y < kSide; ++y) {
      for (int x = 0; x < kSide; ++x) {
        const auto begin = static_cast<std::size_t>(i) * kSide * kSide;
        to.pixels[begin + static_cast<std::size_t>(y * kSide + x)] =
            static_cast<std::uint8_t>(pixel_of(from.pixels.data() + begin, y, x));
      }
    }
  }
  return to;
}

std::optional<std::string> doubt_of(const Dataset& data) {
  const Network network = standard();
  const ExampleSource source = examples_of(data);
  return doubt_data(NetworkClassifier(network), source,
                    evaluate(NetworkClassifier(network), source).correct);
}

int last(int place) { return kSide - 1 - place; }

}  // namespace

TEST_CASE("images as they should be are not doubted") {
  CHECK_FALSE(doubt_of(sample()).has_value());
  CHECK_FALSE(
      find_better_reading(NetworkClassifier(standard()), examples_of(sample())).has_value());
}

TEST_CASE("images laid out otherwise are told from each other, each by its name") {
  struct Case {
    const char* name;
    PixelOf pixel_of;
  };
  const Case cases[] = {
      {"mirrored", [](const auto* p, int y, int x) { return p[y * kSide + last(x)]; }},
      {"upside down", [](const auto* p, int y, int x) { return p[last(y) * kSide + x]; }},
      {"turned by 180 degrees",
       [](const auto* p, int y, int x) { return p[last(y) * kSide + last(x)]; }},
      {"transposed (rows for columns, as EMNIST's files are)",
       [](const auto* p, int y, int x) { return p[x * kSide + y]; }},
      // These were turned the other way: turning them as it says sets them upright.
      {"turned clockwise by 90 degrees",
       [](const auto* p, int y, int x) { return p[x * kSide + last(y)]; }},
      {"turned anticlockwise by 90 degrees",
       [](const auto* p, int y, int x) { return p[last(x) * kSide + y]; }},
      {"inverted (dark for light)",
       [](const auto* p, int y, int x) { return 255 - p[y * kSide + x]; }},
      {"stretched to pixels of 0 to 255",
       [](const auto* p, int y, int x) { return p[y * kSide + x] > 127 ? 1 : 0; }},
      {"transposed (rows for columns, as EMNIST's files are), inverted (dark for light)",
       [](const auto* p, int y, int x) { return 255 - p[x * kSide + y]; }},
  };
  const Network network = standard();
  for (const Case& c : cases) {
    CAPTURE(c.name);
    const Dataset data = changed_sample(c.pixel_of);
    const auto better = find_better_reading(NetworkClassifier(network), examples_of(data));
    REQUIRE(better.has_value());
    CHECK(better->change == c.name);
    CHECK(better->n == 300);
    CHECK(better->correct >= 285);
    CHECK(better->correct > better->as_they_are);
  }
}

TEST_CASE("a few images that are turned are doubted too") {
  // Upside down, 0, 1 and 8 are still read: of so few images more than a wrong data set would
  // leave. Of ten images five may be read by chance of what they show; that tells nothing.
  const Dataset turned =
      changed_sample([](const auto* p, int y, int x) { return p[last(y) * kSide + last(x)]; });
  const Network network = standard();
  for (const int n : {20, 40}) {
    for (const int begin : {0, 100, 200, 300}) {
      CAPTURE(n, begin);
      const Dataset few = slice(turned, begin, begin + n);
      const ExampleSource source = examples_of(few);
      const auto doubt = doubt_data(NetworkClassifier(network), source,
                                    evaluate(NetworkClassifier(network), source).correct);
      REQUIRE(doubt.has_value());
      CHECK(doubt->find("; turned by 180 degrees, ") != std::string::npos);
      const Dataset upright = slice(sample(), begin, begin + n);
      const ExampleSource good = examples_of(upright);
      CHECK_FALSE(doubt_data(NetworkClassifier(network), good,
                             evaluate(NetworkClassifier(network), good).correct)
                      .has_value());
    }
  }
}

TEST_CASE("images of which hardly any is read are doubted in words") {
  const auto mirrored =
      doubt_of(changed_sample([](const auto* p, int y, int x) { return p[y * kSide + last(x)]; }));
  REQUIRE(mirrored.has_value());
  CHECK(mirrored->find("; mirrored, ") != std::string::npos);

  // Stripes instead of digits: nothing helps.
  const auto stripes = doubt_of(
      changed_sample([](const auto* p, int y, int x) { return (y + x + p[0]) % 4 < 2 ? 255 : 0; }));
  REQUIRE(stripes.has_value());
  CHECK(stripes->find("another data set") != std::string::npos);
}

TEST_CASE("what is too few follows from chance, the interval and what was promised") {
  CHECK(reads_poorly(10, 100, 10));
  CHECK_FALSE(reads_poorly(60, 100, 10));
  CHECK_FALSE(reads_poorly(1, 3, 10));  // three images say little
  CHECK(reads_poorly(60, 100, 2));      // halfway from chance is 75 % there
  CHECK_FALSE(reads_poorly(800, 1000, 10));
  CHECK(reads_poorly(800, 1000, 10, 0.99));
  CHECK_FALSE(reads_poorly(980, 1000, 10, 0.99));
  CHECK_FALSE(reads_poorly(870, 1000, 10, 0.98));  // the interval reaches 89 %
}

TEST_CASE("what the weights promise is read from their metadata") {
  const auto promised = [](const std::string& text) {
    return promised_accuracy_of({{}, {{"test_accuracy", text}}});
  };
  CHECK(promised("0.9903 of n = 10000") == 0.9903);
  for (const char* wrong : {"", "good", "1.5 of n = 10", "-1", "nan"}) {
    CHECK_FALSE(promised(wrong).has_value());
  }
  CHECK_FALSE(promised_accuracy_of({}).has_value());
}

TEST_CASE("a label that the network has no class for is refused") {
  const Network network({"pair", {2, 2, 1}, {DenseSpec{"a", 2}}});
  const Matrix images = RandomData(1).images(3, 4);
  const Labels labels{0, 1, 2};
  CHECK_THROWS_WITH(evaluate(NetworkClassifier(network), examples_of(images, labels)),
                    Catch::Contains("label 2"));
}

TEST_CASE("the confusion matrix has as many rows as the network has classes") {
  Network network({"many", {2, 2, 1}, {DenseSpec{"a", 12}}});
  Rng rng(1);
  network.initialize(rng);
  const Matrix images = RandomData(1).images(24, 4);
  Labels labels;
  for (int i = 0; i < 24; ++i) labels.push_back(static_cast<Labels::value_type>(i % 12));
  const Evaluation e = evaluate(NetworkClassifier(network), examples_of(images, labels));
  REQUIRE(e.confusion.size() == 12);
  for (const std::vector<int>& row : e.confusion) {
    REQUIRE(row.size() == 12);
    int sum = 0;
    for (const int count : row) sum += count;
    CHECK(sum == 2);
  }
}
