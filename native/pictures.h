// Pictures of digits as a model takes them, and guesses at them.
#pragma once

#include <string>
#include <vector>

#include "base/shapes.h"
#include "model/classifier.h"

namespace inoculate {

/// The digits of several pictures as [N, 784], and how each was prepared (picture/prepare.h).
struct PreparedPictures {
  Matrix images;
  std::vector<std::string> how;
};
/// Throws Error, naming the file, for one that is no picture that is read (native/read_picture.h)
/// or shows no digit.
PreparedPictures read_pictures(const std::vector<std::string>& paths);

struct Guess {
  int label = 0;
  float confidence = 0;
};

/// A class by its number, and its name if it has one: "281 tabby".
std::string class_text(const ModelSpec& model, int number);

/// The `top` likeliest classes of each row of logits [N, classes], likeliest first.
std::vector<std::vector<Guess>> likeliest_classes(const Matrix& logits, int top);

}  // namespace inoculate
