// fine-tune, train and adversarial-train on ONNX networks, as users run them.
#include <cmath>
#include <string>

#include "catch.h"
#include "command_checks.h"
#include "formats/onnx/model.h"
#include "formats/onnx/writer.h"
#include "paths.h"
#include "refusals.h"

using namespace inoculate;

namespace {

/// The golden network as ONNX.
std::string exported(const TemporaryFolder& folder) {
  const std::string path = folder / "net.onnx";
  run_well({"convert", golden_model(), "--out", path});
  return path;
}

Arguments go_on(const std::string& command, const std::string& from, const std::string& out,
                const Arguments& more) {
  return with({command, "--data", small_data(), "--from", from, "--out", out, "--train-range",
               "0:160", "--epochs", "1"},
              more);
}

double clean(const std::string& model) {
  return json_of({"evaluate", "--data", small_data(), "--model", model}).at("accuracy");
}

std::map<std::string, std::string> metadata_of(const std::string& path) {
  return parse_onnx(read_whole_file(path), path).metadata;
}

void write(const std::string& path, const std::string& text) {
  write_whole_file(path, Bytes(text.begin(), text.end()));
}

}  // namespace

TEST_CASE("fine-tune writes an ONNX network with the weights that were judged", "[command]") {
  const TemporaryFolder folder;
  const std::string net = exported(folder), out = folder / "tuned.onnx";
  write(folder / "net.json", R"({"classes": ["0","1","2","3","4","5","6","7","8","9"]})");
  const Json json = json_of({"fine-tune", "--data", small_data(), "--model", net, "--epochs", "2",
                             "--count", "200", "--learning-rate", "1e-3", "--out", out});
  for (const char* when : {"before", "after"}) {
    for (const char* which : {"clean", "replayed", "fresh"}) {
      check_evaluation(json.at(when).at(which), kSmallTest);
    }
  }
  CHECK(json.at("after").at("replayed").at("accuracy").get<double>() >
        json.at("before").at("replayed").at("accuracy").get<double>());
  CHECK(clean(out) == json.at("after").at("clean").at("accuracy"));
  CHECK(contains(metadata_of(out).at("trained_by"), "inoculate fine-tune --model "));
  CHECK(contains(metadata_of(out).at("test_accuracy"), " of n = 200"));
  CHECK(read_whole_file(folder / "tuned.json") == read_whole_file(folder / "net.json"));
  CHECK(read_whole_file(out).size() > read_whole_file(net).size());
}

TEST_CASE("what was decided while a network was read is told once", "[command]") {
  const TemporaryFolder folder;
  const std::string net = exported(folder);
  OnnxModel model = parse_onnx(read_whole_file(net), net);
  model.outputs.push_back({model.nodes[0].outputs[0], true, {}, 1});
  write_whole_file(net, write_onnx(model));
  const std::string told = "of its 2 outputs the first, '" + model.outputs[0].name + "', is taken";
  const Json json = json_of({"fine-tune", "--data", small_data(), "--model", net, "--epochs", "1",
                             "--count", "20", "--out", folder / "tuned.onnx"});
  REQUIRE(json.at("notes").size() == 1);
  CHECK(contains(json.at("notes").dump(), told));
  CHECK(contains(run_well({"describe", net}).err, told));
}

TEST_CASE("fine-tune of an ONNX network is that of the weights it was made of", "[command]") {
  // Without dropout, whose masks they draw otherwise, the two engines do the same, but for the
  // order in which they add.
  const TemporaryFolder folder;
  const std::string architecture = GENERATE("mlp", "mlp_1200");  // the second normalises batches
  const std::string weights = folder / "mlp.safetensors", net = folder / "mlp.onnx";
  run_well(train(weights, {"--architecture", architecture, "--epochs", "4"}));
  run_well({"convert", weights, "--out", net});
  const auto after = [&](const std::string& model, const std::string& out) {
    return json_of({"fine-tune", "--data", small_data(), "--model", model, "--epochs", "3",
                    "--count", "256", "--learning-rate", "3e-4", "--out", out})
        .at("after");
  };
  const Json special = after(weights, folder / "a.safetensors");
  const Json graph = after(net, folder / "a.onnx");
  for (const char* which : {"clean", "replayed", "fresh"}) {
    CAPTURE(architecture, which, special, graph);
    CHECK(std::abs(special.at(which).at("accuracy").get<double>() -
                   graph.at(which).at("accuracy").get<double>()) <= 0.01);
  }
}

TEST_CASE("adversarial-train and train go on from an ONNX network by every method", "[command]") {
  const TemporaryFolder folder;
  const std::string net = exported(folder), out = folder / "out.onnx";
  for (const std::string method :
       {"mixed-batch", "fgsm-rs", "pgd", "trades", "label-smoothing", "noise"}) {
    INFO(method);
    Arguments more{"--method", method,      "--held-out", "32",         "--epsilon",
                   "0.1",      "--average", "0.9",        "--schedule", "cosine"};
    if (method == "pgd" || method == "trades") more = with(more, {"--steps", "2"});
    const Json json = json_of(go_on("adversarial-train", net, out, more));
    check_evaluation(json.at("clean"), kSmallTest);
    CHECK(clean(out) == json.at("clean").at("accuracy"));
    CHECK(contains(metadata_of(out).at("trained_by"), "--from " + net + " "));
    CHECK(read_whole_file(out) != read_whole_file(net));
  }
  const Json plain = json_of(go_on("train", net, out, {"--freeze-statistics"}));
  CHECK(clean(out) == plain.at("accuracy"));
  CHECK(contains(metadata_of(out).at("trained_by"), "--freeze-statistics"));
}

TEST_CASE("adversarial-train goes on from weights of ours too", "[command]") {
  const TemporaryFolder folder;
  const std::string out = folder / "out.safetensors";
  json_of(go_on("adversarial-train", golden_model(), out,
                {"--held-out", "32", "--learning-rate", "1e-5"}));
  CHECK(clean(out) > 0.9);
}

TEST_CASE("A run of an ONNX network that is resumed gives the same file", "[command]") {
  const TemporaryFolder folder;
  const std::string net = exported(folder), checkpoint = folder / "run.checkpoint";
  const auto run = [&](const std::string& out, const Arguments& more) {
    return with({"adversarial-train", "--data", small_data(), "--out", out}, more);
  };
  const Arguments from{"--from",    net,   "--train-range", "0:160", "--held-out", "32",
                       "--epsilon", "0.1", "--average",     "0.9",   "--epochs"};
  run_well(run(folder / "whole.onnx", with(from, {"2"})));
  run_well(run(folder / "half.onnx", with(from, {"1", "--checkpoint", checkpoint})));
  run_well(run(folder / "rest.onnx", {"--resume", checkpoint, "--epochs", "2"}));
  CHECK(read_whole_file(folder / "rest.onnx") == read_whole_file(folder / "whole.onnx"));

  // The network that it began with lies elsewhere now, or is another one.
  fs::rename(net, folder / "moved.onnx");
  check_refused(folder, run(folder / "x.onnx", {"--resume", checkpoint, "--epochs", "2"}), 1,
                {net});
  run_well(run(folder / "rest.onnx",
               {"--resume", checkpoint, "--epochs", "2", "--from", folder / "moved.onnx"}));
  check_refused(folder,
                run(folder / "x.onnx",
                    {"--resume", checkpoint, "--epochs", "2", "--from", folder / "half.onnx"}),
                1, {"is not the file that the run of " + checkpoint + " began with"});
}

TEST_CASE("Images of one's own train an ONNX network", "[command]") {
  const TemporaryFolder folder;
  const std::string net = exported(folder), out = folder / "out.onnx";
  const std::string images = small_data() + "/t10k-images-idx3-ubyte";
  const std::string labels = small_data() + "/t10k-labels-idx1-ubyte";
  const Arguments own{
      "adversarial-train", "--images", images, "--labels", labels, "--from", net, "--out", out,
      "--epochs",          "1"};
  // A part of them is held out, and judges.
  check_evaluation(json_of(with(own, {"--held-out", "40"})).at("clean"), 40);
  check_evaluation(
      json_of(with(own, {"--held-out", "40", "--test-images", images, "--test-labels", labels}))
          .at("clean"),
      kSmallTest);
  Arguments plain = own;
  plain[0] = "train";
  check_refused(folder, plain, 2, {"--test-images"});
}

TEST_CASE("What cannot be trained is refused before it begins", "[command]") {
  const TemporaryFolder folder;
  const std::string net = exported(folder);
  const auto refused = [&](const Arguments& arguments, int code, const std::string& what) {
    check_refused(folder, arguments, code, {what});
  };
  const std::string tree = in_source("/tests/golden/sklearn/tree.json");
  refused(go_on("adversarial-train", tree, folder / "a.safetensors", {}), 1,
          "cannot be trained here");
  refused({"fine-tune", "--data", small_data(), "--model", tree, "--out", folder / "a.safetensors"},
          1, "cannot be trained here");
  refused(go_on("train", net, folder / "a.safetensors", {}), 2, "ends in .onnx");
  refused(go_on("train", golden_model(), folder / "a.onnx", {}), 2, "inoculate convert");
  refused(go_on("train", golden_model(), folder / "a.safetensors", {"--freeze-statistics"}), 2,
          "--freeze-statistics");
  refused(go_on("train", net, net, {}), 2, "is the file that --from reads");
  const std::string resnet = in_source("/tests/golden/onnx/resnet.onnx");
  refused(go_on("train", resnet, folder / "a.onnx", {}), 1, "not 24x24x3");
}
