// Disks that fill up and folders that vanish while a run goes on.
#include "catch.h"
#include "refusals.h"

using namespace inoculate;

namespace {

int count_of(const std::string& text, const std::string& part) {
  int count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

std::string after(const std::string& words, const CommandResult& result) {
  INFO("stderr: " << result.err);
  const std::size_t at = result.err.rfind(words);
  REQUIRE(at != std::string::npos);
  return lines_of(result.err.substr(at + words.size())).front();
}

/// A folder that is gone after the first epoch, and one for temporary files.
struct Scene {
  TemporaryFolder folder;
  std::string gone = folder / "gone";
  std::string temporary = folder / "temporary";
  CommandSettings settings;

  Scene() {
    fs::create_directory(gone);
    fs::create_directory(temporary);
    settings.environment["TMPDIR"] = temporary;
    settings.interrupt_at = "epoch 1/20  loss";
    settings.signals = {};
    settings.at_mark = [this] { fs::remove_all(gone); };
  }
  CommandResult train(const std::string& out, const Arguments& more) const {
    return run_command(inoculate::train(out, with({"--epochs", "20", "--seed", "3"}, more)),
                       settings);
  }
  /// The weights of the same run where nothing goes wrong.
  static const Bytes& whole() {
    static const Bytes weights = [] {
      const TemporaryFolder place;
      run_well(inoculate::train(place / "whole", {"--epochs", "20", "--seed", "3"}));
      return read_whole_file(place / "whole");
    }();
    return weights;
  }
};

}  // namespace

TEST_CASE("A log or a checkpoint that cannot be written is told once and costs nothing else",
          "[command]") {
  const Scene scene;
  SECTION("in a folder that vanishes") {
    const CommandResult run =
        scene.train(scene.folder / "weights",
                    {"--log", scene.gone + "/log", "--checkpoint", scene.gone + "/run"});
    INFO(run.err);
    CHECK(run.exit_code == 0);
    for (const char* file : {"/log", "/run"}) {
      CHECK(count_of(run.err, "warning: cannot write '" + scene.gone + file) == 1);
    }
    CHECK(contains(run.err, "epoch 20/20"));
    CHECK(read_whole_file(scene.folder / "weights") == scene.whole());
  }
  SECTION("on a disk that is full") {
    if (::access("/dev/full", W_OK) != 0) {
      WARN("SKIP: there is no /dev/full here");
      return;
    }
    const CommandResult run = run_command(
        inoculate::train(scene.folder / "weights",
                         {"--epochs", "3", "--log", "/dev/full", "--checkpoint", "/dev/full"}));
    CHECK(run.exit_code == 0);
    CHECK(count_of(run.err, "warning: cannot write '/dev/full': No space left") == 2);
    CHECK(fs::exists(scene.folder / "weights"));
  }
  SECTION("of fine-tuning") {
    if (::access("/dev/full", W_OK) != 0) {
      WARN("SKIP: there is no /dev/full here");
      return;
    }
    const Json json =
        json_of(with(golden("fine-tune"), {"--count", "50", "--epochs", "1", "--log", "/dev/full",
                                           "--out", scene.folder / "weights"}));
    REQUIRE(json.at("warnings").size() == 1);
    CHECK(contains(json.at("warnings")[0], "/dev/full"));
    CHECK(fs::exists(scene.folder / "weights"));
  }
}

TEST_CASE("Weights that cannot be written at the end are kept elsewhere, which is told",
          "[command]") {
  Scene scene;
  const std::string out = scene.gone + "/my weights";
  SECTION("in the temporary directory") {
    const CommandResult run = scene.train(out, {"--checkpoint", scene.folder / "run"});
    CHECK(run.exit_code == 1);
    CHECK(contains(run.err, "cannot write '" + out));
    const std::string kept = after("the weights are kept in ", run);
    CHECK(kept.starts_with(scene.temporary));
    CHECK(fs::path(kept).filename() == "my weights");
    CHECK(read_whole_file(kept) == scene.whole());
  }
  SECTION("in the checkpoint, where there is no temporary directory") {
    scene.settings.environment["TMPDIR"] = scene.folder / "none";
    const CommandResult run = scene.train(out, {"--checkpoint", scene.folder / "a run"});
    CHECK(run.exit_code == 1);
    fs::create_directory(scene.gone);
    const CommandResult again = run_shell(after("make them again by: ", run));
    INFO(again.err);
    CHECK(again.exit_code == 0);
    CHECK_FALSE(contains(again.err, "loss"));  // Nothing had to be trained again.
    CHECK(read_whole_file(out) == scene.whole());
  }
  SECTION("not where files cannot grow so far, and nothing is left half written") {
    scene.settings = {};
    scene.settings.environment["TMPDIR"] = scene.temporary;
    scene.settings.file_size_limit = 100'000;
    const CommandResult run =
        run_command(train(scene.folder / "weights", {"--epochs", "1"}), scene.settings);
    CHECK(run.exit_code == 1);
    CHECK(contains(run.err, "File too large"));
    CHECK(contains(run.err, "could not be kept"));
    CHECK_FALSE(fs::exists(scene.folder / "weights"));
    CHECK(fs::is_empty(scene.temporary));
  }
}

TEST_CASE("A stopped run that cannot be saved where it was to be is saved elsewhere", "[command]") {
  Scene scene;
  scene.settings.signals = {SIGTERM};
  SECTION("in the temporary directory") {
    const CommandResult run = scene.train(scene.gone + "/weights", {});
    CHECK(run.exit_code == 130);
    CHECK(contains(run.err, "cannot write '" + scene.gone));
    const std::string command = after("go on with: ", run);
    CHECK(contains(command, scene.temporary));
    fs::create_directory(scene.gone);
    CHECK(run_shell(command).exit_code == 0);
    CHECK(read_whole_file(scene.gone + "/weights") == scene.whole());
  }
  SECTION("nowhere, and the run goes on from an older checkpoint") {
    scene.settings.environment["TMPDIR"] = scene.folder / "none";
    const std::string before = scene.folder / "before";
    run_well(inoculate::train(scene.folder / "w",
                              {"--epochs", "1", "--seed", "3", "--checkpoint", before}));
    const std::string out = scene.gone + "/weights";
    scene.settings.interrupt_at = "epoch 2/20  loss";
    const CommandResult run = run_command(
        {"train", "--data", small_data(), "--resume", before, "--epochs", "20", "--out", out},
        scene.settings);
    CHECK(run.exit_code == 130);
    const std::string command = after("from an earlier epoch with: ", run);
    fs::create_directory(scene.gone);
    CHECK(run_shell(command).exit_code == 0);
    CHECK(read_whole_file(out) == scene.whole());
  }
  SECTION("nowhere at all, which is told") {
    scene.settings.environment["TMPDIR"] = scene.folder / "none";
    const CommandResult run = scene.train(scene.gone + "/weights", {});
    CHECK(run.exit_code == 130);
    CHECK(contains(run.err, "it is lost"));
  }
}
