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
                          golden_model(), "--norm",  "l2",         "--attacks",
                          "quick",        "--count", "10"};
  const CommandResult text = run_well(command);
  CHECK(contains(text.out, "left out of quick: square"));
  CHECK(contains(text.out, "cannot show it: black-box-beats-white-box"));
  CHECK(json_of(command).at("gaps").size() == 2);
}
