#include "nn/conv2d.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "base/buffer.h"
#include "base/shapes.h"
#include "nn/add_parts.h"
#include "nn/fast/sparse_conv.h"
#include "nn/gemm.h"

namespace inoculate {
namespace {

std::ptrdiff_t offset(int image, Shape shape) { return std::ptrdiff_t{image} * shape.size(); }

// Where the windows of an image in grid_for_windows begin: a row of the window after the other,
// each for all positions.
template <class Pointer>
void list_windows(std::vector<Pointer>& windows, Pointer image, const Grid& grid, const Conv2d& c) {
  windows.clear();
  for (int k = 0; k < c.kernel; ++k) {
    for (int y = 0; y < c.out.h; ++y) {
      for (int x = 0; x < c.out.w; ++x) {
        windows.push_back(image + grid.at(y * c.stride - c.pad_top + k, x * c.stride - c.pad_left));
      }
    }
  }
}

// Adds to d_kernel and d_bias what one image gives them, in grid_for_windows.
void add_kernel_gradient(float* d_kernel, float* d_bias, const float* d_out, const float* image,
                         const Grid& grid, const Conv2d& c) {
  thread_local std::vector<const float*> windows;
  list_windows(windows, image, grid, c);
  const int positions = c.out.h * c.out.w, f = c.out.c;
  multiply_transposed_add(d_kernel, f, windows.data(), d_out, f, positions,
                          {c.kernel, c.kernel * c.in.c}, f);
  for (int i = 0; i < positions; ++i) {
    for (int k = 0; k < f; ++k) d_bias[k] += d_out[i * f + k];
  }
}

// Sets d_in of one image, given the kernel of each tap transposed: [K, K, F, C]. One product a tap:
// no two outputs read the same input by the same tap.
void set_input_gradient(float* d_in, const float* d_out, const float* transposed, const Grid& grid,
                        const Conv2d& c) {
  thread_local GridBuffer buffer;
  thread_local std::vector<float*> windows, inputs;
  thread_local std::vector<const float*> outputs;
  const int positions = c.out.h * c.out.w, f = c.out.c;
  float* image = buffer.room(grid, 1);
  std::fill_n(image, grid.size(), 0.0F);
  list_windows(windows, image, grid, c);
  outputs.clear();
  for (int i = 0; i < positions; ++i) outputs.push_back(d_out + i * f);
  for (int tap = 0; tap < c.kernel * c.kernel; ++tap) {
    inputs.clear();
    for (int i = 0; i < positions; ++i) {
      inputs.push_back(windows[index(tap / c.kernel * positions + i)] + tap % c.kernel * c.in.c);
    }
    multiply_rows_add(inputs.data(), outputs.data(), transposed + tap * c.in.c * f, c.in.c,
                      positions, c.in.c, {1, f});
  }
  const int row = c.in.w * c.in.c;
  for (int y = 0; y < c.in.h; ++y) copy_floats(d_in + y * row, image + grid.at(y, 0), row);
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
  const Grid grid = grid_for_windows(conv);
  for_each_part(n, [&](int, int first, int images) {
    thread_local GridBuffer buffer;
    float* image = buffer.room(grid, 1);
    for (int i = first; i < first + images; ++i) {
      copy_into_grid(image, grid, in + offset(i, conv.in));
      multiply_windows(out + offset(i, conv.out), image, conv, kernel, bias, nullptr, 1);
    }
  });
}

void conv2d_backward(float* d_in, float* d_kernel, float* d_bias, const float* d_out,
                     const float* in, const float* kernel, const Conv2d& conv, int n) {
  thread_local FloatBuffer sums_buffer, transposed_buffer;
  const Grid grid = grid_for_windows(conv);
  const int kernel_size = conv.kernel_size(), size = kernel_size + conv.out.c;
  const int parts = parts_of(n), tap_size = conv.in.c * conv.out.c;
  float* sums = room_for(sums_buffer, index(parts * size));  // the kernel's and the bias', a part
  float* transposed = room_for(transposed_buffer, index(kernel_size));
  for (int tap = 0; d_in != nullptr && tap < conv.kernel * conv.kernel; ++tap) {
    transpose(transposed + tap * tap_size, conv.in.c, kernel + tap * tap_size, conv.out.c,
              conv.in.c, conv.out.c);
  }
  for_each_part(n, [&](int part, int first, int images) {
    thread_local GridBuffer buffer;
    float* image = buffer.room(grid, 1);
    float* mine = sums + part * size;
    std::fill_n(mine, size, 0.0F);
    for (int i = first; i < first + images; ++i) {
      const float* d = d_out + offset(i, conv.out);
      copy_into_grid(image, grid, in + offset(i, conv.in));
      add_kernel_gradient(mine, mine + kernel_size, d, image, grid, conv);
      if (d_in != nullptr) set_input_gradient(d_in + offset(i, conv.in), d, transposed, grid, conv);
    }
  });
  add_parts(sums, parts, size);
  std::copy_n(sums, kernel_size, d_kernel);
  std::copy_n(sums + kernel_size, conv.out.c, d_bias);
}

}  // namespace inoculate
