// What a model reads in images, in words.
#pragma once

#include <string>

#include "model/classifier.h"
#include "model/guesses.h"

namespace inoculate {

/// A class by its number, and its name if it has one: "281 tabby".
std::string class_text(const ModelSpec& model, int number);

}  // namespace inoculate
