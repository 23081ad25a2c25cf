// inoculate attack as users run it.
#include <algorithm>
#include <cmath>

#include "attack/registry.h"
#include "catch.h"
#include "model/network_classifier.h"
#include "native/png.h"
#include "refusals.h"
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

TEST_CASE("a target leaves out its own images, and success is of those read rightly", "[command]") {
  const Dataset images = small_test();
  const auto of_target = std::count(images.labels.begin(), images.labels.end(), 8);
  REQUIRE(of_target > 5);
  const TemporaryFolder folder;
  const std::string out = folder / "adversaries.npy";
  const Json none = json_of(fgsm({"--count", "0", "--epsilon", "0", "--target", "8"}));
  const Json some =
      json_of(fgsm({"--count", "0", "--epsilon", "0.15", "--target", "8", "--out", out}));
  for (const Json& json : {none, some}) {
    CHECK(json.at("target") == 8);
    CHECK(json.at("left_out") == of_target);
    CHECK(json.at("n") == kSmallTest - of_target);
    check_evaluation(json.at("clean"), static_cast<int>(kSmallTest - of_target));
    CHECK(json.at("success_rate") == json.at("success").at("rate"));
    CHECK(json.at("stored_success_rate") == json.at("stored_success").at("rate"));
  }
  // Without a change there is no success, not even where an image is misread as the target.
  CHECK(none.at("success_rate") == 0);
  CHECK(none.at("success").at("n").get<double>() ==
        Approx(none.at("clean_accuracy").get<double>() * none.at("n").get<double>()));
  CHECK(some.at("success_rate").get<double>() > 0.2);

  // Counted by hand from the adversaries that were written.
  const Network network = network_of(
      parse_safetensors(read_whole_file(golden_model()), golden_model()), golden_model());
  const std::vector<float> adversaries = read_npy(out).floats();
  REQUIRE(adversaries.size() == kSmallTest * 784U);
  Matrix before(kSmallTest, 784), after(kSmallTest, 784);
  for (std::size_t i = 0; i < adversaries.size(); ++i) {
    before.data()[i] = pixel(images, i);
    after.data()[i] = adversaries[i];
  }
  const Labels was = most_likely(NetworkClassifier(network).logits(before));
  const Labels is = most_likely(NetworkClassifier(network).logits(after));
  int right = 0, successes = 0;
  for (std::size_t i = 0; i < was.size(); ++i) {
    const auto row = static_cast<Eigen::Index>(i);
    if (images.labels[i] == 8) {
      CHECK(after.row(row) == before.row(row));
      continue;
    }
    right += was[i] == images.labels[i];
    successes += was[i] == images.labels[i] && is[i] == 8;
  }
  CHECK(some.at("success").at("n") == right);
  CHECK(some.at("success").at("count") == successes);
  const auto interval = some.at("success").at("interval").get<std::vector<double>>();
  CHECK(interval[0] < static_cast<double>(successes) / right);
  CHECK(interval[1] > static_cast<double>(successes) / right);

  CHECK_FALSE(json_of(fgsm({"--count", "10"})).contains("target"));
  const std::string text = run_well(fgsm({"--count", "0", "--target", "8"})).out;
  CHECK(contains(text, std::to_string(of_target) + " images whose label is the target"));
  CHECK(contains(text, "read correctly before"));
}

TEST_CASE("an untargeted success is an image read rightly before and wrongly now", "[command]") {
  const Json json = json_of(fgsm({"--count", "0", "--epsilon", "0.1"}));
  CHECK(json.at("left_out") == 0);
  const double n = json.at("n").get<double>();
  CHECK(json.at("success").at("n").get<double>() ==
        Approx(n * json.at("clean_accuracy").get<double>()));
  const Json nothing = json_of(fgsm({"--count", "0", "--epsilon", "0"}));
  CHECK(nothing.at("clean_accuracy").get<double>() < 1);
  CHECK(nothing.at("success").at("count") == 0);
}

TEST_CASE("pictures have an accuracy only where --label gives their classes", "[command]") {
  const TemporaryFolder folder;
  const Dataset images = small_test();
  Arguments arguments{"attack", "fgsm", "--model", golden_model(), "--epsilon", "0.1"};
  std::string classes;
  for (std::size_t i = 0; i < 4; ++i) {
    GreyImage digit{28, 28, {}};
    digit.pixels.assign(images.pixels.begin() + static_cast<std::ptrdiff_t>(784 * i),
                        images.pixels.begin() + static_cast<std::ptrdiff_t>(784 * (i + 1)));
    Canvas canvas(28, 28, {0, 0, 0});
    canvas.blit(digit, {0, 0, 28, 28});
    const std::string path = folder / (std::to_string(i) + ".png");
    write_whole_file(path, write_png(canvas));
    arguments.push_back(path);
    classes += (i > 0 ? ", " : "") + std::to_string(images.labels[i]);
  }
  const auto accuracies = {"clean_accuracy", "adversarial_accuracy", "stored_accuracy",
                           "clean",          "adversarial",          "stored"};
  const Json unlabelled = json_of(arguments);
  CHECK(unlabelled.at("labelled") == false);
  CHECK(unlabelled.at("success").at("n") == 4);
  for (const char* key : accuracies) CHECK_FALSE(unlabelled.contains(key));
  const std::string text = run_well(arguments).out;
  CHECK(contains(text, "changed reading"));
  CHECK_FALSE(contains(text, "accuracy"));

  const Json labelled = json_of(with(arguments, {"--label", classes}));
  CHECK(labelled.at("labelled") == true);
  CHECK(labelled.at("clean_accuracy") == 1);
  CHECK(labelled.at("success") == unlabelled.at("success"));
  // Of wrong classes none is read, so none is an attack's success.
  std::string wrong;
  for (std::size_t i = 0; i < 4; ++i) {
    wrong += (i > 0 ? "," : "") + std::to_string((images.labels[i] + 1) % 10);
  }
  const Json misread = json_of(with(arguments, {"--label", wrong}));
  CHECK(misread.at("clean_accuracy") == 0);
  CHECK_FALSE(misread.contains("warnings"));  // a few pictures are no data set
  CHECK(misread.at("success").at("n") == 0);
  CHECK(misread.at("success_rate").is_null());
  CHECK(contains(run_well(with(arguments, {"--label", wrong})).out, "no image was read correctly"));
  // One class for all.
  const Json one = json_of(with(arguments, {"--label", std::to_string(images.labels[0])}));
  const auto same = std::count(images.labels.begin(), images.labels.begin() + 4, images.labels[0]);
  CHECK(one.at("clean_accuracy").get<double>() == Approx(static_cast<double>(same) / 4));
  const Arguments single{"attack", "fgsm", "--model", golden_model(), folder / "0.png"};
  const std::string own = std::to_string(images.labels[0]);
  check_refused(folder, with(single, {"--target", own}), 2, {"--target " + own, "nothing"});
  check_refused(folder, with(arguments, {"--label", "1,2"}), 2, {"2 classes", "4 pictures"});
  check_refused(folder, with(single, {"--label", "10"}), 2, {"--label", "10", "0 to 9"});
  check_refused(folder, with(single, {"--label", "seven"}), 2, {"--label", "seven", "0 to 9"});
  check_refused(folder, with(single, {"--label", "1.5"}), 2, {"--label", "1.5", "0 to 9"});
  // Nor has an array without labels an accuracy.
  run_well(fgsm({"--count", "5", "--out", folder / "five.npy"}));
  const Json array =
      json_of({"attack", "fgsm", "--model", golden_model(), "--images", folder / "five.npy"});
  CHECK(array.at("labelled") == false);
  for (const char* key : accuracies) CHECK_FALSE(array.contains(key));
  // A data set whose labels the model does not know is refused before it is attacked.
  const TemporaryFolder letters;
  Dataset unknown = small_test();
  unknown.labels[3] = 26;
  write_split(letters.path().string(), "t10k", unknown);
  check_refused(folder,
                {"attack", "pgd", "--data", letters.path().string(), "--model", golden_model()}, 1,
                {"26", "10 classes"});
  check_refused(folder, fgsm({"--label", "1"}), 2, {"--label", "pictures"});
  check_refused(folder, fgsm({"--target", "10"}), 2, {"--target 10", "0 to 9"});
  check_refused(folder, fgsm({"--target", "-1"}), 2, {"--target -1", "0 to 9"});
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
  const Labels read = most_likely(NetworkClassifier(network).logits(stored));
  const Dataset images = small_test();
  Matrix clean(60, 784);
  for (std::size_t i = 0; i < adversaries.size(); ++i) clean.data()[i] = pixel(images, i);
  const Labels before = most_likely(NetworkClassifier(network).logits(clean));
  int right = 0, of = 0, fooled = 0;
  for (std::size_t i = 0; i < read.size(); ++i) {
    right += read[i] == images.labels[i];
    of += before[i] == images.labels[i];
    fooled += before[i] == images.labels[i] && read[i] != images.labels[i];
  }
  CHECK(json.at("stored_accuracy").get<double>() == Approx(right / 60.0));
  CHECK(json.at("stored_success").at("n") == of);
  CHECK(json.at("stored_success").at("count") == fooled);
  // DeepFool stops at the boundary: rounding takes many of its adversaries back.
  CHECK(json.at("adversarial_accuracy").get<double>() < 0.05);
  CHECK(right > 10);
  CHECK(contains(run_well(deepfool).out, "as 8-bit pictures"));
}

TEST_CASE("--quantise makes adversaries that hold as pictures", "[command]") {
  const TemporaryFolder folder;
  const std::string out = folder / "adversaries.npy";
  for (const auto& [name, more] : std::vector<std::pair<std::string, Arguments>>{
           {"deepfool", {"--norm", "l2"}},
           {"fgsm", {"--epsilon", "0.1"}},
           {"square", {"--epsilon", "0.2", "--queries", "100"}},
           {"jsma", {}}}) {
    CAPTURE(name);
    Arguments arguments = with(golden("attack"), {"--count", "40"});
    arguments.insert(arguments.begin() + 1, name);
    arguments = with(arguments, more);
    const Json json = json_of(with(arguments, {"--quantise", "--out", out}));
    CHECK(json.at("stored") == json.at("adversarial"));
    CHECK(json.at("stored_success") == json.at("success"));
    const Json& kept = json.at("kept_on_levels");
    CHECK(kept.at("n") > 5);
    CHECK(kept.at("count").get<double>() >= 0.97 * kept.at("n").get<double>());  // of 40 at most
    const NpyArray array = read_npy(out);
    for (const float x : array.floats()) {
      const double level = 255 * static_cast<double>(x);
      if (std::abs(level - std::round(level)) > 1e-4) {
        FAIL("a pixel is no level: " << x);
      }
    }
    if (name == "square") {
      // A black box cannot win back what rounding takes, so its epsilon is one of whole levels.
      CHECK(json.at("perturbation").at("linf_largest").get<double>() == Approx(51.0 / 255));
    }
    const Json plain = json_of(arguments);
    CHECK_FALSE(plain.contains("kept_on_levels"));
    CHECK(json.at("success_rate").get<double>() >= plain.at("success_rate").get<double>() - 0.03);
  }
  check_refused(folder, fgsm({"--quantise", "--no-clip"}), 2, {"--quantise", "--no-clip"});
  check_refused(folder, fgsm({"--quantise", "--epsilon", "0.003"}), 2, {"--quantise", "0.003"});
  const CommandResult said = run_well(fgsm({"--count", "20", "--quantise", "--epsilon", "0.1"}));
  CHECK(contains(said.out, "kept on 256 levels"));
  CHECK(contains(said.err, "pixels on levels can use 25/255"));
  CHECK(run_well(fgsm({"--count", "20", "--quantise", "--epsilon", "8/255"})).err.empty());
}

TEST_CASE("--confidence is aimed for, or its help says that it is not", "[command]") {
  Arguments cw = with(golden("attack"), {"--count", "12", "--steps", "400"});
  cw.insert(cw.begin() + 1, "cw");
  const Json sure = json_of(with(cw, {"--confidence", "0.99"}));
  CHECK(sure.at("success_rate").get<double>() >= 0.95);
  CHECK(sure.at("adversarial_accuracy").get<double>() <= 0.05);
  CHECK(sure.at("perturbation").at("l2_mean").get<double>() >
        json_of(cw).at("perturbation").at("l2_mean").get<double>());
  for (const AttackMethod& method : attack_methods()) {
    const std::string help = run_well({"attack", method.name, "--help"}).out;
    CAPTURE(method.name);
    const bool offered = contains(help, "\n  --confidence ");
    CHECK(offered == (method.heeds(kConfidenceBit) || method.heeds(kConfidenceFilterBit)));
    CHECK(contains(help, "cannot aim for it") == method.heeds(kConfidenceFilterBit));
  }
  // Who sees the class alone cannot know how sure the model is.
  CHECK_FALSE(find_attack("nes-label")->heeds(kConfidenceBit));
  Arguments universal = with(golden("attack"), {"--count", "20", "--confidence", "0.9"});
  universal.insert(universal.begin() + 1, "universal");
  CHECK(contains(run_well(universal).out, "confidence 0.9 (not aimed for)"));
}
