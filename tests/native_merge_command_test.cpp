// Judgements in parts: that merged they are the whole, and what is refused.
#include <csignal>
#include <regex>
#include <thread>

#include "catch.h"
#include "refusals.h"

using namespace inoculate;

namespace {

/// A judgement of the small test images: what is asked for beside the data.
Arguments judge(const Arguments& more) {
  return with({"robustness", "--data", small_data(), "--model", golden_model()}, more);
}

/// Judges part `number` of `of`, and gives its file.
std::string judge_part(const TemporaryFolder& folder, const Arguments& run, int number, int of) {
  const std::string path = folder / ("part-" + std::to_string(number) + ".json");
  run_well(
      with(run, {"--shard", std::to_string(number) + "/" + std::to_string(of), "--out", path}));
  return path;
}

std::vector<std::string> judge_parts(const TemporaryFolder& folder, const Arguments& run, int of) {
  std::vector<std::string> paths;
  for (int number = 1; number <= of; ++number) {
    paths.push_back(judge_part(folder, run, number, of));
  }
  return paths;
}

/// Times are those of one run on one machine, and all that may differ.
Json without_seconds(Json json) {
  for (Json& model : json.at("models")) {
    for (Json& attack : model.at("attacks")) attack.erase("seconds");
  }
  return json;
}

std::string text_in(const std::string& path) {
  const Bytes bytes = read_whole_file(path);
  return {bytes.begin(), bytes.end()};
}

/// A page without the seconds, which end the rows of costs.
std::string page_without_seconds(const std::string& folder) {
  const std::string page = text_in(folder + "/index.html");
  return std::regex_replace(page, std::regex("<td>[0-9.]+</td></tr>"), "<td></td></tr>");
}

/// All that a judgement writes and prints, from a folder of its own, seconds left out.
std::map<std::string, std::string> outputs_of(const Arguments& arguments) {
  const TemporaryFolder folder;
  CommandSettings settings;
  settings.folder = folder.path().string();
  const CommandResult result = run_well(with(arguments, {"--report", "report", "--curve", "curve",
                                                         "--per-image", "images.csv", "--json"}),
                                        settings);
  std::map<std::string, std::string> outputs;
  outputs["json"] = without_seconds(Json::parse(result.out)).dump();
  outputs["page"] = page_without_seconds(folder / "report");
  for (const char* file : {"curve.csv", "curve.png", "images.csv"}) {
    outputs[file] = text_in(folder / file);
  }
  return outputs;
}

/// A text without its last column of numbers, the seconds, nor the widths that follow from it.
std::string table_words(const std::string& text) {
  std::string words = std::regex_replace(text, std::regex("[0-9]+\\.[0-9](?=\n)"), "");
  return std::regex_replace(words, std::regex("[ -]+"), " ");
}

}  // namespace

TEST_CASE("merged parts have exactly the figures of the whole", "[command]") {
  const Arguments other = {in_source("/assets/mixed_batch.safetensors")};
  const Arguments run = GENERATE_COPY(
      as<Arguments>{}, judge({"--attacks", "quick", "--count", "50"}),
      judge(with(other, {"--attacks", "fgsm,square,deepfool", "--cascade", "--count", "41",
                         "--seed", "7"})),
      judge({"--norm", "l2", "--epsilon", "1", "--attacks", "pgd,apgd-ce", "--quantise", "--count",
             "20"}),
      judge({"--epsilon", "0.1", "--attacks", "fgsm", "--quantise", "--count", "20"}),
      judge({"--norm", "l1", "--epsilon", "8", "--attacks", "apgd-ce,square", "--count", "12"}),
      judge({"--epsilon", "0.005", "--attacks", "fgsm", "--certify", "ibp", "--count", "20"}));
  CAPTURE(run);
  const TemporaryFolder folder;
  std::vector<std::string> parts = judge_parts(folder, run, 3);
  std::swap(parts[0], parts[2]);  // their order is in the files
  const auto whole = outputs_of(run);
  const auto merged = outputs_of(with({"merge"}, parts));
  for (const auto& [name, content] : whole) {
    INFO(name);
    CHECK(merged.at(name) == content);
  }
  CHECK(table_words(run_well(with({"merge"}, parts)).out) == table_words(run_well(run).out));
}

TEST_CASE("alarms and warnings of merged parts are those of the whole", "[command]") {
  const TemporaryFolder data;
  // Labels of other images: the model reads nearly none.
  Dataset mixed = small_test();
  std::rotate(mixed.labels.begin(), mixed.labels.begin() + 1, mixed.labels.end());
  write_split(data.path().string(), "t10k", mixed);
  const Arguments run = {"robustness",  "--data",       data.path().string(),
                         "--model",     golden_model(), "--attacks",
                         "fgsm,square", "--count",      "40"};
  const TemporaryFolder folder;
  const auto parts = judge_parts(folder, run, 4);
  const Json whole = without_seconds(json_of(run));
  CHECK(whole.at("models")[0].at("alarms").size() >= 1);
  CHECK(whole.at("warnings").size() == 1);
  CHECK(without_seconds(json_of(with({"merge"}, parts))) == whole);
}

TEST_CASE("a part that was stopped goes on, and a finished one is skipped", "[command]") {
  const TemporaryFolder folder;
  const Arguments run = judge({"--attacks", "apgd-ce,square", "--count", "200"});
  const std::string out = folder / "part.json";
  const Arguments part = with(run, {"--shard", "1/1", "--out", out});
  CommandSettings settings;
  const int signal = GENERATE(SIGKILL, SIGTERM);
  CAPTURE(signal);
  settings.meanwhile = [&](pid_t process) {
    for (int i = 0; i < 6000 && !fs::exists(out); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    ::kill(process, signal);
  };
  const CommandResult stopped = run_command(part, settings);
  REQUIRE(fs::exists(out));
  if (signal == SIGTERM) {
    CHECK(stopped.exit_code == 130);
    CHECK(contains(stopped.err, out + " keeps 64 of 200 images"));
  } else {
    CHECK(stopped.signal == SIGKILL);
  }
  check_refused(folder, {"merge", out}, 1, {out, "not finished"});

  const CommandResult resumed = run_well(part);
  CHECK(contains(resumed.err, "goes on with 64 of 200 images"));
  CHECK(outputs_of({"merge", out}) == outputs_of(run));

  const Bytes finished = read_whole_file(out);
  CHECK(contains(run_well(part).out, "was finished before; nothing is judged"));
  CHECK(json_of(part).at("judged") == false);
  CHECK(read_whole_file(out) == finished);

  check_refused(folder, with(part, {"--seed", "2"}), 1, {out, "another run", "seed is 1, not 2"});
  check_refused(folder, with(run, {"--shard", "1/2", "--out", out}), 1, {out, "another run"});
}

TEST_CASE("parts that do not belong together are refused in a line", "[command]") {
  const TemporaryFolder folder;
  const Arguments run = judge({"--attacks", "fgsm", "--count", "12"});
  const auto parts = judge_parts(folder, run, 3);
  const auto refused = [&](const Arguments& files, const std::vector<std::string>& words) {
    check_refused(folder, with({"merge"}, files), 1, words);
  };
  refused({parts[0], parts[2]}, {"2 of 3 parts", "missing: 2"});
  refused({parts[0], parts[1], parts[2], parts[1]}, {parts[1], "part 2", "give each part once"});
  const auto other = [&](const std::string& name, const Arguments& more,
                         const std::vector<std::string>& words) {
    const std::string path = folder / name;
    run_well(with(run, with(more, {"--shard", "2/3", "--out", path})));
    std::vector<std::string> all = {path, "another run than " + parts[0]};
    all.insert(all.end(), words.begin(), words.end());
    refused({parts[0], path, parts[2]}, all);
  };
  other("epsilon.json", {"--epsilon", "0.2"}, {"epsilon is 0.2", "not 0.1"});
  Arguments attacked = judge({"--attacks", "bim", "--count", "12"});
  const std::string bim = folder / "attacks.json";
  run_well(with(attacked, {"--shard", "2/3", "--out", bim}));
  refused({parts[0], bim, parts[2]}, {bim, "another run than " + parts[0], "attacks is \"bim\""});
  other("curve.json", {"--no-curve"}, {"curve is false"});
  Arguments shorter = run;
  shorter.back() = "11";
  const std::string path = folder / "count.json";
  run_well(with(shorter, {"--shard", "2/3", "--out", path}));
  refused({parts[0], path, parts[2]}, {"images is 11, not 12"});

  const std::string model = folder / "model.safetensors";
  fs::copy_file(golden_model(), model);
  const Arguments moved = {"robustness", "--data", small_data(), "--model", model,
                           "--attacks",  "fgsm",   "--count",    "12"};
  run_well(with(moved, {"--shard", "2/3", "--out", folder / "moved.json"}));
  run_well({"merge", parts[0], folder / "moved.json", parts[2]});  // the same model elsewhere
  fs::remove(model);
  fs::copy_file(in_source("/assets/mixed_batch.safetensors"), model);
  run_well(with(moved, {"--shard", "2/3", "--out", folder / "model.json"}));
  refused({parts[0], folder / "model.json", parts[2]}, {"models 0 file"});
}

TEST_CASE("parts without a curve have none to draw", "[command]") {
  const TemporaryFolder folder;
  const Arguments run = judge({"--attacks", "fgsm", "--count", "6"});
  const std::string part = judge_part(folder, with(run, {"--no-curve"}), 1, 1);
  CHECK(without_seconds(json_of({"merge", part})) == without_seconds(json_of(run)));
  check_refused(folder, {"merge", part, "--report", "report"}, 1, {"--no-curve"});
}

TEST_CASE("damaged and hostile parts are refused in a line", "[command]") {
  const TemporaryFolder folder;
  const Arguments run = judge({"--attacks", "fgsm,square", "--count", "6", "--certify", "ibp",
                               "--cascade", "--epsilon", "0.2"});
  const Json good = Json::parse(text_in(judge_part(folder, run, 1, 1)));
  const std::string path = folder / "hostile.json";
  const auto refused = [&](const std::string& text, const std::vector<std::string>& words = {}) {
    INFO(text.substr(0, 300));
    write_whole_file(path, text);
    std::vector<std::string> all = {path};
    all.insert(all.end(), words.begin(), words.end());
    check_refused(folder, {"merge", path}, 1, all);
  };
  refused("", {"not JSON"});
  refused("[]", {"no part of a judgement"});
  refused("{\"inoculate\": 1}", {"no part of a judgement"});
  refused(std::string(100'000, '['), {"nested"});
  refused(good.dump().substr(0, good.dump().size() / 2), {"not JSON"});

  // Every value in turn is lost, or becomes something that it cannot be.
  const Json flat = good.flatten();
  int damaged = 0;
  for (const auto& [pointer, value] : flat.items()) {
    // What only the report tells, or any number may be.
    const bool is_free = contains(pointer, "/told/") || contains(pointer, "seconds") ||
                         contains(pointer, "fingerprint") || contains(pointer, "/build") ||
                         contains(pointer, "/notes") || contains(pointer, "/file") ||
                         contains(pointer, "/version") || pointer == "/run/purify";
    for (const Json& wrong : {Json(nullptr), Json(-1), Json("\x01"), Json::array(), Json(1e300)}) {
      if (is_free && wrong.is_string()) continue;
      if (value.is_null() || wrong == value || contains(pointer, "promised")) continue;
      Json bad = good;
      bad[Json::json_pointer(pointer)] = wrong;
      // Nothing becomes of a number in place of another that is allowed.
      if (value.is_number() && wrong.is_number() && is_free) continue;
      write_whole_file(path, bad.dump());
      const CommandResult result = run_command({"merge", path});
      INFO(pointer << " " << wrong << "\n" << result.err);
      CHECK(result.signal == 0);
      CHECK(result.exit_code == 1);
      CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
      ++damaged;
      if (damaged % 3 != 0) break;  // one wrong value for most, all of them for some
    }
  }
  CHECK(damaged > 100);

  const auto with_value = [&](const char* pointer, const Json& value) {
    Json bad = good;
    bad[Json::json_pointer(pointer)] = value;
    return bad.dump();
  };
  refused(with_value("/shard", 2), {"shard"});
  refused(with_value("/run/shards", 7), {"shards"});
  refused(with_value("/run/images", 2'000'000'000), {"images"});
  refused(with_value("/models/0/judged", 7), {"judged"});
  refused(with_value("/models/0/attacks/1/fooled", "111111"), {"were not attacked"});
  refused(with_value("/run/models/0/input", {1 << 20, 1 << 20, 1 << 20}), {"input"});
  refused(with_value("/run/attacks", "magic"), {"magic"});
  refused(with_value("/format", 2), {"another version"});
}

TEST_CASE("a part cannot be judged where it would not be a part of the whole", "[command]") {
  const TemporaryFolder folder;
  const auto refused = [&](const Arguments& more, int code, const std::vector<std::string>& words) {
    check_refused(folder, judge(with({"--count", "8"}, more)), code, words);
  };
  const Arguments fgsm = {"--attacks", "fgsm", "--out", "part.json"};
  for (const char* wrong : {"0/3", "4/3", "1", "1/", "/3", "1/3/5", "a/b", "1/99999999999"}) {
    refused(with(fgsm, {"--shard", wrong}), 2, {"--shard", "write 3/8"});
  }
  refused(with(fgsm, {"--shard", "1/9"}), 2, {"only 8 images"});
  refused({"--norm", "l2", "--attacks", "boundary", "--out", "part.json", "--shard", "1/2"}, 2,
          {"boundary", "other images"});
  refused({"--attacks", "fgsm", "--shard", "1/2"}, 2, {"--out"});
  refused({"--attacks", "fgsm", "--out", "part.json"}, 2, {"--shard"});
  refused(with(fgsm, {"--shard", "1/2", "--report", "report"}), 2, {"--report"});
  refused({"--attacks", "fgsm", "--shard", "1/2", "--out", golden_model()}, 2, {"--out"});
  write_whole_file(folder / "part.json", "something else");
  refused(with(fgsm, {"--shard", "1/2"}), 1, {"part.json", "another name"});
  check_refused(folder, {"merge"}, 2, {"merge needs"});
  check_refused(folder, {"merge", "nowhere.json"}, 1, {"nowhere.json"});
}
