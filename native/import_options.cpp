#include "native/import_options.h"

#include <iostream>
#include <optional>

#include "base/error.h"
#include "model/network_classifier.h"
#include "native/files.h"
#include "native/model.h"
#include "native/output.h"
#include "native/text.h"
#include "train/imported_weights.h"
#include "train/model_file.h"

namespace inoculate {
namespace {

constexpr std::size_t kLargestFile = std::size_t{1} << 26;

ImportOptions settings_of(const ImportCommand& options) {
  ImportOptions settings;
  settings.from = options.from == "torch" ? Framework::kTorch : Framework::kKeras;
  settings.architecture = options.architecture;
  settings.norm_epsilon = options.norm_epsilon;
  if (options.flatten == "chw") settings.flattening = Flattening::kChannelsFirst;
  if (options.flatten == "hwc") settings.flattening = Flattening::kChannelsLast;
  return settings;
}

}  // namespace

void add_import_options(Command command, ImportCommand& options) {
  Option from =
      command
          .add_option("--from", options.from,
                      "Whose names and orders the weights have: torch (a state dict written by "
                      "safetensors) or keras")
          .one_of({"torch", "keras"});
  command
      .add_option("--architecture", options.architecture,
                  "The network to make of it; if not given, the one that fits")
      .one_of(architecture_names())
      .needs(from);
  command
      .add_option("--flatten", options.flatten,
                  "How the first dense layer takes a feature map: chw, as PyTorch does if not "
                  "given, or hwc, as Keras does")
      .one_of({"chw", "hwc"})
      .needs(from);
  command
      .add_option("--norm-epsilon", options.norm_epsilon,
                  "Epsilon of its batch normalisation; if not given 1e-5 for torch, 1e-3 for keras")
      .number_within(0, 1)
      .needs(from);
  add_check_options(command, options.check);
  command.get_option("--check-images").needs(from);
}

void import_model(const ImportCommand& options, const std::string& model, bool as_halves,
                  const std::string& out, const CommonOptions& common) {
  const ImportOptions settings = settings_of(options);
  const Safetensors file = parse_safetensors(
      read_file(model, kLargestFile), model,
      [&](const std::string& tensor) { return is_bookkeeping(settings.from, tensor); });
  refuse_checkpoint(file, model);
  ImportedNetwork imported = import_weights(file, settings, model);
  if (!file.note.empty()) imported.notes.push_back(file.note);
  const std::optional<double> difference = check_logits(
      options.check, imported.network.architecture().input, imported.network.classes(),
      [&](const Matrix& images) { return NetworkClassifier(imported.network).logits(images); },
      model,
      "--flatten, --norm-epsilon, the padding of convolutions, and whether normalisation comes "
      "before the rectifier");
  if (!difference) {
    imported.notes.emplace_back(
        "not checked: kernels that fit by their shape may still lie in another order; a few images "
        "and their logits tell (--check-images, --check-logits)");
  }
  const Bytes converted = write_safetensors(
      model_file(imported.network, {{"converted_from", options.from + ": " + model}}),
      as_halves ? Dtype::F16 : Dtype::F32);
  write_file_atomically(out, converted);

  for (const std::string& note : imported.notes) tell_note(note);
  const std::string& architecture = imported.network.architecture().name;
  if (common.json) {
    Json json{{"architecture", architecture},
              {"bytes", converted.size()},
              {"checked", difference.has_value()}};
    if (difference) json["largest_difference"] = *difference;
    print_object(json);
  } else {
    std::cout << out << ": " << architecture << ", " << converted.size() << " bytes; "
              << (difference ? "its logits match those given within " + number(*difference)
                             : "not checked")
              << '\n';
  }
}

}  // namespace inoculate
