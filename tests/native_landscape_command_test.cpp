// inoculate landscape as users run it, and what landscapes are made of.
#include <algorithm>
#include <cmath>
#include <set>

#include "evaluate/accuracy.h"
#include "evaluate/landscape.h"
#include "html_check.h"
#include "model/network_classifier.h"
#include "native/landscape_model.h"
#include "native/mnist.h"
#include "native/model.h"
#include "paths.h"
#include "pictures/height_scale.h"
#include "pictures/landscape.h"
#include "refusals.h"

using namespace inoculate;

namespace {

const std::string kAssets = in_source("/assets/");

Arguments landscape(const Arguments& more) {
  return with({"landscape", "--model", golden_model(), "--data", small_data()}, more);
}

double length_of(std::span<const float> values, const WeightFilter& filter) {
  double sum = 0;
  for (std::size_t k = 0; k < filter.count; ++k) {
    const double value = values[filter.first + k * filter.stride];
    sum += value * value;
  }
  return std::sqrt(sum);
}

// The golden network as ONNX, which another engine computes.
std::string as_onnx(const TemporaryFolder& folder) {
  run_well({"convert", golden_model(), "--to", "onnx", "--out", folder / "golden.onnx"});
  return folder / "golden.onnx";
}

// Loss column of a CSV of a landscape.
std::vector<double> losses_of(const std::string& path) {
  const Bytes bytes = read_whole_file(path);
  std::vector<double> losses;
  for (const std::string& line : lines_of({bytes.begin(), bytes.end()})) {
    std::vector<std::string> cells;
    std::istringstream stream(line);
    for (std::string cell; std::getline(stream, cell, ',');) cells.push_back(cell);
    if (cells[0] != "model") losses.push_back(std::stod(cells[3]));
  }
  return losses;
}

}  // namespace

TEST_CASE("landscape: in the middle of it stands the network itself", "[command]") {
  const TemporaryFolder folder;
  const Json evaluated =
      json_of({"evaluate", "--model", golden_model(), "--data", small_data(), "--count", "100"});
  const Json json = json_of(
      landscape({"--grid", "5", "--range", "0.5", "--count", "100", "--out", folder / "weights"}));
  CHECK(json.at("n") == 100);
  const Json& model = json.at("models")[0];
  CHECK(model.at("loss").get<double>() == Approx(evaluated.at("loss").get<double>()).epsilon(1e-6));
  CHECK(model.at("accuracy") == evaluated.at("accuracy"));
  const std::vector<double> losses = losses_of(folder / "weights.csv");
  REQUIRE(losses.size() == 25);
  CHECK(losses[12] == Approx(model.at("loss").get<double>()).margin(1e-6));
  CHECK(losses[0] > losses[12]);
  CHECK(fs::exists(folder / "weights.png"));

  // So it is for the same network as ONNX, which another engine computes.
  const Json onnx = json_of({"landscape", "--model", as_onnx(folder), "--data", small_data(),
                             "--grid", "3", "--range", "0.5", "--count", "100"});
  CHECK(onnx.at("models")[0].at("loss").get<double>() ==
        Approx(evaluated.at("loss").get<double>()).epsilon(1e-4));
  CHECK(onnx.at("models")[0].at("accuracy") == evaluated.at("accuracy"));
}

TEST_CASE("landscape: a filter is what makes one output", "[landscape]") {
  const TemporaryFolder folder;
  const Matrix images = all_images(small_test()).images.topRows(20);
  for (const std::string& path : {golden_model(), as_onnx(folder)}) {
    INFO(path);
    const LandscapeModel model = load_landscape_model(path);
    const WeightedModel& weights = *model.weights;
    const std::vector<float> own(weights.values().begin(), weights.values().end());
    const Matrix logits = weights.logits(own, images);
    CHECK((logits - model.model->logits(images)).cwiseAbs().maxCoeff() < 1e-4);
    // Without the filter of class 3, which is the last but six, all images have that class's bias,
    // and with twice the filter they are twice as far from it; other classes are as they were.
    const WeightFilter& filter = weights.filters()[weights.filters().size() - 7];
    std::vector<float> without = own, twice = own;
    for (std::size_t k = 0; k < filter.count; ++k) {
      without[filter.first + k * filter.stride] = 0;
      twice[filter.first + k * filter.stride] *= 2;
    }
    const Matrix a = weights.logits(without, images), b = weights.logits(twice, images);
    for (int i = 0; i < 20; ++i) {
      for (int c = 0; c < 10; ++c) {
        if (c != 3) CHECK(a(i, c) == Approx(logits(i, c)).margin(1e-4));
      }
      CHECK(a(i, 3) == Approx(a(0, 3)).margin(1e-5));
      CHECK(b(i, 3) == Approx(2 * logits(i, 3) - a(0, 3)).margin(1e-3));
    }
  }
}

TEST_CASE("landscape: a direction is as long as the weights, filter by filter", "[landscape]") {
  const TemporaryFolder folder;
  const Network network = load_model(golden_model());
  std::size_t kernels = 0;
  for (const TensorInfo& tensor : network.tensors()) {
    if (tensor.name.ends_with("/kernel")) kernels += tensor.size;
  }
  for (const std::string& path : {golden_model(), as_onnx(folder)}) {
    INFO(path);
    const LandscapeModel model = load_landscape_model(path);
    // 32 and 64 filters, 128 and 10 outputs.
    CHECK(model.weights->filters().size() == 32 + 64 + 128 + 10);
    Rng rng(3);
    const std::vector<float> direction = filter_direction(*model.weights, rng);
    const std::vector<float> other = filter_direction(*model.weights, rng);
    std::set<std::size_t> moved;
    for (const WeightFilter& filter : model.weights->filters()) {
      CHECK(length_of(direction, filter) ==
            Approx(length_of(model.weights->values(), filter)).epsilon(1e-5));
      for (std::size_t k = 0; k < filter.count; ++k) moved.insert(filter.first + k * filter.stride);
    }
    // Biases and normalisation stay, and everything else moves.
    CHECK(moved.size() == kernels);
    std::size_t still = 0;
    for (std::size_t i = 0; i < direction.size(); ++i) still += direction[i] == 0 ? 1 : 0;
    CHECK(still == direction.size() - kernels);
    CHECK(direction != other);
  }
}

TEST_CASE("landscape: a point is the network with these weights", "[landscape]") {
  Network network = load_model(golden_model());
  const auto weights = weighted_model(network);
  Rng rng(5);
  const std::vector<float> first = filter_direction(*weights, rng);
  const std::vector<float> second = filter_direction(*weights, rng);
  const LabelledImages images = all_images(small_test());
  const auto points =
      weight_landscape(*weights, images.images, images.labels, first, second, 3, 0.4);
  // The corner of the largest a and the least b, by a network that is built anew and evaluated.
  for (std::size_t i = 0; i < network.parameters().size(); ++i) {
    network.parameters()[i] += 0.4F * first[i] - 0.4F * second[i];
  }
  const Evaluation direct =
      evaluate(NetworkClassifier(network), examples_of(images.images, images.labels));
  CHECK(points[2].loss == Approx(direct.loss).epsilon(1e-4));
  CHECK(points[2].accuracy == Approx(direct.accuracy()).margin(0.006));
  CHECK(grid_coordinate(25, 51, 0.7) == 0);
  CHECK(grid_coordinate(0, 51, 0.7) == -0.7);
  CHECK(grid_coordinate(50, 51, 0.7) == 0.7);

  const double range = telling_range(*weights, images.images, images.labels, first, second);
  const auto ends =
      weight_landscape(*weights, images.images, images.labels, first, second, 3, range);
  CHECK((ends[1].loss + ends[3].loss + ends[5].loss + ends[7].loss) / 4 >= std::log(10));
}

TEST_CASE("landscape: around an image signs are orthogonal, and points what they say",
          "[landscape]") {
  const NetworkClassifier model(load_model(golden_model()));
  const LabelledImages images = all_images(small_test());
  const Matrix image = images.images.topRows(1);
  const int label = images.labels[0];
  Rng rng(1);
  const ImageDirections directions = image_directions(model, image, label, rng);
  double product = 0;
  for (std::size_t i = 0; i < 784; ++i) {
    product += directions.sign[i] * directions.other[i];
    CHECK(std::abs(directions.other[i]) <= 1);
  }
  CHECK(product == 0);
  const auto points = image_landscape(model, image, label, directions, 5, 0.2);
  REQUIRE(points.size() == 25);
  for (const auto& [index, a, b] : {std::tuple{12, 0.0, 0.0}, std::tuple{24, 0.2, 0.2},
                                    std::tuple{4, 0.2, -0.2}, std::tuple{14, 0.2, 0.0}}) {
    Matrix moved = image;
    for (Eigen::Index k = 0; k < 784; ++k) {
      const auto i = static_cast<std::size_t>(k);
      moved(0, k) = std::clamp(
          static_cast<float>(image(0, k) + a * directions.sign[i] + b * directions.other[i]), 0.0F,
          1.0F);
    }
    const Matrix logits = model.logits(moved);
    const double largest = logits.maxCoeff();
    const double all = (logits.cast<double>().array() - largest).exp().sum();
    const ImagePoint& point = points[static_cast<std::size_t>(index)];
    CHECK(point.label == most_likely(logits)[0]);
    CHECK(point.confidence == Approx(1 / all).epsilon(1e-5));
    CHECK(point.loss ==
          Approx(std::log(all) + largest - static_cast<double>(logits(0, label))).margin(1e-5));
  }
}

TEST_CASE("landscape: image and line as commands", "[command]") {
  const TemporaryFolder folder;
  const std::string standard = kAssets + "standard.safetensors";
  const std::string robust = kAssets + "robust.safetensors";
  const Json image =
      json_of({"landscape", "--model", standard, robust, "--data", small_data(), "--around",
               "image", "--epsilon", "0.3", "--grid", "7", "--out", folder / "image"});
  REQUIRE(image.at("models").size() == 2);
  CHECK(image.at("range") == Approx(0.6));
  const Bytes csv = read_whole_file(folder / "image.csv");
  CHECK(lines_of({csv.begin(), csv.end()}).size() == 1 + 2 * 49);
  CHECK(fs::exists(folder / "image.png"));

  const Json line = json_of({"landscape", "--model", standard, "--between", robust, "--data",
                             small_data(), "--grid", "5", "--out", folder / "line"});
  for (const auto& [place, path] : {std::pair{0U, standard}, std::pair{1U, robust}}) {
    const Json evaluated = json_of({"evaluate", "--model", path, "--data", small_data()});
    CHECK(line.at("loss")[place].get<double>() ==
          Approx(evaluated.at("loss").get<double>()).margin(1e-6));
    CHECK(line.at("accuracy")[place] == evaluated.at("accuracy"));
  }
  CHECK(line.at("largest_loss").get<double>() > line.at("loss")[0].get<double>());
}

TEST_CASE("landscape: what cannot be is refused in words", "[command]") {
  const TemporaryFolder folder;
  const auto refused = [&](const Arguments& more, int code, const std::vector<std::string>& words) {
    check_refused(folder, landscape(more), code, words);
  };
  refused({"--grid", "50"}, 2, {"--grid", "odd"});
  refused({"--grid", "1"}, 2, {"--grid"});
  refused({"--range", "0"}, 2, {"--range"});
  refused({"--around", "here"}, 2, {"--around"});
  refused({"--epsilon", "0.1"}, 2, {"--epsilon is for --around image"});
  refused({"--around", "image", "--epsilon", "8"}, 2, {"--epsilon"});
  refused({"--around", "image", "--epsilon", "0"}, 2, {"no room"});
  refused({"--around", "image", "--between", golden_model()}, 2, {"--between", "--around"});
  refused({"--picture", "x.png"}, 2, {"--picture", "--data"});
  refused({"--out", "-"}, 1, {"-"});
  check_refused(folder,
                {"landscape", "--model", golden_model(), golden_model(), "--between",
                 golden_model(), "--data", small_data()},
                2, {"give one --model"});
  run_well({"train", "--data", small_data(), "--train-range", "0:64", "--epochs", "1",
            "--architecture", "mlp", "--out", folder / "mlp.safetensors"});
  refused({"--between", folder / "mlp.safetensors"}, 1, {"not of the same form"});
  const std::string tree = in_source("/tests/golden/sklearn/tree.json");
  check_refused(folder, {"landscape", "--model", tree, "--data", small_data()}, 1,
                {"tree.json", "no weights that could be changed"});
}

TEST_CASE("landscape: contours lie where the level is", "[pictures]") {
  // Heights that grow along x: the contour at half of them is an upright line.
  std::vector<double> shares;
  for (int i = 0; i < 36; ++i) shares.push_back(i % 6 / 5.0);
  const auto pieces = contour(shares, 6, 0.5);
  CHECK(pieces.size() == 5);
  for (const ContourPiece& piece : pieces) {
    CHECK(piece.from.x == Approx(2.5));
    CHECK(piece.to.x == Approx(2.5));
    CHECK(std::abs(piece.from.y - piece.to.y) == Approx(1));
  }
  CHECK(contour(shares, 6, 2).empty());
  const HeightScale scale = scale_of({0.01, 100, HUGE_VAL, 1});
  CHECK(scale.logarithmic);
  CHECK(scale.share(1) == Approx(0.5));
  CHECK(scale.height(0.5) == Approx(1));
  CHECK(scale.share(HUGE_VAL) == 1);
  CHECK_FALSE(scale_of({1, 2, 3}).logarithmic);

  // Odd heights make a picture and no crash.
  LandscapePicture picture;
  picture.panels.push_back({"flat", 3, std::vector<double>(9, 1.0)});
  picture.panels.push_back({"odd", 2, {HUGE_VAL, std::nan(""), -1, 0}});
  CHECK(draw_landscape(picture).width() > 900);
}

TEST_CASE("reproduce chapter10 makes one page of the sections that are wanted", "[command]") {
  const TemporaryFolder folder;
  const Arguments chapter{"reproduce", "chapter10", "--data", small_data(),   "--assets",
                          kAssets,     "--quick",   "--out",  folder / "page"};
  const Json json = json_of(with(chapter, {"--sections", "noise,landscape,transfer"}));
  CHECK(json.at("sections").size() == 3);
  CHECK(json.at("sections").at("landscape").at("n") == 100);
  const Bytes bytes = read_whole_file(folder / "page/index.html");
  const std::string page(bytes.begin(), bytes.end());
  CHECK(html_fault(page) == "");
  CHECK(contains(page, "3 of 3 sections"));
  CHECK(contains(page, "made with --quick"));
  CHECK_FALSE(contains(page, "http://"));
  CHECK_FALSE(contains(page, "https://"));

  check_refused(folder, with(chapter, {"--sections", "noise,knitting"}), 2,
                {"--sections", "'knitting'", "landscape"});
  check_refused(folder, with(chapter, {"--photo", folder / "nothing"}), 1,
                {"efficientnet_lite0.onnx", "./run photo"});
  check_refused(folder,
                {"reproduce", "chapter10", "--data", small_data(), "--assets", folder / "none",
                 "--out", folder / "page"},
                1, {"standard.safetensors", "--assets"});
}
