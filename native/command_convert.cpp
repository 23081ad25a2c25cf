// inoculate convert: the same weights in another number format, from another framework, or as ONNX.
#include <cmath>
#include <iostream>
#include <memory>

#include "base/error.h"
#include "model/network_classifier.h"
#include "native/commands.h"
#include "native/export_onnx.h"
#include "native/file_options.h"
#include "native/files.h"
#include "native/import_options.h"
#include "native/mnist.h"
#include "native/model.h"
#include "native/output.h"
#include "native/text.h"
#include "train/model_file.h"

namespace inoculate {
namespace {

struct Options {
  std::string model;
  std::string data;
  std::string to;
  std::string dtype;
  int mantissa_bits = 0;
  std::string out;
  ImportCommand import;
};

// The nearest number whose mantissa has so many bits behind its leading 1, ties to even.
float with_mantissa(float value, int bits) {
  int exponent = 0;
  const float mantissa = std::frexp(value, &exponent);  // 0.5..1: one bit is the leading 1
  return std::ldexp(std::nearbyint(std::ldexp(mantissa, bits + 1)), exponent - bits - 1);
}

// Kernels are nearly all of a file, and forgive what biases and statistics may not.
void shorten_kernels(Safetensors& file, int bits) {
  for (NamedTensor& tensor : file.tensors) {
    if (tensor.shape.size() < 2) continue;
    for (float& value : tensor.values) value = with_mantissa(value, bits);
  }
}

// How many test images the two networks read differently.
int changed_predictions(const Network& before, const Network& after, const Matrix& images) {
  const Labels a = most_likely(NetworkClassifier(before).logits(images));
  const Labels b = most_likely(NetworkClassifier(after).logits(images));
  int changed = 0;
  for (std::size_t i = 0; i < a.size(); ++i) changed += a[i] != b[i];
  return changed;
}

void convert(const Options& options, const CommonOptions& common) {
  const std::vector<FileOption> outputs{{"--out", options.out}};
  check_files(outputs, {{"--model", options.model},
                        {"--check-images", options.import.check.images},
                        {"--check-logits", options.import.check.logits}});
  if (options.to == "onnx" || (options.to.empty() && options.out.ends_with(".onnx"))) {
    if (!options.dtype.empty() || options.mantissa_bits > 0 || !options.import.from.empty()) {
      throw UsageError(
          "ONNX is written of weights of ours as they are; leave out --from, --dtype and "
          "--mantissa-bits, and convert twice where need be");
    }
    require_ending(options.out, ".onnx");
    export_onnx(options.model, options.out, common.json);
    return;
  }
  require_ending(options.out, ".safetensors");
  if (!options.import.from.empty()) {
    import_model(options.import, options.model, options.dtype == "f16", options.out, common);
    return;
  }
  Safetensors file = read_safetensors(options.model);
  const Network network = model_of(file, options.model);  // refuses what is no network
  if (options.mantissa_bits > 0) shorten_kernels(file, options.mantissa_bits);
  const Dtype dtype = options.dtype == "f32" ? Dtype::F32 : Dtype::F16;
  const Bytes converted = write_safetensors(file, dtype);
  const Network after = network_of(parse_safetensors(converted, options.out), options.out);
  const auto folder = find_data(options.data);
  check_files(outputs, data_inputs(folder, {Split::kTest}));
  const auto [images, labels] = all_images(load_split(folder, Split::kTest));
  const int changed = changed_predictions(network, after, images);
  write_file_atomically(options.out, converted);
  if (common.json) {
    print_object(
        Json{{"bytes", converted.size()}, {"n", labels.size()}, {"changed_predictions", changed}});
  } else {
    std::cout << options.out << ": " << converted.size() << " bytes; " << changed << " of "
              << labels.size() << " test images are read differently.\n";
  }
}

}  // namespace

void add_convert(Command app, CommonOptions& common) {
  auto options = std::make_shared<Options>();
  Command command = app.add_subcommand(
      "convert",
      "Weights as halves or floats, and how many predictions that changes; weights of PyTorch or "
      "Keras as ours; or ours as ONNX");
  command
      .add_option("--model,model", options->model,
                  "Weights (.safetensors), or for ONNX a linear model (.json)")
      .required();
  add_data_option(command, options->data);
  command
      .add_option("--to", options->to,
                  "What to write; if not given onnx where --out ends so, else safetensors")
      .one_of({"safetensors", "onnx"});
  command.add_option("--dtype", options->dtype, "f16 or f32; if not given f16, and f32 with --from")
      .one_of({"f16", "f32"});
  Option mantissa =
      command
          .add_option(
              "--mantissa-bits", options->mantissa_bits,
              "Round kernels to this many bits, so that the file compresses better; 0: do not")
          .within(0, 22)
          .show_default();
  add_import_options(command, options->import);
  mantissa.excludes(command.get_option("--from"));
  command.add_option("--out", options->out, "Where to write it (.safetensors, .onnx)").required();
  add_common_options(command, common);
  command.callback([options, &common] { convert(*options, common); });
}

}  // namespace inoculate
