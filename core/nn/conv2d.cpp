#include "nn/conv2d.h"

#include <algorithm>
#include <vector>

#include "base/parallel.h"
#include "nn/gemm.h"
#include "nn/receptive_fields.h"

namespace inoculate {
namespace {

std::size_t index(int i) { return static_cast<std::size_t>(i); }

// Some images at a time are enough to fill the tiles, and few enough to stay in the cache.
constexpr int kImagesAtOnce = 4;

void forward_part(float* out, const float* in, const float* kernel, const float* bias,
                  const Conv2d& c, int n) {
  thread_local PaddedImages padded;
  thread_local ReceptiveFields distinct;
  thread_local std::vector<float*> outputs;
  padded.prepare(c, std::min(n, kImagesAtOnce));
  for (int begin = 0; begin < n; begin += kImagesAtOnce) {
    const int images = std::min(n - begin, kImagesAtOnce);
    for (int i = 0; i < images; ++i) padded.put(i, in + (begin + i) * c.in.size());
    distinct.find(padded, c, images);
    float* group = out + begin * c.out.size();
    const auto output = [&](int position) { return group + position * c.out.c; };
    outputs.clear();
    for (const int position : distinct.first) outputs.push_back(output(position));
    multiply_rows(outputs.data(), distinct.fields.data(), kernel, c.out.c, bias,
                  static_cast<int>(outputs.size()), c.out.c, padded.runs());
    for (int position = 0; position < images * c.out.h * c.out.w; ++position) {
      const float* computed = outputs[index(distinct.field_of[index(position)])];
      if (computed != output(position)) std::copy_n(computed, c.out.c, output(position));
    }
  }
}

void backward_input_part(float* d_in, const float* d_out, const float* kernel_transposed,
                         const Conv2d& c, int n) {
  thread_local PaddedImages d_padded;
  thread_local std::vector<const float*> rows;
  thread_local std::vector<float*> fields;
  d_padded.prepare(c, 1);
  for (int i = 0; i < n; ++i) {
    d_padded.clear();
    rows.clear();
    fields.clear();
    for (int y = 0; y < c.out.h; ++y) {
      for (int x = 0; x < c.out.w; ++x) {
        rows.push_back(d_out + i * c.out.size() + (y * c.out.w + x) * c.out.c);
        fields.push_back(d_padded.slot(0) + d_padded.offset(y, x));
      }
    }
    const Runs runs = d_padded.runs();
    for (int run = 0; run < runs.count; ++run) {
      multiply_rows_add(fields.data(), rows.data(), kernel_transposed + run * runs.length,
                        runs.count * runs.length, static_cast<int>(rows.size()), runs.length,
                        {1, c.out.c, 0});
      for (float*& field : fields) field += runs.stride;
    }
    d_padded.get(d_in + i * c.in.size(), 0);
  }
}

// A field that several output positions share meets the sum of their gradients.
void backward_kernel_part(float* d_kernel, float* d_bias, const float* d_out, const float* in,
                          const Conv2d& c, int n) {
  thread_local PaddedImages padded;
  thread_local ReceptiveFields distinct;
  thread_local std::vector<float> d_fields;
  padded.prepare(c, std::min(n, kImagesAtOnce));
  for (int begin = 0; begin < n; begin += kImagesAtOnce) {
    const int images = std::min(n - begin, kImagesAtOnce);
    for (int i = 0; i < images; ++i) padded.put(i, in + (begin + i) * c.in.size());
    distinct.find(padded, c, images);
    d_fields.assign(distinct.fields.size() * index(c.out.c), 0.0F);
    const float* d_group = d_out + begin * c.out.size();
    for (int position = 0; position < images * c.out.h * c.out.w; ++position) {
      float* d_field = d_fields.data() + distinct.field_of[index(position)] * c.out.c;
      for (int f = 0; f < c.out.c; ++f) d_field[f] += d_group[position * c.out.c + f];
    }
    const int count = static_cast<int>(distinct.fields.size());
    const Runs runs = padded.runs();
    for (int run = 0; run < runs.count; ++run) {
      multiply_transposed_add(d_kernel + run * runs.length * c.out.c, c.out.c,
                              distinct.fields.data(), d_fields.data(), c.out.c, count, runs.length,
                              c.out.c);
      for (const float*& field : distinct.fields) field += runs.stride;
    }
    for (int i = 0; i < count; ++i) {
      for (int f = 0; f < c.out.c; ++f) d_bias[f] += d_fields[index(i * c.out.c + f)];
    }
  }
}

// Every part sums into a buffer of its own, and the buffers are added in order: the sums do not
// depend on the number of threads.
void backward_kernel(float* d_kernel, float* d_bias, const float* d_out, const float* in,
                     const Conv2d& c, int n) {
  const int parts = part_count(n);
  const int size = c.kernel_size() + c.out.c;
  thread_local std::vector<float> buffer;
  buffer.assign(static_cast<std::size_t>(parts) * static_cast<std::size_t>(size), 0.0F);
  float* sums = buffer.data();
  parallel_for(parts, [&](int part) {
    const int begin = part_begin(n, parts, part);
    const int end = part_begin(n, parts, part + 1);
    float* mine = sums + static_cast<std::ptrdiff_t>(part) * size;
    backward_kernel_part(mine, mine + c.kernel_size(), d_out + begin * c.out.size(),
                         in + begin * c.in.size(), c, end - begin);
  });
  for (int part = 1; part < parts; ++part) {
    const float* other = sums + static_cast<std::ptrdiff_t>(part) * size;
    for (int i = 0; i < size; ++i) sums[i] += other[i];
  }
  std::copy_n(sums, c.kernel_size(), d_kernel);
  std::copy_n(sums + c.kernel_size(), c.out.c, d_bias);
}

void backward_input(float* d_in, const float* d_out, const float* kernel, const Conv2d& c, int n) {
  thread_local std::vector<float> buffer;
  buffer.resize(static_cast<std::size_t>(c.kernel_size()));
  float* kernel_transposed = buffer.data();
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
