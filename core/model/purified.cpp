#include "model/purified.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/parallel.h"
#include "nn/adam.h"

namespace inoculate {
namespace {

std::string shape_text(const Shape& shape) {
  return std::to_string(shape.h) + "x" + std::to_string(shape.w) + "x" + std::to_string(shape.c);
}

ModelSpec purified_spec(ModelSpec spec, const Generator& vae) {
  if (vae.sizes.kind != GeneratorKind::kVae) {
    throw Error(vae.name +
                ": makes perturbations, not images; purify by a generator that train-generator "
                "--kind vae made");
  }
  if (vae.sizes.image != spec.input) {
    throw Error(vae.name + ": makes images of " + shape_text(vae.sizes.image) + ", and " +
                spec.name + " takes those of " + shape_text(spec.input) +
                "; train a generator on such images");
  }
  spec.kind = ModelKind::kPurified;
  spec.promised_accuracy.reset();
  return spec;
}

Matrix first_vectors(const PurifyOptions& options, int latent) {
  Rng rng(options.seed, 1);
  Matrix starts(options.restarts, latent);
  for (Eigen::Index i = 0; i < starts.size(); ++i) {
    starts.data()[i] = static_cast<float>(rng.normal());
  }
  return starts;
}

// How large a step the search takes first, and it ends a hundredth as large. Latent vectors are
// about as long as their prior's, of which each number has a standard deviation of 1.
constexpr float kFirstStep = 0.2F, kLastShare = 0.01F;

float step_size(int step, int steps) {
  const float done = static_cast<float>(step) / static_cast<float>(steps);
  return kFirstStep * std::pow(kLastShare, done);
}

}  // namespace

PurifiedClassifier::PurifiedClassifier(std::unique_ptr<Classifier> classifier, const Generator& vae,
                                       const PurifyOptions& options)
    : classifier_(std::move(classifier)),
      decoder_(vae.generator, vae.name),
      options_(options),
      starts_(first_vectors(options, decoder_.inputs())),
      spec_(purified_spec(classifier_->spec(), vae)) {}

// Of a few images: all their starts are one batch.
void PurifiedClassifier::search(MatrixRef latent, ConstMatrixRef images) const {
  const Eigen::Index restarts = starts_.rows();
  Matrix z = starts_.replicate(images.rows(), 1);
  const auto numbers = static_cast<std::size_t>(z.size());
  AdamState adam(numbers);
  GraphFunction::Trace trace;
  const auto differences = [&] {
    Matrix made = decoder_.forward(z, trace);
    for (Eigen::Index row = 0; row < z.rows(); ++row) made.row(row) -= images.row(row / restarts);
    return made;
  };
  for (int step = 0; step < options_.steps; ++step) {
    const Matrix d_z = decoder_.backward(differences(), trace);
    adam_step({z.data(), numbers}, {d_z.data(), numbers}, adam, step_size(step, options_.steps));
  }
  const Eigen::VectorXd distances = differences().cast<double>().rowwise().squaredNorm();
  for (Eigen::Index i = 0; i < images.rows(); ++i) {
    Eigen::Index best = 0;
    distances.segment(i * restarts, restarts).minCoeff(&best);
    latent.row(i) = z.row(i * restarts + best);
  }
}

const PurifiedClassifier& purified_model(const Classifier& model) {
  const auto* purified = dynamic_cast<const PurifiedClassifier*>(&model);
  if (purified == nullptr) throw Error(model.spec().name + ": has no generator in front");
  return *purified;
}

Matrix PurifiedClassifier::latent(ConstMatrixRef images) const {
  constexpr int kTogether = 64;  // latent vectors: as many as make a good product
  const int each = std::max(1, kTogether / options_.restarts);
  const int count = static_cast<int>(images.rows());
  Matrix latent(count, decoder_.inputs());
  parallel_for((count + each - 1) / each, [&](int part) {
    const int begin = part * each, n = std::min(each, count - begin);
    search(latent.middleRows(begin, n), images.middleRows(begin, n));
  });
  return latent;
}

Matrix PurifiedClassifier::logits(ConstMatrixRef images) const {
  return classifier_->logits(purified(images));
}

void PurifiedClassifier::gradients(std::span<Matrix> gradients, Matrix* logits,
                                   ConstMatrixRef images,
                                   std::span<const LogitGradient> /*objectives*/) const {
  if (spec_.gives != Knowledge::kGradients) throw Error(spec_.name + ": gives no gradients");
  for (Matrix& gradient : gradients) gradient = Matrix::Zero(images.rows(), images.cols());
  if (logits != nullptr) *logits = this->logits(images);
}

}  // namespace inoculate
