// inoculate robustness as users run it.
#include <algorithm>

#include "catch.h"
#include "command_checks.h"

using namespace inoculate;

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
