// Training runs that were stopped: read, gone on with, and written again.
#include "fuzz/tensor_file.h"
#include "model/network_trainable.h"
#include "train/checkpoint.h"

namespace inoculate::fuzz {
namespace {

constexpr const char* kName = "fuzz.checkpoint";

/// A network of few numbers, whose checkpoint is small. tests/fuzz/make_seeds.py knows its tensors.
Architecture tiny_network() {
  return {"small", {1, 1, 4}, {DenseSpec{"a", 3}, BatchNormSpec{"b"}, DenseSpec{"c", 2}}};
}

void go_on(const Checkpoint& checkpoint, std::unique_ptr<Trainable> network) {
  constexpr int kMostExamples = 1000;  // what takes long is no fault
  const int examples = checkpoint.run.end - checkpoint.run.begin - checkpoint.run.held_out;
  if (examples > kMostExamples) return;
  set_weights(*network, checkpoint.weights, kName);
  const Matrix images = Matrix::Constant(examples, 4, 0.5F);
  const Labels labels(static_cast<std::size_t>(examples), 1);
  Trainer trainer(std::move(network), examples_of(images, labels), checkpoint.options);
  trainer.restore(checkpoint.state);
  const Bytes file = write_safetensors(save_checkpoint(trainer, checkpoint.run));
  const Safetensors again = parse_safetensors(file, kName);
  load_checkpoint(again, trainer.network(), kName);
}

void read(ByteView bytes) {
  Safetensors file;
  const Bytes content = tensor_file(bytes);
  if (!accepts(kName, [&] { file = parse_safetensors(content, kName); })) return;
  checkpoint_start(file);
  checkpoint_method(file);
  accepts("", [&] {
    auto network = trainable(Network(tiny_network()));
    const Checkpoint checkpoint = load_checkpoint(file, *network, kName);
    go_on(checkpoint, std::move(network));
  });
}

const Target target("checkpoint", read);

}  // namespace
}  // namespace inoculate::fuzz
