#include "attack/bpda.h"

#include <Eigen/Cholesky>

#include "attack/perturbation.h"
#include "base/error.h"
#include "model/purified.h"

namespace inoculate {
namespace {

// The images that the decoder makes of latent vectors [N, latent] when each of their numbers is
// moved alone, by `by`: [N * latent, input].
Matrix moved(const GraphFunction& decoder, const Matrix& latent, float by) {
  Matrix z(latent.size(), latent.cols());
  for (Eigen::Index row = 0; row < z.rows(); ++row) {
    z.row(row) = latent.row(row / latent.cols());
    z(row, row % latent.cols()) += by;
  }
  return decoder(z);
}

// Keeps of gradients [N, input] what lies in the directions that the decoder can go from latent
// vectors [N, latent].
void to_tangents(std::span<Matrix> gradients, const GraphFunction& decoder, const Matrix& latent) {
  constexpr float kMove = 0.01F, kRidge = 1e-3F;
  const Eigen::Index dims = latent.cols();
  const Matrix directions =
      (moved(decoder, latent, kMove) - moved(decoder, latent, -kMove)) / (2 * kMove);
  for_each_row(static_cast<int>(latent.rows()), [&](int i) {
    const auto of_image = directions.middleRows(i * dims, dims);
    Matrix products = of_image * of_image.transpose();
    products.diagonal().array() += kRidge * products.trace() / static_cast<float>(dims) + 1e-12F;
    const Eigen::LLT<Matrix> solver(products);
    for (Matrix& gradient : gradients) {
      const Eigen::VectorXf along = of_image * gradient.row(i).transpose();
      gradient.row(i) = of_image.transpose() * solver.solve(along);
    }
  });
}

// A purified classifier with gradients.
class Approximated : public Classifier {
 public:
  Approximated(const PurifiedClassifier& model, BpdaBackward backward)
      : model_(model), backward_(backward) {}

  const ModelSpec& spec() const override { return model_.spec(); }
  Matrix logits(ConstMatrixRef images) const override { return model_.logits(images); }
  void gradients(std::span<Matrix> gradients, Matrix* logits, ConstMatrixRef images,
                 std::span<const LogitGradient> objectives) const override {
    const Matrix latent = model_.latent(images);
    model_.classifier().gradients(gradients, logits, model_.decoder()(latent), objectives);
    if (backward_ == BpdaBackward::kTangent) to_tangents(gradients, model_.decoder(), latent);
  }

 private:
  const PurifiedClassifier& model_;
  BpdaBackward backward_;
};

template <BpdaBackward kBackward>
AttackResult run(const AttackTask& task, const AttackOptions& common, Rng& rng,
                 const OnAttackProgress& on_progress) {
  return bpda(task, kBackward, with_common_options(pgd_options(task.threat.norm), task, common),
              rng, on_progress);
}

constexpr unsigned kOptions = kIteratedBits | kLossBit | kRestartsBit | kRandomStartBit;

}  // namespace

AttackResult bpda(const AttackTask& task, BpdaBackward backward, const PgdOptions& options,
                  Rng& rng, const OnAttackProgress& on_progress) {
  const Approximated model(purified_model(task.model), backward);
  return pgd(
      {model, task.images, task.labels, task.threat, task.criterion, task.numbers, task.targets},
      options, rng, on_progress);
}

AttackMethod bpda_method() {
  return {"bpda",
          "pgd through a purifier, as if it gave back what it is given",
          "Athalye et al. 2018",
          {Norm::kLinf, Norm::kL2},
          Knowledge::kGradients,
          kOptions,
          run<BpdaBackward::kIdentity>,
          ModelKind::kPurified};
}

AttackMethod tangent_bpda_method() {
  return {"bpda-tangent",
          "pgd through a purifier, along what its decoder can change",
          "Athalye et al. 2018",
          {Norm::kLinf, Norm::kL2},
          Knowledge::kGradients,
          kOptions,
          run<BpdaBackward::kTangent>,
          ModelKind::kPurified};
}

}  // namespace inoculate
