// Checkpoints with a fault, or of other runs.
#include <limits>

#include "catch.h"
#include "refusals.h"

using namespace inoculate;

TEST_CASE("A checkpoint with a fault is refused, and the file named", "[command]") {
  // One sound checkpoint, made by the command itself.
  static const Bytes sound = [] {
    const TemporaryFolder folder;
    const std::string checkpoint = folder / "checkpoint";
    const CommandResult made =
        run_command({"train", "--data", small_data(), "--train-range", "0:128", "--epochs", "1",
                     "--out", folder / "weights", "--checkpoint", checkpoint});
    REQUIRE(made.exit_code == 0);
    return read_whole_file(checkpoint);
  }();
  const auto with_run = [](const std::function<void(Json&)>& change) {
    return [change] {
      Safetensors file = parse_safetensors(sound, "sound");
      Json run = Json::parse(file.metadata.at("training"));
      change(run);
      file.metadata["training"] = run.dump();
      return write_safetensors(file);
    };
  };
  const auto with_file = [](const std::function<void(Safetensors&)>& change) {
    return [change] {
      Safetensors file = parse_safetensors(sound, "sound");
      change(file);
      return write_safetensors(file);
    };
  };
  const std::vector<FileFault> faults = {
      {"a text file", [] { return bytes_of("resume me, please"); }, {}},
      {"weights and no checkpoint",
       [] { return golden_file("keras_simple_cnn.safetensors"); },
       {"not a checkpoint"}},
      {"a checkpoint cut short", [] { return part_of(sound, sound.size() / 2); }, {"incomplete"}},
      {"a step beyond its epoch", with_run([](Json& r) { r["step"] = 1'000'000; }), {"damaged"}},
      {"a negative step", with_run([](Json& r) { r["step"] = -1; }), {"damaged"}},
      {"an epoch beyond its run", with_run([](Json& r) { r["epoch"] = 2; }), {"damaged"}},
      {"a negative number of Adam's steps", with_run([](Json& r) { r["adam_steps"] = -1; }), {}},
      {"a batch size of 0", with_run([](Json& r) { r["batch_size"] = 0; }), {"batch size"}},
      {"a learning rate of 0",
       with_run([](Json& r) { r["learning_rate"] = 0; }),
       {"learning rate"}},
      {"an unknown loss", with_run([](Json& r) { r["loss"] = "hinge"; }), {"loss"}},
      {"an empty range of images", with_run([](Json& r) { r["end"] = 0; }), {"range"}},
      {"a range beyond the data",
       with_run([](Json& r) {
         r["end"] = 100'000;
         r["adam_steps"] = 1563;  // of 64 images each
       }),
       {"100000"}},
      {"a range to the end of all integers",
       with_run([](Json& r) { r["end"] = std::numeric_limits<int>::max(); }),
       {}},
      {"a generator of zeros",
       with_run([](Json& r) {
         r["order"] = {0, 0, 0, 0};
       }),
       {"random"}},
      {"a history longer than its run",
       with_run([](Json& r) {
         r["history"] = {{1, 1, 1, 1, 1, 1}, {2, 1, 1, 1, 1, 1}};
       }),
       {"history"}},
      {"a number that is text", with_run([](Json& r) { r["epochs"] = "many"; }), {"damaged"}},
      {"a number missing", with_run([](Json& r) { r.erase("dropout"); }), {"damaged"}},
      {"a description that is no JSON",
       with_file([](Safetensors& f) { f.metadata["training"] = "{,}"; }),
       {"damaged"}},
      {"a negative second moment",
       with_file([](Safetensors& f) {
         for (NamedTensor& tensor : f.tensors) {
           if (tensor.name.starts_with("adam/second_moment")) tensor.values[0] = -1;
         }
       }),
       {"second moment"}},
      {"a moment missing", with_file([](Safetensors& f) { f.tensors.pop_back(); }), {"missing"}},
      {"images other than the run's",
       with_run([](Json& r) { r["fingerprint"] = 1; }),
       {"other images"}},
  };
  const TemporaryFolder folder;
  for (const FileFault& fault : faults) {
    DYNAMIC_SECTION(fault.name) {
      const std::string path = folder / "damaged.checkpoint";
      write_whole_file(path, fault.bytes());
      write_whole_file(folder / "old", "old weights");
      std::vector<std::string> words = fault.words;
      words.push_back(path);
      check_refused(
          folder,
          {"train", "--data", small_data(), "--resume", path, "--out", "old", "--log", "new"}, 1,
          words);
    }
  }
  SECTION("the run's own range in another data set") {
    const std::string path = folder / "sound.checkpoint";
    write_whole_file(path, sound);
    const std::string data = folder / "data";
    fs::create_directory(data);
    write_split(data, "t10k", small_test());
    write_split(data, "train", small_test());
    check_refused(folder, {"train", "--data", data, "--resume", path, "--out", "new"}, 1,
                  {path, "other images"});
  }
  SECTION("no such checkpoint") {
    const std::string none = folder / "none";
    check_refused(folder, {"train", "--data", small_data(), "--resume", none, "--out", "new"}, 1,
                  {none});
  }
}
