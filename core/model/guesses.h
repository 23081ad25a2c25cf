// The classes that a model takes for the likeliest.
#pragma once

#include <vector>

#include "base/shapes.h"

namespace inoculate {

struct Guess {
  int label = 0;
  float confidence = 0;  ///< its probability
};

/// The `top` likeliest classes of each row of logits [N, classes], likeliest first; of equals the
/// first.
std::vector<std::vector<Guess>> likeliest_classes(const Matrix& logits, int top);

}  // namespace inoculate
