// ONNX networks: a graph and its gradients.
#include <algorithm>

#include "fuzz/target.h"
#include "model/graph_classifier.h"

namespace inoculate::fuzz {
namespace {

void read(ByteView file) {
  accepts("fuzz.onnx: ", [&] {
    const GraphClassifier model(read_onnx_graph(file, "fuzz.onnx"), "fuzz.onnx");
    // What takes long is no fault.
    if (model.graph().nodes.size() > 500 || model.spec().images_at_once < 64) return;
    const int classes = model.spec().classes;
    const Matrix images = Matrix::Constant(1, model.spec().input.size(), 0.5F);
    Matrix gradient[1];
    const LogitGradient ones[] = {
        [&](float* d, const float*, int, int n) { std::fill_n(d, n * classes, 1.0F); }};
    model.gradients(gradient, nullptr, images, ones);
  });
}

const Target target("onnx", read);

}  // namespace
}  // namespace inoculate::fuzz
