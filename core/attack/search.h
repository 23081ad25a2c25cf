// What the attacks share that work on each image until it is fooled.
#pragma once

#include <cstdint>
#include <vector>

#include "attack/attack.h"

namespace inoculate {

/// Which images of a task are still open, and the results of the others. Rows of matrices that are
/// handed in are the open images in order; a method keeps its own state by image, `open[row]`.
struct Search {
  const AttackTask& task;
  Matrix adversaries;              ///< [N, input]; the images themselves until more is known
  std::vector<AttackCalls> calls;  ///< [N]
  std::vector<int> open;           ///< images not fooled yet, in rising order
  int without_start = 0;           ///< AttackResult::without_start

  explicit Search(const AttackTask& attack_task);

  /// Images [open, input] and labels [open] as they were given.
  Matrix open_images() const { return rows_of(task.images, open); }

  /// Adds the cost of one look at each open image.
  void count(const AttackCalls& cost);
  /// Ends the search for the images that x [open, input] with logits [open, classes] fools: x is
  /// their adversary.
  void close_fooled(const Matrix& x, const Matrix& logits);
  /// Predicts x [open, input], counts a forward call for each, and closes what is fooled. Returns
  /// the logits, of all rows of x.
  Matrix look(const Matrix& x);
  /// Sets the adversaries of images that stay open, from x [open, input].
  void give_up(const Matrix& x);

  /// Tells `on_progress`, if there is one; true means to stop.
  bool cancelled_at(const OnAttackProgress& on_progress, std::int64_t done,
                    std::int64_t total) const;

  /// Judged, after adversaries beyond epsilon are brought back into the ball.
  AttackResult result(bool cancelled);
};

}  // namespace inoculate
