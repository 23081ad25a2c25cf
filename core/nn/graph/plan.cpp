#include "nn/graph/plan.h"

#include <algorithm>
#include <utility>

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

std::size_t floats_of(const Node& node) { return static_cast<std::size_t>(size_of(node.shape)); }

}  // namespace

Plan::Plan(Graph graph) : graph_(std::move(graph)) {
  find_used();
  forward_ = plan_memory(Passes::kForward);
  both_ = plan_memory(Passes::kForwardAndBackward);
  prepare();
}

void Plan::find_used() {
  const std::size_t count = graph_.nodes.size();
  used_.assign(count, false);
  varies_.assign(count, false);
  roots_.assign(count, 0);
  used_[static_cast<std::size_t>(graph_.output)] = true;
  for (std::size_t i = count; i-- > 0;) {
    if (!used_[i]) continue;
    for (const int input : graph_.nodes[i].inputs) used_[static_cast<std::size_t>(input)] = true;
  }
  for (std::size_t i = 0; i < count; ++i) {
    const Node& node = graph_.nodes[i];
    varies_[i] = i == 0;
    for (const int input : node.inputs) {
      if (varies_[static_cast<std::size_t>(input)]) varies_[i] = true;
    }
    const bool alias = node.kernel != nullptr && node.kernel->alias;
    roots_[i] = alias ? static_cast<int>(root(node.inputs[0])) : static_cast<int>(i);
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
                std::vector<std::size_t>(slots, kNowhere)};
  // By root: when its value is read last, and when its gradient is begun.
  std::vector<int> last_read(slots, 0), d_begin(slots, end);
  for (int i = 0; i < count; ++i) {
    if (!computes(i)) continue;
    const Node& node = graph_.node(i);
    const bool kept = passes == Passes::kForwardAndBackward && varies_[root(i)];
    last_read[root(i)] = kept && node.kernel->reads_out ? end : i;
    for (const int input : node.inputs) {
      int& last = last_read[root(input)];
      last = kept && node.kernel->reads_in ? end : std::max(last, i);
      if (kept) d_begin[root(input)] = 2 * count - i;  // the last reader comes last
    }
  }
  last_read[root(graph_.output)] = end;
  if (passes == Passes::kForwardAndBackward) {
    d_begin[root(graph_.output)] = 2 * count - graph_.output;
  }
  std::vector<Interval> intervals;
  for (int i = 1; i < count; ++i) {
    const auto at = static_cast<std::size_t>(i);
    if (!computes(i)) continue;
    const std::size_t size = floats_of(graph_.nodes[at]);
    intervals.push_back({&layout.value[at], size, i, last_read[at]});
    if (varies_[at] && d_begin[at] < end) {
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

Pass Plan::pass_for(int node, Workspace& workspace) const {
  const Layout& layout = layout_for(workspace.passes);
  const auto value = [&](int number) {
    return workspace.arena.data() + layout.value[root(number)] * workspace.n;
  };
  Pass pass{graph_, graph_.node(node), workspace.n};
  for (const int input : pass.node.inputs) {
    pass.in.push_back(root(input) == 0 ? workspace.images : value(input));
  }
  pass.out = value(node);
  pass.prepared = prepared_.data() + prepared_at_[static_cast<std::size_t>(node)];
  return pass;
}

const float* Plan::forward(const float* images, int n, Workspace& workspace) const {
  workspace.images = images;
  workspace.n = static_cast<std::size_t>(n);
  room_for(workspace.arena, floats_per_image(workspace.passes) * workspace.n);
  for (int i = 1; i < static_cast<int>(graph_.nodes.size()); ++i) {
    if (computes(i)) graph_.node(i).kernel->forward(pass_for(i, workspace));
  }
  return workspace.arena.data() +
         layout_for(workspace.passes).value[root(graph_.output)] * workspace.n;
}

void Plan::backward(float* d_images, const float* d_logits, Workspace& workspace) const {
  const std::size_t n = workspace.n;
  // By root: a gradient is zero until its first reader has added to it.
  std::vector<bool> begun(graph_.nodes.size());
  const auto gradient = [&](std::size_t node) {
    return node == 0 ? d_images : workspace.arena.data() + both_.gradient[node] * n;
  };
  const auto begin = [&](std::size_t node) {
    if (!begun[node]) std::fill_n(gradient(node), floats_of(graph_.nodes[node]) * n, 0.0F);
    begun[node] = true;
    return gradient(node);
  };
  begin(0);
  std::copy_n(d_logits, static_cast<std::size_t>(classes()) * n, begin(root(graph_.output)));
  for (int i = graph_.output; i > 0; --i) {
    if (!computes(i) || !varies_[static_cast<std::size_t>(i)]) continue;
    Pass pass = pass_for(i, workspace);
    pass.d_out = gradient(static_cast<std::size_t>(i));
    for (const int input : pass.node.inputs) {
      pass.d_in.push_back(varies_[root(input)] ? begin(root(input)) : nullptr);
    }
    pass.node.kernel->backward(pass);
  }
}

}  // namespace inoculate
