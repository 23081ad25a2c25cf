// inoculate fit: its models are read by every command, its files say how they were made, and what
// cannot be is refused in words.
#include "refusals.h"

using namespace inoculate;

namespace {

Arguments fit(const std::string& kind, const std::string& out, const Arguments& more = {}) {
  return with({"fit", "--kind", kind, "--data", small_data(), "--out", out}, more);
}

Json evaluated(const std::string& model) {
  return json_of({"evaluate", "--data", small_data(), "--model", model});
}

}  // namespace

TEST_CASE("fit: each kind learns, and is read as it was told", "[command]") {
  const TemporaryFolder folder;
  const struct {
    std::string kind, file;
    double least;
  } rows[] = {{"logistic", "lr.json", 0.8},
              {"svm", "svm.json", 0.8},
              {"tree", "tree.json", 0.5},
              {"knn", "knn.safetensors", 0.8}};
  for (const auto& row : rows) {
    INFO(row.kind);
    const std::string out = folder / row.file;
    const Json told = json_of(fit(row.kind, out));
    CHECK(told.at("train_n") == kSmallTrain);
    CHECK(told.at("accuracy").get<double>() >= row.least);
    CHECK(evaluated(out).at("accuracy") == told.at("accuracy"));
    const Json described = json_of({"describe", out});
    CHECK(described.at("input") == Json{28, 28, 1});
    const Bytes bytes = read_whole_file(out);
    const std::string text(bytes.begin(), bytes.end());
    CHECK(contains(text, "inoculate fit --kind " + row.kind));
    run_well(fit(row.kind, folder / "again"));
    CHECK(read_whole_file(folder / "again") == bytes);  // nothing is random
  }
}

TEST_CASE("fit: options of a kind are heeded", "[command]") {
  const TemporaryFolder folder;
  run_well(fit("tree", folder / "tree.json", {"--depth", "3", "--train-limit", "300"}));
  const Json tree = json_of({"describe", folder / "tree.json"});
  const std::string nodes = tree.at("layers").at(0).at("name");
  CHECK(contains(nodes, "leaves"));
  CHECK(std::stoi(nodes) <= 15);
  run_well(fit("knn", folder / "knn.safetensors", {"--neighbours", "5", "--train-limit", "100"}));
  CHECK(json_of({"describe", folder / "knn.safetensors"}).at("layers").at(0).at("name") ==
        "5 of 100 training images");
  const CommandResult early = run_well(fit("svm", folder / "svm.json", {"--steps", "2"}));
  CHECK(contains(early.err, "the optimiser has not ended after 2 steps"));
}

TEST_CASE("fit: an ensemble votes by its parts, wherever their folder is", "[command]") {
  const TemporaryFolder folder;
  fs::create_directories(folder / "models/parts");
  const std::string lr = folder / "models/lr.json", tree = folder / "models/parts/tree.json",
                    knn = folder / "models/knn.safetensors", vote = folder / "models/vote.json";
  run_well(fit("logistic", lr));
  run_well(fit("tree", tree));
  run_well(fit("knn", knn));
  const Json told = json_of(fit("ensemble", vote, {"--parts", lr + "," + tree + "," + knn}));
  CHECK(told.at("accuracy").get<double>() > 0.8);
  fs::rename(folder / "models", folder / "moved");
  CHECK(evaluated(folder / "moved/vote.json").at("accuracy") == told.at("accuracy"));
  const Json fooled = json_of({"attack", "by-parts", "--data", small_data(), "--model",
                               folder / "moved/vote.json", "--epsilon", "0.2", "--count", "50"});
  CHECK(fooled.at("adversarial_accuracy").get<double>() <
        fooled.at("clean_accuracy").get<double>() - 0.3);

  const std::string moved = folder / "moved/vote.json";
  check_refused(folder,
                fit("ensemble", folder / "moved/more.json", {"--parts", moved + "," + moved}), 1,
                {"vote.json: is an ensemble, which cannot be a part of another"});
  check_refused(folder,
                fit("ensemble", folder / "moved/parts/v.json",
                    {"--parts", folder / "moved/lr.json", folder / "moved/parts/tree.json"}),
                2, {"--parts", "lr.json: lies neither beside --out nor below it"});
  // A file that names itself, or an ensemble, goes round in no circle.
  write_whole_file(folder / "self.json",
                   bytes_of(R"({"kind": "ensemble", "parts": ["self.json", "self.json"]})"));
  check_refused(folder, {"evaluate", "--data", small_data(), "--model", folder / "self.json"}, 1,
                {"self.json: is an ensemble, which cannot be a part of another"});
}

TEST_CASE("fit: what cannot be is refused in one line", "[command]") {
  const TemporaryFolder folder;
  const std::string out = folder / "m.json";
  check_refused(folder, fit("forest", out), 2, {"--kind"});
  check_refused(folder, fit("tree", out, {"--c", "1"}), 2, {"--c means nothing for the kind tree"});
  check_refused(folder, fit("svm", out, {"--neighbours", "3"}), 2,
                {"--neighbours means nothing for the kind svm"});
  check_refused(folder,
                fit("knn", folder / "m.safetensors", {"--neighbours", "50", "--train-limit", "20"}),
                2, {"--neighbours 50: there are only 20 training images"});
  check_refused(folder, fit("ensemble", out), 2, {"--kind ensemble needs --parts"});
  check_refused(folder, fit("tree", out, {"--parts", "a.json,b.json"}), 2,
                {"--parts means nothing for the kind tree"});
  check_refused(folder, fit("tree", out, {"--train-limit", "1"}), 1,
                {"training images are all of class"});
  check_refused(folder, fit("tree", out, {"--train-limit", "601"}), 2, {"only 600"});
  check_refused(folder, fit("tree", folder / "no/m.json"), 1, {"there is no folder"});
  check_refused(folder, fit("tree", out, {"--train-limit", "0601"}), 2, {"--train-limit 601: "});
  check_refused(folder, fit("knn", out), 2, {"m.json", "read as .json"});
  check_refused(folder, fit("tree", folder / "m.onnx"), 2, {"read as .onnx"});
  for (const std::string option : {"--images", "--train-limit", "--classes"}) {
    check_refused(
        folder,
        {"fit", "--kind", "ensemble", "--parts", "a.json,b.json", option, "5", "--out", out}, 2,
        {option + " means nothing for the kind ensemble"});
  }
}

TEST_CASE("fit: bad files of neighbours are refused by every command", "[command]") {
  const TemporaryFolder folder;
  run_well(fit("knn", folder / "knn.safetensors", {"--train-limit", "50"}));
  Bytes file = read_whole_file(folder / "knn.safetensors");
  std::string text(file.begin(), file.end());
  const std::size_t at = text.find("\"k\":\"3\"");
  REQUIRE(at != std::string::npos);
  file[at + 5] = '0';
  write_whole_file(folder / "bad.safetensors", file);
  for (const std::string command : {"evaluate", "predict", "robustness"}) {
    check_refused(folder, {command, "--data", small_data(), "--model", folder / "bad.safetensors"},
                  1, {"bad.safetensors", "'k' is no whole number from 1 to 50"});
  }
}
