// The networks the visitor can choose from.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "data/bytes.h"
#include "model/classifier.h"
#include "nn/network.h"

namespace inoculate::page {

struct Model {
  std::string name;   ///< short and unique: "standard"
  std::string title;  ///< as shown: "Standard"
  std::string note;   ///< how it was trained, one sentence
  Network network;
};

/// The network in use, and the models it can be set back to.
class Models {
 public:
  /// Adds a model, or replaces that of the same name; the first becomes the one in use. Throws
  /// Error when it is no network of 28 x 28 pixels and ten digits, or its answers are not finite.
  void add(Model model);
  /// Reads a weights file the visitor brought, and uses it. Throws Error, leaving everything as it
  /// was, when it is none; `name` is the file's.
  void load(ByteView file, const std::string& name);
  /// Uses a model as it was added; also takes an inoculation back. The index must exist.
  void choose(std::size_t index);
  /// Goes on with weights that were made from the ones in use.
  void replace_weights(Network network);

  bool empty() const { return models_.empty(); }
  const std::deque<Model>& list() const { return models_; }
  std::size_t chosen() const { return chosen_; }
  const Model& chosen_model() const { return models_[chosen_]; }
  /// The network in use.
  const Network& network() const { return *network_; }
  /// The same to be asked, and a model of the list.
  const Classifier& classifier() const { return *classifier_; }
  const Classifier& classifier(std::size_t index) const { return *classifiers_[index]; }
  /// Whether the network in use is not the chosen model any more.
  bool inoculated() const { return inoculated_; }
  /// Grows whenever the network in use, or the list, changes.
  int revision() const { return revision_; }

 private:
  void use(Network network);

  std::deque<Model> models_;                              // whose places do not change
  std::vector<std::unique_ptr<Classifier>> classifiers_;  // of the models
  std::size_t chosen_ = 0;
  std::unique_ptr<Network> network_;
  std::unique_ptr<Classifier> classifier_;
  bool inoculated_ = false;
  int revision_ = 0;
};

}  // namespace inoculate::page
