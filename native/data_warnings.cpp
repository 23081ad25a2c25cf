#include "native/data_warnings.h"

#include "evaluate/data_check.h"
#include "model/network_classifier.h"
#include "native/output.h"
#include "native/reader_weights.h"
#include "train/model_file.h"

namespace inoculate {
namespace {

constexpr int kMostTried = 500;
// Accuracy on its training images from which on a network has learnt them.
constexpr double kLearnt = 0.9;

}  // namespace

void warn_of_data(const Classifier& model, const ExampleSource& source, int correct) {
  warn_of_reading(model.spec(), correct, source.size,
                  [&] { return doubt_data(model, source, correct); });
}

void warn_of_reading(const ModelSpec& model, int correct, int n,
                     const std::function<std::optional<std::string>()>& doubt) {
  if (correct == n) return;
  if (const auto text = doubt()) tell_warning(model.name + ": " + *text);
}

void warn_of_test_data(const Classifier& model, double trained, const ExampleSource& test,
                       int correct) {
  if (trained < kLearnt) return;
  if (const auto doubt = doubt_data(model, test, correct)) {
    tell_warning("the test images are not such as the training images: " + *doubt);
  }
}

void warn_of_training_data(const Dataset& images) {
  const std::string name = "the built-in reader";
  const NetworkClassifier reader(
      network_of(parse_safetensors({kReaderWeights.bytes, kReaderWeights.size}, name), name));
  if (images.shape != reader.spec().input) return;
  const auto better = find_better_reading(reader, examples_of(images), kMostTried);
  if (!better) return;
  tell_warning("the training images are not laid out as MNIST's are: " + better->change +
               ", a small reader of digits is right on " + std::to_string(better->correct) +
               " of " + std::to_string(better->n) + ", on the images as they are on " +
               std::to_string(better->as_they_are) +
               "; what is trained on them misreads digits that are laid out as MNIST's");
}

}  // namespace inoculate
