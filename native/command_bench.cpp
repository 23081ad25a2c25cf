// inoculate bench: how fast every layer, training, inference and the attack are on this machine.
#include <iostream>
#include <memory>

#include "attack/fgsm.h"
#include "base/parallel.h"
#include "base/simd.h"
#include "model/network_classifier.h"
#include "model/network_trainable.h"
#include "native/commands.h"
#include "native/layer_bench.h"
#include "native/mnist.h"
#include "native/network_bench.h"
#include "native/output.h"
#include "native/stopwatch.h"
#include "native/text.h"
#include "native/version.h"
#include "train/trainer.h"

namespace inoculate {
namespace {

struct Options {
  std::string data;
  int epochs = 19;  // with the one before them the tutorial's training: FGSM's time depends on it
  NetworkBenchOptions network;
};

// The whole programs, which the peers in bench/ are timed at too.
struct Figures {
  int train_n = 0;
  int test_n = 0;
  double train_epoch_seconds = 0;
  double inference_seconds = 0;
  double fgsm_seconds = 0;
};

Figures measure(const Dataset& train, const Dataset& test, Network& network, int epochs,
                std::uint64_t seed) {
  Figures figures{train.size(), test.size()};
  // One more epoch than is counted: the first warms caches, branches and clock up.
  Trainer trainer(trainable(network), examples_of(train), {.epochs = epochs + 1, .seed = seed});
  const auto epoch = [&] {
    while (!trainer.step().epoch_ended()) {
    }
  };
  epoch();
  figures.train_epoch_seconds = median_seconds(epochs, epoch);
  const LabelledImages all = all_images(test);
  constexpr int kRepetitions = 5;
  const NetworkClassifier model(network);
  model.logits(all.images);
  figures.inference_seconds = median_seconds(kRepetitions, [&] { model.logits(all.images); });
  figures.fgsm_seconds =
      median_seconds(kRepetitions, [&] { fgsm(model, all.images, all.labels, FgsmOptions{}); });
  return figures;
}

void print_text(const std::vector<LayerTime>& layers, double peak, const Figures& f) {
  std::cout << version_text() << ", using " << thread_count() << "\nmatrix-product peak "
            << fixed(peak, 1) << " GFLOP/s\n\n";
  const auto cells = [&](double seconds, double flops) -> std::vector<std::string> {
    if (seconds == 0) return {"", "", ""};
    std::vector<std::string> row{fixed(seconds * 1e6, 1)};
    const double rate = flops / seconds * 1e-9;
    if (flops > 0) row.insert(row.end(), {fixed(rate, 1), fixed(100 * rate / peak, 0) + " %"});
    row.resize(3);
    return row;
  };
  std::vector<std::vector<std::string>> rows{{"layer, batch of 64", "forward us", "GFLOP/s",
                                              "of peak", "backward us", "GFLOP/s", "of peak"}};
  for (const LayerTime& layer : layers) {
    std::vector<std::string> row{layer.name};
    for (const auto& part : {cells(layer.forward_seconds, layer.forward_flops),
                             cells(layer.backward_seconds, layer.backward_flops)}) {
      row.insert(row.end(), part.begin(), part.end());
    }
    rows.push_back(std::move(row));
  }
  print_table(std::cout, rows);
  std::cout << "\nGFLOP/s count every multiplication and addition of the layer's definition; what "
               "blank ground saves is not taken off, so a layer can pass the peak.\n\n"
            << "training   " << fixed(f.train_epoch_seconds, 3) << " s an epoch of " << f.train_n
            << " images, " << fixed(f.train_n / f.train_epoch_seconds, 0) << " images/s\n"
            << "inference  " << fixed(f.test_n / f.inference_seconds, 0) << " images/s\n"
            << "FGSM       " << fixed(f.test_n / f.fgsm_seconds, 0) << " images/s\n"
            << "memory     " << fixed(peak_memory_mb(), 0) << " MB at most\n";
}

void print_json(const std::vector<LayerTime>& layers, double peak, const Figures& f) {
  Json json{{"version", version_text()},
            {"threads", thread_count()},
            {"peak_gflops", peak},
            {"train_epoch_seconds", f.train_epoch_seconds},
            {"train_images_per_second", f.train_n / f.train_epoch_seconds},
            {"inference_images_per_second", f.test_n / f.inference_seconds},
            {"fgsm_images_per_second", f.test_n / f.fgsm_seconds},
            {"fgsm_10000_seconds", 10000 * f.fgsm_seconds / f.test_n},
            {"peak_memory_mb", peak_memory_mb()}};
  for (const LayerTime& layer : layers) {
    json["layers"].push_back({{"name", layer.name},
                              {"forward_seconds", layer.forward_seconds},
                              {"forward_flops", layer.forward_flops},
                              {"backward_seconds", layer.backward_seconds},
                              {"backward_flops", layer.backward_flops}});
  }
  print_object(json);
}

void bench(const Options& options, const CommonOptions& common) {
  const auto folder = find_data(options.data);
  const Dataset train = load_split(folder, Split::kTrain);
  const Dataset test = load_split(folder, Split::kTest);
  Network network(simple_cnn());
  Rng rng(common.seed);
  network.initialize(rng);
  const Figures figures = measure(train, test, network, options.epochs, common.seed);
  const double peak = product_peak_gflops();
  const std::vector<LayerTime> layers = time_layers(network, train);
  common.json ? print_json(layers, peak, figures) : print_text(layers, peak, figures);
}

}  // namespace

void add_bench(Command app, CommonOptions& common) {
  auto options = std::make_shared<Options>();
  Command command = app.add_subcommand(
      "bench", "Time of every layer against the machine's own peak; images/s of whole programs");
  add_data_option(command, options->data);
  command.add_option("--epochs", options->epochs, "Epochs to time, after one that is not counted")
      .within(1, 1000)
      .show_default();
  NetworkBenchOptions& network = options->network;
  Option model = command.add_option("--model", network.model,
                                    "Instead: time of an .onnx network's logits and gradients");
  for (const char* other : {"--data", "--epochs"}) model.excludes(command.get_option(other));
  command.add_option("--batch", network.batch, "Images that the network is given at once")
      .within(1, 1024)
      .needs(model)
      .show_default();
  command.add_option("--repetitions", network.repetitions, "How often it is asked")
      .within(1, 100000)
      .needs(model)
      .show_default();
  add_common_options(command, common);
  command.callback([options, &common] {
    options->network.model.empty() ? bench(*options, common)
                                   : bench_network(options->network, common);
  });
}

}  // namespace inoculate
