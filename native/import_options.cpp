#include "native/import_options.h"

#include <algorithm>
#include <iostream>

#include "base/error.h"
#include "data/npy.h"
#include "native/files.h"
#include "native/model.h"
#include "native/output.h"
#include "native/text.h"
#include "nn/inference.h"
#include "train/imported_weights.h"
#include "train/model_file.h"

namespace inoculate {
namespace {

constexpr std::size_t kLargestFile = std::size_t{1} << 26;
// Of the largest logit: sums in another order differ by less, another order of kernels by more.
constexpr double kTolerance = 1e-3;

/// Rows of `size` floats: an array [N, ...] of the file.
Matrix read_rows(const std::string& path, int size) {
  const NpyArray array = parse_npy(read_file(path, kLargestFile), path);
  const std::vector<float>& values = array.floats();
  const std::int64_t rows = array.shape.size() < 2 ? 0 : array.shape[0];
  if (rows < 1 ||
      values.size() / static_cast<std::size_t>(rows) != static_cast<std::size_t>(size) ||
      values.size() % static_cast<std::size_t>(rows) != 0) {
    throw Error(path + ": does not hold rows of " + std::to_string(size) +
                " float32 each; write such an array by numpy.save");
  }
  return Eigen::Map<const Matrix>(values.data(), rows, size);
}

/// The largest difference between the network's logits and those given.
double check_logits(const Network& network, const ImportCommand& options,
                    const std::string& model) {
  const Matrix images = read_rows(options.check_images, network.input_size());
  const Matrix wanted = read_rows(options.check_logits, network.classes());
  if (images.rows() != wanted.rows()) {
    throw Error(options.check_logits + ": holds logits of " + std::to_string(wanted.rows()) +
                " images, but " + options.check_images + " holds " + std::to_string(images.rows()) +
                "; give those of the same images");
  }
  const Matrix found = predict_logits(network, images);
  const auto difference = static_cast<double>((found - wanted).cwiseAbs().maxCoeff());
  const auto largest = static_cast<double>(wanted.cwiseAbs().maxCoeff());
  if (!(difference <= kTolerance * std::max(1.0, largest))) {  // nor where it is no number
    throw Error(model + ": its logits differ by up to " + number(difference) + " from those of " +
                options.check_logits +
                ", so it computes something else here; look at --flatten, --norm-epsilon, the "
                "padding of convolutions, and whether normalisation comes before the rectifier");
  }
  return difference;
}

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

void add_import_options(CLI::App& command, ImportCommand& options) {
  CLI::Option* from =
      command
          .add_option("--from", options.from,
                      "Whose names and orders the weights have: torch (a state dict written by "
                      "safetensors) or keras")
          ->check(CLI::IsMember({"torch", "keras"}));
  command
      .add_option("--architecture", options.architecture,
                  "The network to make of it; if not given, the one that fits")
      ->check(CLI::IsMember(architecture_names()))
      ->needs(from);
  command
      .add_option("--flatten", options.flatten,
                  "How the first dense layer takes a feature map: chw, as PyTorch does if not "
                  "given, or hwc, as Keras does")
      ->check(CLI::IsMember({"chw", "hwc"}))
      ->needs(from);
  command
      .add_option("--norm-epsilon", options.norm_epsilon,
                  "Epsilon of its batch normalisation; if not given 1e-5 for torch, 1e-3 for keras")
      ->transform(number_within(0, 1))
      ->needs(from);
  CLI::Option* images = command.add_option("--check-images", options.check_images,
                                           "Some images, float32 [N, 28, 28, 1] in a .npy");
  CLI::Option* logits = command.add_option(
      "--check-logits", options.check_logits,
      "What the network gave for them, float32 [N, 10] in a .npy; it must give the same here");
  images->needs(from)->needs(logits);
  logits->needs(from)->needs(images);
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
  std::optional<double> difference;
  if (options.check_images.empty()) {
    imported.notes.emplace_back(
        "not checked: kernels that fit by their shape may still lie in another order; a few images "
        "and their logits tell (--check-images, --check-logits)");
  } else {
    difference = check_logits(imported.network, options, model);
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
