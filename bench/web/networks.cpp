// A network of an ONNX file as a WebAssembly module, for bench/web/site/networks: its logits, and
// its gradient, called from JavaScript.
#include <emscripten/emscripten.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "model/graph_classifier.h"

using namespace inoculate;

namespace {

struct Bench {
  std::unique_ptr<Classifier> model;
  Matrix image, logits;
  std::vector<Matrix> gradient{1};
};

Bench& bench() {
  static Bench instance;
  return instance;
}

}  // namespace

extern "C" {

/// Reads a file of `size` bytes, and gives where its one image [height, width, channels] is
/// written.
EMSCRIPTEN_KEEPALIVE float* network_load(const std::uint8_t* file, int size) {
  const ByteView bytes(file, static_cast<std::size_t>(size));
  bench().model =
      std::make_unique<GraphClassifier>(read_onnx_graph(bytes, "the network"), "the network");
  bench().image = Matrix::Zero(1, bench().model->spec().input.size());
  return bench().image.data();
}

EMSCRIPTEN_KEEPALIVE int network_classes() { return bench().model->spec().classes; }

EMSCRIPTEN_KEEPALIVE const float* network_logits() {
  bench().logits = bench().model->logits(bench().image);
  return bench().logits.data();
}

/// The gradient of the logits' sum with respect to the image, after a forward pass.
EMSCRIPTEN_KEEPALIVE const float* network_gradient() {
  const int classes = network_classes();
  const LogitGradient sum = [classes](float* d_logits, const float*, int, int n) {
    std::fill_n(d_logits, n * classes, 1.0F);
  };
  bench().model->gradients(bench().gradient, nullptr, bench().image, {&sum, 1});
  return bench().gradient[0].data();
}

}  // extern "C"
