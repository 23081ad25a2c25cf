// From which numbers of a file those of a graph's weights were taken, so that they can be written
// back.
//
// A reader of an operator puts a file's numbers in other places: it transposes, repeats, or works
// something out. None of them is asked how. The file is read a few more times with other numbers in
// its tensors instead, which tell where they were: whatever comes out unchanged has been copied.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "formats/onnx/model.h"
#include "nn/graph/graph.h"

namespace inoculate {

/// A tensor of floats in a file, with more than one number.
struct FileTensor {
  int node = -1;          ///< whose attribute it is; -1: an initialiser
  std::string name;       ///< of the initialiser or the attribute
  std::size_t first = 0;  ///< number of its first value among those of all these tensors
  std::size_t size = 0;
};

/// In the order of the file's nodes, after the initialisers in order of their names.
std::vector<FileTensor> float_tensors(const OnnxModel& model);

/// The values of such a tensor.
const std::vector<float>& values_of(const OnnxModel& model, const FileTensor& tensor);

/// By weight of the graph: for each of its numbers, which value of the file's tensors, all in one
/// row, it is a copy of. Empty for a weight of which any number is none (worked out, or alone in
/// its tensor: there what a number means may shape the graph).
using Origins = std::vector<std::vector<std::uint32_t>>;

/// Those of `graph`, which was read from `model`, named `name` in messages. Throws Error where what
/// the model is read as depends on its numbers.
Origins find_origins(const OnnxModel& model, const Graph& graph, const std::string& name);

}  // namespace inoculate
