// inoculate train-vat: what it tells and writes, and what it refuses.
#include "catch.h"
#include "command_checks.h"

using namespace inoculate;

namespace {

Arguments run(const Arguments& more) {
  return with({"train-vat", "--data", small_data(), "--validation", "50", "--updates", "3",
               "--labelled-batch", "20", "--unlabelled-batch", "30"},
              more);
}

}  // namespace

TEST_CASE("train-vat writes a network that evaluate finds as good as it said", "[command]") {
  const TemporaryFolder folder;
  for (const Arguments& how : {Arguments{}, Arguments{"--without-vat"},
                               Arguments{"--minimise-entropy", "--epsilon", "0.5"}}) {
    const std::string out = folder / "weights.safetensors";
    const Json trained = json_of(with(run({"--labels", "20", "--out", out}), how));
    check_evaluation(trained, 200);
    check_evaluation(trained.at("validation"), 50);
    CHECK(trained.at("labels") == 20);
    const Json found = json_of({"evaluate", "--data", small_data(), "--model", out});
    CHECK(found.at("accuracy") == trained.at("accuracy"));
    const Safetensors file = parse_safetensors(read_whole_file(out), out);
    CHECK(file.metadata.at("architecture") == "mlp_1200");
    CHECK(contains(file.metadata.at("trained_by"), "train-vat --labels 20"));
  }
}

TEST_CASE("train-vat refuses what it cannot share out", "[command]") {
  const TemporaryFolder folder;
  const auto refusal = [&](const Arguments& more, int code) {
    const CommandResult result = run_command(run(with({"--out", folder / "new"}, more)));
    CHECK(result.exit_code == code);
    CHECK(lines_of(result.err).size() == 1);
    return result.err;
  };
  CHECK(contains(refusal({"--labels", "25"}, 2), "--labels 25"));
  CHECK(contains(refusal({"--labels", "100000"}, 1), "too few images of a class"));
  CHECK(contains(refusal({"--labels", "20", "--without-vat", "--epsilon", "1"}, 2), "--epsilon"));
}
