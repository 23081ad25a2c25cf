// A network from outside is read and asked, or refused in one line: nothing else happens.
//
// With clang this is libFuzzer's target (-fsanitize=fuzzer,address); without, it has a main() that
// damages the files it is given (the seeds: tests/golden/onnx) in random ways:
//   onnx_fuzz ROUNDS SEED FILE...
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/error.h"
#include "model/graph_classifier.h"

using namespace inoculate;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  try {
    const GraphClassifier model(read_onnx_graph({bytes, size}, "fuzz.onnx"), "fuzz.onnx");
    // What takes long is no fault.
    if (model.graph().nodes.size() > 500 || model.spec().images_at_once < 64) return 0;
    const Matrix images = Matrix::Constant(1, model.spec().input.size(), 0.5F);
    Matrix gradient[1];
    const LogitGradient ones[] = {[&](float* d, const float*, int, int n) {
      std::fill_n(d, n * model.spec().classes, 1.0F);
    }};
    model.gradients(gradient, nullptr, images, ones);
  } catch (const Error& error) {
    const std::string line = error.what();
    if (line.find('\n') != std::string::npos || !line.starts_with("fuzz.onnx: ")) std::abort();
  }
  return 0;
}

#ifndef INOCULATE_LIBFUZZER
#include <fstream>
#include <iterator>
#include <random>

namespace {

Bytes damaged(Bytes bytes, const Bytes& other, std::mt19937& random) {
  const auto below = [&](std::size_t n) { return n == 0 ? 0 : random() % n; };
  for (std::size_t changes = 1 + below(4); changes > 0 && !bytes.empty(); --changes) {
    const std::size_t at = below(bytes.size()), length = 1 + below(24);
    switch (below(6)) {
      case 0:  // another byte
        bytes[at] = static_cast<std::uint8_t>(random());
        break;
      case 1:  // a bit, which of numbers and lengths changes little or much
        bytes[at] ^= static_cast<std::uint8_t>(1U << below(8));
        break;
      case 2:  // the largest number of a field
        for (std::size_t i = at; i < std::min(at + length, bytes.size()); ++i) bytes[i] = 0xff;
        break;
      case 3: {  // a piece of another file
        const std::size_t from = below(other.size());
        for (std::size_t i = 0; i < length && at + i < bytes.size() && from + i < other.size();
             ++i) {
          bytes[at + i] = other[from + i];
        }
        break;
      }
      case 4: {  // a piece of this one, elsewhere
        const std::size_t from = below(bytes.size());
        for (std::size_t i = 0; i < length && std::max(at, from) + i < bytes.size(); ++i) {
          bytes[at + i] = bytes[from + i];
        }
        break;
      }
      default:
        if (below(8) == 0) bytes.resize(at);
    }
  }
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fputs("onnx_fuzz ROUNDS SEED FILE...\n", stderr);
    return 2;
  }
  std::vector<Bytes> seeds;
  for (int i = 3; i < argc; ++i) {
    std::ifstream file(argv[i], std::ios::binary);
    seeds.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  std::mt19937 random(static_cast<unsigned>(std::atoi(argv[2])));
  for (int round = 0; round < std::atoi(argv[1]); ++round) {
    const Bytes& seed = seeds[random() % seeds.size()];
    const Bytes bytes = damaged(seed, seeds[random() % seeds.size()], random);
    std::ofstream("onnx_fuzz_last.onnx", std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  }
  std::puts("nothing else happened");
  return 0;
}
#endif
