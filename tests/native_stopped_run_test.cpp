// Training runs that signals stop, and runs that go on for more epochs.
#include <csignal>

#include "catch.h"
#include "native/interrupt.h"
#include "paths.h"
#include "refusals.h"

using namespace inoculate;

namespace {

// Long enough for a signal after its first epoch to come in time.
const Arguments kRun = {"--epochs", "20", "--seed", "3"};

/// The weights of kRun, not stopped.
const Bytes& whole() {
  static const Bytes weights = [] {
    const TemporaryFolder folder;
    run_well(train(folder / "whole", kRun));
    return read_whole_file(folder / "whole");
  }();
  return weights;
}

Arguments resume(const std::string& checkpoint, const std::string& out, const Arguments& more) {
  return with({"train", "--data", small_data(), "--resume", checkpoint, "--out", out}, more);
}

using Handler = void (*)(int);

Handler handler_of(int signal) {
  struct sigaction action {};
  ::sigaction(signal, nullptr, &action);
  return action.sa_handler;
}

}  // namespace

TEST_CASE("A batch system's signals and a closed terminal save the run", "[command]") {
  const TemporaryFolder folder;
  CommandSettings settings;
  settings.interrupt_at = "epoch 1/20  loss";
  // A terminal that closes sends SIGHUP more than once.
  settings.signals = GENERATE(as<std::vector<int>>{}, std::vector{SIGTERM}, std::vector{SIGHUP},
                              std::vector{SIGUSR1}, std::vector{SIGHUP, SIGHUP, SIGHUP});
  CAPTURE(settings.signals);
  const CommandResult stopped = run_command(train(folder / "weights", kRun), settings);
  CHECK(stopped.signal == 0);
  CHECK(stopped.exit_code == 130);
  CHECK_FALSE(contains(stopped.err, "epoch 20/20"));
  CHECK_FALSE(fs::exists(folder / "weights"));
  REQUIRE(fs::exists(folder / "weights.checkpoint"));
  run_well(resume(folder / "weights.checkpoint", folder / "weights", {}));
  CHECK(read_whole_file(folder / "weights") == whole());
}

TEST_CASE("Under nohup a closed terminal changes nothing", "[command]") {
  const TemporaryFolder folder;
  CommandSettings settings;
  settings.interrupt_at = "epoch 1/3  loss";
  settings.signals = {SIGHUP};
  settings.ignored = {SIGHUP};
  const CommandResult run =
      run_command(train(folder / "weights", {"--epochs", "3", "--seed", "3"}), settings);
  CHECK(run.exit_code == 0);
  CHECK(contains(run.err, "epoch 3/3"));
  CHECK_FALSE(fs::exists(folder / "weights.checkpoint"));
}

TEST_CASE("A reader of the progress that goes away does not end the run", "[command]") {
  const TemporaryFolder folder;
  const std::string command = "'" + command_path() + "' train --data '" + small_data() +
                              "' --epochs 3 --train-range 0:512 --out '" + (folder / "weights") +
                              "' 2>&1 >/dev/null | true";
  run_shell(command + "; while ! [ -e '" + (folder / "weights") + "' ]; do sleep 0.1; done");
  CHECK(fs::file_size(folder / "weights") > 0);
}

TEST_CASE("A guard puts back what signals did before, and leaves what was ignored", "[command]") {
  std::signal(SIGHUP, SIG_IGN);
  const std::vector<int> signals = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGPIPE};
  std::vector<Handler> before;
  for (const int signal : signals) before.push_back(handler_of(signal));
  {
    const InterruptGuard outer;
    std::raise(SIGHUP);
    CHECK_FALSE(InterruptGuard::interrupted());
    {
      const InterruptGuard inner;
      std::raise(SIGUSR1);
      std::raise(SIGUSR1);
      std::raise(SIGPIPE);
    }
    CHECK(InterruptGuard::interrupted());  // An inner guard forgets nothing.
    CHECK(handler_of(SIGUSR1) != before[3]);
    CHECK(handler_of(SIGHUP) == SIG_IGN);
  }
  for (std::size_t i = 0; i < signals.size(); ++i) CHECK(handler_of(signals[i]) == before[i]);
  std::signal(SIGHUP, SIG_DFL);
  const InterruptGuard next;
  CHECK_FALSE(InterruptGuard::interrupted());
}

TEST_CASE("A run goes on for more epochs as if it had been asked for them at first", "[command]") {
  const TemporaryFolder folder;
  const std::string checkpoint = folder / "checkpoint";
  run_well(train(folder / "two", {"--epochs", "2", "--seed", "3", "--checkpoint", checkpoint}));
  SECTION("of a finished run, twice, on its own checkpoint") {
    run_well(resume(checkpoint, folder / "three", {"--epochs", "3", "--checkpoint", checkpoint}));
    run_well(resume(checkpoint, folder / "more", {"--epochs", "20", "--log", folder / "log"}));
    const Bytes log = read_whole_file(folder / "log");
    CHECK(lines_of({log.begin(), log.end()}).size() == 21);
  }
  SECTION("of an unfinished run, which says so to the next") {
    CommandSettings settings;
    settings.interrupt_at = "epoch 3/20  loss";
    const std::string stopped = folder / "stopped";
    CHECK(run_command(
              resume(checkpoint, folder / "more", {"--epochs", "20", "--checkpoint", stopped}),
              settings)
              .exit_code == 130);
    run_well(resume(stopped, folder / "more", {}));
  }
  CHECK(read_whole_file(folder / "more") == whole());
}

TEST_CASE("Epochs that a run cannot have are refused", "[command]") {
  const TemporaryFolder folder;
  SECTION("fewer than it has done") {
    run_well(train(folder / "out", {"--epochs", "3", "--checkpoint", folder / "run"}));
    check_refused(folder, resume(folder / "run", "new", {"--epochs", "2"}), 2,
                  {"--epochs 2", "epoch 3"});
  }
  SECTION("fewer than it has begun") {
    CommandSettings settings;
    settings.interrupt_at = "epoch 2/20  loss";
    CHECK(run_command(train(folder / "out", kRun), settings).exit_code == 130);
    const std::string checkpoint = folder / "out.checkpoint";
    const Json run = Json::parse(
        parse_safetensors(read_whole_file(checkpoint), checkpoint).metadata.at("training"));
    // The signal may have come between two epochs.
    const int begun = run.at("epoch").get<int>() + (run.at("step") > 0 ? 1 : 0);
    check_refused(folder, resume(checkpoint, "new", {"--epochs", std::to_string(begun - 1)}), 2,
                  {"begun epoch " + std::to_string(begun)});
  }
  SECTION("with step sizes that fall to 0 over them") {
    const Arguments run = {"adversarial-train", "--data", small_data(), "--held-out", "100",
                           "--schedule",        "cosine"};
    const bool finished = GENERATE(true, false);
    CommandSettings settings;
    if (!finished) settings.interrupt_at = "epoch 1/20  loss";
    const CommandResult done =
        run_command(with(run, {"--epochs", finished ? "2" : "20", "--out", folder / "out",
                               "--checkpoint", folder / "run"}),
                    settings);
    CHECK(done.exit_code == (finished ? 0 : 130));
    check_refused(folder,
                  {"adversarial-train", "--data", small_data(), "--resume", folder / "run", "--out",
                   "new", "--epochs", "30"},
                  2, {"--epochs 30", "cosine"});
  }
  SECTION("with best weights that are gone") {
    run_well({"adversarial-train", "--data", small_data(), "--held-out", "100", "--epochs", "1",
              "--keep", "last", "--out", folder / "out", "--checkpoint", folder / "run"});
    check_refused(folder,
                  {"adversarial-train", "--data", small_data(), "--resume", folder / "run", "--out",
                   "new", "--keep", "best"},
                  2, {"--keep best"});
  }
}
