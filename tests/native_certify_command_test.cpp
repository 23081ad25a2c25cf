// inoculate certify as users run it, and robustness --certify.
#include "catch.h"
#include "command_checks.h"
#include "paths.h"
#include "refusals.h"

using namespace inoculate;

namespace {

Arguments certify(const Arguments& more) {
  return with({"certify", "--data", small_data(), "--model", golden_model()}, more);
}

}  // namespace

TEST_CASE("certify tells what is proven, broken and open", "[command]") {
  const TemporaryFolder folder;
  const Json json = json_of(certify(
      {"--epsilon", "0.005", "--count", "3", "--radius", "--picture", folder / "radii.png"}));
  CHECK(json.at("n") == 3);
  CHECK(json.at("method") == "crown");
  CHECK(json.at("certified") <= json.at("worst_case"));
  CHECK(json.at("worst_case") <= json.at("clean"));
  CHECK(json.at("certified").get<double>() > 0.5);
  CHECK(json.at("certified_interval").size() == 2);
  const auto radii = json.at("radii").get<std::vector<double>>();
  const auto certified = json.at("certified_images").get<std::vector<int>>();
  REQUIRE(radii.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    // Bisection ends within 1/4096 below.
    if (certified[i] == 1) CHECK(radii[i] > 0.005 - 1.0 / 4096);
  }
  CHECK(fs::file_size(folder / "radii.png") > 1000);
  CHECK(contains(run_well(certify({"--method", "ibp", "--count", "5", "--no-attack"})).out,
                 "proven 0, broken 0, open 5 of 5 images"));
}

TEST_CASE("certify by smoothing asks any model", "[command]") {
  const Json json = json_of(certify({"--method", "smoothing", "--norm", "l2", "--epsilon", "0.05",
                                     "--sigma", "0.1", "--samples", "200", "--count", "5"}));
  CHECK(json.at("samples") == 200);
  CHECK(json.at("radii").size() == 5);
  CHECK(json.at("certified").get<double>() > 0);
}

TEST_CASE("certify refuses what it cannot do", "[command]") {
  const TemporaryFolder folder;
  check_refused(folder, certify({"--method", "smoothing"}), 2, {"L2", "--norm l2"});
  check_refused(folder, certify({"--method", "guess"}), 2, {"guess", "crown-ibp"});
  check_refused(folder, certify({"--epsilon", "30"}), 2, {"--epsilon"});
  check_refused(folder, certify({"--picture", folder / "a.png"}), 2, {"--radius"});
  check_refused(
      folder,
      {"certify", "--data", small_data(), "--model", in_source("/tests/golden/sklearn/tree.json")},
      1, {"decision tree", "--method smoothing"});
  check_refused(folder,
                {"robustness", "--data", small_data(), "--model", golden_model(), "--norm", "l1",
                 "--attacks", "apgd-ce", "--certify", "ibp"},
                2, {"--certify", "L1"});
}

TEST_CASE("robustness --certify puts what is proven beside what is broken", "[command]") {
  const TemporaryFolder folder;
  const Arguments arguments{"robustness", "--data",    small_data(), "--model", golden_model(),
                            "--epsilon",  "0.005",     "--attacks",  "fgsm",    "--count",
                            "3",          "--certify", "crown"};
  const Json json = json_of(with(arguments, {"--curve", folder / "curve"}));
  CHECK(json.at("certified_by") == "crown");
  const Json& model = json.at("models")[0];
  CHECK(model.at("certified") <= model.at("worst_case"));
  CHECK(model.at("open").get<double>() ==
        Approx(model.at("worst_case").get<double>() - model.at("certified").get<double>()));
  const auto proven = model.at("certified_curve").get<std::vector<double>>();
  const auto attacked = model.at("curve").get<std::vector<double>>();
  REQUIRE(proven.size() == attacked.size());
  CHECK(std::is_sorted(proven.rbegin(), proven.rend()));
  for (std::size_t i = 0; i < proven.size(); ++i) CHECK(proven[i] <= attacked[i]);
  const Bytes csv = read_whole_file(folder / "curve.csv");
  CHECK(contains(std::string(csv.begin(), csv.end()), " certified\n"));

  const CommandResult text = run_well(with(arguments, {"--report", folder / "report"}));
  CHECK(contains(text.out, "certified (crown)"));
  CHECK(contains(text.out, "open "));
  const Bytes page = read_whole_file(folder / "report/index.html");
  const std::string html(page.begin(), page.end());
  CHECK(contains(html, "certified (crown)"));
  CHECK(contains(html, "--certify crown"));
  for (const char* area : {"area b0", "area b1", "area b2"}) CHECK(contains(html, area));
}

TEST_CASE("the weights that are shipped with certificates have them", "[command]") {
  // On the sample's digits that their training left out; see assets/README.md for all test images.
  for (const char* epsilon : {"0.1", "0.3"}) {
    INFO(epsilon);
    const std::string weights =
        in_source("/assets/certified_") + std::string(epsilon) + ".safetensors";
    const Json json = json_of({"certify", "--data", small_data(), "--model", weights, "--epsilon",
                               epsilon, "--method", "ibp", "--count", "0", "--no-attack"});
    CHECK(json.at("certified").get<double>() > (std::string(epsilon) == "0.1" ? 0.9 : 0.8));
  }
}
