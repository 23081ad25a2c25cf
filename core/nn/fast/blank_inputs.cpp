#include "nn/fast/blank_inputs.h"

#include <algorithm>
#include <cstddef>

#include "base/simd.h"
#include "nn/fast/sparse_conv.h"
#include "nn/fast/sparse_products.h"

namespace inoculate {
namespace {

void add_floats(float* to, const float* from, int size) {
  for_each_vector(size, [&](int i, auto vector) {
    store(to + i, load(to + i, vector) + load(from + i, vector));
  });
}

}  // namespace

// The sum of a choice is that of one with a tap less, and the tap's.
void find_blank_sums(FloatBuffer& table, const Conv2d& conv, const float* kernel,
                     const SparseRow& blank) {
  const int f = conv.out.c, choices = 1 << conv.kernel;
  table.assign(static_cast<std::size_t>(blank_choices(conv) * f), 0.0F);
  for (int k = 0; k < conv.kernel; ++k) {
    float* rows = table.data() + k * choices * f;
    for (int choice = 1; choice < choices; ++choice) {
      const int tap = std::countr_zero(static_cast<unsigned>(choice));
      float* row = rows + choice * f;
      copy_floats(row, rows + (choice & (choice - 1)) * f, f);
      add_sparse_row(row, blank, 0, kernel + (k * conv.kernel + tap) * conv.in.c * f, f);
    }
  }
}

void sum_choices(float* of_taps, const float* table, const Conv2d& conv) {
  const int f = conv.out.c, choices = 1 << conv.kernel;
  clear_floats(of_taps, conv.kernel * conv.kernel * f);
  for (int row = 0; row < blank_choices(conv); ++row, table += f) {
    for_each_bit(static_cast<RowBits>(row % choices), [&](int tap) {
      add_floats(of_taps + (row / choices * conv.kernel + tap) * f, table, f);
    });
  }
}

float* start_windows(float* sums, const Conv2d& conv, const float* constants, const float* table,
                     const RowBits* drawn, const RowBits* at) {
  const int f = conv.out.c;
  const RowBits all = bits_below(conv.in.w);
  const bool all_drawn = std::all_of(drawn, drawn + conv.in.h, [=](RowBits b) { return b == all; });
  if (all_drawn && at == nullptr) {
    copy_floats(sums, constants, conv.out.size());
    return sums + conv.out.size();
  }
  for_each_position_seen(conv, at, 1, [&](int, int y, int x) {
    copy_floats(sums, constants + (y * conv.out.w + x) * f, f);
    if (table != nullptr && !all_drawn) {
      for_each_blank_choice(conv, y, x, drawn,
                            [&](int choice) { add_floats(sums, table + choice * f, f); });
    }
    sums += f;
  });
  return sums;
}

}  // namespace inoculate
