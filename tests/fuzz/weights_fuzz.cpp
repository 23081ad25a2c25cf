// Tensors as models: our own networks, nearest neighbours and generators.
#include "fuzz/tensor_file.h"
#include "train/classifier_file.h"

namespace inoculate::fuzz {
namespace {

constexpr const char* kName = "fuzz.safetensors";

void read(ByteView bytes) {
  const Bytes file = tensor_file(bytes);
  const FileReader reader{[&](const std::string&, std::size_t) { return file; },
                          [](const std::string&) { return false; }};
  accepts("fuzz.safetensors", [&] {
    const auto model = read_classifier(kName, reader);
    const Matrix images = Matrix::Constant(2, model->spec().input.size(), 0.5F);
    const Matrix logits = model->logits(images);
    demand(logits.rows() == 2 && logits.cols() == model->spec().classes && logits.allFinite(),
           "answers that are none");
  });
  accepts("fuzz.safetensors", [&] { read_perturber(kName, reader); });
}

const Target target("weights", read);

}  // namespace
}  // namespace inoculate::fuzz
