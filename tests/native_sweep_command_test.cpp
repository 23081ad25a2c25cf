// Sweeps: what is listed, that a cell is made once, what it comes to, and what is refused.
#include <csignal>

#include "catch.h"
#include "native/png.h"
#include "refusals.h"

using namespace inoculate;

namespace {

/// A grid of two seeds and two epsilons, small enough to be made in a test.
Json small_sweep() {
  return {{"folder", "runs"},
          {"grid", {{"seed", {1, 2}}, {"epsilon", {"8/255", 0.1}}}},
          {"train",
           {{"seed", "{seed}"}, {"epochs", 1}, {"train-range", "0:256"}, {"data", small_data()}}},
          {"robustness",
           {{"epsilon", "{epsilon}"}, {"attacks", "fgsm"}, {"count", 30}, {"data", small_data()}}}};
}

CommandSettings in_folder(const TemporaryFolder& folder) {
  CommandSettings settings;
  settings.folder = folder.path().string();
  return settings;
}

void write_sweep(const TemporaryFolder& folder, const Json& sweep) {
  write_whole_file(folder / "grid.json", sweep.dump());
}

std::string text_in(const std::string& path) {
  const Bytes bytes = read_whole_file(path);
  return {bytes.begin(), bytes.end()};
}

}  // namespace

TEST_CASE("a sweep lists a command a cell, and each makes its cell once", "[command]") {
  const TemporaryFolder folder;
  write_sweep(folder, small_sweep());
  const CommandSettings here = in_folder(folder);
  const auto commands = lines_of(run_well({"sweep", "grid.json", "--list"}, here).out);
  REQUIRE(commands.size() == 4);
  CHECK(commands[0].ends_with(" sweep grid.json --run epsilon=8-255,seed=1"));
  CHECK(commands[3].ends_with(" sweep grid.json --run epsilon=0.1,seed=2"));
  const CommandResult early = run_command({"merge", "--sweep", "grid.json"}, here);
  CHECK(early.exit_code == 1);
  CHECK(contains(early.err, "4 of 4 cells are not finished; the first is made by: " + commands[0]));

  for (const std::string& command : commands) {
    const CommandResult made = run_shell(command, here);  // as a scheduler does
    INFO(made.err);
    REQUIRE(made.exit_code == 0);
  }
  const auto first = folder.content();
  for (const std::string& command : commands) {
    const CommandResult again = run_shell(command, here);
    CHECK(again.exit_code == 0);
    CHECK(contains(again.out, "was trained before"));
    CHECK(contains(again.out, "was finished before; nothing is judged"));
  }
  CHECK(folder.content() == first);

  // What a cell comes to is what its options come to by hand.
  const std::string by_hand = folder / "by_hand.safetensors";
  run_well({"train", "--seed", "2", "--epochs", "1", "--train-range", "0:256", "--data",
            small_data(), "--out", by_hand});
  CHECK(same_weights(by_hand, folder / "runs/epsilon=8-255,seed=2/network.safetensors"));
  const Json judged = json_of({"robustness", "--model", by_hand, "--epsilon", "8/255", "--attacks",
                               "fgsm", "--count", "30", "--data", small_data()});

  const CommandResult merged = run_well(
      {"merge", "--sweep", "grid.json", "--csv", "table.csv", "--picture", "sweep.png", "--json"},
      here);
  const Json table = Json::parse(merged.out);
  REQUIRE(table.at("cells").size() == 4);
  const Json& cell = table.at("cells")[1];
  CHECK(cell.at("cell") == Json({{"epsilon", "8/255"}, {"seed", "2"}}));
  const Json& found = cell.at("judgement").at("models")[0];
  for (const char* key : {"n", "clean", "worst_case", "worst_case_interval"}) {
    CHECK(found.at(key) == judged.at("models")[0].at(key));
  }
  const auto csv = lines_of(text_in(folder / "table.csv"));
  REQUIRE(csv.size() == 5);
  CHECK(csv[0].starts_with("epsilon,seed,model,n,clean,clean_low,clean_high,worst_case,"));
  CHECK(csv[2].starts_with("8/255,2,\"runs/epsilon=8-255,seed=2/"));
  std::size_t at = csv[2].rfind("\",") + 2;  // of the cell behind the model's path
  for (int cell_number = 0; cell_number < 4; ++cell_number) at = csv[2].find(',', at) + 1;
  CHECK(std::stod(csv[2].substr(at)) == found.at("worst_case").get<double>());
  const Bytes png = read_whole_file(folder / "sweep.png");
  CHECK(contains({png.begin(), png.begin() + 4}, "PNG"));
  const std::string text = run_well({"merge", "--sweep", "grid.json"}, here).out;
  CHECK(lines_of(text).size() == 6);
  CHECK(contains(text, "worst case"));

  // Changed options are not mistaken for what was made.
  Json changed = small_sweep();
  changed["train"]["epochs"] = 2;
  write_sweep(folder, changed);
  const CommandResult other = run_shell(commands[0], here);
  CHECK(other.exit_code == 1);
  CHECK(contains(other.err, "made with other options"));
}

TEST_CASE("a cell whose training was killed goes on from its last epoch", "[command]") {
  const TemporaryFolder folder;
  Json sweep = small_sweep();
  sweep["grid"] = {{"seed", {3}}};
  sweep["train"]["epochs"] = 12;
  sweep["robustness"]["epsilon"] = 0.1;
  write_sweep(folder, sweep);
  CommandSettings here = in_folder(folder);
  here.interrupt_at = "epoch 2/12  loss";
  here.signals = {GENERATE(SIGKILL, SIGTERM)};
  const Arguments run = {"sweep", "grid.json", "--run", "seed=3"};
  const CommandResult stopped = run_command(run, here);
  CHECK(stopped.exit_code != 0);
  const std::string network = folder / "runs/seed=3/network.safetensors";
  REQUIRE_FALSE(fs::exists(network));
  const CommandResult resumed = run_well(run, in_folder(folder));
  CHECK_FALSE(contains(resumed.err, "epoch 1/12"));
  CHECK_FALSE(fs::exists(network + ".checkpoint"));
  run_well({"train", "--seed", "3", "--epochs", "12", "--train-range", "0:256", "--data",
            small_data(), "--out", folder / "whole"});
  CHECK(same_weights(folder / "whole", network));
}

TEST_CASE("a sweep without training judges models that are there", "[command]") {
  const TemporaryFolder folder;
  write_sweep(folder, {{"folder", "runs"},
                       {"grid", {{"attacks", {"fgsm", "fgsm,bim"}}}},
                       {"robustness",
                        {{"model", golden_model()},
                         {"attacks", "{attacks}"},
                         {"cascade", true},
                         {"count", 10},
                         {"data", small_data()}}}});
  const CommandSettings here = in_folder(folder);
  for (const std::string cell : {"attacks=fgsm", "attacks=fgsm-bim"}) {
    const CommandResult made = run_well({"sweep", "grid.json", "--run", cell, "--json"}, here);
    CHECK(Json::parse(made.out).at("cell") == cell);
  }
  CHECK(contains(run_well({"merge", "--sweep", "grid.json"}, here).out, "fgsm,bim"));
  check_refused(folder, {"merge", "--sweep", "grid.json", "--picture", "new.png"}, 2,
                {"no axis of several numbers"});
  check_refused(folder, {"merge", "--sweep", "grid.json", "--picture", "new.png", "--over", "x"}, 2,
                {"--over x"});
  check_refused(folder, {"sweep", "grid.json", "--run", "attacks=pgd"}, 2, {"no cell", "--list"});
  check_refused(folder, {"sweep", "grid.json"}, 2, {"--list"});
}

TEST_CASE("a bad sweep is refused in a line, before anything runs", "[command]") {
  const TemporaryFolder folder;
  const auto refused = [&](const std::string& text, const std::vector<std::string>& words) {
    INFO(text);
    write_whole_file(folder / "grid.json", text);
    std::vector<std::string> all = {"grid.json"};
    all.insert(all.end(), words.begin(), words.end());
    check_refused(folder, {"sweep", "grid.json", "--list"}, 1, all);
  };
  const auto changed = [&](const char* pointer, const Json& value,
                           const std::vector<std::string>& words) {
    Json sweep = small_sweep();
    sweep[Json::json_pointer(pointer)] = value;
    refused(sweep.dump(), words);
  };
  refused("", {"not JSON"});
  refused("[1]", {"no object"});
  refused("{\"folder\": \"a\", \"folder\": \"b\"}", {"twice"});
  refused("{\"folder\": \"runs\"}", {"no grid"});
  changed("/grids", 1, {"'grids'", "not known"});
  changed("/folder", "", {"folder"});
  changed("/folder", 7, {"folder"});
  changed("/grid", Json::object(), {"grid"});
  changed("/grid/seed", Json::array(), {"'seed'", "without values"});
  changed("/grid/seed", 1, {"'seed'", "list"});
  changed("/grid/seed", {1, nullptr}, {"'seed'", "neither text nor a number"});
  changed("/grid/seed", {1, 1}, {"two cells", "epsilon=8-255,seed=1"});
  changed("/grid/seed", {1, "x"}, {"cell", "--seed"});
  changed("/grid/unused", {1, 2}, {"'unused'", "no option uses"});
  changed("/grid/a b", {1, 2}, {"'a b'", "words"});
  changed("/train/seed", "{sed}", {"{sed}", "no axis"});
  changed("/train/epoch", 3, {"--epoch", "not an option of train"});
  changed("/train/epochs", 0, {"--epochs"});
  changed("/train/out", "x", {"'out'", "leave it out"});
  changed("/train/batch-size", {1, 2}, {"'batch-size'"});
  changed("/robustness/epsilon", "nine {epsilon}", {"--epsilon", "not a number"});
  changed("/robustness/model", "x", {"'model'", "leave it out"});
  changed("/adversarial-train", Json::object(), {"two ways"});
  Json without = small_sweep();
  without.erase("robustness");
  refused(without.dump(), {"no robustness"});
  Json large = small_sweep();
  for (int axis = 0; axis < 8; ++axis) {
    const std::string name = "a" + std::to_string(axis);
    for (int i = 0; i < 10; ++i) large["grid"][name].push_back(i);
  }
  refused(large.dump(), {"more than 10000 cells"});
  check_refused(folder, {"sweep", "nowhere.json", "--list"}, 1, {"nowhere.json"});
}
