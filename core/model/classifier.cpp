#include "model/classifier.h"

#include <algorithm>

namespace inoculate {

const char* knowledge_name(Knowledge knowledge) {
  switch (knowledge) {
    case Knowledge::kNothing:
      return "nothing";
    case Knowledge::kLabels:
      return "labels";
    case Knowledge::kTopProbability:
      return "top probability";
    case Knowledge::kProbabilities:
      return "probabilities";
    case Knowledge::kGradients:
      return "gradients";
  }
  return "";
}

const char* kind_name(ModelKind kind) {
  switch (kind) {
    case ModelKind::kOther:
      return "a network or linear model";
    case ModelKind::kLinearSvm:
      return "a linear SVM";
    case ModelKind::kTree:
      return "a decision tree";
    case ModelKind::kNeighbours:
      return "nearest neighbours";
    case ModelKind::kEnsemble:
      return "an ensemble";
    case ModelKind::kPurified:
      return "a purified model";
  }
  return "";
}

int images_in_slice(const ModelSpec& spec) {
  constexpr int kFloats = 1 << 24;
  return std::max(1, kFloats / spec.input.size());
}

std::string class_name(const ModelSpec& spec, int number) {
  const auto at = static_cast<std::size_t>(number);
  return at < spec.class_names.size() ? spec.class_names[at] : std::to_string(number);
}

Labels most_likely(ConstMatrixRef logits) {
  Labels labels(static_cast<std::size_t>(logits.rows()));
  for (Eigen::Index i = 0; i < logits.rows(); ++i) {
    Eigen::Index best = 0;
    logits.row(i).maxCoeff(&best);
    labels[static_cast<std::size_t>(i)] = static_cast<std::int32_t>(best);
  }
  return labels;
}

}  // namespace inoculate
