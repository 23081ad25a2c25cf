// Files of tensors, byte for byte. What models make of tensors is weights_fuzz.cpp's.
#include "data/safetensors.h"
#include "fuzz/target.h"

namespace inoculate::fuzz {
namespace {

constexpr const char* kName = "fuzz.safetensors";

bool same(const Safetensors& a, const Safetensors& b) {
  if (a.metadata != b.metadata || a.tensors.size() != b.tensors.size()) return false;
  for (std::size_t i = 0; i < a.tensors.size(); ++i) {
    const NamedTensor &one = a.tensors[i], &other = b.tensors[i];
    if (one.name != other.name || one.shape != other.shape || one.values != other.values) {
      return false;
    }
  }
  return true;
}

void read(ByteView file) {
  Safetensors content;
  if (!accepts("fuzz.safetensors: ", [&] { content = parse_safetensors(file, kName); })) return;
  demand(same(parse_safetensors(write_safetensors(content), kName), content),
         "tensors change when they are written");
  Bytes halves;
  if (accepts("", [&] { halves = write_safetensors(content, Dtype::F16); })) {
    const Safetensors rounded = parse_safetensors(halves, kName);
    demand(same(parse_safetensors(write_safetensors(rounded, Dtype::F16), kName), rounded),
           "halves change when they are written again");
  }
}

const Target target("safetensors", read);

}  // namespace
}  // namespace inoculate::fuzz
