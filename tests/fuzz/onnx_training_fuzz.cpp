// ONNX networks whose numbers are trained: the file that comes out has the numbers that went in.
#include "fuzz/target.h"
#include "model/onnx_source.h"

namespace inoculate::fuzz {
namespace {

void read(ByteView bytes) {
  accepts("fuzz.onnx: ", [&] {
    Graph graph;
    const OnnxSource source(Bytes(bytes.begin(), bytes.end()), "fuzz.onnx", graph);
    source.ties(graph);
    const Bytes file = source.written(graph, {{"made", "by a test"}});
    demand(same_numbers(source.read(file), graph), "numbers change when they are written");
  });
}

const Target target("onnx_training", read);

}  // namespace
}  // namespace inoculate::fuzz
