// What every attack takes and gives back.
//
// An attack is a function
//
//   AttackResult name(const AttackTask&, const NameOptions&, Rng&, const OnAttackProgress&);
//
// in a file of its own; attack/registry.h lists them all and runs any from one set of options. An
// image's adversary depends on the image, its number, the options and the generator's state alone:
// neither on the images around it nor on the number of threads.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "attack/threat_model.h"
#include "base/rng.h"
#include "base/shapes.h"
#include "model/classifier.h"

namespace inoculate {

/// Images under attack. All that is referred to must outlive the task.
struct AttackTask {
  const Classifier& model;  ///< gives gradients if the attack takes any
  ConstMatrixRef images;    ///< [N, input], within the range if there is one
  const Labels& labels;     ///< [N], the true classes
  ThreatModel threat;
  Criterion criterion;
  /// [N], each image's own number, such as its place in a data set: what is drawn at random for an
  /// image follows from it. So an image has the same adversary among all images, among some of
  /// them and alone. None: 0, 1, 2 and so on.
  std::span<const int> numbers{};
  /// [N], the class that each image is to be read as, which goes before criterion.target. None: the
  /// criterion's, if it has one, for all of them.
  std::span<const int> targets{};

  /// What counts as success for image `row`.
  Criterion criterion_of(int row) const {
    if (targets.empty()) return criterion;
    return {targets[static_cast<std::size_t>(row)], criterion.confidence};
  }
  /// Whether one class is wanted of each image, and not just any wrong one.
  bool targeted() const { return criterion.target.has_value() || !targets.empty(); }
  int size() const { return static_cast<int>(images.rows()); }
  int input_size() const { return model.spec().input.size(); }
  int classes() const { return model.spec().classes; }
};

/// How far an attack has come.
struct AttackProgress {
  std::int64_t done = 0;   ///< steps, or queries where those are what is limited
  std::int64_t total = 0;  ///< at most
  int fooled = 0;          ///< images known to be successes so far
  int images = 0;
};

/// Called now and then by the thread that called the attack; false cancels it. The result then
/// holds what was reached so far.
using OnAttackProgress = std::function<bool(const AttackProgress&)>;

/// What asking the model about one image cost. The fresh predictions that fill
/// AttackResult::success are not counted: they are the judge's, not the attacker's.
struct AttackCalls {
  int forward = 0;   ///< logits asked for without a gradient: the queries of a black-box attack
  int gradient = 0;  ///< gradients, with the forward pass that each needs
};

/// Adversaries, and for each image what came of it.
struct AttackResult {
  Matrix adversaries;                 ///< [N, input]; within epsilon and the range
  std::vector<std::uint8_t> success;  ///< [N]; 1 where a fresh prediction meets the criterion
  std::vector<float> distances;       ///< [N], of adversary and image in the task's norm
  std::vector<AttackCalls> calls;     ///< [N]
  bool cancelled = false;
  /// Of a method that pastes one picture into all images: that picture, [1, size of its shape].
  Matrix pattern;
  Shape pattern_shape{};
  /// Images left as they are because nothing was found that such an attack could start from.
  int without_start = 0;

  int successes() const;
};

/// The result of having made `adversaries` [N, input] at the cost of `calls` [N]: predicts afresh.
AttackResult judge_adversaries(const AttackTask& task, Matrix adversaries,
                               std::vector<AttackCalls> calls);

/// Adds to `result` what an attack on its images `rows` came to: all calls, and of the others what
/// succeeded.
void take_successes(AttackResult& result, const AttackResult& part, const std::vector<int>& rows);

/// A generator for each image of the task, by its number, so that none depends on what is drawn for
/// another. Takes one number from `rng`, however many images there are.
std::vector<Rng> image_generators(const AttackTask& task, Rng& rng);

/// The task's images `rows` as a task of their own, with their numbers and targets.
struct TaskPart {
  Matrix images;
  Labels labels;
  std::vector<int> numbers, targets;
  AttackTask task;  ///< refers to the others, so a part is not copied

  TaskPart(const AttackTask& whole, const std::vector<int>& rows);
  TaskPart(const TaskPart&) = delete;
  TaskPart& operator=(const TaskPart&) = delete;
};

/// The rows of `matrix` named by `rows`.
Matrix rows_of(ConstMatrixRef matrix, const std::vector<int>& rows);
/// The labels named by `rows`.
Labels labels_of(const Labels& labels, const std::vector<int>& rows);

}  // namespace inoculate
