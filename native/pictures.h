// Pictures of digits as the network takes them, and its guesses at them.
#pragma once

#include <string>
#include <vector>

#include "base/shapes.h"

namespace inoculate {

/// The digits of several PNG files as [N, 784], and how each was prepared (picture/prepare.h).
struct PreparedPictures {
  Matrix images;
  std::vector<std::string> how;
};
/// Throws Error, naming the file, for what is no PNG or shows no digit.
PreparedPictures read_pictures(const std::vector<std::string>& paths);

struct Guess {
  int digit = 0;
  float confidence = 0;
};

/// The `top` likeliest classes of each row of logits [N, classes], likeliest first.
std::vector<std::vector<Guess>> likeliest_classes(const Matrix& logits, int top);

}  // namespace inoculate
