// Pictures of digits as the network takes them, and its guesses at them.
#pragma once

#include <string>
#include <vector>

#include "base/shapes.h"

namespace inoculate {

/// The 784 pixels of a PNG. A 28 x 28 light digit on black is taken as it stands; any other picture
/// is prepared as MNIST was.
std::vector<float> read_picture(const std::string& path);

/// Several of them as [N, 784].
Matrix read_pictures(const std::vector<std::string>& paths);

struct Guess {
  int digit = 0;
  float confidence = 0;
};

/// The `top` likeliest classes of each row of logits [N, classes], likeliest first.
std::vector<std::vector<Guess>> likeliest_classes(const Matrix& logits, int top);

}  // namespace inoculate
