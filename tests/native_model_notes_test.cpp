// What is known of a network, said to the command: by options, a JSON beside it, and metadata; and
// images of any size for it.
#include "golden_files.h"
#include "paths.h"
#include "pictures/canvas.h"
#include "refusals.h"

using namespace inoculate;

namespace {

const std::string kNetwork = in_source("/tests/golden/onnx/mobilenet_v2.onnx");  // 24x24x3, 7
constexpr std::size_t kSize = 24 * 24 * 3;

// A colourful picture of 24 x 24 pixels, different for each number.
Canvas picture(int number) {
  Canvas canvas(24, 24, {40, 90, 200});
  canvas.fill_rect({2 + number, 5, 9, 12}, {250, 130, 20});
  canvas.fill_rect({10, 3 + number, 4, 15}, {10, 220, 60});
  return canvas;
}

// A folder with the network, two images of it in every form, and their names.
struct Scene {
  TemporaryFolder folder;
  std::string network;

  Scene() : network(folder / "net.onnx") {
    fs::copy_file(kNetwork, network);
    std::vector<float> last(2 * kSize), first(2 * kSize);
    for (std::size_t n = 0; n < 2; ++n) {
      const Canvas canvas = picture(static_cast<int>(n));
      write_whole_file(folder / std::to_string(n) + ".png", write_png(canvas));
      for (std::size_t p = 0; p < 576; ++p) {
        for (std::size_t c = 0; c < 3; ++c) {
          const float value = static_cast<float>(canvas.pixels()[3 * p + c]) / 255;
          last[n * kSize + 3 * p + c] = value;
          first[n * kSize + 576 * c + p] = value;
        }
      }
    }
    write_whole_file(folder / "last.npy", write_npy(last, {2, 24, 24, 3}));
    write_whole_file(folder / "first.npy", write_npy(first, {2, 3, 24, 24}));
    write_whole_file(folder / "names.txt", std::string("ant\nbee\ncat\ndog\neel\nfox\ngnu\n"));
  }
  Json top(const Arguments& more) const {
    const Json json = json_of(with({"predict", "--model", network, "--top", "7"}, more));
    Json all = Json::array();
    for (const Json& prediction : json.at("predictions")) all.push_back(prediction.at("top"));
    return all;
  }
  Json pictures(const Arguments& more = {}) const {
    return top(with(more, {folder / "0.png", folder / "1.png"}));
  }
  void say(const std::string& text) const { write_whole_file(folder / "net.json", text); }
};

}  // namespace

TEST_CASE("pictures and arrays of both layouts are the same images", "[command]") {
  const Scene scene;
  const Json pictures = scene.pictures();
  CHECK(pictures[0] != pictures[1]);
  CHECK(scene.top({"--images", scene.folder / "last.npy"}) == pictures);
  CHECK(scene.top({"--images", scene.folder / "first.npy"}) == pictures);
}

TEST_CASE("options and a JSON beside the model say the same, and options count first",
          "[command]") {
  const Scene scene;
  const Json plain = scene.pictures();
  const Json tf = scene.pictures({"--preprocess", "tf"});
  CHECK(tf != plain);
  CHECK(scene.pictures({"--mean", "0.5", "--std", "1/2"}) == tf);
  CHECK(scene.pictures({"--input-range=-1,1"}) == tf);
  const Json swapped = scene.pictures({"--channels", "bgr"});
  CHECK(swapped != plain);

  scene.say(R"({"preprocess": "tf"})");
  CHECK(scene.pictures() == tf);
  CHECK(scene.pictures({"--preprocess", "none"}) == plain);
  CHECK(scene.pictures({"--preprocess", "none", "--classes", scene.folder / "names.txt"})[0][0].at(
            "class") == plain[0][0].at("class"));
  scene.say(R"({"channels": "bgr"})");
  CHECK(scene.pictures() == swapped);
}

TEST_CASE("classes have names, of a file or of the JSON", "[command]") {
  const Scene scene;
  const std::vector<std::string> names{"ant", "bee", "cat", "dog", "eel", "fox", "gnu"};
  const auto check = [&](const Json& all) {
    for (const Json& guess : all[0]) CHECK(guess.at("name") == names[guess.at("class")]);
  };
  CHECK_FALSE(scene.pictures()[0][0].contains("name"));
  check(scene.pictures({"--classes", scene.folder / "names.txt"}));
  scene.say(R"({"classes": ["ant", "bee", "cat", "dog", "eel", "fox", "gnu"]})");
  check(scene.pictures());
}

TEST_CASE("the folders of pictures are classes by name, by number, or in their order",
          "[command]") {
  const Scene scene;
  const auto set = [&](const std::string& name, const std::vector<std::string>& folders) {
    for (std::size_t i = 0; i < folders.size(); ++i) {
      const fs::path folder = fs::path(scene.folder / name) / folders[i];
      fs::create_directories(folder);
      write_whole_file((folder / (std::to_string(i) + ".png")).string(),
                       write_png(picture(static_cast<int>(i))));
    }
    return scene.folder / name;
  };
  const auto labels = [&](const std::string& folder, const Arguments& more) {
    const Json json =
        json_of(with({"predict", "--model", scene.network, "--images", folder}, more));
    std::vector<int> all;
    for (const Json& prediction : json.at("predictions")) all.push_back(prediction.at("label"));
    return all;
  };
  const Arguments named{"--classes", scene.folder / "names.txt"};
  CHECK(labels(set("names", {"Fox", "bee"}), named) == std::vector<int>{5, 1});
  CHECK(labels(set("numbers", {"6", "2"}), named) == std::vector<int>{6, 2});
  CHECK(labels(set("order", {"q", "w", "e", "r", "t", "y", "u"}), {}) ==
        std::vector<int>{1, 5, 0, 2, 3, 6, 4});
  check_refused(scene.folder,
                {"predict", "--model", scene.network, "--images", set("others", {"fox", "yak"}),
                 "--classes", scene.folder / "names.txt"},
                1, {"others", "'fox'", "7 classes", "--labels"});
}

TEST_CASE("a bad word about a network is refused in one line", "[command]") {
  const Scene scene;
  const auto predict = [&](const Arguments& more) {
    return with({"predict", "--model", scene.network, scene.folder / "0.png"}, more);
  };
  const auto refused = [&](const Arguments& more, int code, const std::vector<std::string>& words) {
    check_refused(scene.folder, predict(more), code, words);
  };
  refused({"--preprocess", "keras"}, 2, {"--preprocess keras", "none, torch, caffe or tf"});
  refused({"--mean", "0.5,x"}, 2, {"--mean 0.5,x", "'x'", "not a number"});
  refused({"--mean", ""}, 2, {"--mean"});
  refused({"--std", "0"}, 2, {"--std 0", "above 0"});
  refused({"--input-range", "1,0"}, 2, {"--input-range 1,0", "lower one first"});
  refused({"--channels", "grb"}, 2, {"--channels grb", "rgb or bgr"});
  refused({"--resize", "0"}, 2, {"--resize 0", "1 to 16384"});
  refused({"--interpolation", "nearest"}, 2, {"--interpolation nearest", "bicubic"});
  refused({"--preprocess", "tf", "--mean", "1"}, 2, {"--preprocess", "--mean"});
  refused({"--mean", "1,2"}, 1, {"net.onnx", "mean of 2 numbers", "3 channels"});
  refused({"--resize", "23"}, 1, {"net.onnx", "24 x 24", "resize to 24 or more"});
  refused({"--classes", scene.folder / "none.txt"}, 1, {"none.txt"});
  write_whole_file(scene.folder / "two.txt", std::string("a\nb\n"));
  refused({"--classes", scene.folder / "two.txt"}, 1, {"7 classes", "2 names"});
  write_whole_file(scene.folder / "gap.txt", std::string("a\n\nb\n"));
  refused({"--classes", scene.folder / "gap.txt"}, 1, {"gap.txt", "class 1"});
  scene.say("{\"mean\": 0.5");
  refused({}, 1, {"net.json, which lies beside the model: is not JSON from byte"});
  scene.say(R"({"scale": 2})");
  refused({}, 1, {"net.json", "unknown key 'scale'", "input_range"});
}

TEST_CASE("no output may be what is known of the network", "[command]") {
  const Scene scene;
  scene.say("{}");
  const Arguments predict{"predict", "--model", scene.network, scene.folder / "0.png"};
  check_refused(scene.folder, with(predict, {"--logits", scene.folder / "net.json"}), 2,
                {"--logits", "net.json"});
  check_refused(scene.folder,
                with(predict, {"--classes", scene.folder / "names.txt", "--logits",
                               scene.folder / "names.txt"}),
                2, {"--logits", "--classes"});
}

TEST_CASE("images that are not such as the network takes are refused", "[command]") {
  const Scene scene;
  const auto refused = [&](const std::string& images, const std::vector<std::string>& words) {
    check_refused(scene.folder, {"predict", "--model", scene.network, "--images", images}, 1,
                  words);
  };
  write_whole_file(scene.folder / "grey.npy", write_npy(std::vector<float>(2 * 576), {2, 24, 24}));
  refused(scene.folder / "grey.npy", {"[2, 24, 24]", "[N, 24, 24, 3] or [N, 3, 24, 24]"});
  check_refused(scene.folder, {"predict", "--model", scene.network, "--data", small_data()}, 1,
                {"28x28 pixels, not 24x24x3"});
}

TEST_CASE("a model's JSON beside the network that was made of it is no note", "[command]") {
  const Scene scene;
  const Json plain = scene.pictures();
  const Bytes model = golden_file("sklearn/svm.json");
  scene.say(std::string(model.begin(), model.end()));
  CHECK(scene.pictures() == plain);
}
