// Weights with a fault, or that cannot be read.
#include <algorithm>

#include "catch.h"
#include "nn/architecture.h"
#include "refusals.h"
#include "train/model_file.h"

using namespace inoculate;

namespace {

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

}  // namespace

TEST_CASE("Weights with a fault are refused, and the file and the tensor named", "[command]") {
  const std::vector<FileFault> faults = {
      {"an empty file", [] { return Bytes(); }, {"0 bytes"}},
      {"a file shorter than its first number", [] { return Bytes(5); }, {"5 bytes"}},
      {"a text file", [] { return bytes_of("these are no weights at all\n"); }, {}},
      {"a header above what the format allows",
       [] {
         Bytes file = assemble(golden_weights());
         std::fill_n(file.begin(), 8, std::uint8_t{0});
         file[3] = 0x06;  // 100,663,296
         return file;
       },
       {"100663296", "100000000"}},
      {"a header of a million values",
       [] {
         std::string header = "{\"a\":{\"shape\":[0";
         for (int i = 0; i < 1'000'000; ++i) header += ",0";
         return assemble(header + "]}}", {});
       },
       {"500000 values"}},
      {"a tensor with a name of 70,000 bytes",
       [] { return with_header([](Json& h) { h[std::string(70'000, 'x')] = 1; }); },
       {"70000 bytes", "'xxxx"}},
      {"names that a terminal would obey",
       [] {
         return with_header([](Json& h) {
           h["\xc2\x9b"
             "2J\x1b[2J\xe2\x80\xae"] = 1;
         });
       },
       {"\\u009b2J\\x1b[2J\\u202e"}},
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
       [] { return with_header([](Json& h) { h["bn1/gamma"]["dtype"] = "I16"; }); },
       {"bn1/gamma", "I16", "BF16"}},
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

TEST_CASE("A model whose weights are finite and overflow is refused by every sub-command",
          "[command]") {
  const TemporaryFolder folder;
  put_old_output(folder);
  Network network(mlp());
  std::fill(network.parameters().begin(), network.parameters().end(), 3e37F);
  const std::string model = folder / "large.safetensors";
  write_whole_file(model, write_safetensors(model_file(network, {})));
  const std::vector<std::string> words{model, "logits are not finite"};
  check_refused(folder, attack(model, small_data()), 1, words);
  for (const Arguments& command :
       {Arguments{"evaluate"}, {"predict"}, {"robustness"}, {"fine-tune", "--out", "new"}}) {
    check_refused(folder, with(command, {"--data", small_data(), "--model", model}), 1, words);
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
