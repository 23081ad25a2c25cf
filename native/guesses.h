// What a model reads in images, as words and numbers.
#pragma once

#include <string>
#include <vector>

#include "base/shapes.h"
#include "model/classifier.h"

namespace inoculate {

struct Guess {
  int label = 0;
  float confidence = 0;
};

/// A class by its number, and its name if it has one: "281 tabby".
std::string class_text(const ModelSpec& model, int number);

/// The `top` likeliest classes of each row of logits [N, classes], likeliest first.
std::vector<std::vector<Guess>> likeliest_classes(const Matrix& logits, int top);

}  // namespace inoculate
