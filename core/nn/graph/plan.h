// A graph made ready to be asked, or to be trained (graph/graph_network.h): weights laid out for
// the kernels, and memory planned.
//
// Every value and gradient has a place in one arena. Places are shared by what is never needed at
// the same time; where gradients are wanted, what backward reads is kept until the end, so that any
// number of them can be taken after one forward pass.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "nn/graph/graph.h"
#include "nn/ops/kernel.h"

namespace inoculate {

/// kTraining: the gradients of parameters too.
enum class Passes { kForward, kForwardAndBackward, kTraining };

/// What a plan is for, and so which Passes it knows.
enum class Purpose { kInference, kTraining };

class Plan {
 public:
  /// Memory of one pass; used by one thread at a time, again and again.
  struct Workspace {
    Passes passes = Passes::kForward;
    FloatBuffer arena = {};
    const float* images = nullptr;
    std::size_t n = 0;
    TrainingMode training = {};  ///< for kTraining
    std::vector<double> saved = {};
  };

  /// The logits must depend on the image: graph.output is not 0.
  explicit Plan(Graph graph, Purpose purpose = Purpose::kInference);

  const Graph& graph() const { return graph_; }
  int input_size() const { return size_of(graph_.shape(0)); }
  int classes() const { return size_of(graph_.shape(graph_.output)); }
  /// Floats that an image takes of a Workspace.
  std::size_t floats_per_image(Passes passes) const { return layout_for(passes).size; }

  /// Logits [n, classes] of images [n, input], in the workspace. The images must stay as they are
  /// until the last backward.
  const float* forward(const float* images, int n, Workspace& workspace) const;

  /// After a forward for both passes, any number of times: sets d_images [n, input] from d_logits
  /// [n, classes].
  void backward(float* d_images, const float* d_logits, Workspace& workspace) const {
    backward(d_images, nullptr, d_logits, workspace);
  }
  /// The same, of a plan for training. d_images: null if not wanted. To d_values, laid out as
  /// graph().values as far as there are parameters, adds their gradients unless it is null.
  void backward(float* d_images, float* d_values, const float* d_logits,
                Workspace& workspace) const;

  /// A node for who runs its kernel on values of his own: n images, and its weights ready.
  Pass pass(int node, std::size_t n) const;

  // --- Of a plan for training:
  /// The weights' numbers. prepare() must follow a change of those that are parameters.
  float* values() { return graph_.values.data(); }
  void prepare();
  /// After a forward that used the batch's moments.
  void update_statistics(Workspace& workspace);
  /// The node's numbers of Pass::saved.
  double* saved(int node, Workspace& workspace) const {
    return workspace.saved.data() + saved_at_[static_cast<std::size_t>(node)];
  }
  /// Whether the node's value depends on a parameter.
  bool learns(int node) const { return learns_[static_cast<std::size_t>(node)]; }
  /// Whether the output depends on what the node computes; an alias and the input compute nothing.
  bool computes(int node) const;

 private:
  static constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);

  // Where each node's value, gradient and live bytes begin, in floats an image.
  struct Layout {
    std::vector<std::size_t> value, gradient, live;
    std::size_t size = 0;
  };

  // Which gradients somebody asks for.
  struct Wanted {
    float* d_images;
    float* d_values;
  };

  void find_used();
  Layout plan_memory(Passes passes) const;
  void forget_packed();
  const Layout& layout_for(Passes passes) const {
    return layouts_[static_cast<std::size_t>(passes)];
  }
  // Where the value of `node` lies: that of the node whose memory it is.
  std::size_t root(int node) const {
    return static_cast<std::size_t>(roots_[static_cast<std::size_t>(node)]);
  }
  // By root: its value, and its gradient; of the input, those that the caller owns.
  const float* value(std::size_t root, const Workspace& workspace) const;
  float* gradient(std::size_t root, float* d_images, Workspace& workspace) const {
    return root == 0
               ? d_images
               : workspace.arena.data() + layout_for(workspace.passes).gradient[root] * workspace.n;
  }
  // Whether the gradient of a root's value is needed.
  bool is_wanted(std::size_t root, const Wanted& wanted) const {
    return (wanted.d_images != nullptr && varies_[root]) ||
           (wanted.d_values != nullptr && learns_[root]);
  }
  // Null where nothing was clipped, or no gradient is asked for.
  Live* live(std::size_t root, Workspace& workspace) const;
  Pass pass_for(int node, Workspace& workspace) const;
  void begin_gradients(Pass& pass, int reader, const Wanted& wanted, Workspace& workspace,
                       std::vector<bool>& begun) const;
  void add_weight_gradients(Pass& pass, float* d_values) const;

  Graph graph_;
  std::vector<bool> used_;    // the logits depend on it
  std::vector<bool> varies_;  // and it on the image
  std::vector<bool> learns_;  // and it on a parameter; none does where nobody trains
  std::vector<int> roots_;
  std::vector<int> first_reader_;  // by root, of those that have a gradient
  std::array<Layout, 3> layouts_;  // by Passes
  FloatBuffer prepared_;
  std::vector<std::size_t> prepared_at_, saved_at_;
  std::size_t saved_size_ = 0;
};

}  // namespace inoculate
