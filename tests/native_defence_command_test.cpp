// inoculate fine-tune and reproduce as users run them.
#include <algorithm>

#include "catch.h"
#include "command_checks.h"

using namespace inoculate;

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
#if !defined(INOCULATE_SANITIZED)
TEST_CASE("reproduce reports every score and leaves its files", "[command]") {
  const TemporaryFolder folder;
  const std::string out = folder / "a/b";  // Made with the folders above it.
  const Json json =
      json_of({"reproduce", "--data", small_data(), "--epochs", "1", "--defence-epochs", "1",
               "--certified-epochs", "2", "--seed", "4", "--out", out});
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
  const Json& second = json.at("second_part");
  for (const char* score : {"clean", "replayed", "fresh"}) {
    check_evaluation(second.at("mixed_batch").at(score), kSmallTest);
  }
  REQUIRE(second.at("defences").size() == 6);
  const Bytes csv = read_whole_file(out + "/defences.csv");
  const auto lines = lines_of({csv.begin(), csv.end()});
  REQUIRE(lines.size() == 7);
  for (std::size_t i = 0; i < 6; ++i) {
    const Json& row = second.at("defences")[i];
    const auto share = [&](const char* key) { return row.at(key).at("accuracy").get<double>(); };
    CAPTURE(row);
    CHECK(share("fresh_fgsm") <= share("clean"));
    CHECK(share("pgd_40") <= share("clean"));
    CHECK(share("worst_case") <= std::min(share("pgd_40"), share("fresh_fgsm")));
    CHECK(share("certified") <= share("worst_case"));
    CHECK(lines[i + 1].starts_with(row.at("training").get<std::string>() + ",200,"));
    if (i == 0) CHECK(share("replayed_fgsm") == share("fresh_fgsm"));
  }
  for (const char* file :
       {"curves.csv", "fine_tuning.csv", "curves.png", "adversaries.png", "mixed_batch.csv"}) {
    CHECK(fs::file_size(fs::path(out) / file) > 0);
  }
  for (const char* file : {"simple_cnn", "fine_tuned", "fine_tuned_held_out", "fine_tuned_clipped",
                           "mixed_batch", "pgd", "trades", "certified"}) {
    json_of({"evaluate", "--data", small_data(), "--count", "10", "--model",
             out + "/" + file + ".safetensors"});
  }
}
#endif
