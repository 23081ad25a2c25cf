#include <cmath>
#include <set>

#include "catch.h"
#include "formats/onnx/writer.h"
#include "golden_files.h"
#include "model/network_classifier.h"
#include "model/onnx_export.h"
#include "page_fixture.h"
#include "paths.h"
#include "web/photo/studio.h"

using namespace inoculate;
using namespace inoculate::page;

namespace {

Bytes golden_network(const std::string& name) {
  return read_whole_file(in_source("/tests/golden/onnx/") + name + ".onnx");
}

// A photograph without secrets: two ramps and a few hundred random pixels.
ColorPicture some_photo(int width, int height, std::uint64_t seed = 1) {
  ColorPicture picture{width, height, {}};
  Rng rng(seed);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const auto noise = static_cast<int>(rng.below(60));
      for (const int value : {255 * x / width, 255 * y / height, 128}) {
        picture.rgba.push_back(static_cast<std::uint8_t>(std::min(255, value + noise)));
      }
      picture.rgba.push_back(255);
    }
  }
  return picture;
}

struct Room {
  std::vector<Message> answers;
  Studio studio{[this](Message message) { answers.push_back(std::move(message)); }};
  int last = 0;

  // The last answer to a message, with its error as {kind: error}.
  Message ask(const std::string& kind, Json head = Json::object(), Bytes body = {}) {
    head["kind"] = kind;
    head["id"] = ++last;
    answers.clear();
    studio.jobs().receive({std::move(head), std::move(body)});
    while (studio.jobs().busy()) studio.jobs().work();
    REQUIRE_FALSE(answers.empty());
    CHECK(answers.back().head.at("id") == last);
    return answers.back();
  }
  std::string error_of(const std::string& kind, Json head = Json::object(), Bytes body = {}) {
    const Message answer = ask(kind, std::move(head), std::move(body));
    return answer.head.at("kind") == "error" ? answer.head.at("message").get<std::string>() : "";
  }
  Message add(int number, const std::string& name, Json notes = Json::object()) {
    return ask("network", {{"number", number}, {"name", name}, {"notes", std::move(notes)}},
               golden_network(name));
  }
  void show(const ColorPicture& p, bool cropped = false) {
    ask("photo",
        {{"width", p.width}, {"height", p.height}, {"name", "a.png"}, {"cropped", cropped}},
        p.rgba);
  }
};

// The bytes of picture `place` of an attack's answer, without the alphas.
std::vector<int> picture_at(const Message& answer, int place) {
  const std::size_t size = answer.body.size() / 3;
  std::vector<int> values;
  for (std::size_t i = 0; i < size; ++i) {
    if (i % 4 != 3) values.push_back(answer.body[static_cast<std::size_t>(place) * size + i]);
  }
  return values;
}

int largest_difference(const std::vector<int>& a, const std::vector<int>& b) {
  int largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

}  // namespace

TEST_CASE("a network is described as its file has it") {
  Room room;
  const Json facts = room.add(0, "resnet").head.at("facts");
  CHECK(facts.at("width") == 24);
  CHECK(facts.at("height") == 24);
  CHECK(facts.at("channels") == 3);
  CHECK(facts.at("classes") == 7);
  // Counted in the file by the onnx package.
  std::map<std::string, int> counts;
  for (const Json& layer : facts.at("layers")) counts[layer.at("operator")] = layer.at("count");
  CHECK(counts["Conv"] == 12);
  CHECK(counts["BatchNormalization"] == 12);
  CHECK(counts["Relu"] == 10);
  CHECK(counts["Add"] == 3);
  CHECK(counts["Gemm"] == 1);
  CHECK(facts.at("parameters") == 8907);  // of 9,363 numbers 456 are moving means and variances
}

TEST_CASE("what cannot be read, or is no network of pictures, is refused in words") {
  Room room;
  const auto load = [&](const Json& number, const Json& notes, const Bytes& file) {
    return room.error_of("network", {{"number", number}, {"name", "own.onnx"}, {"notes", notes}},
                         file);
  };
  const Bytes resnet = golden_network("resnet");
  CHECK(load(0, Json::object(), {1, 2, 3}).find("own.onnx") == 0);
  CHECK(load(0, Json::object(), Bytes(resnet.begin(), resnet.begin() + 5000)).find("own.onnx") ==
        0);
  CHECK(load(0, Json::object(), golden_network("steps")).find("2 channels") != std::string::npos);
  CHECK(load(0, {{"colour", 1}}, resnet).find("unknown key") != std::string::npos);
  CHECK(load(0, {{"mean", {1, 2}}}, resnet).find("own.onnx") == 0);
  CHECK(load(0, "torch", resnet).find("JSON object") != std::string::npos);
  CHECK(load(4, Json::object(), resnet).find("four networks") != std::string::npos);
  CHECK(load(0, Json::object(), resnet).empty());
}

TEST_CASE("requests that make no sense are answered with an error, and the room goes on") {
  Room room;
  CHECK_FALSE(room.error_of("dance").empty());
  CHECK_FALSE(room.error_of("attack").empty());
  CHECK_FALSE(room.error_of("read", {{"number", 0}}).empty());
  room.add(0, "resnet");
  CHECK(room.error_of("read", {{"number", 0}}).find("no photograph") != std::string::npos);
  CHECK_FALSE(
      room.error_of("photo", {{"width", 3}, {"height", 3}, {"name", "a"}}, Bytes(35)).empty());
  CHECK_FALSE(room.error_of("photo", {{"width", 65536}, {"height", 65536}, {"name", "a"}}).empty());
  room.show(some_photo(40, 30));
  const auto attack = [&](const Json& settings) {
    return room.error_of("attack", {{"number", 0}, {"settings", settings}});
  };
  CHECK(attack({{"method", "prayer"}}).find("no method 'prayer'") != std::string::npos);
  for (const double epsilon : {0.9, 0.0, 0.5 / 255, 65.0 / 255}) {
    CHECK(attack({{"epsilon", epsilon}}) == "attack: epsilon must be from 1/255 to 64/255");
  }
  CHECK(attack({{"target", 7}}).find("target") != std::string::npos);
  CHECK(attack({{"speed", 7}}).find("speed") != std::string::npos);
  const Json best = room.ask("read", {{"number", 0}}).head.at("reading").at("best");
  CHECK(attack({{"target", best}}).find("reads already") != std::string::npos);
  CHECK(room.error_of("smallest", {{"number", 0}, {"settings", {{"method", "deepfool"}}}})
            .find("no epsilon") != std::string::npos);
  CHECK(attack({{"method", "fgsm"}}).empty());
  CHECK(room.ask("forget", {{"number", 0}}).head.at("kind") == "done");
  CHECK_FALSE(attack({{"method", "fgsm"}}).empty());
}

TEST_CASE("a grey network of 28 x 28 sees a picture as MNIST's digits were prepared") {
  const Network network = network_of(parse_safetensors(standard_weights(), "standard"), "standard");
  const Bytes file = write_onnx(onnx_model(network, {}));
  const PhotoNetwork read = read_photo_network(file, "digits.onnx", Json::object());
  CHECK(read.shape() == Shape{28, 28, 1});
  Matrix image;
  Labels label;
  const std::int32_t index[] = {1501};
  gather(page_digits(), index, image, label);
  const ColorPicture picture = picture_of_image(image.data(), read.shape());
  const PhotoImage seen = photo_image(read, picture, "digit.png", false);
  CHECK(seen.pixels == image);
  const Matrix expected = NetworkClassifier(network).logits(image);
  CHECK(read.classifier->logits(seen.pixels).isApprox(expected, 1e-4F));
}

TEST_CASE("guesses are the softmax of the logits, the best first") {
  const Matrix logits = (Matrix(1, 4) << 1, 3, -2, 1.5F).finished();
  ModelSpec spec;
  spec.classes = 4;
  spec.class_names = {"a", "b", "c", "d"};
  const Json reading = photo_reading(spec, logits, 2, 0);
  double sum = 0;
  for (const double z : {1.0, 3.0, -2.0, 1.5}) sum += std::exp(z);
  CHECK(reading.at("best") == 1);
  const double z[] = {3, 1.5, 1, -2};
  const char* names[] = {"b", "d", "a", "c"};
  for (std::size_t i = 0; i < 4; ++i) {
    const Json& guess = reading.at("guesses").at(i);
    CHECK(guess.at("name") == names[i]);
    CHECK(guess.at("probability").get<double>() == Approx(std::exp(z[i]) / sum));
  }
  CHECK(reading.at("label").get<double>() == Approx(std::exp(-2.0) / sum));
  CHECK(reading.at("target").get<double>() == Approx(std::exp(1.0) / sum));
}

TEST_CASE("every attack keeps to its bounds, and what it claims is read in its picture again") {
  Room room;
  room.add(0, "resnet");
  room.show(some_photo(60, 40));
  const Json before = room.ask("read", {{"number", 0}}).head.at("reading");
  constexpr int kLevels = 48;
  std::set<std::string> fooling;
  for (const PhotoMethod& method : photo_methods()) {
    CAPTURE(method.name);
    const Message answer = room.ask("attack", {{"number", 0},
                                               {"settings",
                                                {{"method", method.name},
                                                 {"epsilon", kLevels / 255.0},
                                                 {"steps", 20},
                                                 {"queries", 200}}}});
    REQUIRE(answer.head.at("kind") == "done");
    REQUIRE(answer.body.size() == 3 * 4 * 24 * 24);
    CHECK(answer.head.at("class") == before.at("best"));
    const std::vector<int> original = picture_at(answer, 0), adversary = picture_at(answer, 1),
                           noise = picture_at(answer, 2);
    const int largest = largest_difference(original, adversary);
    CHECK(answer.head.at("largest_change") == largest);
    if (method.has(kPhotoEpsilon)) {
      CHECK(largest <= kLevels);
      CHECK(largest_difference(original, noise) <= largest);
    }
    // The adversary as a picture of its own is read as was said of it.
    Room other;
    other.add(0, "resnet");
    const std::size_t size = answer.body.size() / 3;
    const auto from = answer.body.begin() + static_cast<std::ptrdiff_t>(size);
    other.show({24, 24, {from, from + static_cast<std::ptrdiff_t>(size)}});
    const Json again = other.ask("read", {{"number", 0}}).head.at("reading");
    CHECK(again.at("guesses") == answer.head.at("adversary").at("guesses"));
    const bool fooled = again.at("best") != before.at("best");
    CHECK(answer.head.at("success") == fooled);
    if (fooled) fooling.insert(method.name);
  }
  CHECK(fooling.contains("pgd"));
  CHECK(fooling.contains("deepfool"));
}

TEST_CASE("the smallest epsilon fools the network, and a level less does not") {
  Room room;
  room.add(0, "resnet");
  room.show(some_photo(24, 24));
  const Json head{{"number", 0}, {"settings", {{"method", "fgsm"}}}};
  const Json found = room.ask("smallest", head).head.at("epsilon");
  REQUIRE(found.is_number());
  const int level = static_cast<int>(std::lround(255 * found.get<double>()));
  const auto works_at = [&](int levels) {
    return room
        .ask("attack",
             {{"number", 0}, {"settings", {{"method", "fgsm"}, {"epsilon", levels / 255.0}}}})
        .head.at("success")
        .get<bool>();
  };
  CHECK(works_at(level));
  if (level > 1) CHECK_FALSE(works_at(level - 1));
}

TEST_CASE("a curve begins at the photograph itself, and can be stopped between its points") {
  Room room;
  room.add(0, "resnet");
  room.show(some_photo(24, 24));
  const Json reading = room.ask("read", {{"number", 0}}).head.at("reading");
  room.ask("curve", {{"number", 0}, {"settings", {{"method", "fgsm"}}}});
  REQUIRE(room.answers.size() == 12);
  CHECK(room.answers[0].head.at("epsilon") == 0);
  CHECK(room.answers[0].head.at("label") == reading.at("guesses").at(0).at("probability"));
  CHECK(room.answers[0].head.at("best") == reading.at("guesses").at(1).at("probability"));
  room.answers.clear();
  room.studio.jobs().receive(
      {{{"kind", "curve"}, {"id", 99}, {"number", 0}, {"settings", Json::object()}}, {}});
  for (int i = 0; i < 3; ++i) room.studio.jobs().work();
  room.studio.jobs().receive({{{"kind", "stop"}, {"id", 99}}, {}});
  CHECK_FALSE(room.studio.jobs().busy());
  CHECK(room.answers.back().head.at("kind") == "stopped");
  CHECK(room.answers.size() == 3);
}

TEST_CASE("an adversary is shown to the other networks, of whatever size") {
  Room room;
  room.add(0, "resnet");
  room.add(1, "mobilenet_v2");
  room.show(some_photo(50, 50));
  const Message answer = room.ask(
      "attack",
      {{"number", 0}, {"settings", {{"epsilon", 16.0 / 255}}}, {"others", Json::array({1})}});
  const Json& other = answer.head.at("transfer").at(0);
  CHECK(other.at("number") == 1);
  const bool differs = other.at("original").at("best") != other.at("adversary").at("best");
  CHECK(other.at("fooled") == differs);
  CHECK_FALSE(room.error_of("attack", {{"number", 0}, {"settings", Json::object()}, {"others", 3}})
                  .empty());
}

TEST_CASE(
    "noise has the mean and deviation that are asked for, and is attacked like a photograph") {
  Room room;
  room.add(0, "resnet");
  const Message noise = room.ask("noise", {{"number", 0}, {"mean", 100}, {"deviation", 20}});
  REQUIRE(noise.body.size() == 4 * 24 * 24);
  double sum = 0, squares = 0;
  int n = 0;
  for (std::size_t i = 0; i < noise.body.size(); ++i) {
    if (i % 4 == 3) continue;
    sum += noise.body[i];
    squares += static_cast<double>(noise.body[i]) * noise.body[i];
    ++n;
  }
  const double mean = sum / n;
  CHECK(mean == Approx(100).margin(2));  // five deviations of the mean of 1,728 pixels
  CHECK(std::sqrt(squares / n - mean * mean) == Approx(20).margin(2));
  room.show({24, 24, noise.body}, true);
  CHECK(room.ask("attack", {{"number", 0}, {"settings", Json::object()}}).head.at("kind") ==
        "done");
  CHECK_FALSE(room.error_of("noise", {{"number", 0}, {"mean", 300}}).empty());
}

TEST_CASE("of what was cropped by hand nothing more is cut away") {
  const PhotoNetwork network =
      read_photo_network(golden_network("resnet"), "resnet", Json::object());
  const ColorPicture picture = some_photo(24, 24);
  const PhotoImage image = photo_image(network, picture, "a.png", true);
  for (int i = 0; i < 24 * 24; ++i) {
    for (int c = 0; c < 3; ++c) {
      const int level = picture.rgba[static_cast<std::size_t>(4 * i + c)];
      REQUIRE(image.pixels(0, 3 * i + c) == static_cast<float>(level) / 255);
    }
  }
  // A checkerboard of single pixels at the edge of a larger one is there only if it was not cut.
  ColorPicture framed = some_photo(48, 48);
  for (std::size_t i = 0; i < 48 * 4; ++i) framed.rgba[i] = 255;
  const auto top_mean = [&](bool cropped) {
    const PhotoImage seen = photo_image(network, framed, "a.png", cropped);
    return seen.pixels.leftCols(24 * 3).mean();
  };
  CHECK(top_mean(true) > top_mean(false));
}
