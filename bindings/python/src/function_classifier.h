// A model that is a function of Python.
#pragma once

#include <nanobind/eigen/dense.h>
#include <nanobind/nanobind.h>

#include <algorithm>

#include "model/classifier.h"

namespace inoculate::python {

namespace nb = nanobind;

/// The functions take and give arrays of the engine's form, which the package sees to (_model.py):
/// logits(images [n, input]) -> [n, classes], and, or None, gradients(images [n, input],
/// d_logits [n, classes]) -> [n, input]. They are called by any of the engine's threads, with the
/// interpreter's lock held, on `images_at_once` images at most. What they raise goes to the caller.
class FunctionClassifier : public Classifier {
 public:
  FunctionClassifier(ModelSpec spec, nb::object logits, nb::object gradients)
      : spec_(std::move(spec)), logits_(std::move(logits)), gradients_(std::move(gradients)) {}

  const ModelSpec& spec() const override { return spec_; }

  Matrix logits(ConstMatrixRef images) const override {
    return ask(logits_, spec_.classes, images);
  }

  void gradients(std::span<Matrix> gradients, Matrix* logits, ConstMatrixRef images,
                 std::span<const LogitGradient> objectives) const override {
    Matrix found = this->logits(images);
    Matrix d_logits(found.rows(), found.cols());
    for (std::size_t k = 0; k < objectives.size(); ++k) {
      objectives[k](d_logits.data(), found.data(), 0, static_cast<int>(found.rows()));
      gradients[k] = ask(gradients_, images.cols(), images, d_logits);
    }
    if (logits != nullptr) *logits = std::move(found);
  }

 private:
  // What the function gives [N, columns] for the rows of matrices [N, ...], of which it gets copies
  // that it may keep.
  template <class... More>
  Matrix ask(const nb::object& function, Eigen::Index columns, ConstMatrixRef images,
             const More&... more) const {
    Matrix answers(images.rows(), columns);
    for (Eigen::Index begin = 0; begin < images.rows(); begin += spec_.images_at_once) {
      const Eigen::Index n = std::min<Eigen::Index>(spec_.images_at_once, images.rows() - begin);
      const nb::gil_scoped_acquire lock;
      const nb::object answer =
          function(Matrix(images.middleRows(begin, n)), Matrix(more.middleRows(begin, n))...);
      answers.middleRows(begin, n) = nb::cast<Matrix>(answer);
    }
    return answers;
  }

  ModelSpec spec_;
  nb::object logits_, gradients_;
};

}  // namespace inoculate::python
