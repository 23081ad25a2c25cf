#include "nn/graph/plan.h"

#include <algorithm>
#include <utility>

#include "nn/ops/ranges.h"

namespace inoculate {
namespace {

// Something in the arena, and when it is needed: forward computes node i at step i, backward at
// step 2 count - i.
struct Interval {
  std::size_t* place;
  std::size_t size;
  int begin, end;
};

// Gives every interval a place that nothing else uses at the same time, the largest first. Returns
// how large the arena is.
std::size_t place_all(std::vector<Interval>& intervals) {
  std::stable_sort(intervals.begin(), intervals.end(),
                   [](const Interval& a, const Interval& b) { return a.size > b.size; });
  std::size_t arena = 0;
  std::vector<const Interval*> placed;  // by place
  for (const Interval& interval : intervals) {
    std::size_t at = 0;
    for (const Interval* other : placed) {
      if (other->end < interval.begin || interval.end < other->begin) continue;
      if (*other->place >= at + interval.size) break;
      at = std::max(at, *other->place + other->size);
    }
    *interval.place = at;
    const auto after = std::upper_bound(
        placed.begin(), placed.end(), at,
        [](std::size_t place, const Interval* other) { return place < *other->place; });
    placed.insert(after, &interval);
    arena = std::max(arena, at + interval.size);
  }
  return arena;
}

void clear(float* d, std::size_t size) {
  for_each_number(size, [=](std::size_t i, auto zero) { store(d + i, zero); });
}

// The gradient of what was clipped, from that of what came of it.
void mask(float* d, const Live* live, std::size_t size) {
  for_each_number(
      size, [=](std::size_t i, auto v) { store(d + i, let_through(load(d + i, v), live + i)); });
}

std::size_t floats_of(const Node& node) { return static_cast<std::size_t>(size_of(node.shape)); }

}  // namespace

Plan::Plan(Graph graph, Purpose purpose) : graph_(std::move(graph)) {
  learns_.assign(graph_.nodes.size(), purpose == Purpose::kTraining);
  find_used();
  const auto plan_for = [&](Passes passes) {
    layouts_[static_cast<std::size_t>(passes)] = plan_memory(passes);
  };
  if (purpose == Purpose::kTraining) {
    plan_for(Passes::kTraining);
    prepare();
  } else {
    plan_for(Passes::kForward);
    plan_for(Passes::kForwardAndBackward);
    prepare();
    forget_packed();
  }
}

void Plan::find_used() {
  const std::size_t count = graph_.nodes.size();
  used_.assign(count, false);
  varies_.assign(count, false);
  roots_.assign(count, 0);
  first_reader_.assign(count, 0);
  saved_at_.assign(count, 0);
  used_[static_cast<std::size_t>(graph_.output)] = true;
  for (std::size_t i = count; i-- > 0;) {
    if (!used_[i]) continue;
    for (const int input : graph_.nodes[i].inputs) used_[static_cast<std::size_t>(input)] = true;
  }
  for (std::size_t i = 0; i < count; ++i) {
    const Node& node = graph_.nodes[i];
    varies_[i] = i == 0;
    learns_[i] = learns_[i] && graph_.parameters_of(node) > 0;
    for (const int input : node.inputs) {
      if (varies_[static_cast<std::size_t>(input)]) varies_[i] = true;
      if (learns_[static_cast<std::size_t>(input)]) learns_[i] = true;
    }
    saved_at_[i] = saved_size_;
    if (node.kernel != nullptr && node.kernel->saved_size != nullptr) {
      saved_size_ += node.kernel->saved_size(node);
    }
    const bool alias = node.kernel != nullptr && node.kernel->alias;
    roots_[i] = alias ? static_cast<int>(root(node.inputs[0])) : static_cast<int>(i);
  }
  for (int i = static_cast<int>(count) - 1; i > 0; --i) {
    const auto at = static_cast<std::size_t>(i);
    if (!computes(i) || !(varies_[at] || learns_[at])) continue;
    for (const int input : graph_.node(i).inputs) first_reader_[root(input)] = i;
  }
}

bool Plan::computes(int node) const {
  const Kernel* kernel = graph_.node(node).kernel;
  return used_[static_cast<std::size_t>(node)] && kernel != nullptr && !kernel->alias;
}

Plan::Layout Plan::plan_memory(Passes passes) const {
  const int count = static_cast<int>(graph_.nodes.size());
  const int end = 2 * count + 1;
  const auto slots = graph_.nodes.size();
  Layout layout{std::vector<std::size_t>(slots, kNowhere),
                std::vector<std::size_t>(slots, kNowhere),
                std::vector<std::size_t>(slots, kNowhere)};
  const bool both = passes != Passes::kForward;
  // By root: when its value is read last, and when its gradient is begun.
  std::vector<int> last_read(slots, 0), d_begin(slots, end);
  for (int i = 0; i < count; ++i) {
    if (!computes(i)) continue;
    const Node& node = graph_.node(i);
    const bool kept = both && (varies_[root(i)] || learns_[root(i)]);
    const bool reads_in =
        node.kernel->reads_in || (passes == Passes::kTraining && node.kernel->weights_read_in &&
                                  graph_.parameters_of(node) > 0);
    last_read[root(i)] = kept && node.kernel->reads_out ? end : i;
    for (const int input : node.inputs) {
      int& last = last_read[root(input)];
      last = kept && reads_in ? end : std::max(last, i);
      if (kept) d_begin[root(input)] = 2 * count - i;  // the last reader comes last
    }
  }
  last_read[root(graph_.output)] = end;
  if (both) d_begin[root(graph_.output)] = 2 * count - graph_.output;
  std::vector<Interval> intervals;
  for (int i = 1; i < count; ++i) {
    const auto at = static_cast<std::size_t>(i);
    if (!computes(i)) continue;
    const std::size_t size = floats_of(graph_.nodes[at]);
    intervals.push_back({&layout.value[at], size, i, last_read[at]});
    const bool has_gradient = varies_[at] || learns_[at];
    if (both && has_gradient && graph_.nodes[at].clip.clips()) {
      intervals.push_back({&layout.live[at], size / sizeof(float) + 1, i, end});
    }
    if (has_gradient && d_begin[at] < end) {
      intervals.push_back({&layout.gradient[at], size, d_begin[at], 2 * count - i});
    }
  }
  layout.size = place_all(intervals);
  return layout;
}

void Plan::prepare() {
  std::size_t size = 0;
  const auto for_each = [&](auto&& body) {
    for (int i = 0; i < static_cast<int>(graph_.nodes.size()); ++i) {
      if (computes(i) && graph_.node(i).kernel->prepare != nullptr) body(i, graph_.node(i));
    }
  };
  prepared_at_.assign(graph_.nodes.size(), 0);
  for_each([&](int i, const Node& node) {
    prepared_at_[static_cast<std::size_t>(i)] = size;
    constexpr std::size_t kFloats = kCacheLine / sizeof(float);
    size += (node.kernel->prepared_size(graph_, node) + kFloats - 1) / kFloats * kFloats;
  });
  prepared_.resize(size);
  for_each([&](int i, const Node& node) {
    node.kernel->prepare(prepared_.data() + prepared_at_[static_cast<std::size_t>(i)], graph_,
                         node);
  });
}

// Weights that kernels have laid out for themselves, or that nobody uses any more.
void Plan::forget_packed() {
  std::vector<bool> needed(graph_.weights.size());
  for (int i = 0; i < static_cast<int>(graph_.nodes.size()); ++i) {
    if (!computes(i)) continue;
    const Node& node = graph_.node(i);
    for (std::size_t k = node.kernel->prepare == nullptr ? 0 : 1; k < node.weights.size(); ++k) {
      needed[static_cast<std::size_t>(node.weights[k])] = true;
    }
  }
  Graph rest;
  for (std::size_t i = 0; i < needed.size(); ++i) {
    const float* from = graph_.weight(static_cast<int>(i));
    const std::size_t size = needed[i] ? graph_.weights[i].size : 0;
    rest.add_weight({from, from + size}, graph_.weights[i].role);
  }
  graph_.weights = std::move(rest.weights);
  graph_.values = std::move(rest.values);
}

const float* Plan::value(std::size_t root, const Workspace& w) const {
  return root == 0 ? w.images : w.arena.data() + layout_for(w.passes).value[root] * w.n;
}

Live* Plan::live(std::size_t root, Workspace& w) const {
  const std::size_t place = layout_for(w.passes).live[root];
  return place == kNowhere ? nullptr : reinterpret_cast<Live*>(w.arena.data() + place * w.n);
}

Pass Plan::pass(int node, std::size_t n) const {
  Pass pass{graph_, graph_.node(node), n};
  pass.prepared = prepared_.data() + prepared_at_[static_cast<std::size_t>(node)];
  return pass;
}

Pass Plan::pass_for(int node, Workspace& workspace) const {
  Pass pass = this->pass(node, workspace.n);
  for (const int input : pass.node.inputs) pass.in.push_back(value(root(input), workspace));
  pass.out = workspace.arena.data() + layout_for(workspace.passes).value[root(node)] * workspace.n;
  pass.live = live(root(node), workspace);
  if (workspace.passes == Passes::kTraining) {
    pass.training = &workspace.training;
    pass.saved = saved(node, workspace);
  }
  return pass;
}

const float* Plan::forward(const float* images, int n, Workspace& workspace) const {
  workspace.images = images;
  workspace.n = static_cast<std::size_t>(n);
  room_for(workspace.arena, floats_per_image(workspace.passes) * workspace.n);
  workspace.saved.resize(saved_size_);
  for (int i = 1; i < static_cast<int>(graph_.nodes.size()); ++i) {
    if (computes(i)) graph_.node(i).kernel->forward(pass_for(i, workspace));
  }
  return value(root(graph_.output), workspace);
}

// What the backward of node `reader` does with the gradients of its inputs: the reader that comes
// last in the forward pass begins them, and the first one finishes them.
void Plan::begin_gradients(Pass& pass, int reader, const Wanted& wanted, Workspace& workspace,
                           std::vector<bool>& begun) const {
  for (const int input : pass.node.inputs) {
    const std::size_t at = root(input);
    const bool is_asked = is_wanted(at, wanted);
    pass.d_in.push_back(is_asked ? gradient(at, wanted.d_images, workspace) : nullptr);
    pass.stores.push_back({Epilogue::kAdd});
    if (!is_asked) continue;
    const bool reads_twice = std::count_if(pass.node.inputs.begin(), pass.node.inputs.end(),
                                           [&](int other) { return root(other) == at; }) > 1;
    if (!pass.node.kernel->stores || reads_twice) {
      if (!begun[at]) clear(pass.d_in.back(), floats_of(graph_.nodes[at]) * workspace.n);
    } else {
      Epilogue& epilogue = pass.stores.back();
      epilogue.base = pass.d_in.back();
      epilogue.live = live(at, workspace);
      const bool masks = first_reader_[at] == reader && epilogue.live != nullptr;
      epilogue.kind = masks       ? begun[at] ? Epilogue::kAddMask : Epilogue::kMask
                      : begun[at] ? Epilogue::kAdd
                                  : Epilogue::kSet;
    }
    begun[at] = true;
  }
}

void Plan::add_weight_gradients(Pass& pass, float* d_values) const {
  if (d_values == nullptr || graph_.parameters_of(pass.node) == 0) return;
  for (const int number : pass.node.weights) {
    const Weight& weight = graph_.weights[static_cast<std::size_t>(number)];
    const bool is_parameter = weight.role == Role::kParameter;
    pass.d_weights.push_back(is_parameter ? d_values + weight.offset : nullptr);
  }
  pass.node.kernel->backward_weights(pass);
}

void Plan::backward(float* d_images, float* d_values, const float* d_logits,
                    Workspace& workspace) const {
  const Wanted wanted{d_images, d_values};
  std::vector<bool> begun(graph_.nodes.size());  // by root
  const std::size_t output = root(graph_.output);
  if (!is_wanted(output, wanted)) return;
  const auto mask_all = [&](std::size_t at) {
    mask(gradient(at, d_images, workspace), live(at, workspace),
         floats_of(graph_.nodes[at]) * workspace.n);
  };
  std::copy_n(d_logits, floats_of(graph_.nodes[output]) * workspace.n,
              gradient(output, d_images, workspace));
  if (graph_.nodes[output].clip.clips()) mask_all(output);
  for (int i = graph_.output; i > 0; --i) {
    if (!computes(i) || !is_wanted(static_cast<std::size_t>(i), wanted)) continue;
    Pass pass = pass_for(i, workspace);
    pass.d_out = gradient(static_cast<std::size_t>(i), d_images, workspace);
    begin_gradients(pass, i, wanted, workspace, begun);
    add_weight_gradients(pass, d_values);
    const bool goes_on = std::any_of(pass.d_in.begin(), pass.d_in.end(),
                                     [](const float* d) { return d != nullptr; });
    if (goes_on) pass.node.kernel->backward(pass);
    for (std::size_t k = 0; k < pass.d_in.size(); ++k) {
      const std::size_t at = root(pass.node.inputs[k]);
      if (pass.d_in[k] != nullptr && first_reader_[at] == i && graph_.nodes[at].clip.clips() &&
          pass.stores[k].kind == Epilogue::kAdd) {
        mask_all(at);
      }
    }
  }
}

void Plan::update_statistics(Workspace& workspace) {
  for (int i = 1; i < static_cast<int>(graph_.nodes.size()); ++i) {
    const Kernel* kernel = graph_.node(i).kernel;
    if (!computes(i) || kernel->update_statistics == nullptr) continue;
    kernel->update_statistics(graph_, pass_for(i, workspace));
  }
}

}  // namespace inoculate
