#include "model/graph_architectures.h"

#include <array>

#include "nn/graph/build.h"

namespace inoculate {
namespace {

const Extents kDigit{28, 28, 1};
constexpr int kClasses = 10;

struct Conv {
  int filters, stride;
};

// Convolutions of 3 x 3 and a dense layer, each normalised and rectified.
Graph normalised_cnn(const std::array<Conv, 5>& convs, Rng& rng) {
  GraphBuilder graph(kDigit);
  int last = 0;
  for (const auto& [filters, stride] : convs) {
    last = graph.conv(last, filters, {3, stride, 1}, rng, Initial::kHe);
    last = graph.relu(graph.batch_norm(last));
  }
  last = graph.dense(graph.flatten(last), 512, rng, Initial::kHe);
  last = graph.relu(graph.batch_norm(last));
  last = graph.dense(last, kClasses, rng);
  return graph.take(last);
}

Graph cnn7(Rng& rng) {
  return normalised_cnn({{{64, 1}, {64, 1}, {128, 2}, {128, 1}, {128, 1}}}, rng);
}

Graph cnn7_small(Rng& rng) {
  return normalised_cnn({{{32, 1}, {32, 1}, {64, 2}, {64, 1}, {64, 2}}}, rng);
}

Graph small_cnn(Rng& rng) {
  GraphBuilder graph(kDigit);
  int last = 0;
  for (const int filters : {32, 64}) {
    for (int layer = 0; layer < 2; ++layer) {
      last = graph.relu(graph.conv(last, filters, {3, 1, 0}, rng, Initial::kHe));
    }
    last = graph.max_pool(last, {2, 2, 0});
  }
  last = graph.relu(graph.dense(graph.flatten(last), 200, rng, Initial::kHe));
  last = graph.dropout(last, 0.5F);
  last = graph.relu(graph.dense(last, 200, rng, Initial::kHe));
  last = graph.dense(last, kClasses, rng);
  return graph.take(last);
}

struct Named {
  const char* name;
  Graph (*make)(Rng&);
};
constexpr std::array kKnown{Named{"cnn7", cnn7}, Named{"cnn7_small", cnn7_small},
                            Named{"small_cnn", small_cnn}};

}  // namespace

std::vector<std::string> graph_architecture_names() {
  std::vector<std::string> names;
  for (const Named& known : kKnown) names.emplace_back(known.name);
  return names;
}

std::optional<Graph> graph_architecture(std::string_view name, std::uint64_t seed) {
  for (const Named& known : kKnown) {
    if (name != known.name) continue;
    Rng rng(seed);
    return known.make(rng);
  }
  return std::nullopt;
}

}  // namespace inoculate
