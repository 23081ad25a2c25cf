#include "model/preprocessed.h"

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace inoculate {
namespace {

ModelSpec noted(ModelSpec spec, const ModelNotes& notes) {
  spec.range = {0, 1};
  spec.kind = ModelKind::kOther;  // its inside looks at other pixels
  if (notes.classes) {
    const std::size_t count = notes.classes->size();
    if (count != static_cast<std::size_t>(spec.classes)) {
      throw Error("has " + std::to_string(spec.classes) + " classes, but " + std::to_string(count) +
                  " names for them; give one name a class");
    }
    spec.class_names = *notes.classes;
  }
  const int side = std::min(spec.input.h, spec.input.w);
  if (notes.resize && *notes.resize < side) {
    throw Error("takes images of " + std::to_string(spec.input.w) + " x " +
                std::to_string(spec.input.h) + " pixels, which cannot be cut out of pictures of " +
                std::to_string(*notes.resize) + "; resize to " + std::to_string(side) + " or more");
  }
  return spec;
}

Preprocessing preprocessing_of(const ModelNotes& notes) {
  const Preprocessing none;
  return {notes.input_range.value_or(none.input_range), notes.mean.value_or(none.mean),
          notes.std.value_or(none.std), notes.bgr.value_or(none.bgr)};
}

}  // namespace

PreprocessedClassifier::PreprocessedClassifier(std::unique_ptr<Classifier> network,
                                               const ModelNotes& notes)
    : network_(std::move(network)), preprocessing_(preprocessing_of(notes)) {
  try {
    map_ = channel_map(preprocessing_, network_->spec().input.c);
    spec_ = noted(network_->spec(), notes);
  } catch (const Error& error) {
    throw Error(network_->spec().name + ": " + error.what());
  }
}

void PreprocessedClassifier::to_pixels(MatrixRef d_images, const Matrix& d_prepared) const {
  const auto channels = static_cast<Eigen::Index>(map_.from.size());
  for (Eigen::Index i = 0; i < d_images.rows(); ++i) {
    const float* in = d_prepared.row(i).data();
    float* to = d_images.row(i).data();
    for (Eigen::Index at = 0; at < d_images.cols(); at += channels) {
      for (std::size_t c = 0; c < map_.from.size(); ++c) {
        to[at + map_.from[c]] = map_.scale[c] * *in++;
      }
    }
  }
}

// Both go through the images in parts, so that there is never a second copy of all of them.

Matrix PreprocessedClassifier::logits(ConstMatrixRef images) const {
  Matrix logits(images.rows(), spec_.classes);
  for (Eigen::Index begin = 0; begin < images.rows(); begin += spec_.images_at_once) {
    const Eigen::Index n = std::min<Eigen::Index>(spec_.images_at_once, images.rows() - begin);
    logits.middleRows(begin, n) = network_->logits(prepared(map_, images.middleRows(begin, n)));
  }
  return logits;
}

void PreprocessedClassifier::gradients(std::span<Matrix> gradients, Matrix* logits,
                                       ConstMatrixRef images,
                                       std::span<const LogitGradient> objectives) const {
  for (Matrix& gradient : gradients) gradient.resize(images.rows(), images.cols());
  if (logits != nullptr) logits->resize(images.rows(), spec_.classes);
  std::vector<Matrix> d_prepared(gradients.size());
  Matrix some;
  for (Eigen::Index begin = 0; begin < images.rows(); begin += spec_.images_at_once) {
    const Eigen::Index n = std::min<Eigen::Index>(spec_.images_at_once, images.rows() - begin);
    std::vector<LogitGradient> own;
    for (const LogitGradient& objective : objectives) {
      own.emplace_back([&objective, begin](float* d_logits, const float* of, int from, int count) {
        objective(d_logits, of, static_cast<int>(begin) + from, count);
      });
    }
    network_->gradients(d_prepared, logits != nullptr ? &some : nullptr,
                        prepared(map_, images.middleRows(begin, n)), own);
    if (logits != nullptr) logits->middleRows(begin, n) = some;
    for (std::size_t k = 0; k < gradients.size(); ++k) {
      to_pixels(gradients[k].middleRows(begin, n), d_prepared[k]);
    }
  }
}

}  // namespace inoculate
