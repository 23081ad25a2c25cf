// Outputs that would be written over what the run reads, or over each other; and "-".
#include "catch.h"
#include "refusals.h"

using namespace inoculate;

namespace {

/// A folder with a data set, weights and a checkpoint, and links to them.
struct Scene {
  TemporaryFolder folder;

  Scene() {
    write_small_data(folder / "data");
    fs::copy_file(golden_model(), folder / "model");
    write_whole_file(folder / "digit.png", small_png());
    run_well({"train", "--data", folder / "data", "--epochs", "1", "--architecture", "mlp", "--out",
              folder / "weights", "--checkpoint", folder / "run"});
    link("model", "model");
    link("digit.png", "digit.png");
    link("data/t10k-images-idx3-ubyte", "images");
    link("data/train-labels-idx1-ubyte", "labels");
    link("run", "run");
  }
  /// A symbolic link to a symbolic link, and a hard link.
  void link(const std::string& file, const std::string& name) const {
    fs::create_symlink(folder / file, folder / ("to " + name));
    fs::create_symlink("to " + name, folder / ("soft " + name));
    fs::create_hard_link(folder / file, folder / ("hard " + name));
  }
};

}  // namespace

TEST_CASE("An output onto one of the run's own inputs is refused before any work", "[command]") {
  static const Scene scene;
  const Arguments train = {"train", "--data", "data", "--epochs", "1", "--out"};
  const Arguments defend = {"adversarial-train", "--data", "data", "--epochs", "1", "--out"};
  const Arguments resume = {"train", "--data", "data", "--resume", "run", "--out"};
  const Arguments tune = {"fine-tune", "--data",  "data", "--model",
                          "model",     "--count", "20",   "--out"};
  const Arguments fgsm = {"attack", "fgsm", "--data", "data", "--model", "model", "--count", "20"};
  const Arguments transfer = {"attack",   "transfer", "--data",  "data", "--model", "weights",
                              "--source", "model",    "--count", "20",   "--out"};
  const Arguments own = {"attack",   "fgsm",
                         "--model",  "model",
                         "--images", "data/t10k-images-idx3-ubyte",
                         "--labels", "data/train-labels-idx1-ubyte",
                         "--count",  "20",
                         "--out"};
  const Arguments picture = {"attack", "fgsm", "--model", "model", "digit.png", "--sheet"};
  const Arguments predict = {"predict", "--data", "data", "--model", "model", "--logits"};
  const Arguments convert = {"convert", "--data", "data", "--model", "model", "--out"};
  struct Clash {
    Arguments arguments;
    std::string name;
    std::string input;
  };
  const std::vector<Clash> clashes = {{train, "images", "--data"},
                                      {train, "labels", "--data"},
                                      {with(train, {"new", "--log"}), "images", "--data"},
                                      {with(train, {"new", "--checkpoint"}), "labels", "--data"},
                                      {resume, "run", "--resume"},
                                      {with(resume, {"new", "--log"}), "run", "--resume"},
                                      {defend, "labels", "--data"},
                                      {tune, "model", "--model"},
                                      {tune, "labels", "--data"},
                                      {with(tune, {"new", "--log"}), "model", "--model"},
                                      {with(fgsm, {"--out"}), "model", "--model"},
                                      {with(fgsm, {"--out"}), "images", "--data"},
                                      {with(fgsm, {"--sheet"}), "model", "--model"},
                                      {own, "images", "--images"},
                                      {own, "labels", "--labels"},
                                      {transfer, "model", "--source"},
                                      {picture, "digit.png", "pictures"},
                                      {predict, "model", "--model"},
                                      {predict, "images", "--data"},
                                      {convert, "model", "--model"},
                                      {convert, "images", "--data"}};
  for (const Clash& clash : clashes) {
    CAPTURE(clash.arguments);
    for (const char* kind : {"soft ", "hard "}) {
      const std::string output = kind + clash.name;
      check_refused(scene.folder, with(clash.arguments, {output}), 2,
                    {output + ": is the file that " + clash.input + " reads"});
    }
  }
  check_refused(scene.folder, with(convert, {"data/../model"}), 2, {"--model reads"});
}

TEST_CASE("Outputs into a folder are held against what is read, too", "[command]") {
  const Scene scene;
  fs::create_directory(scene.folder / "out");
  const auto check = [&](const char* output, const char* file, const Arguments& arguments,
                         const char* option) {
    fs::create_hard_link(scene.folder / file, scene.folder / output);
    check_refused(scene.folder, arguments, 2, {output, option});
    fs::remove(scene.folder / output);
  };
  const Arguments judge = {"robustness", "--data", "data", "--model", "model", "--count", "20"};
  check("out/index.html", "model", with(judge, {"--report", "out"}), "--model reads");
  check("out/index.html", "data/t10k-labels-idx1-ubyte", with(judge, {"--report", "out"}),
        "--data reads");
  check("out/c.csv", "model", with(judge, {"--curve", "out/c"}), "--model reads");
  const Arguments reproduce = {"reproduce", "--data", "data", "--epochs", "1", "--out", "out"};
  check("out/adversaries.png", "data/train-images-idx3-ubyte", reproduce, "--data reads");
  check("out/pgd.safetensors", "data/t10k-labels-idx1-ubyte", reproduce, "--data reads");
}

TEST_CASE("Two outputs of a run that are one file are refused", "[command]") {
  const TemporaryFolder folder;
  fs::create_directory(folder / "a");
  fs::create_symlink("a", folder / "b");
  fs::create_symlink("a/new", folder / "link");  // to a file that is not there yet
  const Arguments run = {"train", "--data", small_data(), "--epochs", "1", "--out", "a/new"};
  for (const char* option : {"--log", "--checkpoint"}) {
    for (const char* other : {"a/new", "b/new", "a/../b/new", "link"}) {
      check_refused(folder, with(run, {option, other}), 2,
                    {std::string(option) + " " + other, "--out writes"});
    }
  }
  check_refused(folder, with(run, {"--log", "a/x", "--checkpoint", "b/x"}), 2, {"--log writes"});
  check_refused(folder, with(run, {"--log", "a/new.checkpoint"}), 2, {"--log writes"});
  check_refused(folder,
                with(fgsm({"--count", "20"}), {"--out", folder / "x", "--sheet", folder / "x"}), 2,
                {"--out writes"});
}

TEST_CASE("A run may go on in its own checkpoint, and devices are no files", "[command]") {
  const Scene scene;
  const Arguments resume = {"train", "--data", scene.folder / "data", "--epochs", "2"};
  run_well(with(resume, {"--resume", scene.folder / "soft run", "--checkpoint",
                         scene.folder / "run", "--out", scene.folder / "new"}));
  fs::rename(scene.folder / "run", scene.folder / "new.checkpoint");
  run_well({"train", "--data", scene.folder / "data", "--resume", scene.folder / "new.checkpoint",
            "--out", scene.folder / "new"});
  run_well(fgsm({"--count", "20", "--out", "/dev/null", "--sheet", "/dev/null"}));
}

TEST_CASE("A file called - is neither read nor made", "[command]") {
  const TemporaryFolder folder;
  const std::string model = golden_model();
  const Arguments train = {"train", "--data", small_data(), "--epochs", "1", "--out"};
  const Arguments tune = {"fine-tune", "--data", small_data(), "--model", model, "--count", "20"};
  const Arguments judge = {"robustness", "--data", small_data(), "--model", model, "--count", "20"};
  const Arguments convert = {"convert", "--data", small_data(), "--model"};
  const std::vector<Arguments> uses = {
      with(train, {"-"}),
      with(train, {"new", "--log", "-"}),
      with(train, {"new", "--checkpoint", "-"}),
      {"train", "--data", small_data(), "--resume", "-", "--out", "new"},
      {"train", "--data", "-", "--out", "new"},
      with(tune, {"--out", "-"}),
      with(tune, {"--out", "new", "--log", "-"}),
      fgsm({"--out", "-"}),
      fgsm({"--sheet", "-"}),
      fgsm({"--out-pngs", "-"}),
      fgsm({"--out-idx", "-"}),
      with(tune, {"--images", "-", "--labels", "-", "--out", "new"}),
      {"attack", "fgsm", "--model", model, "-"},
      {"predict", "--model", model, "-"},
      {"predict", "--data", small_data(), "--model", "-"},
      {"predict", "--data", small_data(), "--model", model, "--logits", "-"},
      {"evaluate", "--data", small_data(), "--model", "-"},
      with(judge, {"--report", "-"}),
      with(judge, {"--curve", "-"}),
      with(convert, {"-", "--out", "new"}),
      with(convert, {model, "--out", "-"}),
      {"convert", "--from", "torch", "--model", "-", "--out", "new"},
      {"reproduce", "--data", small_data(), "--out", "-"},
      {"bench", "--data", "-"}};
  for (const Arguments& use : uses) {
    CAPTURE(use);
    check_refused(folder, use, 1, {"'-' is not a file name here", "./-"});
  }
  // Nor where there is one.
  fs::create_directory(folder / "-");
  write_small_data(folder / "-");
  check_refused(folder, {"evaluate", "--data", "-", "--model", model}, 1, {"'-'", "./-"});
  CommandSettings settings;
  settings.folder = folder.path().string();
  run_well({"evaluate", "--data", "./-", "--model", model}, settings);
}
