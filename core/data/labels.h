// Labels that come as a file of their own.
#pragma once

#include <limits>
#include <string>

#include "base/shapes.h"
#include "data/bytes.h"

namespace inoculate {

/// The largest label that Labels hold.
inline constexpr int kLargestLabel = std::numeric_limits<Labels::value_type>::max();

/// The labels of a file: a .npy array [N] or [N, 1] of integers, IDX (raw or compressed by gzip),
/// or text with a number a line. `name` is the file's name for messages. Throws Error, naming the
/// place, for anything else, and for a label that is not 0 to kLargestLabel. At least one comes
/// back.
Labels parse_labels(ByteView file, const std::string& name);

/// Throws Error when one of the labels is none of the classes 0..classes-1 of a network. `name` is
/// what the message begins with: the labels' file.
void require_labels(const Labels& labels, int classes, const std::string& name);

}  // namespace inoculate
