// inoculate robustness as users run it.
#include <algorithm>
#include <cstdio>

#include "catch.h"
#include "command_checks.h"
#include "html_check.h"

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

TEST_CASE("robustness tells what of its adversaries holds as pictures", "[command]") {
  const TemporaryFolder folder;
  const Arguments arguments = {
      "robustness",    "--data",  small_data(), "--model",   golden_model(), "--attacks",
      "deepfool,fgsm", "--count", "40",         "--epsilon", "0.2"};
  const Json model = json_of(arguments).at("models")[0];
  for (const Json& attack : model.at("attacks")) {
    CHECK(attack.at("stored_accuracy").get<double>() ==
          Approx(attack.at("stored_withstood").get<double>() / 40));
    CHECK(attack.at("stored_accuracy") >= model.at("stored_worst_case"));
  }
  const Json& deepfool = model.at("attacks")[0];
  CHECK(deepfool.at("stored_accuracy").get<double>() > deepfool.at("accuracy").get<double>() + 0.2);
  CHECK(model.at("stored_worst_case_interval").size() == 2);
  CHECK(contains(run_well(arguments).out, "as 8-bit pictures"));

  const Json whole = json_of(with(arguments, {"--quantise", "--report", folder / "report"}));
  CHECK(whole.at("quantised") == true);
  const Json& quantised = whole.at("models")[0];
  CHECK(quantised.at("worst_case") == quantised.at("stored_worst_case"));
  CHECK(quantised.at("attacks")[0].at("accuracy") ==
        quantised.at("attacks")[0].at("stored_accuracy"));
  CHECK(quantised.at("attacks")[0].at("accuracy").get<double>() <
        deepfool.at("accuracy").get<double>() + 0.03);
  const Bytes bytes = read_whole_file(folder / "report/index.html");
  const std::string page(bytes.begin(), bytes.end());
  CHECK(html_fault(page) == "");
  CHECK(contains(page, " --quantise --seed 1"));
  CHECK_FALSE(contains(page, "As 8-bit pictures"));

  const CommandResult small = run_command(with(Arguments(arguments.begin(), arguments.end() - 2),
                                               {"--epsilon", "0.003", "--quantise"}));
  CHECK(small.exit_code == 2);
  CHECK(contains(small.err, "--quantise: an epsilon of 0.003"));

  // A cascade says that its stored figures flatter.
  const Json cascade = json_of(with(arguments, {"--cascade"}));
  CHECK(contains(cascade.at("gaps").dump(), "In a cascade"));
  CHECK_FALSE(contains(json_of(arguments).at("gaps").dump(), "In a cascade"));
  CHECK_FALSE(contains(json_of(with(arguments, {"--cascade", "--quantise"})).at("gaps").dump(),
                       "In a cascade"));
  CHECK(contains(run_well(with(arguments, {"--cascade"})).out, "In a cascade"));
}

TEST_CASE("--report writes one page with every figure, for models of any name", "[command]") {
  const TemporaryFolder folder;
  // The path has markup, quotes and a shell's signs in it; so has the name, as far as it may.
  const std::string hostile = folder / "</bdi><script>alert(1)/";
  fs::create_directories(hostile);
  const std::string model = hostile + "\"><img src=x onerror=alert(1)> it's $(id).safetensors";
  fs::copy_file(golden_model(), model);
  const std::string out = folder / "new/report";  // made, with the folder above it
  const Json json =
      json_of({"robustness", "--data", small_data(), "--model", golden_model(), model, "--epsilon",
               "0.1", "--attacks", "fgsm,square", "--count", "30", "--report", out});
  const Bytes bytes = read_whole_file(out + "/index.html");
  const std::string page(bytes.begin(), bytes.end());
  CHECK(html_fault(page) == "");
  CHECK(std::distance(fs::directory_iterator(out), {}) == 1);

  CHECK_FALSE(contains(page, "<script"));
  CHECK_FALSE(contains(page, "<img src=x"));
  CHECK(contains(page, "&quot;&gt;&lt;img src=x onerror=alert(1)&gt; it&#39;s $(id)"));
  // What the shell gets is one word: the quote of "it's" is taken care of.
  CHECK(contains(page, "it&#39;\\&#39;&#39;s $(id).safetensors&#39;"));
  CHECK(contains(page, "--attacks fgsm,square --count 30 --seed 1 --report "));

  for (const char* remote : {"http:", "https:", "@import", "url(", "href=", "<link"}) {
    CAPTURE(remote);
    CHECK_FALSE(contains(page, remote));
  }
  std::size_t pictures = 0;
  for (std::size_t at = page.find("src=\""); at != std::string::npos;
       at = page.find("src=\"", at + 1)) {
    CHECK(page.compare(at, 27, "src=\"data:image/png;base64,") == 0);
    ++pictures;
  }
  CHECK(pictures == 4);  // an attack's sheet for each model

  const auto has = [&](double value, int digits, double factor = 1, const char* unit = "") {
    char text[64];
    std::snprintf(text, sizeof text, "%.*f%s", digits, factor * value, unit);
    CAPTURE(text);
    CHECK(contains(page, text));
  };
  REQUIRE(json.at("models").size() == 2);
  for (const Json& judged : json.at("models")) {
    for (const char* key : {"clean", "worst_case"}) {
      has(judged.at(key), 2, 100, " %");
      for (const Json& end : judged.at(std::string(key) + "_interval")) has(end, 2, 100);
    }
    for (const Json& share : judged.at("curve")) has(share, 2, 100, " %");
    // Square finds what one step misses.
    REQUIRE(judged.at("alarms").size() == 1);
    CHECK(contains(page, judged.at("alarms")[0].at("text").get<std::string>()));
    for (const Json& attack : judged.at("attacks")) {
      has(attack.at("accuracy"), 2, 100, " %");
      has(attack.at("stored_accuracy"), 2, 100, " % [");
      if (attack.at("withstood") < attack.at("tried")) has(attack.at("mean_distance"), 4);
      for (const char* key : {"tried", "withstood"}) {
        CHECK(contains(page, "<td>" + attack.at(key).dump() + "</td>"));
      }
      for (const char* key : {"forward_calls", "gradient_calls"}) {
        CHECK(contains(page, "<td>" + attack.at(key).dump() + "<span"));
      }
      has(attack.at("seconds"), 2, 1, "</td>");
    }
  }
  CHECK(contains(page, "n = 30"));
  CHECK_FALSE(contains(page, "None rang"));
  CHECK(contains(page, "inoculate 0."));  // the build
}

TEST_CASE("a report without alarms says what was looked for, and what could not be", "[command]") {
  const TemporaryFolder folder;
  // There already, with an old page.
  write_whole_file(folder / "index.html", "an old page");
  const CommandResult result =
      run_well({"robustness", "--data", small_data(), "--model", golden_model(), "--attacks",
                "fgsm", "--count", "10", "--report", folder.path().string()});
  CHECK(contains(result.out, folder / "index.html"));
  const Bytes bytes = read_whole_file(folder / "index.html");
  const std::string page(bytes.begin(), bytes.end());
  CHECK(html_fault(page) == "");
  CHECK(contains(page, "None rang"));
  CHECK(contains(page, "vanishing-gradients"));
  const std::size_t not_looked_for = page.find("Not looked for");
  REQUIRE(not_looked_for != std::string::npos);
  CHECK(page.find("black-box-beats-white-box") > not_looked_for);
  CHECK(page.find("vanishing-gradients") < not_looked_for);
}
