#include "native/network_bench.h"

#include <algorithm>
#include <ctime>
#include <iostream>
#include <limits>
#include <span>
#include <utility>

#include "base/parallel.h"
#include "base/rng.h"
#include "model/graph_classifier.h"
#include "native/files.h"
#include "native/output.h"
#include "native/stopwatch.h"
#include "native/text.h"
#include "native/version.h"

namespace inoculate {
namespace {

// Milliseconds an image, and the process's peak until then.
struct Figure {
  double median = 0, shortest = 0, processor = 0, peak_mb = 0;
};

template <class F>
Figure measure(const NetworkBenchOptions& options, F&& work) {
  work();  // what is allocated once is there from then on
  double processor = std::numeric_limits<double>::max();
  const std::vector<double> times = sorted_seconds(options.repetitions, [&] {
    const std::clock_t begin = std::clock();
    work();
    processor = std::min(processor, static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC);
  });
  const double scale = 1000.0 / options.batch;
  return {scale * times[times.size() / 2], scale * times.front(), scale * processor,
          peak_memory_mb()};
}

}  // namespace

void bench_network(const NetworkBenchOptions& options, const CommonOptions& common) {
  constexpr std::size_t kLargestFile = std::size_t{1} << 30;
  Graph graph = read_onnx_graph(read_file(options.model, kLargestFile), options.model);
  const GraphClassifier model(std::move(graph), options.model);
  Matrix images(options.batch, model.spec().input.size());
  Rng rng(common.seed);
  for (float& pixel : std::span(images.data(), static_cast<std::size_t>(images.size()))) {
    pixel = static_cast<float>(rng.uniform());
  }
  const int classes = model.spec().classes;
  const LogitGradient sum[] = {[classes](float* d_logits, const float*, int, int n) {
    std::fill_n(d_logits, n * classes, 1.0F);
  }};
  Matrix gradient[1];
  const Figure forward = measure(options, [&] { model.logits(images); });
  const Figure both = measure(options, [&] { model.gradients(gradient, nullptr, images, sum); });
  if (common.json) {
    print_object({{"version", version_text()},
                  {"threads", thread_count()},
                  {"batch", options.batch},
                  {"forward_ms", forward.median},
                  {"forward_shortest_ms", forward.shortest},
                  {"forward_processor_ms", forward.processor},
                  {"forward_peak_mb", forward.peak_mb},
                  {"gradient_ms", both.median},
                  {"gradient_shortest_ms", both.shortest},
                  {"gradient_processor_ms", both.processor},
                  {"gradient_peak_mb", both.peak_mb}});
    return;
  }
  const auto row = [](const std::string& name, const Figure& f) {
    return std::vector{name, fixed(f.median, 2), fixed(f.shortest, 2), fixed(f.processor, 2),
                       fixed(f.peak_mb, 0)};
  };
  std::cout << version_text() << ", using " << thread_count() << ", batches of " << options.batch
            << "\n\n";
  print_table(std::cout,
              {{"", "ms an image, median", "shortest", "processor time", "peak memory, MB"},
               row("logits", forward),
               row("logits and gradient", both)});
}

}  // namespace inoculate
