#include "nn/conv2d.h"

#include <algorithm>
#include <vector>

#include "base/buffer.h"
#include "base/parallel.h"
#include "nn/add_parts.h"
#include "nn/gemm.h"
#include "nn/receptive_fields.h"

namespace inoculate {
namespace {

std::size_t index(int i) { return static_cast<std::size_t>(i); }

// Fields of fewer channels than this are gathered in one piece; of others, pointers to the pieces.
constexpr int kFewChannels = 16;

// Rows that go through a product together: enough to fill the tiles, and few enough to stay in the
// cache.
constexpr int kRowsAtOnce = 256;

// Calls body(part, first row, end row) for the rows of some images at a time, in parallel. The
// shared rows are the first part's.
template <class F>
void for_each_part(const SharedRows& rows, int most_parts, F&& body) {
  const int n = rows.images();
  const int parts = std::min(n, most_parts);
  parallel_for(parts, [&](int part) {
    const int begin = part_begin(n, parts, part), end = part_begin(n, parts, part + 1);
    body(part, part == 0 ? 0 : rows.first_row[index(begin)], rows.first_row[index(end)]);
  });
}

// The fields of some rows, as the left operand of a product.
class FieldTable {
 public:
  FieldTable(const float* in, const Conv2d& conv, const ReceptiveFields& fields, int begin, int end)
      : taps_(conv.kernel * conv.kernel), c_(conv.in.c), rows_(end - begin) {
    zeros_.resize(std::max(zeros_.size(), index(c_)));
    const int* inputs = fields.inputs.data() + begin * taps_;
    c_ < kFewChannels ? gather(in, inputs) : point(in, inputs);
  }

  const float* const* pointers() const { return pointers_.data(); }
  Runs runs() const { return c_ < kFewChannels ? Runs{1, taps_ * c_} : Runs{taps_, c_}; }

 private:
  void gather(const float* in, const int* inputs) {
    const int size = taps_ * c_;
    float* to = room_for(gathered_, index(rows_ * size));
    pointers_.clear();
    for (int row = 0; row < rows_; ++row) pointers_.push_back(to + row * size);
    if (c_ == 1) {
      for (int i = 0; i < rows_ * taps_; ++i) to[i] = value_at(in, inputs[i]);
      return;
    }
    for (int i = 0; i < rows_ * taps_; ++i, to += c_) {
      const float* from = inputs[i] == kNoRow ? zeros_.data() : in + inputs[i] * c_;
      for (int k = 0; k < c_; ++k) to[k] = from[k];
    }
  }

  void point(const float* in, const int* inputs) {
    pointers_.resize(index(taps_ * rows_));
    const float** to = pointers_.data();
    const float* zeros = zeros_.data();
    for (int tap = 0; tap < taps_; ++tap) {
      for (int row = 0; row < rows_; ++row) {
        const int input = inputs[row * taps_ + tap];
        *to++ = input == kNoRow ? zeros : in + input * c_;
      }
    }
  }

  static thread_local std::vector<const float*> pointers_;
  static thread_local FloatBuffer gathered_;
  static thread_local FloatBuffer zeros_;
  int taps_;
  int c_;
  int rows_;
};
thread_local std::vector<const float*> FieldTable::pointers_;
thread_local FloatBuffer FieldTable::gathered_;
thread_local FloatBuffer FieldTable::zeros_;

// Calls body(table, first row, rows) for the rows [begin, end), some at a time.
template <class F>
void for_each_table(const float* in, const Conv2d& conv, const ReceptiveFields& fields, int begin,
                    int end, F&& body) {
  for (; begin < end; begin += kRowsAtOnce) {
    const int rows = std::min(end - begin, kRowsAtOnce);
    body(FieldTable(in, conv, fields, begin, begin + rows), begin, rows);
  }
}

// Adds to d_kernel and d_bias.
void backward_kernel_part(float* d_kernel, float* d_bias, const float* d_out, const float* in,
                          const Conv2d& c, const ReceptiveFields& fields, int begin, int end) {
  for_each_table(in, c, fields, begin, end, [&](const FieldTable& table, int first, int rows) {
    const float* d_rows = d_out + static_cast<std::ptrdiff_t>(first) * c.out.c;
    multiply_transposed_add(d_kernel, c.out.c, table.pointers(), d_rows, c.out.c, rows,
                            table.runs(), c.out.c);
    for (int i = 0; i < rows; ++i) {
      for (int f = 0; f < c.out.c; ++f) d_bias[f] += d_rows[i * c.out.c + f];
    }
  });
}

// Every part sums into a buffer of its own, and the buffers are added in order: the sums do not
// depend on the number of threads.
void backward_kernel(float* d_kernel, float* d_bias, const float* d_out, const float* in,
                     const Conv2d& c, const ReceptiveFields& fields) {
  constexpr int kMostParts = 8;  // each has the size of the kernel, and must be added up
  const int parts = std::min(fields.out.images(), kMostParts);
  const int size = c.kernel_size() + c.out.c;
  thread_local FloatBuffer buffer;
  float* sums = room_for(buffer, index(parts * size));
  for_each_part(fields.out, parts, [&](int part, int begin, int end) {
    float* mine = sums + static_cast<std::ptrdiff_t>(part) * size;
    std::fill_n(mine, size, 0.0F);
    backward_kernel_part(mine, mine + c.kernel_size(), d_out, in, c, fields, begin, end);
  });
  add_parts(sums, parts, size);
  std::copy_n(sums, c.kernel_size(), d_kernel);
  std::copy_n(sums + c.kernel_size(), c.out.c, d_bias);
}

// The kernel of each tap, turned: [K, K, F, C].
const float* transpose_taps(FloatBuffer& buffer, const float* kernel, const Conv2d& c) {
  float* transposed = room_for(buffer, index(c.kernel_size()));
  const int size = c.in.c * c.out.c;
  for (int tap = 0; tap < c.kernel * c.kernel; ++tap) {
    transpose(transposed + tap * size, c.in.c, kernel + tap * size, c.out.c, c.in.c, c.out.c);
  }
  return transposed;
}

// One product a tap: the gradients of outputs times the tap's turned kernel are added to those of
// the inputs that the tap reads. No two outputs read the same input by the same tap, unless it is
// a shared row.
class TapProduct {
 public:
  void clear() {
    d_inputs_.clear();
    d_outputs_.clear();
  }
  void add(float* d_input, const float* d_output) {
    d_inputs_.push_back(d_input);
    d_outputs_.push_back(d_output);
  }
  void multiply(const float* transposed, int tap, const Conv2d& c) {
    multiply_rows_add(d_inputs_.data(), d_outputs_.data(), transposed + tap * c.in.c * c.out.c,
                      c.in.c, static_cast<int>(d_inputs_.size()), c.in.c, {1, c.out.c});
  }

 private:
  std::vector<float*> d_inputs_;
  std::vector<const float*> d_outputs_;
};

// Sets the gradients of all rows of the input but the shared ones. What would be added to those
// goes to sums [shared rows, taps, F] instead, before it is multiplied.
void backward_rows_part(float* d_in, float* sums, const float* d_out, const float* transposed,
                        const Conv2d& c, const ReceptiveFields& fields, int shared, int begin,
                        int end) {
  thread_local TapProduct product;
  const int taps = c.kernel * c.kernel, f = c.out.c;
  for (int tap = 0; tap < taps; ++tap) {
    product.clear();
    for (int row = begin; row < end; ++row) {
      const int input = fields.inputs[index(row * taps + tap)];
      if (input == kNoRow) continue;
      const float* d = d_out + static_cast<std::ptrdiff_t>(row) * f;
      if (input >= shared) {
        product.add(d_in + static_cast<std::ptrdiff_t>(input) * c.in.c, d);
      } else {
        float* sum = sums + (input * taps + tap) * f;
        for (int i = 0; i < f; ++i) sum[i] += d[i];
      }
    }
    product.multiply(transposed, tap, c);
  }
}

void backward_rows(float* d_in, const float* d_out, const float* kernel, const Conv2d& c,
                   const ReceptiveFields& fields, const SharedRows& in) {
  thread_local FloatBuffer buffer, sums_buffer;
  const float* transposed = transpose_taps(buffer, kernel, c);
  const int n = in.images(), parts = part_count(n), taps = c.kernel * c.kernel;
  const int size = in.shared * taps * c.out.c;
  float* sums = room_for(sums_buffer, index((parts + 1) * size));
  for_each_part(fields.out, parts, [&](int part, int begin, int end) {
    const int first = in.first_row[index(part_begin(n, parts, part))] * c.in.c;
    std::fill(d_in + first, d_in + in.first_row[index(part_begin(n, parts, part + 1))] * c.in.c,
              0.0F);
    float* mine = sums + static_cast<std::ptrdiff_t>(part) * size;
    std::fill_n(mine, size, 0.0F);
    backward_rows_part(d_in, mine, d_out, transposed, c, fields, in.shared, begin, end);
  });
  for (int part = 1; part < parts; ++part) {
    const float* other = sums + static_cast<std::ptrdiff_t>(part) * size;
    for (int i = 0; i < size; ++i) sums[i] += other[i];
  }
  std::fill_n(d_in, in.shared * c.in.c, 0.0F);
  thread_local TapProduct product;
  for (int tap = 0; tap < taps; ++tap) {
    product.clear();
    for (int row = 0; row < in.shared; ++row) {
      product.add(d_in + row * c.in.c, sums + (row * taps + tap) * c.out.c);
    }
    product.multiply(transposed, tap, c);
  }
}

}  // namespace

Conv2d conv2d_same(Shape in, int filters, int kernel, int stride) {
  const auto outputs = [&](int size) { return (size + stride - 1) / stride; };
  const auto pad_before = [&](int size) {
    return std::max((outputs(size) - 1) * stride + kernel - size, 0) / 2;
  };
  return {in,
          {outputs(in.h), outputs(in.w), filters},
          kernel,
          stride,
          pad_before(in.h),
          pad_before(in.w)};
}

void conv2d_forward(float* out, const float* in, const float* kernel, const float* bias,
                    const Conv2d& conv, const ReceptiveFields& fields) {
  constexpr int kMostParts = 16;
  for_each_part(fields.out, kMostParts, [&](int, int part_first, int part_end) {
    thread_local std::vector<float*> outputs;
    const auto multiply = [&](const FieldTable& table, int first, int rows) {
      outputs.clear();
      for (int row = first; row < first + rows; ++row) {
        outputs.push_back(out + static_cast<std::ptrdiff_t>(row) * conv.out.c);
      }
      multiply_rows(outputs.data(), table.pointers(), kernel, conv.out.c, bias, rows, conv.out.c,
                    table.runs());
    };
    for_each_table(in, conv, fields, part_first, part_end, multiply);
  });
}

void conv2d_backward(float* d_in, float* d_kernel, float* d_bias, const float* d_out,
                     const float* in, const float* kernel, const Conv2d& conv,
                     const ReceptiveFields& fields, const SharedRows& in_rows) {
  backward_kernel(d_kernel, d_bias, d_out, in, conv, fields);
  if (d_in != nullptr) backward_rows(d_in, d_out, kernel, conv, fields, in_rows);
}

}  // namespace inoculate
