// inoculate train and adversarial-train as users run them.
#include <cstdio>
#include <numeric>

#include "catch.h"
#include "command_checks.h"

using namespace inoculate;

TEST_CASE("train writes weights that evaluate reads, and a log", "[command]") {
  const TemporaryFolder folder;
  const std::string weights = folder / "weights.safetensors";
  const Json trained = json_of(train(weights, {"--epochs", "2", "--log", folder / "log.csv"}));
  check_evaluation(trained, kSmallTest);
  CHECK(trained.at("out") == weights);
  CHECK(trained.at("epochs") == 2);
  CHECK(trained.at("train_n") == 512);
  CHECK(trained.at("training_seconds").get<double>() > 0);
  CHECK(trained.at("seconds_per_epoch").get<double>() ==
        Approx(trained.at("training_seconds").get<double>() / 2));

  const Json evaluated = json_of({"evaluate", "--data", small_data(), "--model", weights});
  for (const char* key : {"n", "loss", "accuracy", "accuracy_interval"}) {
    CHECK(evaluated.at(key) == trained.at(key));
  }

  const Bytes log = read_whole_file(folder / "log.csv");
  const auto lines = lines_of({log.begin(), log.end()});
  REQUIRE(lines.size() == 3);
  CHECK(lines[0] == "epoch,loss,accuracy,validation_loss,validation_accuracy,seconds");
  for (std::size_t epoch = 1; epoch <= 2; ++epoch) {
    INFO(lines[epoch]);
    double loss = 0, accuracy = 0, validation_loss = 0, validation_accuracy = 0, seconds = 0;
    std::size_t number = 0;
    CHECK(std::sscanf(lines[epoch].c_str(), "%zu,%lf,%lf,%lf,%lf,%lf", &number, &loss, &accuracy,
                      &validation_loss, &validation_accuracy, &seconds) == 6);
    CHECK(number == epoch);
    CHECK(loss > 0);
    CHECK(accuracy > 0);
    CHECK(seconds > 0);
    if (epoch == 2) {
      CHECK(validation_loss == Approx(trained.at("loss").get<double>()).margin(1e-6));
      CHECK(validation_accuracy == Approx(trained.at("accuracy").get<double>()).margin(1e-6));
    }
  }
  // Nothing else is left: no temporary file, no checkpoint.
  CHECK(folder.content().size() == 2);
}

TEST_CASE("An epoch of few steps leaves weights that read what they have learnt to read",
          "[command]") {
  // 59 steps, as one epoch on MNIST with batches of 1,024: too few for moving averages that start
  // from 0 and 1, which left such a network near chance.
  const TemporaryFolder folder;
  const std::string data = folder / "data";
  fs::create_directory(data);
  const auto sample = [](int begin, int count) {
    std::vector<std::int32_t> indices(static_cast<std::size_t>(count));
    std::iota(indices.begin(), indices.end(), begin);
    return sample_images(indices);
  };
  write_split(data, "train", sample(0, 5900));
  write_split(data, "t10k", sample(6000, 1000));
  const Arguments run = {"train", "--data",       data,           "--epochs", "1",
                         "--out", folder / "out", "--batch-size", "100"};
  CHECK(json_of(run).at("accuracy").get<double>() >= 0.9);
  CHECK(json_of({"evaluate", "--data", data, "--model", folder / "out"})
            .at("accuracy")
            .get<double>() >= 0.9);
}

TEST_CASE("The same seed gives the same weights, byte for byte, for any number of threads",
          "[command]") {
  const TemporaryFolder folder;
  const auto weights_of = [&](const char* seed, const char* threads) {
    run_well(train(folder / "weights", {"--epochs", "1", "--seed", seed, "--threads", threads}));
    return read_whole_file(folder / "weights");
  };
  const Bytes one = weights_of("5", "1");
  CHECK(one == weights_of("5", "1"));
  CHECK(one == weights_of("5", "2"));
  const std::string first = folder / "first";
  write_whole_file(first, one);
  weights_of("6", "2");
  CHECK_FALSE(same_weights(first, folder / "weights"));
}

TEST_CASE("A run stopped by Ctrl-C says how to go on, and ends as if it had not been stopped",
          "[command]") {
  const TemporaryFolder folder;
  const Arguments run = {"--epochs", "6", "--seed", "3"};
  run_well(train(folder / "whole", run));
  CommandSettings settings;
  settings.interrupt_at = "epoch 1/6  loss";
  SECTION("by its own checkpoint") {
    const std::string out = folder / "parts";
    const CommandResult stopped = run_command(train(out, run), settings);
    CHECK(stopped.signal == 0);
    CHECK(stopped.exit_code == 130);
    CHECK(stopped.out.empty());
    CHECK_FALSE(fs::exists(out));
    REQUIRE(fs::exists(out + ".checkpoint"));
    const std::string last = lines_of(stopped.err).back();
    INFO(last);
    CHECK(last.starts_with("inoculate: interrupted"));
    CHECK_FALSE(contains(stopped.err, "epoch 6/6"));

    // The advice is followed to the letter.
    const std::string advice = "go on with: ";
    const std::size_t at = last.find(advice);
    REQUIRE(at != std::string::npos);
    CHECK(run_shell(last.substr(at + advice.size())).exit_code == 0);
    CHECK(read_whole_file(out) == read_whole_file(folder / "whole"));
  }
  SECTION("by --checkpoint, on other threads, with a log of the whole run") {
    const std::string checkpoint = folder / "checkpoint";
    const CommandResult stopped = run_command(
        train(folder / "parts", with(run, {"--checkpoint", checkpoint, "--threads", "1"})),
        settings);
    CHECK(stopped.exit_code == 130);
    CHECK(contains(stopped.err, "--resume " + checkpoint));
    CHECK_FALSE(fs::exists(folder / "parts.checkpoint"));
    run_well({"train", "--data", small_data(), "--resume", checkpoint, "--out", folder / "parts",
              "--log", folder / "log.csv", "--threads", "2"});
    CHECK(read_whole_file(folder / "parts") == read_whole_file(folder / "whole"));
    const Bytes log = read_whole_file(folder / "log.csv");
    CHECK(lines_of({log.begin(), log.end()}).size() == 7);
  }
}

TEST_CASE("A finished run's checkpoint resumes to the same weights", "[command]") {
  const TemporaryFolder folder;
  const std::string architecture =
      GENERATE(as<std::string>{}, "simple_cnn", "mlp", "logistic_regression");
  run_well(train(folder / "first", {"--epochs", "1", "--architecture", architecture, "--checkpoint",
                                    folder / "checkpoint"}));
  const CommandResult again =
      run_well({"train", "--data", small_data(), "--resume", folder / "checkpoint", "--out",
                folder / "second", "--log", folder / "log", "--checkpoint", folder / "copy"});
  CHECK(lines_of(again.err).size() == 1);
  CHECK(contains(again.err, "note: " + (folder / "checkpoint") + ": this run is over"));
  CHECK(contains(again.err, "--epochs with more than 1 trains on"));
  CHECK(read_whole_file(folder / "first") == read_whole_file(folder / "second"));
  CHECK(read_whole_file(folder / "checkpoint") == read_whole_file(folder / "copy"));
  const Bytes log = read_whole_file(folder / "log");
  CHECK(lines_of({log.begin(), log.end()}).size() == 2);
  const auto metadata = parse_safetensors(read_whole_file(folder / "second"), "second").metadata;
  CHECK(metadata.at("architecture") == architecture);
  CHECK(contains(metadata.at("trained_by"), "--architecture " + architecture) ==
        (architecture != "simple_cnn"));
}

TEST_CASE("adversarial-train resists the attack that it was trained on", "[command]") {
  const TemporaryFolder folder;
  const Arguments run = {"adversarial-train",
                         "--data",
                         small_data(),
                         "--train-range",
                         "0:600",
                         "--held-out",
                         "100",
                         "--epochs",
                         "20",
                         "--batch-size",
                         "16",
                         "--epsilon",
                         "0.2",
                         "--average",
                         "0.9"};
  const Json trained = json_of(with(run, {"--out", folder / "weights", "--log", folder / "log",
                                          "--checkpoint", folder / "checkpoint"}));
  check_evaluation(trained.at("clean"), 200);
  check_evaluation(trained.at("fresh_fgsm"), 200);
  CHECK(trained.at("method") == "mixed-batch");
  const Json plain = json_of(train(folder / "plain", {"--epochs", "12"}));
  const Json attacked = json_of({"attack", "fgsm", "--data", small_data(), "--model",
                                 folder / "plain", "--count", "200", "--epsilon", "0.2"});
  CHECK(trained.at("fresh_fgsm").at("accuracy").get<double>() >
        attacked.at("adversarial_accuracy").get<double>() + 0.2);

  const Bytes log = read_whole_file(folder / "log");
  const auto lines = lines_of({log.begin(), log.end()});
  REQUIRE(lines.size() == 21);
  CHECK(lines[0] ==
        "epoch,loss,accuracy,validation_loss,validation_accuracy,seconds,attacked_accuracy");

  // Resumed, it comes to the same weights; another sub-command does not take it.
  run_well({"adversarial-train", "--data", small_data(), "--resume", folder / "checkpoint", "--out",
            folder / "again"});
  CHECK(same_weights(folder / "again", folder / "weights"));
  const CommandResult other = run_command(
      {"train", "--data", small_data(), "--resume", folder / "checkpoint", "--out", "new"});
  CHECK(other.exit_code == 1);
  CHECK(contains(other.err, "adversarial-train"));
}

TEST_CASE("fgsm-rs recovers from overfitting unless told not to, and its weights say so",
          "[command]") {
  const TemporaryFolder folder;
  // 50 batches an epoch: the last of them is the first that PGD attacks too.
  const auto trained = [&](const char* name, const Arguments& more) {
    run_well(with({"adversarial-train", "--data", small_data(), "--method", "fgsm-rs", "--epsilon",
                   "0.2", "--train-range", "0:500", "--held-out", "100", "--epochs", "1",
                   "--batch-size", "8", "--out", folder / name, "--checkpoint", folder / "run"},
                  more));
    // The run that is resumed says which weights to keep.
    run_well({"adversarial-train", "--data", small_data(), "--resume", folder / "run", "--out",
              folder / "again"});
    CHECK(read_whole_file(folder / "again") == read_whole_file(folder / name));
    return parse_safetensors(read_whole_file(folder / name), name).metadata.at("trained_by");
  };
  const std::string recovering = trained("recovering", {}),
                    plain = trained("plain", {"--no-recovery"});
  CHECK_FALSE(contains(recovering, "recovery"));
  CHECK(contains(plain, " --no-recovery"));
  CHECK_FALSE(same_weights(folder / "recovering", folder / "plain"));
  CHECK(contains(plain, "--keep best"));
  CHECK(contains(trained("last", {"--keep", "last"}), "--keep last"));
}
