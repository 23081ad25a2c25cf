// Whether a network gives the logits here that it gave elsewhere.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/shapes.h"
#include "native/command_line.h"

namespace inoculate {

/// The files of --check-images and --check-logits; both, or neither.
struct LogitsCheck {
  std::string images;
  std::string logits;
};

void add_check_options(Command command, LogitsCheck& check);

/// The largest difference between the logits of `ask` [N, classes] for images [N, input] and those
/// given; none where there are none. Images are [N, H, W, C] or [N, C, H, W], told apart by
/// `input`. Throws Error for files that do not fit, and where a logit differs by more than a
/// thousandth of the largest: sums in another order differ by less, another order of weights by
/// more. `advice` says what to look at then.
std::optional<double> check_logits(const LogitsCheck& check, const Shape& input, int classes,
                                   const std::function<Matrix(const Matrix&)>& ask,
                                   const std::string& model, const std::string& advice);

}  // namespace inoculate
