// The engine alone as a WebAssembly module, for bench/web/site: what the page and its worker do,
// called from JavaScript without a user interface around it.
#include <emscripten/emscripten.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>

#include "attack/fgsm.h"
#include "data/safetensors.h"
#include "model/network_classifier.h"
#include "model/network_trainable.h"
#include "nn/weights.h"
#include "train/trainer.h"

using namespace inoculate;

namespace {

// What JavaScript reads and writes: up to `capacity` images, their labels, what comes out of them.
struct Engine {
  Network network{simple_cnn()};
  std::unique_ptr<Classifier> model;  // of the weights that were loaded
  Matrix images;
  Labels labels;
  Matrix result;
  std::optional<Trainer> trainer;
};

Engine& engine() {
  static Engine instance;
  return instance;
}

}  // namespace

extern "C" {

/// Makes room for `n` images [n, 784]; the caller writes them to the address returned, and their
/// labels to that of `engine_labels`.
EMSCRIPTEN_KEEPALIVE float* engine_images(int n) {
  engine().images.resize(n, engine().network.input_size());
  engine().labels.resize(static_cast<std::size_t>(n));
  return engine().images.data();
}
EMSCRIPTEN_KEEPALIVE std::int32_t* engine_labels() { return engine().labels.data(); }

/// Sets the weights from a safetensors file of `size` bytes.
EMSCRIPTEN_KEEPALIVE void engine_load(const std::uint8_t* file, int size) {
  const auto parsed = parse_safetensors({file, static_cast<std::size_t>(size)}, "the weights");
  set_weights(engine().network, parsed.tensors, "the weights");
  engine().model = std::make_unique<NetworkClassifier>(engine().network);
}

/// Logits [n, 10] of the images.
EMSCRIPTEN_KEEPALIVE const float* engine_predict() {
  engine().result = engine().model->logits(engine().images);
  return engine().result.data();
}

/// Adversaries [n, 784] of the images by FGSM, clipped to [0, 1].
EMSCRIPTEN_KEEPALIVE const float* engine_fgsm(float epsilon) {
  FgsmOptions options;
  options.threat.epsilon = epsilon;
  engine().result = fgsm(*engine().model, engine().images, engine().labels, options);
  return engine().result.data();
}

/// One Adam step on the images as one batch, from where the last call left the weights; its loss.
EMSCRIPTEN_KEEPALIVE double engine_train() {
  auto& trainer = engine().trainer;
  if (!trainer) {
    const int n = static_cast<int>(engine().images.rows());
    trainer.emplace(trainable(engine().network), examples_of(engine().images, engine().labels),
                    TrainingOptions{.epochs = 1 << 30, .batch_size = n});
  }
  return trainer->step().loss;
}

}  // extern "C"
