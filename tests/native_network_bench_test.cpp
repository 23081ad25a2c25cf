// inoculate bench --model: it answers for a file's network, and says what does not go together.
#include "catch.h"
#include "paths.h"
#include "refusals.h"

using namespace inoculate;

namespace {

const std::string kNetwork = in_source("/tests/golden/onnx/resnet.onnx");

}  // namespace

TEST_CASE("bench: a network of a file") {
  const Json json = json_of({"bench", "--model", kNetwork, "--batch", "3", "--repetitions", "2"});
  CHECK(json.at("batch") == 3);
  for (const std::string work : {"forward", "gradient"}) {
    CHECK(json.at(work + "_ms") >= json.at(work + "_shortest_ms"));
    CHECK(json.at(work + "_shortest_ms") > 0);
    CHECK(json.at(work + "_peak_mb") > 0);
  }
  const CommandResult text = run_well({"bench", "--model", kNetwork, "--repetitions", "1"});
  CHECK(contains(text.out, "logits and gradient"));
}

TEST_CASE("bench: options that do not go together") {
  CHECK(run_command({"bench", "--batch", "2"}).exit_code == 2);
  CHECK(run_command({"bench", "--model", kNetwork, "--epochs", "2"}).exit_code == 2);
  CHECK(run_command({"bench", "--model", kNetwork, "--batch", "0"}).exit_code == 2);
  CHECK(run_command({"bench", "--model", "/nowhere.onnx"}).exit_code == 1);
}
