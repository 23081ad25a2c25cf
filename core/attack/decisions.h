// What the attacks share that see nothing but the class a model reads.
#pragma once

#include <optional>
#include <vector>

#include "attack/attack.h"

namespace inoculate {

/// Questions about one image of a task, each of which takes one query from what it may cost.
class Decisions {
 public:
  Decisions(const AttackTask& task, int image, int queries)
      : task_(task), image_(image), queries_(queries) {}

  int image() const { return image_; }
  int asked() const { return asked_; }
  int left() const { return queries_ - asked_; }
  /// For each row of x [n, input], n at most left(): 1 if it meets the image's criterion.
  std::vector<char> ask(const Matrix& x);
  /// The same of one row.
  bool is_success(const Matrix& x) { return ask(x)[0] != 0; }

 private:
  const AttackTask& task_;
  int image_, queries_;
  int asked_ = 0;
};

/// A point [1, input] in the range that meets the image's criterion, for an attack to start from.
/// Without a target it is the image blended with uniform noise, as little as is needed of 50 steps;
/// with a target, or where no noise of 20 draws is read as wanted, it is the nearest other image of
/// the task that is, by the logits [N, classes] of all of them, blended in the same way. None where
/// there is neither. Takes at most as many queries as are left.
std::optional<Matrix> starting_point(Decisions& decisions, const AttackTask& task,
                                     const Matrix& logits, Rng& rng);

}  // namespace inoculate
