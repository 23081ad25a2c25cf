// Turning a file's network into a Graph: what the readers of single operators work with.
//
// A file numbers axes in its own order (of images mostly N, C, H, W), a Graph has the batch first
// and channels last. So a value that is being read carries both: the extents in the file's order,
// and in which order its axes lie in memory. A transpose in the file changes how axes are called
// and nothing else; operators that do not care about the order pass it on; those that do ask for
// the one they need, and numbers are moved only where that is another one.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "formats/onnx/model.h"
#include "nn/graph/graph.h"
#include "nn/ops/kernel.h"

namespace inoculate {

/// A value of the file: known beforehand, or what a node of the graph gives.
struct Value {
  SharedTensor constant = nullptr;  ///< null for a node's
  int node = -1;
  Sizes dims = {};              ///< in the file's order, with the batch among them
  std::vector<int> order = {};  ///< order[i] is the axis of dims that lies at place i; batch first
  /// The file has merged `joins` axes, from axis `joined` on and the batch among them, into one,
  /// as attention often does with the batch and the heads; here they are separate.
  int joined = 0, joins = 1;

  int rank() const { return static_cast<int>(dims.size()); }
  std::int64_t dim(int axis) const { return dims[static_cast<std::size_t>(axis)]; }
  int batch() const { return order.front(); }
  /// Where axis of dims lies.
  int place(int axis) const;
};

/// The graph so far, and the node that is being read.
class Import {
 public:
  Import(OnnxModel model, std::string file);

  /// Reads the whole network; once.
  Graph read();

  // --- For readers of operators: the node's attributes,
  std::int64_t opset() const { return model_.opset; }
  const OnnxNode& node() const { return *node_; }
  const std::string& op() const { return node_->op; }
  std::int64_t integer(const char* name, std::int64_t otherwise) const;
  float number(const char* name, float otherwise) const;
  std::string text(const char* name, const char* otherwise) const;
  /// Empty when there is none.
  Sizes integers(const char* name) const;
  /// An attribute up to some opset, an input of constants from there on; empty when there is none.
  Sizes integers(const char* name, std::size_t input) const;

  // inputs,
  std::size_t input_count() const { return inputs_.size(); }
  bool has(std::size_t input) const;
  const Value& in(std::size_t input) const;
  /// An input that depends on the image.
  const Value& value(std::size_t input) const;
  bool is_constant(std::size_t input) const { return in(input).constant != nullptr; }
  const OnnxTensor& constant(std::size_t input) const;
  /// Floats of a constant of exactly `size` values.
  const std::vector<float>& constant_floats(std::size_t input, std::int64_t size) const;

  std::size_t output_count() const { return node_->outputs.size(); }
  /// Whether what its reader returns is the network's output.
  bool gives_output() const {
    return !model_.outputs.empty() && model_.outputs.front().name == node_->outputs.front();
  }
  /// A further output of the node, in order; the first is what its reader returns.
  void also(const Value& value) { more_.push_back(value); }

  // refusing,
  [[noreturn]] void refuse(const std::string& what) const;
  void require(bool holds, const char* what) const {
    if (!holds) refuse(what);
  }
  /// Refuses what would take forever: `each` operations for every number of dims.
  void require_work(std::int64_t each, const Sizes& dims) const;

  // layout,
  /// The axis of dims that the file calls `axis` (negative: from behind). Refuses the batch unless
  /// `batch_too`, and what joins it with others.
  int axis(const Value& value, std::int64_t axis, bool batch_too = false) const;
  /// The same value with its axes in another order, the batch first.
  Value reordered(const Value& value, const std::vector<int>& order);
  /// [N, positions..., channels (the file's axis 1)].
  Value channels_last(const Value& value);
  /// Batch first, all else as the file has it.
  Value file_order(const Value& value);
  /// A value, also a constant, with the rank and order of `like`.
  Value as_node(const Value& value, const Value& like);
  /// Another shape for the same numbers, in the file's order of axes.
  Value reshaped(const Value& value, const Sizes& dims);
  /// The dims that the file means, where some are joined.
  static Sizes file_dims(const Value& value);
  /// Floats of an image by which each axis of dims moves; 0 for the batch. Refuses what is too
  /// large.
  Sizes strides_of(const Value& value) const;
  /// Attributes of a kView: strides as strides_of has them, the axes in that order.
  static Attributes view_of(const Sizes& strides, const std::vector<int>& order,
                            std::int64_t offset = 0);
  /// The view of a value through which its numbers are summed along `axes`.
  Attributes sums_over(const Value& value, const std::vector<int>& axes) const;
  /// What `strides` and `offset` see of a value.
  Value view(const Value& value, const Sizes& dims, const std::vector<int>& order,
             const Sizes& strides, std::int64_t offset = 0);
  /// The constant that an operator makes of constants.
  Value fold(const OnnxNode& node, const std::vector<Value>& inputs);
  /// How the axes are called when one of extent 1 is gone; its node is not changed.
  static Value without_axis(Value value, int axis);
  /// The extents of one image as they lie.
  static Sizes extents_of(const Value& value);

  // and building.
  /// The number of a weight of the node. `what` it is called in messages.
  int weight(const char* what, const std::vector<float>& numbers, Role role = Role::kParameter);
  /// A node that gives a value of `dims` and `order`; refuses what is empty or too large.
  Value add(const Kernel& kernel, const std::vector<Value>& inputs, const Sizes& dims,
            const std::vector<int>& order, Attributes attributes = {},
            std::vector<int> weights = {});

 private:
  void read_input(const OnnxValueInfo& info);
  void read_node(const OnnxNode& node);
  void make_room();
  void drop_inputs(const OnnxNode& node);
  void find_inputs(const OnnxNode& node);
  std::string why_missing(const std::string& name, const OnnxNode& reader) const;
  Value result_of(const OnnxNode& node);
  void require_fits(const Sizes& dims, const Sizes& extents, std::int64_t total) const;
  Value shape_of(const Value& value) const;
  int find_logits();

  OnnxModel model_;
  std::string file_;
  Graph graph_;
  std::map<std::string, Value> values_;
  std::map<std::string, int> readers_;  // that are still to come
  std::int64_t batch_ = 1;
  std::int64_t total_ = 0;      // floats an image of all nodes
  std::int64_t constants_ = 0;  // numbers that were worked out
  const OnnxNode* node_ = nullptr;
  std::vector<Value> inputs_, more_;
  std::vector<bool> given_;
};

/// A row of the list of operators (nn/ops/operators.cpp).
struct Operator {
  const char* name;        ///< ONNX's
  Value (*read)(Import&);  ///< null: for constants alone, worked out when the file is read
  /// Whether it takes values with Value::joins: it keeps their rank, and asks for axes by
  /// Import::axis alone.
  bool takes_joined = false;
};
const std::vector<Operator>& operators();

/// The graph of a parsed model; `file` is its name for messages. Throws Error. The model's numbers
/// are freed while they are taken, where nobody else holds them.
Graph import_onnx(OnnxModel model, const std::string& file);

}  // namespace inoculate
