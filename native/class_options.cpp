#include "native/class_options.h"

#include <cmath>

#include "base/numbers.h"
#include "base/quote.h"
#include "native/commands.h"

namespace inoculate {
namespace {

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
