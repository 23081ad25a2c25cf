// inoculate attack as users run it.
#include <algorithm>
#include <cmath>

#include "attack/registry.h"
#include "catch.h"
#include "command_checks.h"
#include "native/png.h"
#include "nn/inference.h"
#include "train/model_file.h"

using namespace inoculate;

TEST_CASE("attack's adversaries keep to epsilon and to the range of pixels", "[command]") {
  const TemporaryFolder folder;
  const std::string out = folder / "adversaries.npy";
  const Json json = json_of(fgsm({"--start", "30", "--count", "50", "--epsilon", "0.1", "--out",
                                  out, "--sheet", folder / "sheet.png"}));
  CHECK(json.at("attack") == "fgsm");
  CHECK(json.at("n") == 50);
  check_evaluation(json.at("clean"), 50);
  check_evaluation(json.at("adversarial"), 50);
  CHECK(json.at("clean_accuracy") == json.at("clean").at("accuracy"));
  CHECK(json.at("adversarial_accuracy") == json.at("adversarial").at("accuracy"));
  CHECK(json.at("clean_accuracy").get<double>() >
        json.at("adversarial_accuracy").get<double>() + 0.4);

  const NpyArray array = read_npy(out);
  CHECK(array.shape == std::vector<std::int64_t>{50, 28, 28, 1});
  const std::vector<float>& adversaries = array.floats();
  const Dataset images = small_test();
  float largest = 0;
  for (std::size_t i = 0; i < adversaries.size(); ++i) {
    largest = std::max(largest, std::abs(adversaries[i] - pixel(images, 30 * 784 + i)));
  }
  CHECK(largest <= 0.1F + 1e-6F);
  CHECK(largest > 0.0999F);
  CHECK(*std::min_element(adversaries.begin(), adversaries.end()) >= 0);
  CHECK(*std::max_element(adversaries.begin(), adversaries.end()) <= 1);
  CHECK(json.at("perturbation").at("linf_largest").get<double>() == Approx(largest));

  const std::string sheet = folder / "sheet.png";
  const ColorPicture picture = read_png(read_whole_file(sheet), sheet);
  CHECK(picture.width > 300);
  CHECK(picture.height > 300);
}

TEST_CASE("--no-clip leaves the range of pixels and fools more often", "[command]") {
  const TemporaryFolder folder;
  const std::string out = folder / "adversaries.npy";
  const Json json = json_of(
      fgsm({"--count", "100", "--epsilon", "0.1", "--loss", "mse", "--no-clip", "--out", out}));
  const NpyArray array = read_npy(out);
  const std::vector<float>& adversaries = array.floats();
  CHECK(*std::min_element(adversaries.begin(), adversaries.end()) == Approx(-0.1));
  CHECK(*std::max_element(adversaries.begin(), adversaries.end()) == Approx(1.1));
  CHECK(json.at("adversarial_accuracy").get<double>() <
        json_of(fgsm({"--count", "100"})).at("adversarial_accuracy").get<double>());
}

TEST_CASE("attack --list names every attack, and each has help", "[command]") {
  const auto lines = lines_of(run_well({"attack", "--list"}).out);
  REQUIRE(lines.size() == attack_methods().size() + 2);
  for (std::size_t i = 0; i < attack_methods().size(); ++i) {
    const std::string name = attack_methods()[i].name;
    CAPTURE(name);
    CHECK(lines[i + 2].starts_with(name + " "));
    // Words stand to the left of their columns.
    CHECK(lines[i + 2].find(attack_methods()[i].paper) == lines[0].find("paper"));
    CHECK(lines[i + 2].substr(lines[0].find("what it does")) == attack_methods()[i].title);
    CHECK(contains(run_well({"attack", name, "--help"}).out, "Usage: inoculate attack " + name));
  }
}

TEST_CASE("PGD fools more often than one step, and says what it cost", "[command]") {
  const Arguments rest = {"--data",      small_data(), "--model",   golden_model(),
                          "--count",     "50",         "--steps",   "10",
                          "--step-size", "0.02",       "--epsilon", "0.1"};
  const Json pgd = json_of(with({"attack", "pgd"}, rest));
  const Json one_step = json_of(fgsm({"--count", "50", "--epsilon", "0.1"}));
  CHECK(pgd.at("adversarial_accuracy") < one_step.at("adversarial_accuracy"));
  CHECK(pgd.at("gradient_calls") == 10);
  CHECK(one_step.at("gradient_calls") == 1);
  CHECK(pgd.at("perturbation").at("linf_largest") <= 0.1 + 1e-6);
}

TEST_CASE("an image of a data set has the same adversary wherever the command starts",
          "[command]") {
  const TemporaryFolder folder;
  const std::string out = folder / "adversaries.npy";
  for (const Arguments& method :
       {Arguments{"pgd", "--steps", "3"}, {"square", "--queries", "30"}}) {
    CAPTURE(method);
    const auto adversaries_of = [&](const char* start, const char* count) {
      const Arguments attack = with({"attack"}, method);
      run_well(with(attack, {"--data", small_data(), "--model", golden_model(), "--epsilon", "0.05",
                             "--start", start, "--count", count, "--out", out}));
      return read_npy(out).floats();
    };
    const std::vector<float> ten = adversaries_of("0", "10");
    const std::vector<float> last = adversaries_of("7", "3");
    CHECK(std::equal(last.begin(), last.end(), ten.begin() + 7 * 784));
    CHECK(std::equal(last.begin(), last.begin() + 784, adversaries_of("7", "1").begin()));
  }
}

TEST_CASE("An epsilon of 0 changes nothing", "[command]") {
  const TemporaryFolder folder;
  const std::string out = folder / "adversaries.npy";
  const Json json = json_of(fgsm({"--count", "20", "--epsilon", "0", "--out", out}));
  CHECK(json.at("clean_accuracy") == json.at("adversarial_accuracy"));
  const Dataset images = small_test();
  const NpyArray array = read_npy(out);
  const std::vector<float>& adversaries = array.floats();
  bool same = true;
  for (std::size_t i = 0; i < adversaries.size(); ++i) {
    same = same && adversaries[i] == pixel(images, i);
  }
  CHECK(same);
}

TEST_CASE("--target makes the model read that class more often", "[command]") {
  const Json none = json_of(fgsm({"--count", "100", "--epsilon", "0", "--target", "8"}));
  const Json some = json_of(fgsm({"--count", "100", "--epsilon", "0.15", "--target", "8"}));
  CHECK(some.at("target") == 8);
  CHECK(some.at("target_rate").get<double>() > none.at("target_rate").get<double>() + 0.2);
  CHECK_FALSE(json_of(fgsm({"--count", "10"})).contains("target"));
}

TEST_CASE("attack tells what is left of its success once adversaries are pictures", "[command]") {
  const TemporaryFolder folder;
  const std::string out = folder / "adversaries.npy";
  const Arguments arguments = with(golden("attack"), {"--count", "60", "--out", out});
  Arguments deepfool = arguments;
  deepfool.insert(deepfool.begin() + 1, "deepfool");
  const Json json = json_of(with(deepfool, {"--norm", "l2"}));
  check_evaluation(json.at("stored"), 60);
  CHECK(json.at("stored_accuracy") == json.at("stored").at("accuracy"));

  // Rounded by hand to the levels k / 255, and read by the network in the plain way.
  Matrix stored(60, 784);
  const std::vector<float> adversaries = read_npy(out).floats();
  for (std::size_t i = 0; i < adversaries.size(); ++i) {
    stored.data()[i] =
        static_cast<float>(std::floor(255 * static_cast<double>(adversaries[i]) + 0.5) / 255);
  }
  const Network network = network_of(
      parse_safetensors(read_whole_file(golden_model()), golden_model()), golden_model());
  const Labels read = most_likely(predict_logits(network, stored));
  const Dataset images = small_test();
  int right = 0;
  for (std::size_t i = 0; i < read.size(); ++i) right += read[i] == images.labels[i];
  CHECK(json.at("stored_accuracy").get<double>() == Approx(right / 60.0));
  CHECK(json.at("stored_success_rate").get<double>() == Approx(1 - right / 60.0));
  // DeepFool stops at the boundary: rounding takes many of its adversaries back.
  CHECK(json.at("adversarial_accuracy").get<double>() < 0.05);
  CHECK(right > 10);
  CHECK(contains(run_well(deepfool).out, "as 8-bit pictures"));
}
