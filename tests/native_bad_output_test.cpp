// Outputs that cannot be written: told before the work, with every file left as it was.
#include "catch.h"
#include "refusals.h"

using namespace inoculate;

TEST_CASE("A file that cannot be written is told before any work, and nothing is half written",
          "[command]") {
  const TemporaryFolder folder;
  write_whole_file(folder / "file", "kept");
  fs::create_directory(folder / "folder");
  const std::string model = golden_model();
  const Arguments train = {"train", "--data", small_data(), "--epochs", "1"};
  const Arguments tune = {"fine-tune", "--data", small_data(), "--model", model, "--count", "20"};
  const Arguments fgsm = {"attack",  "fgsm", "--data",  small_data(),
                          "--model", model,  "--count", "20"};
  const Arguments predict = {"predict", "--data", small_data(), "--model", model};
  struct Output {
    std::string name;
    Arguments arguments;  // the path is put at the end
  };
  const std::vector<Output> outputs = {
      {"train --out", with(train, {"--out"})},
      {"train --log", with(train, {"--out", "new", "--log"})},
      {"train --checkpoint", with(train, {"--out", "new", "--checkpoint"})},
      {"fine-tune --out", with(tune, {"--out"})},
      {"fine-tune --log", with(tune, {"--out", "new", "--log"})},
      {"attack --out", with(fgsm, {"--sheet", "new", "--out"})},
      {"attack --sheet", with(fgsm, {"--out", "new", "--sheet"})},
      {"predict --logits", with(predict, {"--logits"})},
  };
  for (const Output& output : outputs) {
    DYNAMIC_SECTION(output.name) {
      check_refused(folder, with(output.arguments, {folder / "none/file"}), 1,
                    {folder / "none", "create it"});
      check_refused(folder, with(output.arguments, {folder / "file/below"}), 1,
                    {folder / "file/below"});
      check_refused(folder, with(output.arguments, {folder / "folder"}), 1,
                    {folder / "folder", "directory"});
    }
  }
  SECTION("a report into a file") {
    const Arguments judge = {"robustness", "--data",  small_data(), "--count",
                             "20",         "--model", model,        "--report"};
    check_refused(folder, with(judge, {folder / "file"}), 1, {folder / "file", "--report"});
    check_refused(folder, with(judge, {folder / "file/below"}), 1, {folder / "file/below"});
    fs::create_directory(folder / "folder/index.html");
    check_refused(folder, with(judge, {folder / "folder"}), 1, {"index.html", "directory"});
  }
  SECTION("reproduce into a file") {
    const Arguments reproduce = {"reproduce", "--data", small_data(), "--out"};
    check_refused(folder, with(reproduce, {folder / "file"}), 1, {folder / "file"});
    check_refused(folder, with(reproduce, {folder / "file/below"}), 1, {folder / "file/below"});
  }
}

TEST_CASE("A limit on the size of files is told, and an old file stays as it was", "[command]") {
  const TemporaryFolder folder;
  const Arguments fgsm = {"attack",       "fgsm",    "--data", small_data(), "--model",
                          golden_model(), "--count", "100",    "--out"};
  CommandSettings settings;
  settings.file_size_limit = 100'000;  // The adversaries take 313,728 bytes.
  write_whole_file(folder / "old", "kept");
  check_refused(folder, with(fgsm, {"old"}), 1, {"old", "File too large"}, settings);
  check_refused(folder, with(fgsm, {"new"}), 1, {"new", "File too large"}, settings);
}
