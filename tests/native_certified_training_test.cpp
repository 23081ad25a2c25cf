// inoculate adversarial-train with bounds, and architectures of the graph engine, as users run
// them.
#include "catch.h"
#include "command_checks.h"
#include "formats/onnx/model.h"
#include "formats/onnx/writer.h"
#include "refusals.h"

using namespace inoculate;

namespace {

Arguments defend(const std::string& method, const std::string& out, const Arguments& more = {}) {
  return with({"adversarial-train", "--data", small_data(), "--method", method, "--held-out", "100",
               "--out", out},
              more);
}

}  // namespace

TEST_CASE("adversarial-train certifies, and writes one of our own networks", "[command]") {
  for (const std::string method : {"ibp", "mtl-ibp", "crown-ibp"}) {
    const TemporaryFolder folder;
    const std::string out = folder / "certified.safetensors", log = folder / "log.csv";
    const Arguments run =
        defend(method, out, {"--epochs",  "6",    "--epsilon",  "0.05",   "--warm-up",       "3",
                             "--average", "0.9",  "--schedule", "cosine", "--learning-rate", "3e-3",
                             "--kappa",   "0.25", "--l1",       "1e-6",   "--judge-epsilon", "0.02",
                             "--log",     log});
    const Json json = json_of(run);
    CHECK(json.at("method") == method);
    const Json& certified = json.at("certified");
    CHECK(certified.at("epsilon") == 0.02F);
    CHECK(certified.at("n") == kSmallTest);
    const int proven = certified.at("correct").get<int>();
    CHECK(proven > 0);
    // What is certified is right, whatever attacks it.
    check_evaluation(json.at("clean"), kSmallTest);
    CHECK(proven <= json.at("fresh_fgsm").at("accuracy").get<double>() * kSmallTest + 0.5);
    const Bytes csv = read_whole_file(log);
    const auto lines = lines_of({csv.begin(), csv.end()});
    REQUIRE(lines.size() == 7);
    CHECK(lines[0].ends_with("seconds,certified_accuracy"));

    const Json evaluated = json_of({"evaluate", "--data", small_data(), "--model", out});
    CHECK(evaluated.at("accuracy") == json.at("clean").at("accuracy"));
    const Safetensors file = parse_safetensors(read_whole_file(out), out);
    CHECK(file.metadata.at("architecture") == "simple_cnn");
    const std::string& made = file.metadata.at("trained_by");
    CHECK(contains(made, "--method " + method));
    CHECK(contains(made, "--kappa 0.25 --l1 1e-06 --clip-norm 10 --judge-epsilon 0.02"));
    CHECK(contains(made, " --crown-share 0") == (method == "crown-ibp"));

    const CommandResult again = run_well(with(run, {"--threads", "1"}));
    CHECK(contains(again.out, "certified      "));
    CHECK(contains(again.err, "  certified "));
    const Safetensors same = parse_safetensors(read_whole_file(out), out);
    for (std::size_t i = 0; i < file.tensors.size(); ++i) {
      CHECK(file.tensors[i].values == same.tensors[i].values);
    }
  }
}

TEST_CASE("a run with bounds is resumed to the same weights", "[command]") {
  const TemporaryFolder folder;
  const std::string whole = folder / "whole.safetensors", half = folder / "half.safetensors";
  const std::string resumed = folder / "resumed.safetensors", kept = folder / "run";
  const Arguments options{"--warm-up", "2", "--epsilon", "0.1", "--average", "0.9"};
  run_well(defend("mtl-ibp", whole, with(options, {"--epochs", "3"})));
  run_well(defend("mtl-ibp", half, with(options, {"--epochs", "1", "--checkpoint", kept})));
  run_well({"adversarial-train", "--data", small_data(), "--resume", kept, "--epochs", "3", "--out",
            resumed});
  CHECK(same_weights(whole, resumed));
}

TEST_CASE("bounds are trained from a model's weights, ours or an ONNX network's", "[command]") {
  const TemporaryFolder folder;
  const Arguments more{"--epochs", "1", "--epsilon", "0.02"};
  const std::string ours = folder / "ours.safetensors", onnx = folder / "net.onnx";
  json_of(defend("ibp", ours, with(more, {"--from", golden_model()})));
  run_well({"convert", "--model", ours, "--out", onnx});
  const Json json = json_of(defend("ibp", folder / "more.onnx", with(more, {"--from", onnx})));
  CHECK(json.at("certified").at("n") == kSmallTest);
  CHECK(json.at("certified").at("by") == "interval bounds in single precision");
  const Json linear = json_of(defend("crown-ibp", folder / "linear.onnx",
                                     with(more, {"--from", onnx, "--crown-share", "1"})));
  CHECK(linear.at("certified").at("by") == "interval bounds and CROWN-IBP in single precision");
}

TEST_CASE("architectures of the graph engine are trained, resumed and written as ONNX",
          "[command]") {
  const TemporaryFolder folder;
  const std::string out = folder / "net.onnx", resumed = folder / "resumed.onnx";
  const std::string kept = folder / "run";
  const Arguments few{"--train-range", "0:164", "--batch-size", "32"};
  const Json json = json_of(
      defend("ibp", out,
             with(few, {"--architecture", "small_cnn", "--epochs", "2", "--epsilon", "0.01"})));
  CHECK(json.at("certified").at("n") == kSmallTest);
  const Json evaluated = json_of({"evaluate", "--data", small_data(), "--model", out});
  CHECK(evaluated.at("accuracy") == json.at("clean").at("accuracy"));
  run_well(defend("ibp", folder / "half.onnx",
                  with(few, {"--architecture", "small_cnn", "--epochs", "1", "--epsilon", "0.01",
                             "--checkpoint", kept})));
  run_well({"adversarial-train", "--data", small_data(), "--resume", kept, "--epochs", "2", "--out",
            resumed});
  const Json again = json_of({"evaluate", "--data", small_data(), "--model", resumed});
  CHECK(again.at("loss") == evaluated.at("loss"));
  run_well({"train", "--data", small_data(), "--train-range", "0:64", "--epochs", "1",
            "--architecture", "cnn7_small", "--out", folder / "plain.onnx"});
  run_well({"train", "--data", small_data(), "--train-range", "0:64", "--epochs", "1", "--from",
            folder / "plain.onnx", "--out", folder / "more.onnx"});
  CHECK(contains(run_command({"train", "--data", small_data(), "--architecture", "cnn7_small",
                              "--out", folder / "a.safetensors"})
                     .err,
                 "ends in .onnx"));
}

TEST_CASE("options of bounds are refused elsewhere, and networks that have none", "[command]") {
  const TemporaryFolder folder;
  const auto told = [&](const Arguments& arguments, int code) {
    const CommandResult result = run_command(arguments);
    CHECK(result.exit_code == code);
    CHECK(lines_of(result.err).size() == 1);
    CHECK(result.out.empty());
    return result.err;
  };
  const std::string out = folder / "a.safetensors";
  CHECK(contains(told(defend("pgd", out, {"--kappa", "0.5"}), 2),
                 "--kappa is not heeded by --method pgd; ibp, mtl-ibp and crown-ibp heed it"));
  CHECK(contains(told(defend("ibp", out, {"--crown-share", "1"}), 2),
                 "--crown-share is not heeded by --method ibp; crown-ibp heeds it"));
  CHECK(
      contains(told(defend("crown-ibp", out), 2),
               "--method crown-ibp without --warm-up is ibp: give the epochs in which CROWN gives "
               "way to intervals, or --crown-share above 0"));
  CHECK(contains(told(defend("ibp", out, {"--steps", "3"}), 2), "--steps is not heeded"));
  CHECK(contains(told(defend("ibp", out, {"--clip-norm", "0"}), 2), "--clip-norm"));
  CHECK(contains(told(defend("ibp", out, {"--judge-epsilon", "8"}), 2), "--judge-epsilon"));
  CHECK_FALSE(fs::exists(out));
  const std::string onnx = folder / "sigmoid.onnx", trained = folder / "b.onnx";
  run_well({"convert", "--model", golden_model(), "--out", onnx});
  OnnxModel model = parse_onnx(read_whole_file(onnx), onnx);
  for (OnnxNode& node : model.nodes) {
    if (node.op == "Relu") node.op = "Sigmoid";
  }
  write_whole_file(onnx, write_onnx(model));
  const std::string refusal =
      told(defend("crown-ibp", trained, {"--warm-up", "1", "--from", onnx}), 1);
  CHECK(contains(refusal, "operator 'Sigmoid' (node '"));
  CHECK(contains(refusal, "') has no linear bounds to train with; train it with ibp"));
  CHECK_FALSE(fs::exists(trained));
}
