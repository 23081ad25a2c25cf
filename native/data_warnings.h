// What the command tells of data that a model reads badly, or that look turned.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "data/dataset.h"
#include "model/classifier.h"
#include "train/examples.h"

namespace inoculate {

/// Warns where the model reads so few of the images rightly (`correct`) that they cannot be such as
/// it learnt from; see evaluate/data_check.h.
void warn_of_data(const Classifier& model, const ExampleSource& source, int correct);

/// The same of `n` images, of which `doubt` says what doubt_data() does.
void warn_of_reading(const ModelSpec& model, int correct, int n,
                     const std::function<std::optional<std::string>()>& doubt);

/// Warns where a model that has learnt its training images (`trained`, the accuracy on them)
/// reads so few of the test images rightly that these cannot be of the same kind.
void warn_of_test_data(const Classifier& model, double trained, const ExampleSource& test,
                       int correct);

/// Warns where images that are to be trained on are digits, but mirrored, turned, inverted or dark:
/// where a small reader that is built into the command (assets/reader.safetensors) reads them far
/// better when that is undone. Says nothing of images that are no digits.
void warn_of_training_data(const Dataset& images);

}  // namespace inoculate
