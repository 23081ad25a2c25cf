#include "native/class_options.h"

#include <cmath>

#include "attack/targets.h"
#include "base/numbers.h"
#include "base/quote.h"
#include "native/commands.h"

namespace inoculate {
namespace {

constexpr double kMostClasses = 1e9;

std::string no_class(const std::string& option, const std::string& what, int classes) {
  return option + " " + what + " is not a class of the model, whose classes are 0 to " +
         std::to_string(classes - 1);
}

}  // namespace

int require_class(const std::string& option, int value, int classes) {
  if (value < 0 || value >= classes) {
    throw UsageError(no_class(option, std::to_string(value), classes));
  }
  return value;
}

Target parse_target(const std::string& text, const AttackMethod& method) {
  if (text.empty()) return {};
  Target target;
  target.random = text == "random";
  target.least_likely = text == "least-likely";
  if (target.random || target.least_likely) {
    if (method.heeds(kOneForAllBit)) {
      throw UsageError("--target " + text + ": " + method.name +
                       " makes one perturbation for all images, which cannot have a target each; "
                       "name one class");
    }
    return target;
  }
  const std::optional<double> number = parse_number(text);
  if (!number || *number != std::floor(*number) || std::abs(*number) > kMostClasses) {
    throw UsageError("--target " + quote(text) +
                     " is neither the number of a class nor random nor least-likely");
  }
  target.one = static_cast<int>(*number);
  return target;
}

std::vector<int> targets_of_images(const Target& target, const AttackTask& task,
                                   std::uint64_t seed) {
  if (target.least_likely) {
    const ModelSpec& model = task.model.spec();
    if (model.gives < Knowledge::kProbabilities) {
      throw UsageError("--target least-likely: " + model.name + " gives no more than " +
                       knowledge_name(model.gives) + ", not the probabilities of all classes");
    }
    return least_likely_targets(task);
  }
  return target.random ? random_targets(task, seed) : std::vector<int>{};
}

Labels picture_labels(const std::vector<std::string>& values, std::size_t pictures, int classes) {
  Labels labels;
  for (const std::string& value : values) {
    for (const std::string& entry : split_list(value)) {
      const double number = parse_number(entry).value_or(-1);
      if (number != std::floor(number) || number < 0 || number >= classes) {
        throw UsageError(no_class("--label", quote(entry), classes));
      }
      labels.push_back(static_cast<Labels::value_type>(number));
    }
  }
  if (labels.size() == 1) labels.resize(pictures, labels[0]);
  if (labels.size() != pictures) {
    throw UsageError("--label names " + std::to_string(labels.size()) + " classes for " +
                     std::to_string(pictures) +
                     " pictures; name one for all of them, or one for each");
  }
  return labels;
}

}  // namespace inoculate
