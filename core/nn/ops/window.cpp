// What convolutions and pools read alike.
#include <algorithm>
#include <string_view>

#include "nn/ops/read.h"

namespace inoculate {
namespace {

// What a window does along one axis.
struct Axis {
  std::int64_t kernel, stride, dilation, begin_pad, end_pad;
  std::int64_t out;
};

}  // namespace

Sizes window_list(const Import& import, const char* name, std::size_t size, std::int64_t least) {
  Sizes values = import.integers(name);
  if (values.empty()) values.assign(size, least);
  const bool sound =
      values.size() == size && std::all_of(values.begin(), values.end(), [&](std::int64_t value) {
        return value >= least && value <= kLargestWindow;
      });
  import.require(sound, "its strides, dilations or pads are impossible");
  // A gradient takes the inputs that a stride tells apart one after the other.
  std::int64_t product = 1;
  for (const std::int64_t value : values)
    product *= name == std::string_view("strides") ? value : 1;
  import.require(product <= 1 << 16, "its strides are impossibly large");
  return values;
}

ReadWindow read_window(Import& import, const Value& value, const Sizes& kernel) {
  const std::size_t axes = static_cast<std::size_t>(value.rank()) - 2;
  import.require(kernel.size() == axes, "its kernel has another rank than its input");
  const Sizes strides = window_list(import, "strides", axes, 1);
  const Sizes dilations = window_list(import, "dilations", axes, 1);
  const Sizes pads = window_list(import, "pads", 2 * axes, 0);
  const std::string automatic = import.text("auto_pad", "NOTSET");
  const bool ceil = import.integer("ceil_mode", 0) != 0;

  ReadWindow read{{}, value.dims};
  std::int64_t taps = 1;
  Axis along[2] = {{1, 1, 1, 0, 0, 1}, {1, 1, 1, 0, 0, 1}};
  for (std::size_t i = 0; i < axes; ++i) {
    import.require(kernel[i] > 0 && kernel[i] <= kLargestWindow, "its kernel is impossible");
    Axis a{kernel[i], strides[i], dilations[i], pads[i], pads[axes + i], 0};
    const std::int64_t in = value.dim(static_cast<int>(i) + 2);
    const std::int64_t reach = (a.kernel - 1) * a.dilation + 1;
    if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER") {
      const std::int64_t out = (in + a.stride - 1) / a.stride;
      const std::int64_t pad = std::max<std::int64_t>(0, (out - 1) * a.stride + reach - in);
      a.begin_pad = automatic == "SAME_LOWER" ? (pad + 1) / 2 : pad / 2;
      a.end_pad = pad - a.begin_pad;
    } else if (automatic == "VALID") {
      a.begin_pad = a.end_pad = 0;
    } else {
      import.require(automatic == "NOTSET" || automatic.empty(), "its auto_pad is unknown");
    }
    const std::int64_t room = in + a.begin_pad + a.end_pad - reach;
    import.require(room >= 0, "its kernel is larger than its input");
    a.out = (room + (ceil ? a.stride - 1 : 0)) / a.stride + 1;
    // A window must begin within the image or the padding before it.
    if (ceil && (a.out - 1) * a.stride >= in + a.begin_pad) --a.out;
    import.require(a.begin_pad <= kLargestWindow * kLargestWindow,
                   "its padding is impossibly large");
    read.dims[2 + i] = a.out;
    taps *= a.kernel;
    along[2 - axes + i] = a;
  }
  import.require_work(taps, read.dims);
  const auto number = [](std::int64_t extent) { return static_cast<int>(extent); };
  read.window = {number(along[0].kernel),    number(along[1].kernel),    number(along[0].stride),
                 number(along[1].stride),    number(along[0].dilation),  number(along[1].dilation),
                 number(along[0].begin_pad), number(along[1].begin_pad), number(along[0].end_pad),
                 number(along[1].end_pad)};
  return read;
}

}  // namespace inoculate
