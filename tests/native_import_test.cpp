// convert --from: weights of PyTorch and Keras; tests/golden/README.md says what PyTorch gave.
#include "catch.h"
#include "paths.h"
#include "refusals.h"
#include "train/model_file.h"

using namespace inoculate;

namespace {

/// A safetensors file put together without our writer: any names and types.
class FileOf {
 public:
  void add(const std::string& name, const std::string& dtype,
           const std::vector<std::int64_t>& shape, const Bytes& values) {
    header_[name] = {{"dtype", dtype},
                     {"shape", shape},
                     {"data_offsets", {values_.size(), values_.size() + values.size()}}};
    values_.insert(values_.end(), values.begin(), values.end());
  }
  void add(const std::string& name, const std::vector<std::int64_t>& shape,
           const std::vector<float>& values) {
    Bytes bytes;
    append_array_le(bytes, std::span<const float>(values));
    add(name, "F32", shape, bytes);
  }
  void write(const std::string& path) const {
    const std::string header = header_.dump();
    Bytes file;
    append_le(file, static_cast<std::uint64_t>(header.size()));
    append_array_le(file, std::span<const char>(header));
    append_array_le(file, std::span<const std::uint8_t>(values_));
    write_whole_file(path, file);
  }

 private:
  Json header_ = Json::object();
  Bytes values_;
};

using Names = std::map<std::string, std::string>;

const Names kTorchNames{{"conv1", "conv1"}, {"bn1", "bn1"},    {"conv2", "conv2"}, {"bn2", "bn2"},
                        {"bn3", "bn3"},     {"dense1", "fc1"}, {"dense2", "fc2"}};
const Names kSequentialNames{{"conv1", "module.0"},  {"bn1", "module.2"},     {"conv2", "module.3"},
                             {"bn2", "module.5"},    {"dense1", "module.10"}, {"bn3", "module.12"},
                             {"dense2", "module.14"}};

/// The golden weights as PyTorch keeps them: [F,C,K,K], [out,in], and a map flattened as C, H, W.
FileOf torch_file(const Names& names) {
  FileOf file;
  const Names words{{"gamma", "weight"},
                    {"beta", "bias"},
                    {"moving_mean", "running_mean"},
                    {"moving_variance", "running_var"},
                    {"kernel", "weight"},
                    {"bias", "bias"}};
  for (const NamedTensor& t : golden_safetensors("keras_simple_cnn.safetensors").tensors) {
    const std::size_t slash = t.name.find('/');
    const std::string layer = t.name.substr(0, slash), word = t.name.substr(slash + 1);
    std::vector<std::int64_t> shape = t.shape;
    std::vector<float> values = t.values;
    if (shape.size() == 4) {
      const std::int64_t k = shape[0], c = shape[2], f = shape[3];
      for (std::int64_t y = 0; y < k; ++y)
        for (std::int64_t x = 0; x < k; ++x)
          for (std::int64_t i = 0; i < c; ++i)
            for (std::int64_t o = 0; o < f; ++o)
              values[static_cast<std::size_t>(((o * c + i) * k + y) * k + x)] =
                  t.values[static_cast<std::size_t>(((y * k + x) * c + i) * f + o)];
      shape = {f, c, k, k};
    } else if (shape.size() == 2) {
      const std::int64_t in = shape[0], out = shape[1], channels = in == 3136 ? 64 : 1,
                         places = in / channels;
      for (std::int64_t place = 0; place < places; ++place)
        for (std::int64_t c = 0; c < channels; ++c)
          for (std::int64_t o = 0; o < out; ++o)
            values[static_cast<std::size_t>(o * in + c * places + place)] =
                t.values[static_cast<std::size_t>((place * channels + c) * out + o)];
      shape = {out, in};
    }
    file.add(names.at(layer) + "." + words.at(word), shape, values);
    if (word == "gamma") {
      file.add(names.at(layer) + ".num_batches_tracked", "I64", {}, Bytes(8, 3));
    }
  }
  return file;
}

/// The first images of the golden thousand as a .npy, for --check-images.
void write_check_images(const std::string& path, int count) {
  const Dataset images = small_test();
  std::vector<float> pixels;
  for (int i = 0; i < count * 784; ++i) {
    pixels.push_back(static_cast<float>(images.pixels[static_cast<std::size_t>(i)]) / 255);
  }
  write_whole_file(path, write_npy(pixels, {count, 1, 28, 28}));
}

void write_keras_logits(const std::string& path, int count) {
  const std::vector<float> all = golden_npy("keras_logits.npy").floats();
  write_whole_file(path,
                   write_npy({all.data(), static_cast<std::size_t>(count) * 10}, {count, 10}));
}

std::string golden_path(const std::string& name) { return in_source("/tests/golden/") + name; }

}  // namespace

TEST_CASE("A network in PyTorch's names and orders gives PyTorch's logits", "[command]") {
  const TemporaryFolder folder;
  write_check_images(folder / "images.npy", 50);
  for (const Names& names : {kTorchNames, kSequentialNames}) {
    torch_file(names).write(folder / "torch.safetensors");
    const Json json = json_of({"convert", "--from", "torch", folder / "torch.safetensors",
                               "--check-images", folder / "images.npy", "--check-logits",
                               golden_path("torch_logits.npy"), "--out", folder / "ours"});
    CHECK(json.at("architecture") == "simple_cnn");
    CHECK(json.at("checked") == true);
    CHECK(json.at("largest_difference").get<double>() < 1e-3);
    CHECK(json_of({"evaluate", "--data", small_data(), "--model", folder / "ours"})
              .at("accuracy")
              .get<double>() > 0.95);
  }
  // With Keras's epsilon it is Keras's own network, to the bit.
  run_well({"convert", "--from", "torch", folder / "torch.safetensors", "--norm-epsilon", "0.001",
            "--out", folder / "same"});
  const Safetensors golden_weights = golden_safetensors("keras_simple_cnn.safetensors");
  const Safetensors same = parse_safetensors(read_whole_file(folder / "same"), "same");
  REQUIRE(same.tensors.size() == golden_weights.tensors.size());
  for (std::size_t i = 0; i < same.tensors.size(); ++i) {
    INFO(same.tensors[i].name);
    CHECK(same.tensors[i].name == golden_weights.tensors[i].name);
    // A scale is multiplied by a root of (v + 0.001) / (v + 0.001), float against double.
    const bool exact = !same.tensors[i].name.ends_with("gamma");
    for (std::size_t k = 0; k < same.tensors[i].values.size(); ++k) {
      const float a = same.tensors[i].values[k], b = golden_weights.tensors[i].values[k];
      if (exact ? a != b : std::abs(a - b) > 1e-6F) FAIL("value " << k);
    }
  }
}

TEST_CASE("A state dict that PyTorch wrote is converted", "[command]") {
  const TemporaryFolder folder;
  write_check_images(folder / "images.npy", 50);
  const Json json = json_of({"convert", "--from", "torch", golden_path("torch_linear.safetensors"),
                             "--check-images", folder / "images.npy", "--check-logits",
                             golden_path("torch_linear_logits.npy"), "--out", folder / "ours"});
  CHECK(json.at("architecture") == "logistic_regression");
  CHECK(json.at("largest_difference").get<double>() < 1e-5);

  check_refused(folder,
                {"convert", "--from", "torch", golden_path("torch_linear.safetensors"),
                 "--norm-epsilon", "0.001", "--out", "new"},
                1, {"logistic_regression", "no batch normalisation"});
}

TEST_CASE("Keras's names are read, of versions 2 and 3", "[command]") {
  const TemporaryFolder folder;
  write_check_images(folder / "images.npy", 20);
  write_keras_logits(folder / "logits.npy", 20);
  const Names layers{{"conv1", "conv2d"},
                     {"bn1", "batch_normalization"},
                     {"conv2", "conv2d_1"},
                     {"bn2", "batch_normalization_1"},
                     {"bn3", "batch_normalization_2"},
                     {"dense1", "dense"},
                     {"dense2", "dense_1"}};
  const std::map<std::string, int> variables{{"kernel", 0},      {"bias", 1},
                                             {"gamma", 0},       {"beta", 1},
                                             {"moving_mean", 2}, {"moving_variance", 3}};
  for (const int version : {2, 3}) {
    FileOf file;
    for (const NamedTensor& t : golden_safetensors("keras_simple_cnn.safetensors").tensors) {
      const std::size_t slash = t.name.find('/');
      const std::string layer = layers.at(t.name.substr(0, slash)), word = t.name.substr(slash + 1);
      file.add(version == 2 ? layer + "/" + word + ":0"
                            : "layers/" + layer + "/vars/" + std::to_string(variables.at(word)),
               t.shape, t.values);
    }
    file.add("optimizer/vars/0", "I64", {}, Bytes(8, 1));
    file.write(folder / "keras.safetensors");
    const Json json = json_of({"convert", "--from", "keras", folder / "keras.safetensors",
                               "--check-images", folder / "images.npy", "--check-logits",
                               folder / "logits.npy", "--out", folder / "ours"});
    CHECK(json.at("largest_difference").get<double>() < 1e-3);
    CHECK(same_weights(folder / "ours", golden_model()));
  }
}

TEST_CASE("What a converter cannot tell by shapes, logits tell", "[command]") {
  const TemporaryFolder folder;
  write_check_images(folder / "images.npy", 20);
  write_keras_logits(folder / "logits.npy", 20);
  torch_file(kTorchNames).write(folder / "torch.safetensors");
  const Arguments convert{"convert", "--from", "torch", "torch.safetensors", "--out", "ours"};
  const Arguments check{"--check-images", "images.npy", "--check-logits", "logits.npy"};
  check_refused(folder, with(with(convert, check), {"--flatten", "hwc"}), 1,
                {"torch.safetensors", "logits differ", "--flatten"});
  CommandSettings there;
  there.folder = folder.path().string();
  const CommandResult unchecked = run_well(convert, there);
  CHECK(contains(unchecked.err, "not checked"));
  CHECK(contains(unchecked.err, "padding=1"));
  CHECK(contains(unchecked.out, "simple_cnn"));

  FileOf strange;
  strange.add("lstm.weight_hh", {4, 4}, std::vector<float>(16, 1));
  strange.write(folder / "strange");
  check_refused(folder, {"convert", "--from", "torch", "strange", "--out", "new"}, 1,
                {"'lstm.weight_hh'", "no layer that can be converted"});
  FileOf small;
  small.add("fc.weight", {10, 100}, std::vector<float>(1000, 1));
  small.write(folder / "small");
  check_refused(folder, {"convert", "--from", "torch", "small", "--out", "new"}, 1,
                {"mlp needs [200, 784]", "fit no network"});
  check_refused(folder, {"convert", "torch.safetensors", "--flatten", "hwc", "--out", "new"}, 2,
                {"--from"});
}

TEST_CASE("Weights in other number formats are read with a note", "[command]") {
  const TemporaryFolder folder;
  for (const std::string type : {"F64", "BF16"}) {
    FileOf file;
    for (const NamedTensor& t : golden_safetensors("keras_simple_cnn.safetensors").tensors) {
      Bytes values;
      for (const float value : t.values) {
        if (type == "F64") {
          append_le(values, static_cast<double>(value));
        } else {  // the upper half of a float, rounded towards zero
          append_le(values, static_cast<std::uint16_t>(bits_as<std::uint32_t>(value) >> 16));
        }
      }
      file.add(t.name, type, t.shape, values);
    }
    file.write(folder / type);
    const Arguments evaluate{"evaluate", "--data", small_data(), "--model", folder / type};
    const Json json = json_of(evaluate);
    const Json plain = json_of(golden("evaluate"));
    REQUIRE(json.at("notes").size() == 1);
    CHECK(contains(json.at("notes")[0], type));
    CHECK(contains(run_well(evaluate).err, type == "F64" ? "narrowed" : "widened"));
    CHECK(!plain.contains("notes"));
    if (type == "F64") CHECK(json.at("loss") == plain.at("loss"));
    CHECK(json.at("accuracy").get<double>() > plain.at("accuracy").get<double>() - 0.02);
  }
}
