#include "evaluate/transfer_matrix.h"

#include <algorithm>
#include <string>

#include "attack/fitting.h"
#include "attack/run.h"
#include "base/error.h"

namespace inoculate {
namespace {

// What each model reads in the images, a few at a time.
Labels readings(const Classifier& model, ConstMatrixRef images) {
  const int at_once = images_in_slice(model.spec());
  Labels read;
  for (Eigen::Index begin = 0; begin < images.rows(); begin += at_once) {
    const Eigen::Index n = std::min<Eigen::Index>(at_once, images.rows() - begin);
    const Labels some = most_likely(model.logits(images.middleRows(begin, n)));
    read.insert(read.end(), some.begin(), some.end());
  }
  return read;
}

TransferCell count(const Labels& labels, const Labels& row_before, const Labels& column_before,
                   const Labels& after) {
  TransferCell cell;
  cell.n = static_cast<int>(labels.size());
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const bool misread = after[i] != labels[i];
    const bool both = row_before[i] == labels[i] && column_before[i] == labels[i];
    cell.misread += misread;
    cell.both_right += both;
    cell.fooled += both && misread;
  }
  return cell;
}

}  // namespace

std::vector<const AttackMethod*> row_attacks(std::span<const Classifier* const> models,
                                             const TransferOptions& options) {
  std::vector<const AttackMethod*> attacks;
  for (const Classifier* model : models) {
    const ModelSpec& spec = model->spec();
    const AttackMethod& attack = options.attack != nullptr ? *options.attack : fitting_attack(spec);
    require_possible(attack, spec, options.settings);
    if (std::find(attack.norms.begin(), attack.norms.end(), options.threat.norm) ==
        attack.norms.end()) {
      throw Error(spec.name + ": " + attack.name + ", which attacks it, does not know this norm");
    }
    attacks.push_back(&attack);
  }
  return attacks;
}

void require_alike(std::span<const Classifier* const> models) {
  const ModelSpec& first = models.front()->spec();
  for (const Classifier* model : models) {
    const ModelSpec& spec = model->spec();
    if (spec.input == first.input && spec.classes == first.classes) continue;
    const auto what = [](const ModelSpec& one) {
      return std::to_string(one.input.h) + "x" + std::to_string(one.input.w) + "x" +
             std::to_string(one.input.c) + " and " + std::to_string(one.classes) + " classes";
    };
    throw Error(spec.name + ": has images of " + what(spec) + ", the model " + first.name +
                " those of " + what(first) +
                "; adversaries are shown to models of the same images and classes");
  }
}

TransferMatrix transfer_matrix(
    std::span<const Classifier* const> models, ConstMatrixRef images, const Labels& labels,
    const TransferOptions& options,
    const std::function<bool(int row, const AttackProgress&)>& on_progress) {
  require_alike(models);
  TransferMatrix matrix;
  matrix.attacks = row_attacks(models, options);
  std::vector<Labels> before;
  for (const Classifier* model : models) {
    before.push_back(readings(*model, images));
    int right = 0;
    for (std::size_t i = 0; i < labels.size(); ++i) right += before.back()[i] == labels[i];
    matrix.right.push_back(right);
  }
  for (std::size_t row = 0; row < models.size(); ++row) {
    Rng rng(options.seed);
    const AttackTask task{*models[row], images, labels, options.threat, {}};
    const AttackResult made =
        run_attack(*matrix.attacks[row], task, options.settings, rng, [&](const AttackProgress& p) {
          return !on_progress || on_progress(static_cast<int>(row), p);
        });
    if (made.cancelled) {
      matrix.cancelled = true;
      return matrix;
    }
    matrix.cells.emplace_back();
    for (std::size_t column = 0; column < models.size(); ++column) {
      matrix.cells.back().push_back(
          count(labels, before[row], before[column], readings(*models[column], made.adversaries)));
    }
  }
  return matrix;
}

}  // namespace inoculate
