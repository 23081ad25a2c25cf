// A model that tells less than its gradients.
#pragma once

#include "base/error.h"
#include "model/classifier.h"

namespace inoculate {

/// A stand-in for a model that tells no more than its predictions.
class LabelsAlone : public Classifier {
 public:
  explicit LabelsAlone(Knowledge gives) {
    spec_.name = "black.box";
    spec_.input = {2, 2, 1};
    spec_.classes = 2;
    spec_.gives = gives;
  }
  const ModelSpec& spec() const override { return spec_; }
  Matrix logits(ConstMatrixRef images) const override {
    Matrix logits = Matrix::Zero(images.rows(), 2);
    for (Eigen::Index i = 0; i < images.rows(); ++i) logits(i, images(i, 0) > 0.5F) = 1;
    return logits;
  }
  void gradients(std::span<Matrix>, Matrix*, ConstMatrixRef,
                 std::span<const LogitGradient>) const override {
    throw Error("asked for what it has not");
  }

 private:
  ModelSpec spec_;
};

}  // namespace inoculate
