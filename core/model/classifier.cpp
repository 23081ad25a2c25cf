#include "model/classifier.h"

namespace inoculate {

Labels most_likely(ConstMatrixRef logits) {
  Labels labels(static_cast<std::size_t>(logits.rows()));
  for (Eigen::Index i = 0; i < logits.rows(); ++i) {
    Eigen::Index best = 0;
    logits.row(i).maxCoeff(&best);
    labels[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(best);
  }
  return labels;
}

}  // namespace inoculate
