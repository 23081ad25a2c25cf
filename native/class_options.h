// Classes of a model as users name them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "attack/method.h"

namespace inoculate {

/// The class that `value` names, which `option` gave. Throws UsageError, which tells the classes
/// there are, when it is none of the model's `classes`.
int require_class(const std::string& option, int value, int classes);

/// What --target says: a class for all images, or a way to choose one for each.
struct Target {
  std::optional<int> one;  ///< not yet held against the model's classes
  bool random = false;
  bool least_likely = false;
};

/// Reads --target, of which `text` is empty where it was not given. Throws UsageError when it is
/// neither a number nor "random" nor "least-likely", or when the method cannot heed it.
Target parse_target(const std::string& text, const AttackMethod& method);

/// A target for each of the task's images, as `target` says; none where it does not. Throws
/// UsageError where the model tells too little.
std::vector<int> targets_of_images(const Target& target, const AttackTask& task,
                                   std::uint64_t seed);

/// The labels of `pictures` pictures from --label, whose values are classes or lists of them with
/// commas: one class for all pictures, or one for each. Throws UsageError.
Labels picture_labels(const std::vector<std::string>& values, std::size_t pictures, int classes);

}  // namespace inoculate
