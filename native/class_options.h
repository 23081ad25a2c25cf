// Classes of a model as users name them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/shapes.h"

namespace inoculate {

/// The class that `value` names, which `option` gave. Throws UsageError, which tells the classes
/// there are, when it is none of the model's `classes`.
int require_class(const std::string& option, int value, int classes);

/// The labels of `pictures` pictures from --label, whose values are classes or lists of them with
/// commas: one class for all pictures, or one for each. Throws UsageError.
Labels picture_labels(const std::vector<std::string>& values, std::size_t pictures, int classes);

}  // namespace inoculate
