// Lists one behind the other.
#pragma once

#include <vector>

namespace inoculate {

/// Adds `next` to the end of `values`.
template <class T>
void append_to(std::vector<T>& values, const std::vector<T>& next) {
  values.insert(values.end(), next.begin(), next.end());
}

}  // namespace inoculate
