// A model that tells labels alone and counts what it is asked.
#pragma once

#include <atomic>

#include "base/error.h"
#include "model/classifier.h"

namespace inoculate {

class CountingLabels : public Classifier {
 public:
  explicit CountingLabels(const Classifier& model) : model_(model), spec_(model.spec()) {
    spec_.gives = Knowledge::kLabels;
  }
  const ModelSpec& spec() const override { return spec_; }
  Matrix logits(ConstMatrixRef images) const override {
    asked += static_cast<int>(images.rows());
    const Labels read = most_likely(model_.logits(images));
    Matrix logits = Matrix::Zero(images.rows(), spec_.classes);
    for (Eigen::Index i = 0; i < images.rows(); ++i) {
      logits(i, read[static_cast<std::size_t>(i)]) = 1;
    }
    return logits;
  }
  void gradients(std::span<Matrix>, Matrix*, ConstMatrixRef,
                 std::span<const LogitGradient>) const override {
    throw Error("asked for what it has not");
  }

  mutable std::atomic<int> asked = 0;

 private:
  const Classifier& model_;
  ModelSpec spec_;
};

}  // namespace inoculate
