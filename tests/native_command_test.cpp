// The sub-commands as users run them: what they print, what they write, and that they agree.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <sstream>

#include "attack/registry.h"
#include "catch.h"
#include "data/npy.h"
#include "native/png.h"
#include "run_command.h"

using namespace inoculate;
namespace fs = std::filesystem;

namespace {

using Json = nlohmann::json;
using Arguments = std::vector<std::string>;

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

Arguments with(Arguments arguments, const Arguments& more) {
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

/// Runs a command that must succeed.
CommandResult run_well(const Arguments& arguments, const CommandSettings& settings = {}) {
  CommandResult result = run_command(arguments, settings);
  INFO(result.err);
  REQUIRE(result.signal == 0);
  REQUIRE(result.exit_code == 0);
  return result;
}

/// The one JSON object on one line that is all of a run's stdout.
Json json_of(const Arguments& arguments) {
  const CommandResult result = run_well(with(arguments, {"--json"}));
  INFO(result.out);
  CHECK(lines_of(result.out).size() == 1);
  CHECK(result.out.ends_with("}\n"));
  return Json::parse(result.out);
}

/// n, loss, accuracy and its interval, which must make sense together.
void check_evaluation(const Json& json, int n) {
  INFO(json);
  CHECK(json.at("n") == n);
  CHECK(json.at("loss").get<double>() >= 0);
  const auto accuracy = json.at("accuracy").get<double>();
  const auto interval = json.at("accuracy_interval").get<std::vector<double>>();
  REQUIRE(interval.size() == 2);
  CHECK(0 <= interval[0]);
  CHECK(interval[0] <= accuracy);
  CHECK(accuracy <= interval[1]);
  CHECK(interval[1] <= 1);
}

Arguments train(const std::string& out, const Arguments& more) {
  return with({"train", "--data", small_data(), "--train-range", "0:512", "--out", out}, more);
}

Arguments golden(const std::string& command) {
  return {command, "--data", small_data(), "--model", golden_model()};
}

Arguments fgsm(const Arguments& more) {
  return with({"attack", "fgsm", "--data", small_data(), "--model", golden_model()}, more);
}

/// The values of two files of weights, tensor by tensor, bit by bit.
bool same_weights(const std::string& a, const std::string& b) {
  const Safetensors left = parse_safetensors(read_whole_file(a), a);
  const Safetensors right = parse_safetensors(read_whole_file(b), b);
  return std::equal(left.tensors.begin(), left.tensors.end(), right.tensors.begin(),
                    right.tensors.end(), [](const NamedTensor& x, const NamedTensor& y) {
                      return x.name == y.name && x.shape == y.shape && x.values == y.values;
                    });
}

NpyArray read_npy(const std::string& path) { return parse_npy(read_whole_file(path), path); }

/// Pixel p of the small test images as the network sees it.
float pixel(const Dataset& images, std::size_t p) {
  return static_cast<float>(images.pixels[p] / 255.0);
}

}  // namespace

TEST_CASE("Help says what there is and succeeds, for every sub-command", "[command]") {
  const CommandResult all = run_well({"--help"});
  CHECK(all.err.empty());
  CHECK(contains(all.out, "Exit codes: 0 success; 1 "));
  const std::vector<Arguments> commands = {
      {"train"},     {"evaluate"},          {"predict"},    {"attack"},    {"attack", "fgsm"},
      {"fine-tune"}, {"adversarial-train"}, {"robustness"}, {"reproduce"}, {"bench"}};
  for (const Arguments& command : commands) {
    INFO(command.back());
    const CommandResult help = run_well(with(command, {"--help"}));
    CHECK(help.err.empty());
    CHECK(contains(help.out, "Usage: inoculate"));
    CHECK(contains(help.out, "--help"));
    if (command.size() == 1) CHECK(contains(all.out, "  " + command[0] + " "));
    if (command != Arguments{"attack"}) {
      for (const char* option : {"--json", "--seed", "--threads"}) {
        CHECK(contains(help.out, option));
      }
    }
  }
}

TEST_CASE("--version names the build in one line", "[command]") {
  const CommandResult version = run_well({"--version"});
  CHECK(version.err.empty());
  CHECK(lines_of(version.out).size() == 1);
  CHECK(contains(version.out, "inoculate"));
  CHECK(contains(version.out, "thread"));
}

TEST_CASE("train writes weights that evaluate reads, and a log", "[command]") {
  const TemporaryFolder folder;
  const std::string weights = folder / "weights.safetensors";
  const Json trained = json_of(train(weights, {"--epochs", "2", "--log", folder / "log.csv"}));
  check_evaluation(trained, kSmallTest);
  CHECK(trained.at("out") == weights);
  CHECK(trained.at("epochs") == 2);
  CHECK(trained.at("train_n") == 512);
  CHECK(trained.at("training_seconds").get<double>() > 0);
  CHECK(trained.at("seconds_per_epoch").get<double>() ==
        Approx(trained.at("training_seconds").get<double>() / 2));

  const Json evaluated = json_of({"evaluate", "--data", small_data(), "--model", weights});
  for (const char* key : {"n", "loss", "accuracy", "accuracy_interval"}) {
    CHECK(evaluated.at(key) == trained.at(key));
  }

  const Bytes log = read_whole_file(folder / "log.csv");
  const auto lines = lines_of({log.begin(), log.end()});
  REQUIRE(lines.size() == 3);
  CHECK(lines[0] == "epoch,loss,accuracy,validation_loss,validation_accuracy,seconds");
  for (std::size_t epoch = 1; epoch <= 2; ++epoch) {
    INFO(lines[epoch]);
    double loss = 0, accuracy = 0, validation_loss = 0, validation_accuracy = 0, seconds = 0;
    std::size_t number = 0;
    CHECK(std::sscanf(lines[epoch].c_str(), "%zu,%lf,%lf,%lf,%lf,%lf", &number, &loss, &accuracy,
                      &validation_loss, &validation_accuracy, &seconds) == 6);
    CHECK(number == epoch);
    CHECK(loss > 0);
    CHECK(accuracy > 0);
    CHECK(seconds > 0);
    if (epoch == 2) {
      CHECK(validation_loss == Approx(trained.at("loss").get<double>()).margin(1e-6));
      CHECK(validation_accuracy == Approx(trained.at("accuracy").get<double>()).margin(1e-6));
    }
  }
  // Nothing else is left: no temporary file, no checkpoint.
  CHECK(folder.content().size() == 2);
}

TEST_CASE("The same seed gives the same weights, byte for byte, for any number of threads",
          "[command]") {
  const TemporaryFolder folder;
  const auto weights_of = [&](const char* seed, const char* threads) {
    run_well(train(folder / "weights", {"--epochs", "1", "--seed", seed, "--threads", threads}));
    return read_whole_file(folder / "weights");
  };
  const Bytes one = weights_of("5", "1");
  CHECK(one == weights_of("5", "1"));
  CHECK(one == weights_of("5", "2"));
  const std::string first = folder / "first";
  write_whole_file(first, one);
  weights_of("6", "2");
  CHECK_FALSE(same_weights(first, folder / "weights"));
}

TEST_CASE("A run stopped by Ctrl-C says how to go on, and ends as if it had not been stopped",
          "[command]") {
  const TemporaryFolder folder;
  const Arguments run = {"--epochs", "6", "--seed", "3"};
  run_well(train(folder / "whole", run));
  CommandSettings settings;
  settings.interrupt_at = "epoch 1/6  loss";
  SECTION("by its own checkpoint") {
    const std::string out = folder / "parts";
    const CommandResult stopped = run_command(train(out, run), settings);
    CHECK(stopped.signal == 0);
    CHECK(stopped.exit_code == 130);
    CHECK(stopped.out.empty());
    CHECK_FALSE(fs::exists(out));
    REQUIRE(fs::exists(out + ".checkpoint"));
    const std::string last = lines_of(stopped.err).back();
    INFO(last);
    CHECK(last.starts_with("inoculate: interrupted"));
    CHECK_FALSE(contains(stopped.err, "epoch 6/6"));

    // The advice is followed to the letter.
    const std::string advice = "inoculate train ";
    const std::size_t at = last.find(advice);
    REQUIRE(at != std::string::npos);
    std::istringstream words(last.substr(at + advice.size()));
    Arguments resume = {"train", "--data", small_data()};
    for (std::string word; words >> word;) resume.push_back(word);
    run_well(resume);
    CHECK(read_whole_file(out) == read_whole_file(folder / "whole"));
  }
  SECTION("by --checkpoint, on other threads, with a log of the whole run") {
    const std::string checkpoint = folder / "checkpoint";
    const CommandResult stopped = run_command(
        train(folder / "parts", with(run, {"--checkpoint", checkpoint, "--threads", "1"})),
        settings);
    CHECK(stopped.exit_code == 130);
    CHECK(contains(stopped.err, "--resume " + checkpoint));
    CHECK_FALSE(fs::exists(folder / "parts.checkpoint"));
    run_well({"train", "--data", small_data(), "--resume", checkpoint, "--out", folder / "parts",
              "--log", folder / "log.csv", "--threads", "2"});
    CHECK(read_whole_file(folder / "parts") == read_whole_file(folder / "whole"));
    const Bytes log = read_whole_file(folder / "log.csv");
    CHECK(lines_of({log.begin(), log.end()}).size() == 7);
  }
}

TEST_CASE("A finished run's checkpoint resumes to the same weights", "[command]") {
  const TemporaryFolder folder;
  run_well(train(folder / "first", {"--epochs", "1", "--checkpoint", folder / "checkpoint"}));
  const CommandResult again = run_well({"train", "--data", small_data(), "--resume",
                                        folder / "checkpoint", "--out", folder / "second"});
  CHECK(again.err.empty());
  CHECK(read_whole_file(folder / "first") == read_whole_file(folder / "second"));
}

TEST_CASE("Progress without a terminal is a plain line an epoch", "[command]") {
  const TemporaryFolder folder;
  CommandSettings settings;
  settings.environment["TERM"] = "xterm-256color";
  const CommandResult result = run_well(train(folder / "weights", {"--epochs", "2"}), settings);
  const auto lines = lines_of(result.err);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].starts_with("epoch 1/2  loss "));
  CHECK(lines[1].starts_with("epoch 2/2  loss "));
  CHECK(contains(lines[0], "accuracy"));
  CHECK(contains(lines[0], "validation"));
  for (const std::string* text : {&result.err, &result.out}) {
    CHECK(text->find('\x1b') == std::string::npos);
    CHECK(text->find('\r') == std::string::npos);
  }
  CHECK(contains(result.out, "test accuracy"));
  CHECK(contains(result.out, folder / "weights"));
}

TEST_CASE("evaluate counts every image once, and fewer with --count", "[command]") {
  const Json all = json_of(golden("evaluate"));
  check_evaluation(all, kSmallTest);
  CHECK(all.at("accuracy").get<double>() > 0.95);
  int sum = 0, right = 0;
  for (std::size_t label = 0; label < 10; ++label) {
    int of_label = 0;
    for (std::size_t guess = 0; guess < 10; ++guess) {
      of_label += all.at("confusion").at(label).at(guess).get<int>();
    }
    const Json& scores = all.at("classes").at(label);
    CHECK(scores.at("label") == label);
    CHECK(scores.at("n") == of_label);
    CHECK(scores.at("recall").get<double>() <= 1);
    CHECK(scores.at("precision").get<double>() <= 1);
    sum += of_label;
    right += all.at("confusion").at(label).at(label).get<int>();
  }
  CHECK(sum == kSmallTest);
  CHECK(all.at("accuracy").get<double>() == Approx(static_cast<double>(right) / kSmallTest));
  check_evaluation(json_of(with(golden("evaluate"), {"--count", "50"})), 50);
  check_evaluation(json_of(with(golden("evaluate"), {"--split", "train"})), kSmallTrain);

  const CommandResult text = run_well(golden("evaluate"));
  CHECK(text.err.empty());
  CHECK(contains(text.out, "n = 200"));
}

TEST_CASE("Data is found by INOCULATE_DATA, and in data/mnist", "[command]") {
  const TemporaryFolder folder;
  fs::create_directory(folder / "data");
  fs::create_directory_symlink(small_data(), folder / "data/mnist");
  const Arguments evaluate = {"evaluate", "--model", golden_model(), "--count", "20"};
  CommandSettings here;
  here.folder = folder.path().string();
  const std::string found = run_well(evaluate, here).out;
  CommandSettings named;
  named.environment["INOCULATE_DATA"] = small_data();
  CHECK(run_well(evaluate, named).out == found);
  CHECK(run_well(with(evaluate, {"--data", small_data()})).out == found);
}

TEST_CASE("predict writes Keras's logits", "[command]") {
  const TemporaryFolder folder;
  const std::string out = folder / "logits.npy";
  const Json json = json_of(with(golden("predict"), {"--count", "50", "--logits", out}));
  const NpyArray logits = read_npy(out);
  CHECK(logits.shape == std::vector<std::int64_t>{50, 10});
  const std::vector<float>& ours = logits.floats();
  // The small test images are the first golden ones, in order.
  const NpyArray golden_logits = golden_npy("keras_logits.npy");
  const std::vector<float>& keras = golden_logits.floats();
  float largest = 0;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    largest = std::max(largest, std::abs(ours[i] - keras[i]));
  }
  CHECK(largest < 1e-4F);

  const Dataset images = small_test();
  CHECK(json.at("n") == 50);
  REQUIRE(json.at("predictions").size() == 50);
  for (std::size_t i = 0; i < 50; ++i) {
    const Json& prediction = json.at("predictions").at(i);
    CHECK(prediction.at("image") == "test[" + std::to_string(i) + "]");
    CHECK(prediction.at("label") == images.labels[i]);
    const Json& top = prediction.at("top");
    REQUIRE(top.size() == 3);
    const auto row = keras.begin() + static_cast<std::ptrdiff_t>(10 * i);
    CHECK(top.at(0).at("class") == std::max_element(row, row + 10) - row);
    CHECK(top.at(0).at("confidence").get<double>() >= top.at(1).at("confidence").get<double>());
    CHECK(top.at(1).at("confidence").get<double>() >= top.at(2).at("confidence").get<double>());
  }
  const Json ten = json_of(with(golden("predict"), {"--count", "1", "--top", "10"}));
  double sum = 0;
  for (const Json& guess : ten.at("predictions").at(0).at("top")) {
    sum += guess.at("confidence").get<double>();
  }
  CHECK(sum == Approx(1).margin(1e-5));
}

TEST_CASE("predict reads a digit from a PNG, as it is and large and dark on white", "[command]") {
  const TemporaryFolder folder;
  const Dataset images = small_test();
  Arguments as_it_is = {"predict", "--model", golden_model(), "--logits", folder / "small.npy"};
  Arguments large = {"predict", "--model", golden_model()};
  constexpr int kDigits = 10;
  for (int i = 0; i < kDigits; ++i) {
    GreyImage digit{28, 28, {}};
    digit.pixels.assign(images.pixels.begin() + 784 * i, images.pixels.begin() + 784 * (i + 1));
    Canvas canvas(28, 28, {0, 0, 0});
    canvas.blit(digit, {0, 0, 28, 28});
    as_it_is.push_back(folder / (std::to_string(i) + ".png"));
    write_whole_file(as_it_is.back(), write_png(canvas));

    for (std::uint8_t& grey : digit.pixels) grey = static_cast<std::uint8_t>(255 - grey);
    Canvas paper(280, 280, {255, 255, 255});
    paper.blit(digit, {0, 0, 280, 280});
    large.push_back(folder / ("large" + std::to_string(i) + ".png"));
    write_whole_file(large.back(), write_png(paper));
  }
  const Json small_ones = json_of(as_it_is);
  const Json large_ones = json_of(large);
  run_well(with(golden("predict"), {"--count", "10", "--logits", folder / "data.npy"}));
  CHECK(read_npy(folder / "small.npy").floats() == read_npy(folder / "data.npy").floats());
  for (std::size_t i = 0; i < kDigits; ++i) {
    const Json& small_one = small_ones.at("predictions").at(i);
    const Json& large_one = large_ones.at("predictions").at(i);
    CHECK(small_one.at("image") == as_it_is[5 + i]);
    CHECK_FALSE(small_one.contains("label"));
    CHECK(small_one.at("top").at(0).at("class") == large_one.at("top").at(0).at("class"));
  }
  const CommandResult text = run_well(large);
  CHECK(contains(text.out, "read as"));
  CHECK(contains(text.out, large.back()));
}

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
  const GreyImage picture = read_png_grey(read_whole_file(sheet), sheet);
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

TEST_CASE("adversarial-train resists the attack that it was trained on", "[command]") {
  const TemporaryFolder folder;
  const Arguments run = {"adversarial-train",
                         "--data",
                         small_data(),
                         "--train-range",
                         "0:600",
                         "--held-out",
                         "100",
                         "--epochs",
                         "20",
                         "--batch-size",
                         "16",
                         "--epsilon",
                         "0.2"};
  const Json trained = json_of(with(run, {"--out", folder / "weights", "--log", folder / "log",
                                          "--checkpoint", folder / "checkpoint"}));
  check_evaluation(trained.at("clean"), 200);
  check_evaluation(trained.at("fresh_fgsm"), 200);
  CHECK(trained.at("method") == "mixed-batch");
  const Json plain = json_of(train(folder / "plain", {"--epochs", "12"}));
  const Json attacked = json_of({"attack", "fgsm", "--data", small_data(), "--model",
                                 folder / "plain", "--count", "200", "--epsilon", "0.2"});
  CHECK(trained.at("fresh_fgsm").at("accuracy").get<double>() >
        attacked.at("adversarial_accuracy").get<double>() + 0.2);

  const Bytes log = read_whole_file(folder / "log");
  const auto lines = lines_of({log.begin(), log.end()});
  REQUIRE(lines.size() == 21);
  CHECK(lines[0] ==
        "epoch,loss,accuracy,validation_loss,validation_accuracy,seconds,attacked_accuracy");

  // Resumed, it comes to the same weights; another sub-command does not take it.
  run_well({"adversarial-train", "--data", small_data(), "--resume", folder / "checkpoint", "--out",
            folder / "again"});
  CHECK(same_weights(folder / "again", folder / "weights"));
  const CommandResult other = run_command(
      {"train", "--data", small_data(), "--resume", folder / "checkpoint", "--out", "new"});
  CHECK(other.exit_code == 1);
  CHECK(contains(other.err, "adversarial-train"));
}

TEST_CASE("robustness tells what is left after all attacks, for each model", "[command]") {
  const TemporaryFolder folder;
  const Json json =
      json_of({"robustness", "--data", small_data(), "--model", golden_model(), "--epsilon", "0.1",
               "--attacks", "quick", "--count", "60", "--curve", folder / "curve"});
  REQUIRE(json.at("models").size() == 1);
  const Json& model = json.at("models")[0];
  CHECK(model.at("n") == 60);
  REQUIRE(model.at("attacks").size() == 4);
  for (const Json& attack : model.at("attacks")) {
    CHECK(attack.at("accuracy") >= model.at("worst_case"));
    CHECK(attack.at("accuracy") <= model.at("clean"));
  }
  const auto curve = model.at("curve").get<std::vector<double>>();
  CHECK(curve.front() == model.at("clean").get<double>());
  CHECK(std::is_sorted(curve.rbegin(), curve.rend()));
  const Bytes csv = read_whole_file(folder / "curve.csv");
  CHECK(lines_of({csv.begin(), csv.end()}).size() == curve.size() + 1);
  CHECK(fs::exists(folder / "curve.png"));

  const CommandResult text =
      run_well({"robustness", "--data", small_data(), "--model", golden_model(), golden_model(),
                "--attacks", "fgsm,bim", "--count", "20", "--cascade"});
  CHECK(contains(text.out, "worst case"));
  CHECK(contains(text.out, "then bim"));
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

TEST_CASE("fine-tune reports clean, replayed and fresh accuracy, before and after", "[command]") {
  const TemporaryFolder folder;
  const std::string out = folder / "tuned.safetensors";
  const Arguments tune =
      with(golden("fine-tune"), {"--epochs", "2", "--out", out, "--log", folder / "log.csv"});
  const Json json = json_of(with(tune, {"--count", "256", "--learning-rate", "1e-3"}));
  for (const char* when : {"before", "after"}) {
    for (const char* which : {"clean", "replayed", "fresh"}) {
      check_evaluation(json.at(when).at(which), kSmallTest);
    }
  }
  CHECK(json.at("before").at("replayed") == json.at("before").at("fresh"));
  CHECK(json.at("after").at("replayed").at("accuracy").get<double>() >
        json.at("before").at("replayed").at("accuracy").get<double>());
  check_evaluation(json.at("trained_on"), 256);
  CHECK(json.at("held_out") == true);
  CHECK(json.at("training_seconds").get<double>() > 0);

  // The weights that were written are those that were judged.
  const Json evaluated = json_of({"evaluate", "--data", small_data(), "--model", out});
  CHECK(evaluated.at("accuracy") == json.at("after").at("clean").at("accuracy"));
  CHECK_FALSE(same_weights(out, golden_model()));
  const Bytes log = read_whole_file(folder / "log.csv");
  CHECK(lines_of({log.begin(), log.end()}).size() == 3);

  const CommandResult text = run_well(with(tune, {"--from", "test", "--count", "100"}));
  CHECK(contains(text.out, "fresh adversaries"));
  CHECK(contains(text.out, "flatter"));  // A warning goes with the tutorial's protocol.
}

// Thirty epochs of fine-tuning: a sanitizer would take minutes, and sees the same code above.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_CASE("reproduce reports every score and leaves its files", "[command]") {
  const TemporaryFolder folder;
  const std::string out = folder / "a/b";  // Made with the folders above it.
  const Json json =
      json_of({"reproduce", "--data", small_data(), "--epochs", "1", "--seed", "4", "--out", out});
  CHECK(json.at("seed") == 4);
  CHECK(json.at("n") == kSmallTest);
  CHECK(json.at("training").size() == 1);
  CHECK(json.at("fine_tuning").size() == 10);
  for (const char* key :
       {"undefended", "fine_tuned", "fine_tuned_held_out", "fine_tuned_clipped"}) {
    INFO(key);
    for (const char* score : {"clean", "replayed", "fresh"}) {
      check_evaluation(json.at(key).at(score), kSmallTest);
    }
  }
  CHECK(json.at("seconds").get<double>() <= json.at("seconds_in_all").get<double>());
  for (const char* file : {"curves.csv", "fine_tuning.csv", "curves.png", "adversaries.png"}) {
    CHECK(fs::file_size(fs::path(out) / file) > 0);
  }
  for (const char* file :
       {"simple_cnn", "fine_tuned", "fine_tuned_held_out", "fine_tuned_clipped"}) {
    json_of({"evaluate", "--data", small_data(), "--count", "10", "--model",
             out + "/" + file + ".safetensors"});
  }
}
#endif
