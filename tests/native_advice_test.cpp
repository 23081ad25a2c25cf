// Commands that the product prints or writes down are pasted into a shell as they stand, in a
// folder whose files have blanks and quotes in their names.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include "catch.h"
#include "paths.h"
#include "refusals.h"

using namespace inoculate;

namespace {

/// A folder with data, weights and a run's settings, to work in.
class Desk {
 public:
  Desk() {
    settings_.folder = folder_ / "a \"desk\"";
    fs::create_directory(settings_.folder);
    write_small_data(*this / kData);
    fs::copy_file(golden_model(), *this / kModel);
  }
  std::string operator/(const std::string& name) const { return settings_.folder + "/" + name; }
  const CommandSettings& settings() const { return settings_; }

  CommandResult run(const Arguments& arguments, const std::string& interrupt_at = "") const {
    CommandSettings settings = settings_;
    settings.interrupt_at = interrupt_at;
    return run_command(arguments, settings);
  }
  Bytes bytes(const std::string& name) const { return read_whole_file(*this / name); }
  std::string trained_by(const std::string& file) const {
    return parse_safetensors(bytes(file), file).metadata.at("trained_by");
  }
  /// Pastes a command that may call the program by its name alone.
  void paste(const std::string& command) const {
    CommandSettings settings = settings_;
    settings.environment["PATH"] =
        fs::path(command_path()).parent_path().string() + ":" + std::getenv("PATH");
    INFO(command);
    const CommandResult result = run_shell(command, settings);
    INFO(result.err);
    REQUIRE(result.exit_code == 0);
  }

  static constexpr const char* kData = "my data's";
  static constexpr const char* kModel = "a model; $(x).safetensors";

 private:
  TemporaryFolder folder_;
  CommandSettings settings_;
};

/// What follows `words` on the last line of stderr that has them.
std::string after(const std::string& words, const CommandResult& result) {
  INFO("stderr: " << result.err);
  const std::size_t at = result.err.rfind(words);
  REQUIRE(at != std::string::npos);
  return lines_of(result.err.substr(at + words.size())).front();
}

std::string replaced(std::string text, const std::string& part, const std::string& by) {
  const std::size_t at = text.find(part);
  REQUIRE(at != std::string::npos);
  return text.replace(at, part.size(), by);
}

}  // namespace

TEST_CASE("The line after Ctrl-C goes on with the run when it is pasted", "[command]") {
  const Desk desk;
  const Arguments plain = {"train", "--train-range", "0:512", "--epochs", "20", "--seed", "3"};
  const Arguments defence = {"adversarial-train", "--method", "fgsm-rs",  "--epsilon", "0.2",
                             "--held-out",        "100",      "--epochs", "20"};
  const Arguments run = with(GENERATE_COPY(plain, defence), {"--data", Desk::kData});
  run_well(with(run, {"--out", "whole"}), desk.settings());
  SECTION("with every file that was given") {
    const CommandResult stopped =
        desk.run(with(run, {"--out", "my weights", "--log=--a log", "--checkpoint",
                            "it's a \xC3\xA9 checkpoint", "--threads", "1", "--json"}),
                 "epoch 1/20  loss");
    CHECK(stopped.exit_code == 130);
    CHECK_FALSE(contains(stopped.err, "epoch 20/20"));
    const std::string advice = after("go on with: ", stopped);
    CHECK(contains(advice, "--threads 1"));
    CHECK(contains(advice, "--json"));
    CHECK_FALSE(contains(advice, "--seed"));
    desk.paste(advice);
    CHECK(desk.bytes("my weights") == desk.bytes("whole"));
    const Bytes log = desk.bytes("--a log");
    CHECK(lines_of({log.begin(), log.end()}).size() == 21);
    // The checkpoint was kept up to the end.
    CHECK(desk.run(with({run[0]}, {"--data", Desk::kData, "--resume", "it's a \xC3\xA9 checkpoint",
                                   "--out", "again"}))
              .exit_code == 0);
    CHECK(desk.bytes("again") == desk.bytes("whole"));
  }
  SECTION("with no more than it must have, in names that a terminal does not show") {
    const CommandResult stopped =
        desk.run(with(run, {"--out", "tab\there\xE2\x80\xAE"}), "epoch 1/20  loss");
    CHECK(stopped.exit_code == 130);
    desk.paste(after("go on with: ", stopped));
    CHECK(desk.bytes("tab\there\xE2\x80\xAE") == desk.bytes("whole"));
  }
}

TEST_CASE("A run stopped before its first epoch ended goes on with the weights it was to keep",
          "[command]") {
  // The process is stopped while it waits for the labels, which come through a pipe.
  const Desk desk;
  const std::string labels = desk / "my data's/t10k-labels-idx1-ubyte";
  const Bytes content = read_whole_file(labels);
  const std::string keep = GENERATE("last", "best");
  const Arguments run = {"adversarial-train",
                         "--data",
                         Desk::kData,
                         "--method",
                         "pgd",
                         "--epsilon",
                         "0.2",
                         "--steps",
                         "2",
                         "--held-out",
                         "100",
                         "--epochs",
                         "2",
                         "--keep",
                         keep};
  run_well(with(run, {"--out", "whole"}), desk.settings());
  fs::remove(labels);
  REQUIRE(::mkfifo(labels.c_str(), 0600) == 0);
  CommandSettings settings = desk.settings();
  settings.meanwhile = [&](pid_t child) {
    const int pipe = ::open(labels.c_str(), O_WRONLY);  // waits for the reader
    ::kill(child, SIGINT);
    const ssize_t written = ::write(pipe, content.data(), content.size());
    ::close(pipe);
    if (written != static_cast<ssize_t>(content.size())) ::kill(child, SIGKILL);
  };
  const CommandResult stopped = run_command(with(run, {"--out", "weights"}), settings);
  CHECK(stopped.exit_code == 130);
  CHECK_FALSE(contains(stopped.err, "epoch 1"));
  fs::remove(labels);
  write_whole_file(labels, content);
  desk.paste(after("go on with: ", stopped));
  CHECK(desk.bytes("weights") == desk.bytes("whole"));
  CHECK(contains(desk.trained_by("weights"), "--keep " + keep));
}

TEST_CASE("What weights say made them makes them again", "[command]") {
  const Desk desk;
  const std::string files = " --data 'my data'\\''s' --out";
  const auto check = [&](Arguments run) {
    run = with(run, {"--data", Desk::kData, "--seed", "7", "--out", "first"});
    run_well(run, desk.settings());
    const std::string command = desk.trained_by("first");
    CAPTURE(command);
    desk.paste(command + files + " second");
    CHECK(desk.bytes("second") == desk.bytes("first"));
  };
  SECTION("train") {
    check({"train", "--epochs", "2", "--learning-rate", "1/700", "--architecture", "mlp"});
  }
  SECTION("adversarial-train") {
    const Arguments train = {"adversarial-train", "--epochs", "1", "--held-out", "100"};
    const Arguments pgd = {"--method",  "pgd",    "--steps",        "2",
                           "--epsilon", "16/255", "--smooth-share", "1/3"};
    const Arguments trades = {"--method", "trades", "--steps", "2",
                              "--beta",   "1/3",    "--keep",  "last"};
    const Arguments smoothing = {"--method", "label-smoothing", "--smoothing", "1/3"};
    const Arguments one_step = {"--method",      "fgsm-rs",   "--warm-up", "1/3",
                                "--no-recovery", "--average", "2/3",       "--schedule",
                                "cosine",        "--epsilon", "16/255"};
    check(with(train, GENERATE_COPY(pgd, trades, smoothing, one_step)));
  }
  SECTION("fine-tune") {
    check({"fine-tune", "--model", Desk::kModel, "--epsilon", "16/255", "--loss", "mse",
           "--no-clip", "--count", "100", "--epochs", "2", "--learning-rate", "1/700"});
  }
}

// A sanitizer would take minutes.
#if !defined(INOCULATE_SANITIZED)
TEST_CASE("What reproduce's weights say made them makes them again", "[command]") {
  const Desk desk;
  run_well({"reproduce", "--data", Desk::kData, "--epochs", "1", "--first-part", "--seed", "4",
            "--out", "its folder"},
           desk.settings());
  const char* weights = "/fine_tuned_clipped.safetensors";
  desk.paste(desk.trained_by(std::string("its folder") + weights) +
             " --data 'my data'\\''s' --out again");
  CHECK(desk.bytes(std::string("again") + weights) ==
        desk.bytes(std::string("its folder") + weights));
}
#endif

TEST_CASE("The command in a report makes the report again", "[command]") {
  const Desk desk;
  run_well(
      {"robustness", "--model", Desk::kModel, golden_model(), "--data", Desk::kData, "--epsilon",
       "16/255", "--attacks", "fgsm, bim", "--count", "20", "--report", "the report"},
      desk.settings());
  const Bytes bytes = desk.bytes("the report/index.html");
  const std::string page(bytes.begin(), bytes.end()), mark = "<pre><code>";
  const std::size_t begin = page.find(mark) + mark.size();
  std::string command = page.substr(begin, page.find("</code>", begin) - begin);
  for (const auto& [entity, sign] : std::map<std::string, std::string>{
           {"&#39;", "'"}, {"&quot;", "\""}, {"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}}) {
    for (std::size_t at; (at = command.find(entity)) != std::string::npos;) {
      command.replace(at, entity.size(), sign);
    }
  }
  fs::remove_all(desk / "the report");
  desk.paste(command);
  CHECK(fs::exists(desk / "the report/index.html"));
}

TEST_CASE("A checkpoint given for weights is named, with a command that goes on with it",
          "[command]") {
  const Desk desk;
  const bool plain = GENERATE(true, false);
  Arguments run = {"train", "--epochs", "1"};
  if (!plain) run = {"adversarial-train", "--held-out", "100", "--epochs", "1"};
  run_well(with(run, {"--data", Desk::kData, "--out", "w", "--checkpoint", "my run"}),
           desk.settings());
  const std::vector<Arguments> uses = {
      {"evaluate", "--data", Desk::kData, "--model", "my run"},
      {"predict", "--data", Desk::kData, "--model", "my run"},
      {"attack", "fgsm", "--data", Desk::kData, "--model", "my run"},
      {"attack", "transfer", "--data", Desk::kData, "--model", Desk::kModel, "--source", "my run"},
      {"fine-tune", "--data", Desk::kData, "--model", "my run", "--out", "new"},
      {"robustness", "--data", Desk::kData, "--model", Desk::kModel, "my run"},
      {"convert", "--data", Desk::kData, "my run", "--out", "new"},
      {"convert", "--from", "torch", "my run", "--out", "new"}};
  for (const Arguments& use : uses) {
    CAPTURE(use);
    const CommandResult refused = desk.run(use);
    CHECK(refused.exit_code == 1);
    CHECK(contains(refused.err, "my run: is a checkpoint of a training run, not weights"));
    std::string command = after("go on with it by: ", refused);
    command = replaced(command, "FOLDER", "'my data'\\''s'");
    command = replaced(command, "WEIGHTS", "again");
    CHECK(contains(command, plain ? " train " : " adversarial-train "));
    fs::remove(desk / "again");
    if (&use == &uses.front()) {
      desk.paste(command);
      CHECK(desk.bytes("again") == desk.bytes("w"));
    }
    CHECK_FALSE(fs::exists(desk / "new"));
  }
}

TEST_CASE("The help that a refusal points to is there", "[command]") {
  const Desk desk;
  for (const Arguments& wrong :
       {Arguments{"train", "--epochs", "0"}, {"attack", "fgsm", "--nonsense"}, {"nonsense"}}) {
    const CommandResult refused = desk.run(wrong);
    CHECK(refused.exit_code == 2);
    std::string command = after("(see ", refused);
    REQUIRE(command.ends_with(")"));
    command.pop_back();
    desk.paste(command);
  }
  const CommandResult unknown = desk.run(
      {"robustness", "--data", Desk::kData, "--model", Desk::kModel, "--attacks", "nonsense"});
  CHECK(unknown.exit_code == 2);
  CHECK(contains(unknown.err, "inoculate attack --list"));
  desk.paste("inoculate attack --list");
}
