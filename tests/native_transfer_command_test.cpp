// inoculate transfer: its matrix is what single attacks say, and what is written is what is told.
#include "paths.h"
#include "refusals.h"

using namespace inoculate;

namespace {

// Models of five kinds, fitted once.
const TemporaryFolder& models() {
  static const TemporaryFolder folder;
  static const bool made = [] {
    for (const auto& [kind, file] :
         std::map<std::string, std::string>{{"logistic", "lr.json"},
                                            {"svm", "svm.json"},
                                            {"tree", "tree.json"},
                                            {"knn", "knn.safetensors"}}) {
      run_well({"fit", "--kind", kind, "--data", small_data(), "--out", folder / file});
    }
    return true;
  }();
  (void)made;
  return folder;
}

std::string list_of(const std::vector<std::string>& files) {
  std::string list;
  for (const std::string& file : files) list += (list.empty() ? "" : ",") + (models() / file);
  return list;
}

Arguments transfer(const std::string& files, const std::string& out, const Arguments& more = {}) {
  return with(
      {"transfer", "--models", files, "--data", small_data(), "--out", out, "--limit", "60"}, more);
}

const Json& cell(const Json& told, const std::string& row, const std::string& column) {
  for (const Json& one : told.at("cells")) {
    if (one.at("row") == row && one.at("column") == column) return one;
  }
  throw std::runtime_error("no " + row + ", " + column);
}

}  // namespace

TEST_CASE("transfer: the diagonal is each attack's own success", "[command]") {
  const TemporaryFolder folder;
  const std::string files =
      golden_model() + "," + list_of({"lr.json", "svm.json", "tree.json", "knn.safetensors"});
  const Json told = json_of(transfer(files, folder / "out", {"--epsilon", "0.2"}));
  CHECK(told.at("n") == 60);
  CHECK(told.at("cells").size() == 25);
  const std::map<std::string, std::pair<std::string, std::string>> rows{
      {"keras_simple_cnn", {"fgsm", golden_model()}},
      {"lr", {"fgsm", models() / "lr.json"}},
      {"svm", {"hyperplane", models() / "svm.json"}},
      {"tree", {"tree-path", models() / "tree.json"}},
      {"knn", {"soft-neighbours", models() / "knn.safetensors"}}};
  for (const auto& [name, how] : rows) {
    INFO(name);
    const Json attacked = json_of({"attack", how.first, "--model", how.second, "--data",
                                   small_data(), "--epsilon", "0.2", "--count", "60"});
    const Json& own = cell(told, name, name);
    CHECK(own.at("misread").get<double>() / 60 ==
          Approx(1 - attacked.at("adversarial_accuracy").get<double>()));
    CHECK(own.at("fooled") == attacked.at("success").at("count"));
    CHECK(own.at("both_right") == attacked.at("success").at("n"));
    CHECK(own.contains("published"));
  }
  CHECK(cell(told, "svm", "knn").at("published").get<double>() == Approx(0.0519));
  CHECK(cell(told, "keras_simple_cnn", "lr").at("published").get<double>() == Approx(0.2302));

  const Bytes csv = read_whole_file(folder / "out/transfer.csv");
  const std::vector<std::string> lines = lines_of({csv.begin(), csv.end()});
  REQUIRE(lines.size() == 26);
  CHECK(lines[0].starts_with("row,column,attack,n,misread,misread_share,"));
  CHECK(lines[1].starts_with(
      "keras_simple_cnn,keras_simple_cnn,fgsm,60," +
      cell(told, "keras_simple_cnn", "keras_simple_cnn").at("misread").dump() + ","));
  const ColorPicture picture =
      read_png(read_whole_file(folder / "out/transfer.png"), "transfer.png");
  CHECK(picture.width > 1000);
}

TEST_CASE("transfer: one attack for all, and text", "[command]") {
  const TemporaryFolder folder;
  const CommandResult told =
      run_well(transfer(list_of({"lr.json", "svm.json"}), folder / "out", {"--attack", "pgd"}));
  CHECK(contains(told.out, "of all adversaries, those that the column misreads"));
  CHECK(contains(told.out, "of images that both read rightly before"));
  CHECK_FALSE(contains(told.out, "Papernot"));  // whose rows were attacked otherwise
}

TEST_CASE("transfer: within one kind, on parts of the training images", "[command]") {
  for (const std::string kind : {"tree", "dnn"}) {
    const TemporaryFolder folder;
    Arguments arguments{"transfer",   "--within", kind, "--parts", "3",           "--data",
                        small_data(), "--limit",  "40", "--out",   folder / "out"};
    if (kind == "dnn") arguments = with(arguments, {"--epochs", "1"});
    const Json told = json_of(arguments);
    CHECK(told.at("cells").size() == 9);
    CHECK(told.at("models").at(2).at("name") == kind + " 3");
    CHECK_FALSE(told.at("cells").at(0).contains("published"));
  }
}

TEST_CASE("transfer: what cannot be is refused in one line, and nothing is written", "[command]") {
  const TemporaryFolder folder;
  const std::string out = folder / "out";
  const auto refused = [&](const Arguments& arguments, int code, const std::string& words) {
    check_refused(folder, arguments, code, {words});
  };
  const std::string two = list_of({"lr.json", "tree.json"});
  refused({"transfer", "--data", small_data(), "--out", out}, 2, "by --models A,B,...");
  refused(transfer(two, out, {"--attack", "pgd"}), 1, "gives no more than probabilities");
  refused(transfer(two, out, {"--attack", "nothing"}), 2, "there is no such attack");
  refused(transfer(two, out, {"--attack", "transfer"}), 2, "needs a source");
  refused(transfer(two, out, {"--epsilon", "8"}), 2, "8/255");
  refused(transfer(two, out, {"--c", "1"}), 2, "--c");
  refused(transfer(two + "," + in_source("/tests/golden/onnx/mlp.onnx"), out), 1,
          "adversaries are shown to models of the same images and classes");
  refused(transfer(two + ",none.json", out), 1, "none.json");
  refused({"transfer", "--within", "tree", "--epochs", "2", "--data", small_data(), "--out", out},
          2, "--epochs means nothing for the kind tree");
  write_whole_file(folder / "full", std::string("a file"));
  refused(transfer(two, folder / "full"), 1, "is a file");
}
