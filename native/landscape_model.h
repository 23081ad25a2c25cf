// Networks of files whose weights can be changed.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "evaluate/weighted_model.h"
#include "model/classifier.h"
#include "model/model_notes.h"

namespace inoculate {

/// A network of a file whose weights can be changed, beside the classifier that it is.
struct LandscapeModel {
  std::string name;  ///< for headings: told apart from the others'
  std::unique_ptr<Classifier> model;
  std::unique_ptr<WeightedModel> weights;

  /// What the network sees of images [N, input] of the model.
  Matrix prepared(const Matrix& images) const;
};

/// Throws Error for what load_classifier refuses, and where there are no weights to change (a
/// decision tree). `notes` as there.
LandscapeModel load_landscape_model(const std::filesystem::path& path, ModelNotes* notes = nullptr);

}  // namespace inoculate
