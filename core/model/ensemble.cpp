#include "model/ensemble.h"

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace inoculate {

EnsembleClassifier::EnsembleClassifier(std::vector<std::unique_ptr<Classifier>> parts,
                                       std::string name)
    : parts_(std::move(parts)) {
  if (parts_.size() < 2) throw Error(name + ": an ensemble has two parts or more");
  const ModelSpec& first = parts_.front()->spec();
  spec_.input = first.input;
  spec_.range = first.range;
  spec_.classes = first.classes;
  spec_.class_names = first.class_names;
  spec_.images_at_once = first.images_at_once;
  for (const auto& part : parts_) {
    const ModelSpec& spec = part->spec();
    if (spec.input != first.input || spec.classes != first.classes) {
      throw Error(name + ": its parts " + first.name + " and " + spec.name +
                  " take other images or have other classes; they must be alike");
    }
    spec_.deterministic = spec_.deterministic && spec.deterministic;
    spec_.images_at_once = std::min(spec_.images_at_once, spec.images_at_once);
  }
  spec_.name = std::move(name);
  spec_.gives = Knowledge::kProbabilities;
  spec_.kind = ModelKind::kEnsemble;
}

Matrix EnsembleClassifier::logits(ConstMatrixRef images) const {
  Matrix votes = Matrix::Zero(images.rows(), spec_.classes);
  for (const auto& part : parts_) {
    const Labels read = most_likely(part->logits(images));
    for (std::size_t i = 0; i < read.size(); ++i) {
      ++votes(static_cast<Eigen::Index>(i), read[i]);
    }
  }
  const auto count = static_cast<double>(parts_.size());
  return (votes.cast<double>().array() / count).max(kLeastProbability).log().cast<float>();
}

void EnsembleClassifier::gradients(std::span<Matrix>, Matrix*, ConstMatrixRef,
                                   std::span<const LogitGradient>) const {
  throw Error(spec_.name + ": is a vote, which has no gradients; take what needs none");
}

}  // namespace inoculate
