// Wrong arguments.
#include <algorithm>

#include "catch.h"
#include "refusals.h"

using namespace inoculate;

TEST_CASE("Wrong arguments are told with exit code 2, and the option named", "[command]") {
  const TemporaryFolder folder;
  const std::string model = golden_model();
  const Arguments fgsm = {"attack",  "fgsm", "--data", small_data(),
                          "--model", model,  "--out",  "new"};
  const Arguments evaluate = {"evaluate", "--data", small_data(), "--model", model};
  const Arguments predict = {"predict", "--data", small_data(), "--model", model};
  const Arguments train = {"train", "--data", small_data(), "--out", "new"};
  const Arguments tune = {"fine-tune", "--data", small_data(), "--model", model, "--out", "new"};
  struct Mistake {
    std::string name;
    Arguments arguments;
    std::vector<std::string> words;
  };
  const std::vector<Mistake> mistakes = {
      {"no sub-command", {}, {"subcommand"}},
      {"an unknown sub-command", {"trian"}, {"trian"}},
      {"an unknown option",
       with(evaluate, {"--verbose"}),
       {"--verbose", "inoculate evaluate --help"}},
      {"an unknown option before what is taken for a picture",
       {"attack", "spatial", "--model", model, "--epsilon", "0.3", "--count", "8"},
       {"--epsilon", "not an option of inoculate attack spatial"}},
      {"an argument too many", with(evaluate, {"stray"}), {"stray"}},
      {"attack without an attack", {"attack"}, {}},
      {"an unknown attack", {"attack", "magic", "--model", model}, {"magic"}},
      {"an unknown attack of fine-tune", with(tune, {"--attack", "magic"}), {"--attack", "magic"}},
      {"evaluate without a model", {"evaluate", "--data", small_data()}, {"--model"}},
      {"predict without a model", {"predict", "--data", small_data()}, {"--model"}},
      {"attack without a model", {"attack", "fgsm", "--data", small_data()}, {"--model"}},
      {"train without --out", {"train", "--data", small_data()}, {"--out"}},
      {"an option without its value", with(evaluate, {"--count"}), {"--count"}},
      {"an option twice", with(evaluate, {"--count", "1", "--count", "2"}), {"--count"}},
      {"a negative count", with(evaluate, {"--count", "-5"}), {"--count"}},
      {"a count that is a fraction", with(predict, {"--count", "1.5"}), {"--count"}},
      {"a count beyond an int", with(fgsm, {"--count", "99999999999"}), {"--count"}},
      {"a count with a zero before it", with(fgsm, {"--count", "0201"}), {"--count 201", "200"}},
      {"a seed beyond 64 bits",
       with(fgsm, {"--count", "1", "--seed", "18446744073709551616"}),
       {"--seed", "more than any whole number"}},
      {"a count beyond the data", with(fgsm, {"--count", "201"}), {"--count 201", "200"}},
      {"evaluate's count beyond the data", with(evaluate, {"--count", "201"}), {"--count 201"}},
      {"predict's count beyond the data", with(predict, {"--count", "201"}), {"--count 201"}},
      {"fine-tune's count beyond the data", with(tune, {"--count", "601"}), {"--count 601"}},
      {"a start beyond the data", with(fgsm, {"--start", "200", "--count", "1"}), {"--start 200"}},
      {"a start whose count goes beyond the data",
       with(fgsm, {"--start", "150", "--count", "51"}),
       {"--count 51"}},
      {"a start and a count whose sum is beyond an int",
       with(fgsm, {"--start", "150", "--count", "999999999"}),
       {"--count"}},
      {"a negative start", with(fgsm, {"--start", "-1"}), {"--start"}},
      {"an epsilon that is not a number", with(fgsm, {"--epsilon", "nan"}), {"--epsilon"}},
      {"fine-tune's epsilon that is not a number", with(tune, {"--epsilon", "NaN"}), {"--epsilon"}},
      {"an infinite epsilon", with(fgsm, {"--epsilon", "inf"}), {"--epsilon"}},
      {"a negative epsilon", with(fgsm, {"--epsilon", "-1"}), {"--epsilon"}},
      {"an epsilon that is a word",
       with(fgsm, {"--epsilon", "abc"}),
       {"--epsilon", "not a number"}},
      {"a fraction of nothing", with(fgsm, {"--epsilon", "8/0"}), {"--epsilon", "not a number"}},
      {"an epsilon in 255ths",
       with(fgsm, {"--epsilon", "8"}),
       {"--epsilon", "8 of 255 is 0.0314 (write 8/255)"}},
      {"fine-tune's epsilon in 255ths", with(tune, {"--epsilon", "25"}), {"0.098 (write 25/255)"}},
      {"robustness's epsilon in 255ths",
       {"robustness", "--data", small_data(), "--model", model, "--epsilon", "77"},
       {"0.302 (write 77/255)"}},
      {"adversarial-train's epsilon in 255ths",
       {"adversarial-train", "--data", small_data(), "--out", "new", "--epsilon", "8"},
       {"write 8/255"}},
      {"a step in 255ths",
       {"attack", "pgd", "--data", small_data(), "--model", model, "--step-size", "2"},
       {"--step-size", "write 2/255"}},
      {"an unknown attack of a suite",
       {"robustness", "--data", small_data(), "--model", model, "--attacks", "fgsm,magic"},
       {"--attacks", "magic"}},
      {"an attack of a suite without the norm",
       {"robustness", "--data", small_data(), "--model", model, "--norm", "l2", "--attacks",
        "jsma"},
       {"--attacks", "jsma"}},
      {"transfer without a source",
       {"attack", "transfer", "--data", small_data(), "--model", model},
       {"--source"}},
      {"more held-out images than there are",
       {"adversarial-train", "--data", small_data(), "--out", "new", "--train-range", "0:100",
        "--held-out", "100"},
       {"--held-out 100"}},
      {"a learning rate that is not a number",
       with(train, {"--learning-rate", "nan"}),
       {"--learning-rate"}},
      {"a learning rate of 0", with(train, {"--learning-rate", "0"}), {"--learning-rate"}},
      {"a range backwards", with(train, {"--train-range", "5:2"}), {"--train-range 5:2"}},
      {"a range of nothing", with(train, {"--train-range", "5:5"}), {"--train-range 5:5"}},
      {"a range beyond the data", with(train, {"--train-range", "0:601"}), {"--train-range 0:601"}},
      {"a range that is a number", with(train, {"--train-range", "512"}), {"--train-range 512"}},
      {"a range of words", with(train, {"--train-range", "a:b"}), {"--train-range a:b"}},
      {"no epochs", with(train, {"--epochs", "0"}), {"--epochs"}},
      {"a batch size of 0", with(train, {"--batch-size", "0"}), {"--batch-size"}},
      {"batches of one image", with(train, {"--batch-size", "1"}), {"--batch-size 1"}},
      {"fine-tune's batches of one image",
       with(tune, {"--count", "20", "--batch-size", "1"}),
       {"--batch-size 1"}},
      {"one image alone", with(train, {"--train-range", "0:1"}), {"--batch-size 64", "1 image"}},
      {"starts that are not random",
       {"attack", "pgd", "--data", small_data(), "--model", model, "--restarts", "3",
        "--no-random-start"},
       {"--no-random-start", "--restarts"}},
      {"a target that is no digit", with(fgsm, {"--target", "10"}), {"--target"}},
      {"an unknown loss", with(fgsm, {"--loss", "hinge"}), {"--loss", "hinge"}},
      {"an unknown architecture",
       with(train, {"--architecture", "resnet"}),
       {"--architecture", "resnet", "simple_cnn"}},
      {"another architecture than the resumed run's",
       with(train, {"--resume", "c", "--architecture", "mlp"}),
       {"--architecture"}},
      {"an unknown norm", with(fgsm, {"--norm", "l3"}), {"--norm", "l3"}},
      {"an unknown split", with(evaluate, {"--split", "all"}), {"--split", "all"}},
      {"minus one thread", with(evaluate, {"--threads", "-1"}), {"--threads"}},
      {"a thousand threads", with(evaluate, {"--threads", "1000"}), {"--threads"}},
      {"a negative seed", with(train, {"--seed", "-1"}), {"--seed"}},
      {"more classes than there are", with(predict, {"--top", "11"}), {"--top"}},
      {"a picture and a data set at once", with(predict, {"a.png"}), {"--data"}},
      {"other options than the resumed run's",
       with(train, {"--resume", "c", "--batch-size", "32"}),
       {"--batch-size"}},
      {"another seed than the resumed run's",
       with(train, {"--resume", "c", "--seed", "2"}),
       {"--seed"}},
  };
  for (const Mistake& mistake : mistakes) {
    DYNAMIC_SECTION(mistake.name) { check_refused(folder, mistake.arguments, 2, mistake.words); }
  }
}

TEST_CASE("adversarial-train refuses an option that its method does not heed", "[command]") {
  // What each method heeds of these, as its paper has it.
  const std::vector<std::pair<std::string, Arguments>> methods{
      {"mixed-batch", {"--warm-up"}},
      {"fgsm-rs", {"--warm-up", "--no-recovery"}},
      {"pgd", {"--steps", "--step-size", "--smooth-share", "--warm-up"}},
      {"trades", {"--steps", "--step-size", "--beta", "--warm-up"}},
      {"label-smoothing", {"--smoothing"}},
      {"noise", {"--warm-up"}},
  };
  const std::vector<Arguments> options{
      {"--steps", "3"},   {"--step-size", "0.1"}, {"--beta", "3"},  {"--smooth-share", "0.5"},
      {"--warm-up", "2"}, {"--smoothing", "0.2"}, {"--no-recovery"}};
  const TemporaryFolder folder;
  for (const auto& [method, heeded] : methods) {
    for (const Arguments& option : options) {
      CAPTURE(method, option);
      const Arguments run =
          with({"adversarial-train", "--data", folder / "none", "--out", "new", "--method", method},
               option);
      if (std::find(heeded.begin(), heeded.end(), option[0]) != heeded.end()) {
        check_refused(folder, run, 1, {folder / "none"});  // only the data is wrong
      } else {
        check_refused(folder, run, 2, {option[0] + " is not heeded by --method " + method});
      }
    }
  }
  const Arguments beta{"adversarial-train", "--out", "new", "--beta", "3"};
  check_refused(folder, beta, 2, {"--beta is not heeded by --method mixed-batch; trades heeds it"});
  const Arguments steps{"adversarial-train", "--out", "new", "--steps", "3"};
  check_refused(folder, steps, 2, {"pgd, manifold and trades heed it"});
}
