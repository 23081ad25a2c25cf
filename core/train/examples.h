// Where training examples come from.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/shapes.h"
#include "data/dataset.h"

namespace inoculate {

/// `size` examples, of which `gather` fetches any as images [n, input] in 0..1 and labels. What the
/// function refers to must outlive it.
struct ExampleSource {
  int size = 0;
  std::function<void(std::span<const std::int32_t> indices, Matrix& images, Labels& labels)> gather;
};

/// The images of a data set.
ExampleSource examples_of(const Dataset& dataset);

/// Images that are floats already, such as adversaries.
ExampleSource examples_of(const Matrix& images, const Labels& labels);

/// Those in `rows` of such images; no copy is made of them all.
ExampleSource examples_of(ConstMatrixRef images, const Labels& labels,
                          const std::vector<int>& rows);

/// Examples begin..end-1 of a source.
ExampleSource part_of(const ExampleSource& source, int begin, int end);

}  // namespace inoculate
