// What people write and name otherwise than the command does: fractions, counts, files.
#include "catch.h"
#include "refusals.h"

using namespace inoculate;

namespace {

/// Moves a small data set's files under other names: MNIST's own name to the new one.
void rename_all(const TemporaryFolder& folder,
                const std::vector<std::pair<std::string, std::string>>& names) {
  write_small_data(folder.path().string());
  for (const auto& [from, to] : names) {
    fs::create_directories(fs::path(folder / to).parent_path());
    fs::rename(folder / from, (folder / to) + ".moved");
    fs::rename((folder / to) + ".moved", folder / to);
  }
}

Arguments evaluate_in(const TemporaryFolder& folder) {
  return {"evaluate", "--data", folder.path().string(), "--model", golden_model()};
}

}  // namespace

TEST_CASE("Fractions and decimals are the same sizes", "[command]") {
  const Json fraction = json_of(fgsm({"--epsilon", "51/255", "--count", "50"}));
  const Json decimal = json_of(fgsm({"--epsilon", "0.2", "--count", "50"}));
  CHECK(fraction.at("adversarial") == decimal.at("adversarial"));
  CHECK(json_of(fgsm({"--epsilon", "8", "--norm", "l2", "--count", "5"})).contains("adversarial"));
  const Json list = json_of({"robustness", "--data", small_data(), "--model", golden_model(),
                             "--count", "20", "--epsilon", "8/255", "--attacks", "fgsm , bim"});
  CHECK(list.at("models")[0].at("attacks").size() == 2);
}

TEST_CASE("A usual count is no more than there are, and 0 means all", "[command]") {
  CHECK(json_of(fgsm({})).at("clean").at("n") == kSmallTest);
  CHECK(json_of(fgsm({"--count", "0"})).at("clean").at("n") == kSmallTest);
  CHECK(json_of(fgsm({"--count", "0", "--start", "150"})).at("clean").at("n") == 50);
  CHECK(json_of(with(golden("evaluate"), {"--count", "0"})).at("n") == kSmallTest);
  const Json judged = json_of(
      {"robustness", "--data", small_data(), "--model", golden_model(), "--attacks", "fgsm"});
  CHECK(judged.at("models")[0].at("n") == kSmallTest);
  const TemporaryFolder folder;
  const Json tuned = json_of({"fine-tune", "--data", small_data(), "--model", golden_model(),
                              "--epochs", "1", "--out", folder / "tuned.safetensors"});
  CHECK(tuned.at("trained_on").at("n") == kSmallTrain);
}

TEST_CASE("MNIST's files are found under their other names", "[command]") {
  const std::string images = "t10k-images-idx3-ubyte", labels = "t10k-labels-idx1-ubyte";
  const std::vector<std::vector<std::pair<std::string, std::string>>> layouts = {
      {{images, "t10k-images.idx3-ubyte"}, {labels, "t10k-labels.idx1-ubyte"}},
      {{images, "emnist-digits-test-images-idx3-ubyte"},
       {labels, "emnist-digits-test-labels-idx1-ubyte"}},
      {{images, "test-images-idx3-ubyte"}, {labels, "test-labels-idx1-ubyte"}},
      {{images, "MNIST/raw/t10k-images-idx3-ubyte"}, {labels, "MNIST/raw/t10k-labels-idx1-ubyte"}},
  };
  for (const auto& layout : layouts) {
    INFO(layout[0].second);
    const TemporaryFolder folder;
    rename_all(folder, layout);
    CHECK(json_of(evaluate_in(folder)).at("n") == kSmallTest);
  }
  // As unzipping on other systems leaves them.
  const TemporaryFolder folder;
  write_small_data(folder.path().string());
  for (const std::string& name : {images, labels}) {
    fs::rename(folder / name, folder / "moving");
    fs::create_directory(folder / name);
    fs::rename(folder / "moving", folder / (name + "/" + name));
  }
  CHECK(json_of(evaluate_in(folder)).at("n") == kSmallTest);
}

TEST_CASE("Where a file is not, what is there is told", "[command]") {
  const TemporaryFolder folder;
  fs::create_directory(folder / "data");
  for (int i = 0; i < 30; ++i) {
    write_whole_file(folder / ("data/\x1b[31m" + std::to_string(10 + i) + ".bmp"), "no digit");
  }
  const Arguments evaluate{"evaluate", "--data", "data", "--model", golden_model()};
  check_refused(folder, evaluate, 1,
                {"t10k-images-idx3-ubyte", "it holds '\\x1b[31m10.bmp'", "and 22 others"});
  check_refused(folder, {"evaluate", "--data", golden_model(), "--model", golden_model()}, 1,
                {"is a file; give the folder"});
  const TemporaryFolder sets;
  for (const char* set : {"digits", "letters"}) {
    write_whole_file(sets / (std::string("emnist-") + set + "-test-images-idx3-ubyte"), "x");
  }
  check_refused(sets, {"evaluate", "--data", ".", "--model", golden_model()}, 1,
                {"'emnist-digits-test", "'emnist-letters-test"});
}

TEST_CASE("A data file that is something else is named for what it is", "[command]") {
  const TemporaryFolder folder;
  write_small_data(folder.path().string());
  const Arguments evaluate{"evaluate", "--data", ".", "--model", golden_model()};
  const std::string images = "t10k-images-idx3-ubyte";
  write_whole_file(folder / images, "<!DOCTYPE html><title>404</title>");
  check_refused(folder, evaluate, 1, {images, "an HTML page", "fetch the file itself"});
  write_whole_file(folder / images, gzip(bytes_of("version https://git-lfs.github.com/spec/v1\n")));
  check_refused(folder, evaluate, 1, {images, "Git LFS pointer", "git lfs pull"});
  write_whole_file(folder / "pickled", "\x80\x04\x95");
  check_refused(folder, {"evaluate", "--data", ".", "--model", "pickled"}, 1,
                {"pickled: is a Python pickle", "convert --from"});
}

TEST_CASE("Models of one name are told apart by their paths", "[command]") {
  const TemporaryFolder folder;
  for (const char* run : {"a", "b"}) {
    fs::create_directory(folder / run);
    fs::copy_file(golden_model(), folder / (std::string(run) + "/model.safetensors"));
  }
  CommandSettings there;
  there.folder = folder.path().string();
  const Arguments judge{"robustness",
                        "--data",
                        small_data(),
                        "--count",
                        "10",
                        "--attacks",
                        "fgsm",
                        "--model",
                        "a/model.safetensors",
                        "b/model.safetensors"};
  const Json json = Json::parse(run_well(with(judge, {"--json"}), there).out);
  CHECK(json.at("models")[0].at("model") == "a/model");
  CHECK(json.at("models")[1].at("model") == "b/model");
  CHECK(json.at("models")[1].at("path") == "b/model.safetensors");
  const std::string text = run_well(with(judge, {"--report", "report"}), there).out;
  CHECK(contains(text, "attack on a/model"));
  CHECK(contains(text, "attack on b/model"));
  const Bytes page = read_whole_file(folder / "report/index.html");
  const std::string html(page.begin(), page.end());
  CHECK(contains(html, "a/model<"));
  CHECK(contains(html, "b/model<"));
}
