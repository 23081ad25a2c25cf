// Adversaries as files: what is written reads as the attack said it would.
#include "catch.h"
#include "refusals.h"

using namespace inoculate;

namespace {

Arguments deepfool(const Arguments& more) {
  return with({"attack", "deepfool", "--norm", "l2", "--data", small_data(), "--model",
               golden_model(), "--count", "60", "--start", "30"},
              more);
}

Json evaluated(const Arguments& images) {
  return json_of(with({"evaluate", "--model", golden_model()}, images));
}

/// What an attack says of its adversaries beside what evaluate makes of a file of them.
void check_same(const Json& said, const Json& read) {
  for (const char* key : {"n", "accuracy", "accuracy_interval", "loss"}) {
    CAPTURE(key);
    CHECK(said.at(key) == read.at(key));
  }
}

}  // namespace

TEST_CASE("adversaries that were written read as attack said, in every form", "[command]") {
  const TemporaryFolder folder;
  const std::string npy = folder / "adversaries.npy", pngs = folder / "pictures";
  fs::create_directory(folder / "idx");
  const Json json =
      json_of(deepfool({"--out", npy, "--out-pngs", pngs, "--out-idx", folder / "idx/t10k"}));
  // DeepFool stops at the boundary: rounding to 8 bits takes many back, so the two differ.
  REQUIRE(json.at("stored_accuracy").get<double>() >
          json.at("adversarial_accuracy").get<double>() + 0.1);

  const std::string images = folder / "idx/t10k-images-idx3-ubyte",
                    labels = folder / "idx/t10k-labels-idx1-ubyte";
  check_same(json.at("adversarial"), evaluated({"--images", npy, "--labels", labels}));
  check_same(json.at("stored"), evaluated({"--images", pngs}));
  check_same(json.at("stored"), evaluated({"--images", images, "--labels", labels}));
  check_same(json.at("stored"), evaluated({"--data", folder / "idx"}));
  CHECK(evaluated({"--images", npy, "--labels", labels}).at("accuracy") ==
        json.at("adversarial_accuracy"));
  CHECK(evaluated({"--images", pngs}).at("accuracy") == json.at("stored_accuracy"));

  const Dataset originals = slice(small_test(), 30, 90);
  CHECK(parse_idx_labels(read_whole_file(labels), labels) == originals.labels);
  // Each picture lies in its label's folder under its number, grey and of 8 bits.
  int pictures = 0;
  for (const auto& entry : fs::recursive_directory_iterator(pngs))
    pictures += entry.is_regular_file();
  CHECK(pictures == 60);
  for (int i = 0; i < 60; ++i) {
    const std::string path = pngs + "/" +
                             std::to_string(originals.labels[static_cast<std::size_t>(i)]) +
                             "/000" + std::to_string(30 + i) + ".png";
    CAPTURE(path);
    REQUIRE(fs::exists(path));
    const Bytes png = read_whole_file(path);
    CHECK(png[24] == 8);  // bits, and colour type 0: grey
    CHECK(png[25] == 0);
  }
  // Nothing else is left.
  CHECK(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()) == 3);
}

TEST_CASE("a weakly perturbed digit comes back from its picture as it was", "[command]") {
  // Its border is blank: a picture of one's own that looks so would be prepared anew.
  const TemporaryFolder folder;
  const Json json =
      json_of(fgsm({"--count", "40", "--epsilon", "1/255", "--out-pngs", folder / "weak"}));
  check_same(json.at("stored"), evaluated({"--images", folder / "weak"}));
}

TEST_CASE("adversaries of images without labels are written without them", "[command]") {
  const TemporaryFolder folder;
  write_whole_file(folder / "digit.png", small_png());
  fs::create_directory(folder / "new");  // An empty folder is as good as none.
  const Arguments attack{"attack", "fgsm", "--model", golden_model(), folder / "digit.png"};
  json_of(with(attack, {"--out-pngs", folder / "new/"}));
  CHECK(fs::is_regular_file(folder / "new/00000.png"));
  CHECK(json_of({"predict", "--model", golden_model(), "--images", folder / "new"}).at("n") == 1);
  check_refused(folder, with(attack, {"--out-idx", folder / "idx"}), 2, {"--out-idx", "labels"});
}

TEST_CASE("outputs that cannot be are refused, and nothing is left half written", "[command]") {
  const TemporaryFolder folder;
  write_whole_file(folder / "file", std::string("kept"));
  fs::create_directory(folder / "full");
  write_whole_file(folder / "full/file", std::string("kept"));
  const auto refused = [&](const Arguments& outputs, int code,
                           const std::vector<std::string>& words,
                           const CommandSettings& settings = {}) {
    check_refused(folder, fgsm(with({"--count", "20"}, outputs)), code, words, settings);
  };
  refused({"--out-pngs", folder / "full"}, 1, {"something in it", "--out-pngs"});
  refused({"--out-pngs", folder / "file"}, 1, {"is a file", "--out-pngs"});
  refused({"--out-pngs", "."}, 1, {"--out-pngs"});
  refused({"--out-pngs", folder / "none/new"}, 1, {"there is no folder", "create it first"});
  refused({"--out-idx", folder / "none/new"}, 1, {"there is no folder", "create it first"});
  for (const char* name : {"a.png", "t10k-images-idx3-ubyte", "a.gz", "folder/"}) {
    refused({"--out", folder / name}, 2, {"--out-pngs FOLDER", "--out-idx PREFIX"});
  }
  CommandSettings settings;
  settings.file_size_limit = 100;  // A picture takes some hundred bytes.
  refused({"--out-pngs", folder / "new"}, 1, {".png", "File too large"}, settings);
  if (::geteuid() == 0) {
    WARN("SKIP: root may write everywhere, so a folder without permission is not tried");
    return;
  }
  fs::create_directory(folder / "locked");
  fs::permissions(folder / "locked", fs::perms::owner_read | fs::perms::owner_exec);
  refused({"--out-pngs", folder / "locked/new"}, 1, {"Permission denied"});
}
