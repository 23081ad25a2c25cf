#include "native/trainable_model.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/quote.h"
#include "data/safetensors.h"
#include "formats/onnx/model.h"
#include "formats/onnx/writer.h"
#include "model/graph_architectures.h"
#include "model/network_graph_trainable.h"
#include "model/network_trainable.h"
#include "model/onnx_export.h"
#include "model/onnx_trainable.h"
#include "native/classifier.h"
#include "native/commands.h"
#include "native/files.h"
#include "native/model.h"
#include "native/output.h"
#include "native/preprocess_options.h"
#include "train/checkpoint.h"
#include "train/model_file.h"

namespace inoculate {
namespace {

constexpr std::size_t kMostNames = 3;

// "'a', 'b' and 3 others".
std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kMostNames); ++i) {
    text += (i > 0 ? ", " : "") + quote(names[i]);
  }
  if (names.size() > kMostNames) {
    text += " and " + std::to_string(names.size() - kMostNames) + " others";
  }
  return text;
}

std::filesystem::path notes_path(std::filesystem::path out) {
  return out.replace_extension(".json");
}

std::unique_ptr<Trainable> load_onnx(Bytes bytes, const std::string& name, const ModelNotes& notes,
                                     bool freeze_statistics,
                                     const std::string& architecture = kOnnxArchitecture) {
  OnnxTraining training =
      trainable_onnx(std::move(bytes), name, notes, freeze_statistics, architecture);
  if (!training.left_out.empty()) {
    tell_note(name + ": what its nodes " + listed(training.left_out) +
              " multiply or add is worked out from other numbers of the file, or is a single "
              "number; it is not trained");
  }
  return std::move(training.network);
}

}  // namespace

std::unique_ptr<Trainable> trainable_on(Engine engine, Network network) {
  return engine == Engine::kGraph ? graph_trainable(std::move(network))
                                  : trainable(std::move(network));
}

std::vector<std::string> trainable_architectures() {
  std::vector<std::string> names = architecture_names();
  for (std::string& name : graph_architecture_names()) names.push_back(std::move(name));
  return names;
}

TrainableModel first_weights(const std::string& architecture, std::uint64_t seed, Engine engine) {
  if (const std::optional<Graph> graph = graph_architecture(architecture, seed)) {
    TrainableModel model{load_onnx(write_onnx(onnx_model(*graph, {{"architecture", architecture}})),
                                   architecture, {}, false, architecture)};
    model.is_onnx = true;
    return model;
  }
  Network network(*find_architecture(architecture));
  Rng rng(seed);
  network.initialize(rng);
  return {trainable_on(engine, std::move(network))};
}

TrainableModel load_trainable(const std::filesystem::path& path, const ModelNotes& said,
                              bool freeze_statistics, Engine engine) {
  const std::string name = path.string();
  ModelFile file = read_model_file(path);
  TrainableModel model{nullptr, path, fingerprint(file.bytes), said, !said.empty()};
  if (file.is_onnx) {
    const OnnxModel onnx = parse_onnx(file.bytes, name);
    for (const std::string& note : onnx.notes) tell_note(name + ": " + note);
    model.notes = known_notes(said, path, onnx.metadata);
    model.network = load_onnx(std::move(file.bytes), name, model.notes, freeze_statistics);
    model.is_onnx = true;
    return model;
  }
  if (file.is_json) {
    throw Error(name + ": linear models and decision trees cannot be trained here; give " +
                kTrainableFiles);
  }
  if (freeze_statistics || !said.empty()) {
    throw UsageError(freeze_statistics
                         ? "--freeze-statistics is for ONNX networks; " + name + " holds weights"
                         : name +
                               ": is trained on pixels of 0..1 as they are; only ONNX networks "
                               "are trained behind a preprocessing");
  }
  const Safetensors weights = safetensors_of(file.bytes, path);
  model.network = trainable_on(engine, model_of(weights, path));
  model.promised_accuracy = promised_accuracy_of(weights);
  return model;
}

Option add_freeze_option(Command command, bool& freeze) {
  return command
      .add_flag("--freeze-statistics", freeze,
                "Normalise by an ONNX network's moving means and variances, and keep them, "
                "instead of by each batch's: for batches of a few images")
      .group("Model");
}

void require_kind(const std::filesystem::path& out, const TrainableModel& model) {
  if (model.is_onnx == (out.extension() == ".onnx")) {
    require_ending(out, model.is_onnx ? ".onnx" : ".safetensors");
    return;
  }
  throw UsageError("--out " + out.string() +
                   (model.is_onnx
                        ? ": this network is written as an ONNX network; give a name that ends in "
                          ".onnx"
                        : ": these weights are written as .safetensors; give such a name, and "
                          "inoculate convert makes ONNX of it"));
}

std::vector<FileOption> model_outputs(const std::filesystem::path& out,
                                      const std::filesystem::path& model, const ModelNotes& said) {
  std::vector<FileOption> files{{"--out", out}};
  if (model.extension() == ".onnx" && (!said.empty() || !notes_file(model).empty())) {
    files.push_back({"--out", notes_path(out)});
  }
  return files;
}

void round_to_file(Trainable& network) {
  if (!network.round_to_file()) return;
  tell_note("the trained weights are rounded to the 16 bits of the file's own");
}

void save_trainable(const TrainableModel& model, const std::map<std::string, std::string>& metadata,
                    const std::filesystem::path& out, const std::string& command) {
  save_model(model.network->file(metadata), out, command);
  if (model.path.extension() != ".onnx") return;
  const std::filesystem::path beside = notes_file(model.path);
  if (model.notes_are_said) {
    const std::string text = to_json(model.notes).dump(2) + "\n";
    write_file_atomically(notes_path(out), Bytes(text.begin(), text.end()));
  } else if (!beside.empty()) {
    write_file_atomically(notes_path(out), read_file(beside, std::size_t{1} << 24));
  }
}

}  // namespace inoculate
