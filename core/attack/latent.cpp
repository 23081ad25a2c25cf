#include "attack/latent.h"

#include <algorithm>
#include <cmath>

#include "attack/gradients.h"
#include "attack/perturbation.h"
#include "attack/search.h"
#include "model/purified.h"
#include "nn/adam.h"

namespace inoculate {
namespace {

// Adds the gradient of penalty * (what `change` [size] is larger than epsilon by)^2: of every pixel
// in L-inf, of the whole in L2.
void add_penalty(float* gradient, const float* change, int size, const ThreatModel& threat,
                 float penalty) {
  const Eigen::Map<const Eigen::ArrayXf> by(change, size);
  Eigen::Map<Eigen::ArrayXf> to(gradient, size);
  if (threat.norm == Norm::kLinf) {
    to += 2 * penalty * (by - by.max(-threat.epsilon).min(threat.epsilon));
    return;
  }
  const float length = by.matrix().norm();
  if (length > threat.epsilon) to += 2 * penalty * (1 - threat.epsilon / length) * by;
}

// The images moved by the changes [open, input] of what the decoder makes: by as much, and, in the
// same direction, by all of epsilon.
Matrix moved(const Search& search, const Matrix& changes, bool far) {
  const AttackTask& task = search.task;
  Matrix x = search.open_images();
  for_each_row(static_cast<int>(x.rows()), [&](int row) {
    float* pixels = x.row(row).data();
    const Matrix image = x.row(row);
    if (far) {
      step_along(pixels, pixels, changes.row(row).data(), task.input_size(), task.threat.norm,
                 task.threat.epsilon);
    } else {
      x.row(row) += changes.row(row);
    }
    project(pixels, image.data(), task.input_size(), task.threat);
  });
  return x;
}

}  // namespace

AttackResult latent_search(const AttackTask& task, const LatentOptions& options,
                           const OnAttackProgress& on_progress) {
  const PurifiedClassifier& model = purified_model(task.model);
  Search search(task);
  Matrix z = model.latent(task.images);
  const Matrix first = model.decoder()(z);
  AdamState adam(static_cast<std::size_t>(z.size()));
  GraphFunction::Trace trace;
  Matrix gradients, changes;
  const LogitGradient objective = criterion_objective(std::nullopt, task);
  const int look_every = std::max(1, options.steps / options.looks);
  bool cancelled = false;
  for (int step = 1; step <= options.steps && !search.open.empty() && !cancelled; ++step) {
    // All images take every step, so that none depends on when another was fooled.
    const Matrix pictures = model.decoder().forward(z, trace);
    objective_gradients(gradients, nullptr, model.classifier(), pictures, objective);
    changes = pictures - first;
    gradients *= -1;
    for_each_row(task.size(), [&](int i) {
      add_penalty(gradients.row(i).data(), changes.row(i).data(), task.input_size(), task.threat,
                  options.penalty);
    });
    const Matrix d_z = model.decoder().backward(gradients, trace);
    const auto numbers = static_cast<std::size_t>(z.size());
    adam_step({z.data(), numbers}, {d_z.data(), numbers}, adam, options.step_size);
    search.count({0, 1});
    if (step % look_every == 0 || step == options.steps) {
      for (const bool far : {false, true}) {
        const Matrix x = moved(search, rows_of(changes, search.open), far);
        search.give_up(x);
        search.look(x);
      }
    }
    cancelled = search.cancelled_at(on_progress, step, options.steps);
  }
  return search.result(cancelled);
}

AttackMethod latent_method() {
  return {"latent",
          "a search among the images that a purifier's decoder makes",
          "Jalal et al. 2019",
          {Norm::kLinf, Norm::kL2},
          Knowledge::kGradients,
          kWithinBits | kStepsBit,
          [](const AttackTask& task, const AttackOptions& common, Rng& /*rng*/,
             const OnAttackProgress& on_progress) {
            LatentOptions options;
            options.steps = common.steps.value_or(options.steps);
            return latent_search(task, options, on_progress);
          },
          ModelKind::kPurified};
}

}  // namespace inoculate
