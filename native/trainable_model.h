// Models that are trained, from files and to files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "model/model_notes.h"
#include "model/trainable.h"
#include "native/command_line.h"
#include "native/file_options.h"
#include "nn/network.h"

namespace inoculate {

/// A network to be trained, and what is known of it.
struct TrainableModel {
  std::unique_ptr<Trainable> network;
  std::filesystem::path path{};               ///< of its file; empty: it has first weights
  std::uint64_t fingerprint = 0;              ///< of the file's bytes
  ModelNotes notes{};                         ///< of the user, the JSON beside it, its metadata
  bool notes_are_said = false;                ///< some of them by the user
  std::optional<double> promised_accuracy{};  ///< that its training ended with
  bool is_onnx = false;                       ///< it is written as ONNX
};

/// Whose engine a network of ours is trained on: its own, which is faster, or that of graphs, which
/// methods that work on all its values need.
enum class Engine { kOwn, kGraph };

/// One of our own networks as it is trained.
std::unique_ptr<Trainable> trainable_on(Engine engine, Network network);

/// The names of what first_weights() makes.
std::vector<std::string> trainable_architectures();

/// A network of an architecture of ours (nn/architecture.h) or of the graph engine's
/// (model/graph_architectures.h) with its first weights.
TrainableModel first_weights(const std::string& architecture, std::uint64_t seed,
                             Engine engine = Engine::kOwn);

/// The network of a file: our own weights or an ONNX network. `said` is what the user says of it;
/// with `freeze_statistics` batch normalisation keeps its moving statistics. Throws Error for a bad
/// file and for models that are not trained, and UsageError for weights of ours whose statistics
/// were to be frozen.
TrainableModel load_trainable(const std::filesystem::path& path, const ModelNotes& said,
                              bool freeze_statistics, Engine engine = Engine::kOwn);

/// The help of the option that names such a file.
inline constexpr const char* kTrainableFiles = "weights (.safetensors) or a network (.onnx)";

/// Adds --freeze-statistics.
Option add_freeze_option(Command command, bool& freeze);

/// Throws UsageError when `out` is not the name of a file of the kind that the model is written as:
/// .onnx for an ONNX network, anything else for weights of ours.
void require_kind(const std::filesystem::path& out, const TrainableModel& model);

/// The files that are written of a model that is read from `model`: `out`, and the notes beside it,
/// if there are any.
std::vector<FileOption> model_outputs(const std::filesystem::path& out,
                                      const std::filesystem::path& model, const ModelNotes& said);

/// Rounds the weights to what a file of the model's kind can hold, and tells the user where that
/// changes them; to be called before they are judged.
void round_to_file(Trainable& network);

/// Writes the trained network, and the notes beside it; `command` as save_model() has it.
void save_trainable(const TrainableModel& model, const std::map<std::string, std::string>& metadata,
                    const std::filesystem::path& out, const std::string& command = "");

}  // namespace inoculate
