// What attacks, judges, commands and the page know of a model, whatever it is inside.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/shapes.h"

namespace inoculate {

/// The pixels that a valid image may have.
struct ValueRange {
  float low = 0;
  float high = 1;
};

/// What can be seen of a model from outside: each includes those before it.
enum class Knowledge {
  kNothing,         ///< no query at all
  kLabels,          ///< the predicted class of any image
  kTopProbability,  ///< and its probability
  kProbabilities,   ///< the probabilities of all classes, or their logits
  kGradients,       ///< and gradients of any function of the logits
};

/// "nothing", "labels", "top probability", "probabilities", "gradients".
const char* knowledge_name(Knowledge knowledge);

/// What attacks that look inside need to know of it.
enum class ModelKind {
  kOther,       ///< asked by what it gives alone
  kLinearSvm,   ///< linear, its rows hyperplanes of one class against the rest
  kTree,        ///< a TreeClassifier, whose nodes can be followed
  kNeighbours,  ///< a NeighboursClassifier, whose training images can be seen
  kEnsemble,    ///< an EnsembleClassifier, whose parts can be attacked
  kPurified,    ///< a PurifiedClassifier, whose generator can be asked
};

/// "a network or linear model", "a linear SVM", "a decision tree", "nearest neighbours", "an
/// ensemble", "a purified model".
const char* kind_name(ModelKind kind);

/// What a model tells of itself.
struct ModelSpec {
  std::string name;                         ///< a short one, for messages
  Shape input;                              ///< of one image
  ValueRange range;                         ///< of the pixels of a valid image
  int classes = 0;                          ///< at least 2
  std::vector<std::string> class_names;     ///< [classes]; empty: the classes are their numbers
  Knowledge gives = Knowledge::kGradients;  ///< the most it gives away; never kNothing
  ModelKind kind = ModelKind::kOther;
  bool deterministic = true;  ///< whether the same image always gets the same logits
  int images_at_once = 64;    ///< a good size of a batch: what attacks plan their memory by
  /// The accuracy (0..1) on its test images that its training ended with, if that is known.
  std::optional<double> promised_accuracy;
};

/// Sets d_logits [n, classes], the gradient of each image's own objective, from the logits
/// [n, classes] of images begin .. begin + n - 1 of a batch. Called for several parts of the batch
/// at once.
using LogitGradient = std::function<void(float* d_logits, const float* logits, int begin, int n)>;

/// A model that sorts images into classes. It may be asked by several threads at once, and an
/// image's answer depends neither on the images around it nor on the number of threads.
class Classifier {
 public:
  virtual ~Classifier() = default;

  /// The same for as long as the model lives.
  virtual const ModelSpec& spec() const = 0;

  /// Logits [N, classes] of images [N, input], all of them finite. A model that gives less gives
  /// logits that tell no more: with kProbabilities perhaps their logarithms; with kTopProbability
  /// the logarithms that spread evenly over the other classes what the top one leaves; with kLabels
  /// 1 for the class and 0 for all others. Throws Error where a logit would not be finite.
  virtual Matrix logits(ConstMatrixRef images) const = 0;

  /// For each objective sets gradients[k] [N, input], its gradient with respect to the pixels of
  /// images [N, input], all after one forward pass; and logits [N, classes] unless null. Throws
  /// Error unless the spec gives gradients, and where a number would not be finite.
  virtual void gradients(std::span<Matrix> gradients, Matrix* logits, ConstMatrixRef images,
                         std::span<const LogitGradient> objectives) const = 0;
};

/// How many images are worked on together where there are copies of them, so that a copy is at most
/// 64 MB (and one image at least).
int images_in_slice(const ModelSpec& spec);

/// The name of a class, or its number where it has none.
std::string class_name(const ModelSpec& spec, int number);

/// Class labels of the largest logits [N, classes], one a row; the first of equals.
Labels most_likely(ConstMatrixRef logits);

}  // namespace inoculate
