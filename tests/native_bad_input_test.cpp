// Whatever is wrong with a file, an argument or the disk: the command says so in one line, fails
// with the right code, and leaves every file as it was.
#include <sys/mount.h>
#include <zlib.h>

#include <algorithm>
#include <functional>
#include <limits>

#include "catch.h"
#include "native/png.h"
#include "run_command.h"

using namespace inoculate;
namespace fs = std::filesystem;

namespace {

using Json = nlohmann::ordered_json;
using Arguments = std::vector<std::string>;

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

Bytes bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

Bytes part_of(const Bytes& bytes, std::size_t size) {
  return {bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)};
}

/// Checks that the command refuses with `code` and with one line that holds all of `words`, and
/// leaves what is in `folder` as it is.
void check_refused(const TemporaryFolder& folder, const Arguments& arguments, int code,
                   const std::vector<std::string>& words, CommandSettings settings = {}) {
  if (settings.folder.empty()) settings.folder = folder.path().string();
  const auto before = folder.content();
  const CommandResult result = run_command(arguments, settings);
  INFO("stderr: " << result.err);
  CHECK(result.signal == 0);
  CHECK(result.exit_code == code);
  CHECK(result.out.empty());
  CHECK(result.err.starts_with("inoculate: "));
  CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
  CHECK(result.err.ends_with("\n"));
  CHECK(std::none_of(result.err.begin(), result.err.end() - 1,
                     [](char c) { return c >= 0 && c < ' '; }));
  for (const std::string& word : words) {
    INFO("wanted: " << word);
    CHECK(contains(result.err, word));
  }
  const auto after = folder.content();
  for (const auto& [name, content] : after) {
    INFO(name);
    CHECK(before.contains(name));
  }
  for (const auto& [name, content] : before) {
    INFO(name);
    CHECK(after.contains(name));
    CHECK((after.contains(name) && after.at(name) == content));
  }
}

Arguments with(Arguments arguments, const Arguments& more) {
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

/// An attack that would replace one file and make another.
Arguments attack(const std::string& model, const std::string& data) {
  return {"attack",  "fgsm", "--model", model,     "--data",  data,
          "--count", "20",   "--out",   "old.npy", "--sheet", "new.png"};
}

/// A file with the old result of a run.
void put_old_output(const TemporaryFolder& folder) {
  write_whole_file(folder / "old.npy", "an old result");
}

/// A safetensors file taken apart.
struct Weights {
  Json header;
  Bytes values;
};

Weights golden_weights() {
  const Bytes file = golden_file("keras_simple_cnn.safetensors");
  const auto length = static_cast<std::size_t>(load_le<std::uint64_t>(file));
  const auto end = file.begin() + static_cast<std::ptrdiff_t>(8 + length);
  return {Json::parse(file.begin() + 8, end), Bytes(end, file.end())};
}

Bytes assemble(const std::string& header, const Bytes& values) {
  Bytes file;
  append_le(file, static_cast<std::uint64_t>(header.size()));
  append_array_le(file, std::span<const char>(header));
  append_array_le(file, std::span<const std::uint8_t>(values));
  return file;
}

Bytes assemble(const Weights& weights) { return assemble(weights.header.dump(), weights.values); }

std::size_t offset(const Weights& weights, const std::string& tensor, int which) {
  return weights.header.at(tensor).at("data_offsets").at(static_cast<std::size_t>(which));
}

/// The tensor whose values end the file.
std::string last_tensor(const Weights& weights) {
  for (const auto& item : weights.header.items()) {
    if (item.key() != "__metadata__" && offset(weights, item.key(), 1) == weights.values.size()) {
      return item.key();
    }
  }
  throw std::logic_error("no tensor ends the file");
}

/// The golden weights with one value of `tensor` replaced by the F16 of these bits.
Bytes with_value(const std::string& tensor, std::uint16_t bits) {
  Weights weights = golden_weights();
  const std::size_t at = offset(weights, tensor, 0) + 2;
  weights.values[at] = static_cast<std::uint8_t>(bits & 0xFF);
  weights.values[at + 1] = static_cast<std::uint8_t>(bits >> 8);
  return assemble(weights);
}

Bytes with_header(const std::function<void(Json&)>& change) {
  Weights weights = golden_weights();
  change(weights.header);
  return assemble(weights);
}

/// zlib's gzip of `content`: no code of ours.
Bytes gzip(const Bytes& content) {
  z_stream stream{};
  constexpr int kGzip = 16 + 15;
  if (deflateInit2(&stream, 6, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error("no zlib");
  }
  Bytes packed(deflateBound(&stream, content.size()) + 64);
  stream.next_in = const_cast<Bytef*>(content.data());
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = packed.data();
  stream.avail_out = static_cast<uInt>(packed.size());
  const int status = deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  if (status != Z_STREAM_END) throw std::runtime_error("zlib failed");
  return packed;
}

void put_be32(Bytes& bytes, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) {
    bytes.at(at + i) = static_cast<std::uint8_t>(value >> (24 - 8 * i));
  }
}

Bytes small_png() {
  Canvas canvas(40, 40, {255, 255, 255});
  canvas.fill_rect({18, 8, 4, 24}, {0, 0, 0});
  return write_png(canvas);
}

/// small_png() that says it is `width` x `height`, with a checksum that agrees.
Bytes png_of_size(std::uint32_t width, std::uint32_t height) {
  Bytes png = small_png();
  put_be32(png, 16, width);
  put_be32(png, 20, height);
  put_be32(png, 29, static_cast<std::uint32_t>(crc32(0, png.data() + 12, 17)));
  return png;
}

/// A file's fault: its name as a sentence, its bytes, and what the message must say.
struct FileFault {
  std::string name;
  std::function<Bytes()> bytes;
  std::vector<std::string> words;
};

/// The same for one file of a data set.
struct DataFault {
  std::string name;
  std::string file;
  std::function<Bytes(const Bytes& good)> change;
  std::vector<std::string> words;
};

const std::string kImages = "t10k-images-idx3-ubyte";
const std::string kLabels = "t10k-labels-idx1-ubyte";

}  // namespace

TEST_CASE("A data set with a fault is refused, and its file named", "[command]") {
  const std::vector<DataFault> faults = {
      {"images cut short", kImages, [](const Bytes& b) { return part_of(b, b.size() - 100); }, {}},
      {"labels cut short", kLabels, [](const Bytes& b) { return part_of(b, b.size() - 1); }, {}},
      {"images cut within their header",
       kImages,
       [](const Bytes& b) { return part_of(b, 10); },
       {}},
      {"an empty file of images", kImages, [](const Bytes&) { return Bytes(); }, {"0 bytes"}},
      {"an empty file of labels", kLabels, [](const Bytes&) { return Bytes(); }, {"0 bytes"}},
      {"images with a wrong magic number",
       kImages,
       [](Bytes b) {
         b[2] = 0x0D;
         return b;
       },
       {"0x00000d03"}},
      {"labels where images should be",
       kImages,
       [](const Bytes&) {
         return write_idx_labels({1, 2, 3});
       },
       {"labels", "images"}},
      {"a text file where labels should be",
       kLabels,
       [](const Bytes&) { return bytes_of("<html>404 Not Found</html>"); },
       {}},
      {"bytes after the last image",
       kImages,
       [](Bytes b) {
         b.push_back(0);
         return b;
       },
       {"1 bytes after"}},
      {"fewer labels than images",
       kLabels,
       [](const Bytes&) { return write_idx_labels(Labels(kSmallTest - 1, 3)); },
       {"199 labels", "200 images"}},
      {"a count of four thousand million images",
       kImages,
       [](Bytes b) {
         put_be32(b, 4, 0xFFFFFFFF);
         return b;
       },
       {"4294967295"}},
      {"sizes whose product is beyond all bounds",
       kImages,
       [](Bytes b) {
         for (const std::size_t at : {4, 8, 12}) put_be32(b, at, 0xFFFFFFFF);
         return b;
       },
       {}},
      {"a set of no images",
       kImages,
       [](Bytes b) {
         put_be32(b, 4, 0);
         return part_of(b, 16);
       },
       {"no images"}},
      {"a label above 9",
       kLabels,
       [](Bytes b) {
         b[8 + 17] = 10;
         return b;
       },
       {"label number 17 is 10"}},
      {"images of 27 x 28 pixels",
       kImages,
       [](const Bytes&) {
         return write_idx_images({kSmallTest, 27, 28, Bytes(kSmallTest * 27 * 28)});
       },
       {"27x28", "28x28"}},
      {"a gzip file of text",
       kImages,
       [](const Bytes&) { return gzip(bytes_of("this is no IDX file")); },
       {}},
      {"a gzip file cut short",
       kImages,
       [](const Bytes& b) {
         const Bytes packed = gzip(b);
         return part_of(packed, packed.size() / 2);
       },
       {}},
      {"a gzip file with a bit turned over",
       kImages,
       [](const Bytes& b) {
         Bytes packed = gzip(b);
         packed[packed.size() / 2] ^= 0x10;
         return packed;
       },
       {}},
      {"a gzip file that unpacks to half a gigabyte",
       kImages,
       [](const Bytes&) {
         const Bytes member = gzip(Bytes(std::size_t{32} << 20));
         Bytes all;
         for (int i = 0; i < 16; ++i) all.insert(all.end(), member.begin(), member.end());
         return all;
       },
       {}},
  };
  for (const DataFault& fault : faults) {
    DYNAMIC_SECTION(fault.name) {
      const TemporaryFolder folder;
      put_old_output(folder);
      const std::string data = folder / "data";
      fs::create_directory(data);
      write_split(data, "t10k", small_test());
      const std::string path = data + "/" + fault.file;
      write_whole_file(path, fault.change(read_whole_file(path)));
      std::vector<std::string> words = fault.words;
      words.push_back(path);
      check_refused(folder, attack(golden_model(), data), 1, words);
    }
  }
}

TEST_CASE("Data that is not there is missed by name", "[command]") {
  const TemporaryFolder folder;
  put_old_output(folder);
  fs::create_directory(folder / "empty");
  SECTION("no such folder") {
    check_refused(folder, attack(golden_model(), folder / "none"), 1, {folder / "none"});
  }
  SECTION("no such folder in INOCULATE_DATA") {
    CommandSettings settings;
    settings.environment["INOCULATE_DATA"] = folder / "none";
    check_refused(folder, {"evaluate", "--model", golden_model()}, 1, {folder / "none"}, settings);
  }
  SECTION("nothing given, and no data/mnist here") {
    check_refused(folder, {"evaluate", "--model", golden_model()}, 1, {"data/mnist", "--data"});
  }
  SECTION("a folder without the files") {
    check_refused(folder, attack(golden_model(), folder / "empty"), 1, {kImages});
  }
  SECTION("a file where the folder should be") {
    check_refused(folder, attack(golden_model(), folder / "old.npy"), 1, {folder / "old.npy"});
  }
  SECTION("a folder where a file should be") {
    fs::create_directory(folder / ("empty/" + kImages));
    write_whole_file(folder / ("empty/" + kLabels), write_idx_labels({1}));
    check_refused(folder, attack(golden_model(), folder / "empty"), 1, {kImages, "irectory"});
  }
  SECTION("only the test images, where training images are wanted") {
    write_split(folder / "empty", "t10k", small_test());
    check_refused(folder, {"train", "--data", folder / "empty", "--out", folder / "new"}, 1,
                  {"train-images-idx3-ubyte"});
  }
}

TEST_CASE("Weights with a fault are refused, and the file and the tensor named", "[command]") {
  const std::vector<FileFault> faults = {
      {"an empty file", [] { return Bytes(); }, {"0 bytes"}},
      {"a file shorter than its first number", [] { return Bytes(5); }, {"5 bytes"}},
      {"a text file", [] { return bytes_of("these are no weights at all\n"); }, {}},
      {"a header above 64 KiB",
       [] {
         const Weights w = golden_weights();
         return assemble(w.header.dump() + std::string(70'000, ' '), w.values);
       },
       {"65536"}},
      {"a header of nearly 2^64 bytes",
       [] {
         Bytes file = assemble(golden_weights());
         std::fill_n(file.begin(), 8, std::uint8_t{0xFF});
         return file;
       },
       {"18446744073709551615"}},
      {"a header longer than the file",
       [] { return part_of(assemble(golden_weights()), 500); },
       {"incomplete"}},
      {"a header that is no JSON",
       [] {
         const Weights w = golden_weights();
         std::string header = w.header.dump();
         header.back() = ']';
         return assemble(header, w.values);
       },
       {"header"}},
      {"a header that is a list", [] { return assemble("[1, 2, 3]", {}); }, {"JSON object"}},
      {"a header nested a thousand deep",
       [] {
         return assemble("{\"a\":" + std::string(1000, '[') + std::string(1000, ']') + "}", {});
       },
       {"nested"}},
      {"a header that names a tensor twice",
       [] {
         const Weights w = golden_weights();
         std::string header = w.header.dump();
         header.replace(header.find("\"conv2/bias\""), 12, "\"conv1/bias\"");
         return assemble(header, w.values);
       },
       {"conv1/bias", "twice"}},
      {"an unknown dtype",
       [] { return with_header([](Json& h) { h["bn1/gamma"]["dtype"] = "BF16"; }); },
       {"bn1/gamma", "BF16"}},
      {"a dtype that is a number",
       [] { return with_header([](Json& h) { h["bn1/gamma"]["dtype"] = 16; }); },
       {"bn1/gamma", "dtype"}},
      {"a tensor without a shape",
       [] { return with_header([](Json& h) { h["bn1/gamma"].erase("shape"); }); },
       {"bn1/gamma"}},
      {"a shape whose product is beyond 64 bits",
       [] {
         return with_header([](Json& h) {
           h["bn1/gamma"]["shape"] = {std::int64_t{1} << 62, std::int64_t{1} << 62};
         });
       },
       {"bn1/gamma", "more values than can be counted"}},
      {"a negative extent",
       [] { return with_header([](Json& h) { h["bn1/gamma"]["shape"] = {-32}; }); },
       {"bn1/gamma"}},
      {"a shape that its bytes are too few for",
       [] { return with_header([](Json& h) { h["bn1/gamma"]["shape"] = {33}; }); },
       {"bn1/gamma", "33"}},
      {"offsets that run backwards",
       [] {
         return with_header([](Json& h) {
           Json& offsets = h["bn1/gamma"]["data_offsets"];
           std::swap(offsets[0], offsets[1]);
         });
       },
       {"bn1/gamma", "data_offsets"}},
      {"a hole between two tensors",
       [] {
         Weights w = golden_weights();
         const std::string last = last_tensor(w);
         for (Json& at : w.header[last]["data_offsets"]) at = at.get<std::size_t>() + 6;
         w.values.resize(w.values.size() + 6);
         return assemble(w);
       },
       {"hole of 6 bytes"}},
      {"two tensors that overlap",
       [] {
         Weights w = golden_weights();
         const std::string last = last_tensor(w);
         for (Json& at : w.header[last]["data_offsets"]) at = at.get<std::size_t>() - 2;
         w.values.resize(w.values.size() - 2);
         return assemble(w);
       },
       {"overlaps"}},
      {"bytes after the last tensor",
       [] {
         Weights w = golden_weights();
         w.values.resize(w.values.size() + 3);
         return assemble(w);
       },
       {"3 bytes that belong to no tensor"}},
      {"values cut short",
       [] {
         const Bytes file = assemble(golden_weights());
         return part_of(file, file.size() - 1);
       },
       {"incomplete"}},
      {"a tensor missing",
       [] {
         Weights w = golden_weights();
         const std::string last = last_tensor(w);
         w.values.resize(offset(w, last, 0));
         w.header.erase(last);
         return assemble(w);
       },
       {last_tensor(golden_weights()), "missing"}},
      {"a tensor too many",
       [] {
         Weights w = golden_weights();
         const std::size_t end = w.values.size();
         w.header["extra/kernel"] = {
             {"dtype", "F32"}, {"shape", {1}}, {"data_offsets", {end, end + 4}}};
         w.values.resize(end + 4);
         return assemble(w);
       },
       {"extra/kernel"}},
      {"a tensor too many whose name has control characters",
       [] {
         Weights w = golden_weights();
         const std::size_t end = w.values.size();
         w.header["extra\n\x1b[31mred\r"] = {
             {"dtype", "F32"}, {"shape", {1}}, {"data_offsets", {end, end + 4}}};
         w.values.resize(end + 4);
         return assemble(w);
       },
       {"red"}},
      {"a tensor of another shape",
       [] { return with_header([](Json& h) {
              h["conv1/bias"]["shape"] = {4, 8};
            }); },
       {"conv1/bias", "[4, 8]", "[32]"}},
      {"a weight that is not a number",
       [] { return with_value("dense1/kernel", 0x7E00); },
       {"dense1/kernel", "not finite"}},
      {"an infinite weight",
       [] { return with_value("conv2/bias", 0xFC00); },
       {"conv2/bias", "not finite"}},
      {"a negative variance",
       [] { return with_value("bn2/moving_variance", 0xBC00); },
       {"bn2/moving_variance", "negative variance"}},
      {"an unknown architecture",
       [] {
         return with_header([](Json& h) { h["__metadata__"]["architecture"] = "resnet\n50"; });
       },
       {"resnet", "simple_cnn"}},
      {"another architecture than its tensors",
       [] { return with_header([](Json& h) { h["__metadata__"]["architecture"] = "mlp"; }); },
       {}},
      {"metadata that is no string",
       [] { return with_header([](Json& h) { h["__metadata__"]["architecture"] = 7; }); },
       {"architecture"}},
  };
  const TemporaryFolder folder;
  put_old_output(folder);
  for (const FileFault& fault : faults) {
    DYNAMIC_SECTION(fault.name) {
      const std::string model = folder / "model.safetensors";
      write_whole_file(model, fault.bytes());
      std::vector<std::string> words = fault.words;
      words.push_back(model);
      check_refused(folder, attack(model, small_data()), 1, words);
    }
  }
}

TEST_CASE("A model that cannot be read is told, by every sub-command that needs one", "[command]") {
  const TemporaryFolder folder;
  put_old_output(folder);
  const std::string none = folder / "none.safetensors";
  const std::string here = folder.path().string();
  check_refused(folder, attack(none, small_data()), 1, {none, "No such file"});
  check_refused(folder, attack(here, small_data()), 1, {here, "directory"});
  check_refused(folder, {"evaluate", "--data", small_data(), "--model", none}, 1, {none});
  check_refused(folder, {"predict", "--data", small_data(), "--model", none}, 1, {none});
  check_refused(folder, {"fine-tune", "--data", small_data(), "--model", none, "--out", "new"}, 1,
                {none});
}

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
       {"no checkpoint"}},
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
      {"a range beyond the data", with_run([](Json& r) { r["end"] = 100'000; }), {"100000"}},
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

TEST_CASE("A picture with a fault is refused, and the file named", "[command]") {
  const std::vector<FileFault> faults = {
      {"an empty file", [] { return Bytes(); }, {"not a PNG"}},
      {"a text file", [] { return bytes_of("P5 28 28 255 ..."); }, {"not a PNG"}},
      {"the start of a JPEG",
       [] { return Bytes{0xFF, 0xD8, 0xFF, 0xE0, 0, 16, 'J', 'F', 'I', 'F'}; },
       {"not a PNG"}},
      {"a PNG packed by gzip", [] { return gzip(small_png()); }, {"not a PNG"}},
      {"a PNG's signature and nothing else", [] { return part_of(small_png(), 8); }, {"damaged"}},
      {"half of a PNG", [] { return part_of(small_png(), small_png().size() / 2); }, {"damaged"}},
      {"a PNG without its end",
       [] { return part_of(small_png(), small_png().size() - 12); },
       {"damaged"}},
      {"a PNG with a bit turned over in its pixels",
       [] {
         Bytes png = small_png();
         png[png.size() - 12 - 4 - 8] ^= 1;
         return png;
       },
       {"damaged"}},
      {"a PNG that says it is 2147483647 x 2147483647",
       [] { return png_of_size(0x7FFFFFFF, 0x7FFFFFFF); },
       {}},
      {"a PNG that says it is 100000 x 100000",
       [] { return png_of_size(100'000, 100'000); },
       {"100000 x 100000"}},
      {"a PNG that says it is 4097 x 40", [] { return png_of_size(4097, 40); }, {"4097 x 40"}},
      {"a PNG that says it is 0 x 40", [] { return png_of_size(0, 40); }, {"damaged"}},
      {"a PNG that says it is taller than its pixels",
       [] { return png_of_size(40, 4096); },
       {"damaged"}},
  };
  const TemporaryFolder folder;
  write_whole_file(folder / "good.png", small_png());
  write_whole_file(folder / "old.npy", "old logits");
  const auto predict = [&](const std::string& picture) -> Arguments {
    return {"predict", "--model",  golden_model(), "good.png",
            picture,   "--logits", "old.npy",      "--json"};
  };
  for (const FileFault& fault : faults) {
    DYNAMIC_SECTION(fault.name) {
      const std::string path = folder / "bad.png";
      write_whole_file(path, fault.bytes());
      std::vector<std::string> words = fault.words;
      words.push_back(path);
      check_refused(folder, predict(path), 1, words);
    }
  }
  SECTION("no such picture") {
    check_refused(folder, predict("none.png"), 1, {"none.png", "No such file"});
  }
  SECTION("a folder where a picture should be") {
    check_refused(folder, predict(folder.path().string()), 1, {folder.path().string()});
  }
}

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
  SECTION("reproduce into a file") {
    const Arguments reproduce = {"reproduce", "--data", small_data(), "--out"};
    check_refused(folder, with(reproduce, {folder / "file"}), 1, {folder / "file"});
    check_refused(folder, with(reproduce, {folder / "file/below"}), 1, {folder / "file/below"});
  }
}

TEST_CASE("A full disk is told, and an old file stays as it was", "[command]") {
  const TemporaryFolder folder;
  const Arguments fgsm = {"attack",       "fgsm",    "--data", small_data(), "--model",
                          golden_model(), "--count", "100",    "--out"};
  SECTION("the device that is always full") {
    if (::access("/dev/full", W_OK) != 0) return;
    check_refused(folder, with(fgsm, {"/dev/full"}), 1, {"/dev/full", "No space left"});
    check_refused(
        folder,
        {"predict", "--data", small_data(), "--model", golden_model(), "--logits", "/dev/full"}, 1,
        {"/dev/full", "No space left"});
  }
  SECTION("standard output on that device") {
    if (::access("/dev/full", W_OK) != 0) return;
    CommandSettings settings;
    settings.out_path = "/dev/full";
    check_refused(folder, {"predict", "--data", small_data(), "--model", golden_model()}, 1,
                  {"standard output"}, settings);
  }
  SECTION("a limit on the size of files") {
    CommandSettings settings;
    settings.file_size_limit = 100'000;  // The adversaries take 313,728 bytes.
    write_whole_file(folder / "old", "kept");
    check_refused(folder, with(fgsm, {"old"}), 1, {"old", "File too large"}, settings);
    check_refused(folder, with(fgsm, {"new"}), 1, {"new", "File too large"}, settings);
  }
  SECTION("a small disk") {
    // Only root may mount, and not in every container: elsewhere the cases above have to do.
    const std::string disk = folder / "disk";
    fs::create_directory(disk);
    if (::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=64k") != 0) return;
    struct Unmount {
      const std::string& path;
      ~Unmount() { ::umount2(path.c_str(), MNT_DETACH); }
    } const unmount{disk};
    write_whole_file(disk + "/old", "kept");
    check_refused(folder, with(fgsm, {disk + "/old"}), 1, {disk + "/old", "No space left"});
    check_refused(folder, with(fgsm, {disk + "/new"}), 1, {disk + "/new", "No space left"});
  }
}

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
      {"an unknown option", with(evaluate, {"--verbose"}), {"--verbose"}},
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
      {"a count of 0", with(fgsm, {"--count", "0"}), {"--count"}},
      {"a negative count", with(evaluate, {"--count", "-5"}), {"--count"}},
      {"a count that is a fraction", with(predict, {"--count", "1.5"}), {"--count"}},
      {"a count beyond an int", with(fgsm, {"--count", "99999999999"}), {"--count"}},
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
      {"an epsilon that is a word", with(fgsm, {"--epsilon", "abc"}), {"--epsilon"}},
      {"an unknown attack of a suite",
       {"robustness", "--data", small_data(), "--model", model, "--attacks", "fgsm,magic"},
       {"--attacks", "magic"}},
      {"an attack of a suite without the norm",
       {"robustness", "--data", small_data(), "--model", model, "--norm", "l2", "--attacks",
        "square"},
       {"--attacks", "square"}},
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
      {"a target that is no digit", with(fgsm, {"--target", "10"}), {"--target"}},
      {"an unknown loss", with(fgsm, {"--loss", "hinge"}), {"--loss", "hinge"}},
      {"an unknown norm", with(fgsm, {"--norm", "l3"}), {"--norm", "l3"}},
      {"an unknown split", with(evaluate, {"--split", "all"}), {"--split", "all"}},
      {"minus one thread", with(evaluate, {"--threads", "-1"}), {"--threads"}},
      {"a thousand threads", with(evaluate, {"--threads", "1000"}), {"--threads"}},
      {"a negative seed", with(train, {"--seed", "-1"}), {"--seed"}},
      {"more classes than there are", with(predict, {"--top", "11"}), {"--top"}},
      {"a picture and a data set at once", with(predict, {"a.png"}), {"--data"}},
      {"other options than the resumed run's",
       with(train, {"--resume", "c", "--epochs", "2"}),
       {"--epochs"}},
      {"another seed than the resumed run's",
       with(train, {"--resume", "c", "--seed", "2"}),
       {"--seed"}},
  };
  for (const Mistake& mistake : mistakes) {
    DYNAMIC_SECTION(mistake.name) { check_refused(folder, mistake.arguments, 2, mistake.words); }
  }
}
