#include "nn/conv2d.h"

#include <algorithm>
#include <vector>

#include "base/buffer.h"
#include "base/parallel.h"
#include "base/simd.h"
#include "nn/gemm.h"
#include "nn/receptive_fields.h"

namespace inoculate {
namespace {

std::size_t index(int i) { return static_cast<std::size_t>(i); }

// Some images at a time are enough to fill the tiles, and few enough to stay in the cache.
constexpr int kImagesAtOnce = 4;

// Calls body(first image, images) for `n` images some at a time.
template <class F>
void for_each_group(int n, F&& body) {
  for (int begin = 0; begin < n; begin += kImagesAtOnce) {
    body(begin, std::min(n - begin, kImagesAtOnce));
  }
}

// Where the positions of `images` images of OH*OW positions of `channels` floats begin.
template <class Pointer>
void position_pointers(std::vector<Pointer>& pointers, Pointer first, int positions, int channels) {
  pointers.resize(index(positions));
  for (int p = 0; p < positions; ++p) pointers[index(p)] = first + p * channels;
}

void forward_part(float* out, const float* in, const float* kernel, const float* bias,
                  const Conv2d& c, int n) {
  thread_local PaddedImages padded;
  thread_local ReceptiveFields distinct;
  thread_local std::vector<float*> outputs;
  padded.prepare(c, std::min(n, kImagesAtOnce));
  for_each_group(n, [&](int begin, int images) {
    for (int i = 0; i < images; ++i) padded.put(i, in + (begin + i) * c.in.size());
    distinct.find(padded, c, images);
    float* group = out + begin * c.out.size();
    outputs.clear();
    for (const int position : distinct.first) outputs.push_back(group + position * c.out.c);
    multiply_rows(outputs.data(), distinct.fields.data(), kernel, c.out.c, bias,
                  static_cast<int>(outputs.size()), c.out.c, padded.runs());
    if (distinct.fields.size() == distinct.field_of.size()) return;
    for (std::size_t p = 0; p < distinct.field_of.size(); ++p) {
      const float* computed = outputs[index(distinct.field_of[p])];
      float* output = group + static_cast<std::ptrdiff_t>(p) * c.out.c;
      if (computed != output) copy_floats(output, computed, c.out.c);
    }
  });
}

// Gradients of whole fields that lie one after another in `d_fields`, added where each field is.
void add_small_fields(std::vector<float*>& fields, const float* d_fields, const Runs& runs) {
  for (float* field : fields) {
    for (int run = 0; run < runs.count; ++run, field += runs.stride) {
      for (int k = 0; k < runs.length; ++k) field[k] += *d_fields++;
    }
  }
}

void backward_input_part(float* d_in, const float* d_out, const float* kernel_transposed,
                         const Conv2d& c, int n) {
  thread_local PaddedImages d_padded;
  thread_local std::vector<const float*> rows;
  thread_local std::vector<float*> fields;
  thread_local std::vector<float> d_fields;
  thread_local std::vector<float*> d_field_rows;
  d_padded.prepare(c, std::min(n, kImagesAtOnce));
  const Runs runs = d_padded.runs();
  const int field_size = runs.count * runs.length;
  for_each_group(n, [&](int begin, int images) {
    d_padded.clear();
    const int positions = images * c.out.h * c.out.w;
    position_pointers<const float*>(rows, d_out + begin * c.out.size(), positions, c.out.c);
    fields.clear();
    for (int i = 0; i < images; ++i) {
      for (int y = 0; y < c.out.h; ++y) {
        for (int x = 0; x < c.out.w; ++x) {
          fields.push_back(d_padded.slot(i) + d_padded.offset(y, x));
        }
      }
    }
    if (field_size < kSmallField) {
      float* gathered = room_for(d_fields, index(positions * field_size));
      position_pointers(d_field_rows, gathered, positions, field_size);
      multiply_rows(d_field_rows.data(), rows.data(), kernel_transposed, field_size, nullptr,
                    positions, field_size, {1, c.out.c, 0});
      add_small_fields(fields, gathered, runs);
    } else {
      for (int run = 0; run < runs.count; ++run) {
        multiply_rows_add(fields.data(), rows.data(), kernel_transposed + run * runs.length,
                          field_size, positions, runs.length, {1, c.out.c, 0});
        for (float*& field : fields) field += runs.stride;
      }
    }
    for (int i = 0; i < images; ++i) d_padded.get(d_in + (begin + i) * c.in.size(), i);
  });
}

// d_fields [fields, F]: the gradients of the positions that share a field, added up.
const float* sum_by_field(std::vector<float>& d_fields, const ReceptiveFields& distinct,
                          const float* d_out, int channels) {
  if (distinct.fields.size() == distinct.field_of.size()) return d_out;
  room_for(d_fields, distinct.fields.size() * index(channels));
  int known = 0;  // fields come in the order of their first positions
  for (std::size_t p = 0; p < distinct.field_of.size(); ++p) {
    const int field = distinct.field_of[p];
    const float* d = d_out + static_cast<std::ptrdiff_t>(p) * channels;
    float* sum = d_fields.data() + static_cast<std::ptrdiff_t>(field) * channels;
    if (field == known) {
      copy_floats(sum, d, channels);
      ++known;
    } else {
      for (int f = 0; f < channels; ++f) sum[f] += d[f];
    }
  }
  return d_fields.data();
}

// Adds to d_kernel and d_bias.
void backward_kernel_part(float* d_kernel, float* d_bias, const float* d_out, const float* in,
                          const Conv2d& c, int n) {
  thread_local PaddedImages padded;
  thread_local ReceptiveFields distinct;
  thread_local std::vector<float> buffer;
  padded.prepare(c, std::min(n, kImagesAtOnce));
  for_each_group(n, [&](int begin, int images) {
    for (int i = 0; i < images; ++i) padded.put(i, in + (begin + i) * c.in.size());
    distinct.find(padded, c, images);
    const float* d_fields = sum_by_field(buffer, distinct, d_out + begin * c.out.size(), c.out.c);
    const int count = static_cast<int>(distinct.fields.size());
    multiply_transposed_add(d_kernel, c.out.c, distinct.fields.data(), d_fields, c.out.c, count,
                            padded.runs(), c.out.c);
    for (int i = 0; i < count; ++i) {
      for (int f = 0; f < c.out.c; ++f) d_bias[f] += d_fields[i * c.out.c + f];
    }
  });
}

// Every part sums into a buffer of its own, and the buffers are added in order: the sums do not
// depend on the number of threads.
void backward_kernel(float* d_kernel, float* d_bias, const float* d_out, const float* in,
                     const Conv2d& c, int n) {
  constexpr int kMostParts = 8;  // each has the size of the kernel, and must be added up
  const int parts = std::min(n, kMostParts);
  const int size = c.kernel_size() + c.out.c;
  thread_local std::vector<float> buffer;
  float* sums = room_for(buffer, index(parts * size));
  parallel_for(parts, [&](int part) {
    const int begin = part_begin(n, parts, part);
    const int end = part_begin(n, parts, part + 1);
    float* mine = sums + static_cast<std::ptrdiff_t>(part) * size;
    std::fill_n(mine, size, 0.0F);
    backward_kernel_part(mine, mine + c.kernel_size(), d_out + begin * c.out.size(),
                         in + begin * c.in.size(), c, end - begin);
  });
  const int slices = part_count(size);
  parallel_for(slices, [&](int slice) {
    const int begin = part_begin(size, slices, slice);
    const int end = part_begin(size, slices, slice + 1);
    for (int part = 1; part < parts; ++part) {
      const float* other = sums + static_cast<std::ptrdiff_t>(part) * size;
      for (int i = begin; i < end; ++i) sums[i] += other[i];
    }
  });
  std::copy_n(sums, c.kernel_size(), d_kernel);
  std::copy_n(sums + c.kernel_size(), c.out.c, d_bias);
}

void backward_input(float* d_in, const float* d_out, const float* kernel, const Conv2d& c, int n) {
  thread_local std::vector<float> buffer;
  float* kernel_transposed = room_for(buffer, index(c.kernel_size()));
  const int fields = c.kernel * c.kernel * c.in.c;
  transpose(kernel_transposed, fields, kernel, c.out.c, fields, c.out.c);
  const int parts = part_count(n);
  parallel_for(parts, [&](int part) {
    const int begin = part_begin(n, parts, part);
    const int end = part_begin(n, parts, part + 1);
    backward_input_part(d_in + begin * c.in.size(), d_out + begin * c.out.size(), kernel_transposed,
                        c, end - begin);
  });
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
                    const Conv2d& conv, int n) {
  const int parts = part_count(n);
  parallel_for(parts, [&](int part) {
    const int begin = part_begin(n, parts, part);
    const int end = part_begin(n, parts, part + 1);
    forward_part(out + begin * conv.out.size(), in + begin * conv.in.size(), kernel, bias, conv,
                 end - begin);
  });
}

void conv2d_backward(float* d_in, float* d_kernel, float* d_bias, const float* d_out,
                     const float* in, const float* kernel, const Conv2d& conv, int n) {
  if (d_kernel != nullptr) backward_kernel(d_kernel, d_bias, d_out, in, conv, n);
  if (d_in != nullptr) backward_input(d_in, d_out, kernel, conv, n);
}

}  // namespace inoculate
