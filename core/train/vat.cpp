#include "train/vat.h"

#include <algorithm>
#include <cmath>

#include "base/buffer.h"
#include "nn/softmax.h"

namespace inoculate {
namespace {

Matrix softmax_of(const Matrix& logits) {
  Matrix p(logits.rows(), logits.cols());
  softmax(p.data(), logits.data(), static_cast<int>(p.rows()), static_cast<int>(p.cols()));
  return p;
}

// Rows of L2 norm `size`; those of norm 0 stay 0.
void scale_rows(Matrix& rows, double size) {
  for (Eigen::Index i = 0; i < rows.rows(); ++i) {
    const double norm = rows.row(i).cast<double>().norm();
    if (norm > 0) rows.row(i) *= static_cast<float>(size / norm);
  }
}

// log softmax(logits) of one row, in double precision.
Eigen::RowVectorXd log_softmax(const Matrix& logits, Eigen::Index row) {
  const Eigen::RowVectorXd x = logits.row(row).cast<double>();
  const double largest = x.maxCoeff();
  return x.array() - (largest + std::log((x.array() - largest).exp().sum()));
}

// The mean divergence KL(softmax(a) || softmax(b)).
double mean_divergence(const Matrix& a, const Matrix& b) {
  double sum = 0;
  for (Eigen::Index i = 0; i < a.rows(); ++i) {
    const Eigen::RowVectorXd p = log_softmax(a, i), q = log_softmax(b, i);
    sum += (p.array().exp() * (p - q).array()).sum();
  }
  return sum / static_cast<double>(a.rows());
}

// The mean entropy of softmax(logits), and its gradient by the logits: -p (log p + entropy) / N.
double mean_entropy(Matrix& d_logits, const Matrix& logits) {
  d_logits.resize(logits.rows(), logits.cols());
  const auto n = static_cast<double>(logits.rows());
  double sum = 0;
  for (Eigen::Index i = 0; i < logits.rows(); ++i) {
    const Eigen::RowVectorXd log_p = log_softmax(logits, i);
    const Eigen::RowVectorXd p = log_p.array().exp();
    const double entropy = -(p.array() * log_p.array()).sum();
    d_logits.row(i) = (-(p.array() * (log_p.array() + entropy)) / n).cast<float>();
    sum += entropy;
  }
  return sum / n;
}

}  // namespace

Vat::Vat(GraphNetwork& network) : network_(network), d_parameters_(network.parameters().size()) {}

Matrix Vat::logits_of(const Matrix& images, std::uint64_t masks, GraphNetwork::Memory& memory) {
  const float* logits = network_.forward(images.data(), static_cast<int>(images.rows()),
                                         {.update_statistics = false, .masks = masks}, memory);
  return Eigen::Map<const Matrix>(logits, images.rows(), network_.output_size());
}

// Of the divergence by r the gradient is 0 at r = 0, and its matrix of second derivatives times a
// direction is what the gradient is a little way in that direction: a step of the power method.
void Vat::find_perturbations(Matrix& r, const Matrix& images, const Matrix& answers,
                             const VatOptions& options, std::uint64_t masks, Rng& rng) {
  r.resize(images.rows(), images.cols());
  for (Eigen::Index i = 0; i < r.size(); ++i) r.data()[i] = static_cast<float>(rng.normal());
  for (int step = 0; step < options.iterations; ++step) {
    scale_rows(r, options.xi);
    const Matrix moved = images + r;
    const Matrix d_logits = softmax_of(logits_of(moved, masks, moved_)) - answers;
    network_.backward(r.data(), {}, d_logits.data(), moved_);
  }
  scale_rows(r, options.epsilon);
}

Matrix Vat::perturbations(const Matrix& images, const VatOptions& options, std::uint64_t masks,
                          Rng& rng) {
  Matrix r;
  find_perturbations(r, images, softmax_of(logits_of(images, masks, clean_)), options, masks, rng);
  return r;
}

void Vat::add_backward(std::span<float> d_parameters, const Matrix& d_logits,
                       GraphNetwork::Memory& memory) {
  network_.backward(nullptr, d_parameters_, d_logits.data(), memory);
  for (std::size_t i = 0; i < d_parameters.size(); ++i) d_parameters[i] += d_parameters_[i];
}

VatLoss Vat::add_gradient(std::span<float> d_parameters, const Matrix& images,
                          const VatOptions& options, std::uint64_t masks, Rng& rng) {
  VatLoss loss;
  const Matrix logits = logits_of(images, masks, clean_);
  const Matrix answers = softmax_of(logits);
  if (options.minimise_entropy) {
    Matrix d_logits;
    loss.entropy = mean_entropy(d_logits, logits);
    add_backward(d_parameters, d_logits, clean_);
  }
  Matrix moved;
  find_perturbations(moved, images, answers, options, masks, rng);
  moved += images;
  const Matrix moved_logits = logits_of(moved, masks, moved_);
  loss.divergence = mean_divergence(logits, moved_logits);
  const float scale = options.weight / static_cast<float>(images.rows());
  add_backward(d_parameters, (softmax_of(moved_logits) - answers) * scale, moved_);
  return loss;
}

}  // namespace inoculate
