// What libFuzzer calls: the one target of this program.
#include <cstddef>
#include <cstdint>

#include "fuzz/target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const auto run = inoculate::fuzz::targets().begin()->second;
  run({bytes, size});
  return 0;
}
