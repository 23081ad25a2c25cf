// inoculate robustness --attacks autoattack, and L1, as users run them.
#include <cmath>
#include <string>
#include <vector>

#include "refusals.h"

using namespace inoculate;

namespace {

/// Ten images of two pixels and a linear model of so many classes in a folder, and the arguments
/// that judge the one on the other. The classes lie around a circle, and so do the images.
Arguments small_judgement(const TemporaryFolder& folder, int classes) {
  Json weights = Json::array(), bias = Json::array();
  std::vector<float> pixels;
  std::string labels;
  for (int k = 0; k < classes; ++k) {
    const double angle = 6.283185307 * k / classes;
    weights.push_back({5 * std::cos(angle), 5 * std::sin(angle)});
    bias.push_back(-2.5 * (std::cos(angle) + std::sin(angle)));
  }
  for (int i = 0; i < 10; ++i) {
    const int k = i % classes;
    const double angle = 6.283185307 * k / classes;
    pixels.push_back(static_cast<float>(0.5 + 0.4 * std::cos(angle)));
    pixels.push_back(static_cast<float>(0.5 + 0.4 * std::sin(angle)));
    labels += std::to_string(k) + "\n";
  }
  const Json model{{"kind", "linear"},
                   {"input", {1, 2, 1}},
                   {"classes", classes},
                   {"weights", weights},
                   {"bias", bias}};
  const std::string text = model.dump();
  write_whole_file(folder / "model.json", Bytes(text.begin(), text.end()));
  write_whole_file(folder / "images.npy", write_npy(pixels, {10, 1, 2, 1}));
  write_whole_file(folder / "labels.txt", Bytes(labels.begin(), labels.end()));
  return {"robustness",          "--model",  folder / "model.json", "--images",
          folder / "images.npy", "--labels", folder / "labels.txt"};
}

}  // namespace

TEST_CASE("autoattack runs the published four as a cascade, in each norm", "[command]") {
  const TemporaryFolder folder;
  for (const auto& [norm, epsilon] :
       {std::pair{"linf", "0.08"}, std::pair{"l2", "0.8"}, std::pair{"l1", "6"}}) {
    CAPTURE(norm);
    const Arguments arguments = {"robustness", "--data",  small_data(), "--model", golden_model(),
                                 "--norm",     norm,      "--epsilon",  epsilon,   "--attacks",
                                 "autoattack", "--count", "8"};
    const Json json = json_of(arguments);
    CHECK(json.at("norm") == norm);
    const Json& model = json.at("models")[0];
    int left = static_cast<int>(8 * model.at("clean").get<double>() + 0.5);
    std::string names;
    for (const Json& attack : model.at("attacks")) {
      names += attack.at("attack").get<std::string>() + " ";
      CHECK(attack.at("tried") == left);
      left = attack.at("withstood");
    }
    CHECK(names == "apgd-ce apgd-t fab-t square ");
    CHECK(model.at("worst_case").get<double>() == Approx(left / 8.0));
  }
}

TEST_CASE("the judgement and its report speak of L1", "[command]") {
  const TemporaryFolder folder;
  const Arguments arguments = {"robustness", "--data",  small_data(), "--model", golden_model(),
                               "--norm",     "l1",      "--epsilon",  "8",       "--attacks",
                               "apgd-ce",    "--count", "10"};
  const CommandResult text = run_well(with(arguments, {"--report", folder / "report"}));
  CHECK(contains(text.out, "L1, epsilon 8, apgd-ce attacks"));
  const Bytes bytes = read_whole_file(folder / "report/index.html");
  const std::string page(bytes.begin(), bytes.end());
  CHECK(contains(page, "at most 8 in L1"));
  CHECK(contains(page, "--norm l1"));
  CHECK(contains(page, "Under APGD of 20 steps"));
  CHECK_FALSE(contains(page, "PGD of 20 steps, L2"));
  CHECK(contains(json_of({"robustness", "--data", small_data(), "--model", golden_model(), "--norm",
                          "l1", "--epsilon", "8", "--count", "3"})
                     .at("gaps")
                     .dump(),
                 "deepfool, which does not support L1"));

  Arguments attack = with(golden("attack"), {"--norm", "l1", "--epsilon", "5", "--count", "10"});
  attack.insert(attack.begin() + 1, "apgd-ce");
  const Json sizes = json_of(attack).at("perturbation");
  CHECK(sizes.at("l1_largest").get<double>() <= 5.0001);
  CHECK(sizes.at("l1_largest").get<double>() > 4);
  CHECK(sizes.at("l1_mean").get<double>() <= sizes.at("l1_largest").get<double>());
  CHECK(contains(run_well(attack).out, "APGD-CE, L1, epsilon 5"));
}

TEST_CASE("attacks that do not know L1 refuse it", "[command]") {
  const TemporaryFolder folder;
  for (const char* name : {"pgd", "deepfool", "nes"}) {
    Arguments attack = with(golden("attack"), {"--norm", "l1"});
    attack.insert(attack.begin() + 1, name);
    check_refused(folder, attack, 2, {"--norm", "l1"});
  }
  check_refused(folder,
                {"robustness", "--data", small_data(), "--model", golden_model(), "--norm", "l1",
                 "--attacks", "apgd-ce,pgd"},
                2, {"--attacks", "'pgd'", "does not support this norm"});
}

TEST_CASE("autoattack needs four classes, and says when there are fewer than it tries",
          "[command]") {
  const TemporaryFolder folder;
  const Arguments three = small_judgement(folder, 3);
  check_refused(folder, with(three, {"--attacks", "autoattack"}), 1,
                {"has only 3 classes", "apgd-t compares four logits", "name other attacks"});
  check_refused(folder, with(three, {"--attacks", "standard"}), 1, {"has only 3 classes"});
  CHECK(json_of(with(three, {"--attacks", "apgd-ce,fab-t,square"})).at("models")[0].at("clean") ==
        1);

  const TemporaryFolder other;
  const Arguments five = small_judgement(other, 5);
  const Json json = json_of(with(five, {"--attacks", "autoattack", "--epsilon", "0.05"}));
  CHECK(contains(json.at("gaps").dump(), "goes for 9 wrong classes in turn; model has only 4"));
  CHECK(json.at("models")[0].at("worst_case") == 1);
  CHECK_FALSE(contains(json_of(with(five, {"--attacks", "fab-t"})).at("gaps").dump(), "in turn"));
  CHECK(json_of(with(five, {"--attacks", "autoattack", "--epsilon", "0.5"}))
            .at("models")[0]
            .at("worst_case") == 0);
}
