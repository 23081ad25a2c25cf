// Fitting models of other kinds than networks: their settings, and what comes of them.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "data/bytes.h"
#include "model/model_json.h"
#include "model/neighbours.h"
#include "native/command_line.h"
#include "native/mnist.h"

namespace inoculate {

/// What --c is where it is not given: MNIST's 60,000 images are then read best.
inline constexpr double kLogisticC = 0.1, kSvmC = 0.01;

/// What --kind says, and the options of that kind; what is not set has its default.
struct FitSettings {
  std::string kind;                ///< "logistic", "svm", "tree" or "knn"
  std::optional<double> c;         ///< logistic, svm: weight of the images' loss
  std::optional<int> steps;        ///< logistic, svm: of the optimiser, at most
  std::optional<int> depth;        ///< tree
  std::optional<int> leaves;       ///< tree
  std::optional<int> leaf_images;  ///< tree
  std::optional<int> neighbours;   ///< knn
};

/// Adds the options of all kinds.
void add_fit_options(Command command, FitSettings& settings);

/// Throws UsageError where an option is given that the kind does not heed.
void require_heeded(const FitSettings& settings);

/// A model, not yet a file nor a classifier.
using FittedModel = std::variant<JsonModel, Neighbours>;

/// Fits a model, with progress on stderr, and a warning where the optimiser has not ended. Throws
/// Error where the images are all of one class, UsageError where the settings ask for more than
/// there is.
FittedModel fit_model(const FitSettings& settings, LabelledImages data, const Shape& input,
                      int classes);

/// Its file; `metadata` says how it was made.
Bytes file_of(const FittedModel& model, std::map<std::string, std::string> metadata);

/// The classifier of it, called `name`.
std::unique_ptr<Classifier> classifier_of(FittedModel model, const std::string& name);

}  // namespace inoculate
