// What the command says of data that are laid out otherwise than the model's.
#include <algorithm>

#include "catch.h"
#include "command_checks.h"

using namespace inoculate;

namespace {

Dataset mirrored(Dataset data) {
  constexpr std::ptrdiff_t kSide = 28;
  for (auto row = data.pixels.begin(); row != data.pixels.end(); row += kSide) {
    std::reverse(row, row + kSide);
  }
  return data;
}

// Mirrored test images, which are trained on too.
std::string mirrored_data(const TemporaryFolder& folder) {
  const std::string path = folder.path().string();
  for (const char* split : {"train", "t10k"}) write_split(path, split, mirrored(small_test()));
  return path;
}

std::string only_warning(const CommandResult& result) {
  const Json json = Json::parse(result.out);
  REQUIRE(json.contains("warnings"));
  REQUIRE(json.at("warnings").size() == 1);
  const auto warning = json.at("warnings")[0].get<std::string>();
  CHECK(contains(result.err, "inoculate: warning: "));
  return warning;
}

}  // namespace

TEST_CASE("every command that reports a clean accuracy warns of mirrored images", "[command]") {
  const TemporaryFolder folder, out;
  const std::string data = mirrored_data(folder);
  const Arguments commands[] = {
      {"evaluate", "--model", golden_model()},
      {"attack", "fgsm", "--model", golden_model()},
      {"robustness", "--model", golden_model(), "--attacks", "fgsm"},
      {"fine-tune", "--model", golden_model(), "--count", "64", "--epochs", "1", "--out",
       out / "tuned.safetensors"},
  };
  for (const Arguments& command : commands) {
    CAPTURE(command[0]);
    const CommandResult result = run_well(with(command, {"--data", data, "--json"}));
    CHECK(contains(only_warning(result), "mirrored, "));
  }
  CHECK_FALSE(json_of({"evaluate", "--data", small_data(), "--model", golden_model()})
                  .contains("warnings"));
}

TEST_CASE("training on mirrored digits warns, on upright ones it does not", "[command]") {
  const TemporaryFolder folder, out;
  const Arguments train{"train", "--architecture",      "mlp",    "--epochs", "1",
                        "--out", out / "m.safetensors", "--json", "--data"};
  CHECK(contains(only_warning(run_well(with(train, {mirrored_data(folder)}))), "mirrored, "));
  CHECK_FALSE(Json::parse(run_well(with(train, {small_data()})).out).contains("warnings"));
}

// Ten epochs of fine-tuning, three times over.
#if !defined(INOCULATE_SANITIZED)
namespace {

Dataset transposed(const Dataset& data) {
  Dataset turned = data;
  for (std::size_t p = 0; p < data.pixels.size(); ++p) {
    const std::size_t y = p % 784 / 28, x = p % 28;
    turned.pixels[p] = data.pixels[p - p % 784 + 28 * x + y];
  }
  return turned;
}

}  // namespace

TEST_CASE("reproduce warns of data that are laid out otherwise", "[command]") {
  const TemporaryFolder folder, out;
  const std::string both = folder / "both", test = folder / "test";
  for (const std::string& path : {both, test}) write_small_data(path);
  std::vector<std::int32_t> indices;
  for (int i = 0; i < kSmallTrain; ++i) indices.push_back(7 * i + 1);
  write_split(both, "train", transposed(sample_images(indices)));
  write_split(both, "t10k", transposed(small_test()));
  write_split(test, "t10k", mirrored(small_test()));
  const Arguments reproduce{"reproduce", "--first-part", "--json", "--out", out / "r", "--data"};

  const auto all = only_warning(run_well(with(reproduce, {both, "--epochs", "1"})));
  CHECK(contains(all, "the training images are not laid out as MNIST's are: transposed"));
  // Trained on upright digits, a network tells that those of the test are not.
  const auto some = only_warning(run_well(with(reproduce, {test, "--epochs", "10"})));
  CHECK(contains(some, "the test images are not such as the training images"));
  CHECK(contains(some, "; mirrored, "));
  const auto none = run_well(with(reproduce, {small_data(), "--epochs", "10"}));
  CHECK_FALSE(Json::parse(none.out).contains("warnings"));
  CHECK_FALSE(contains(none.err, "warning"));
}
#endif

TEST_CASE("fine-tuned weights promise what they read of images held out", "[command]") {
  const TemporaryFolder out;
  const std::string path = out / "tuned.safetensors";
  run_well({"fine-tune", "--data", small_data(), "--model", golden_model(), "--count", "64",
            "--epochs", "1", "--out", path});
  const Safetensors file = parse_safetensors(read_whole_file(path), path);
  REQUIRE(file.metadata.contains("test_accuracy"));
  CHECK(contains(file.metadata.at("test_accuracy"), " of n = 200"));
}

TEST_CASE("where nothing is read rightly there is nothing to judge", "[command]") {
  // One image, labelled wrong.
  const TemporaryFolder folder;
  Dataset one = slice(small_test(), 0, 1);
  one.labels[0] = static_cast<Labels::value_type>((one.labels[0] + 1) % 10);
  write_split(folder.path().string(), "t10k", one);
  const Arguments command{"robustness", "--data",       folder.path().string(),
                          "--model",    golden_model(), "--attacks",
                          "fgsm",       "--report",     folder / "report"};
  const CommandResult text = run_well(command);
  CHECK(contains(text.out, "nothing to judge"));
  CHECK_FALSE(contains(text.out, "no alarm: "));
  const Bytes page = read_whole_file(folder / "report/index.html");
  CHECK(contains({page.begin(), page.end()}, "there is nothing to judge"));
  CHECK_FALSE(contains({page.begin(), page.end()}, "None rang"));
  CHECK_FALSE(contains({page.begin(), page.end()}, "no alarm rang"));
  const Json model = json_of(command).at("models")[0];
  CHECK(model.at("judged") == false);
  CHECK(model.at("worst_case").is_null());
}

TEST_CASE("what a suite leaves out is said, and which alarm cannot ring", "[command]") {
  const Arguments command{"robustness",   "--data",  small_data(), "--model",
                          golden_model(), "--norm",  "l1",         "--attacks",
                          "quick",        "--count", "10"};
  const CommandResult text = run_well(command);
  CHECK(contains(text.out, "left out of quick: fgsm"));
  CHECK(contains(text.out, "cannot show it: one-step-beats-many"));
  CHECK(json_of(command).at("gaps").size() == 3);
}
