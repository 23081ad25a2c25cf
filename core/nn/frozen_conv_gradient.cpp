#include "nn/frozen_conv_gradient.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "base/simd.h"

namespace inoculate {
namespace {

std::size_t index(int i) { return static_cast<std::size_t>(i); }

}  // namespace

WindowsAt::WindowsAt(int at, const Conv2d& conv)
    : last(at / conv.stride),
      count((conv.kernel - at % conv.stride + conv.stride - 1) / conv.stride) {}

PhaseGradient::PhaseGradient(const FrozenConv& before, const FrozenConv& conv, const float* kernel,
                             const Grid& d_in, const FieldGradient* fields)
    : before_(&before), conv_(conv.conv), fields_(fields), d_in_(d_in), d_out_{conv.conv.out} {
  // The border: how far the windows that see an input reach beyond the first and the last one.
  const auto border = [&](int size, int pad, int outputs, int& begin, int& end) {
    for (int at = pad; at < pad + size; ++at) {
      const WindowsAt windows(at, conv_);
      begin = std::max(begin, windows.count - 1 - windows.last);
      end = std::max(end, windows.last + 1 - outputs);
    }
  };
  border(conv_.in.h, conv_.pad_top, conv_.out.h, d_out_.top, d_out_.bottom);
  border(conv_.in.w, conv_.pad_left, conv_.out.w, d_out_.left, d_out_.right);
  for (int py = 0; py < conv_.stride; ++py) {
    for (int px = 0; px < conv_.stride; ++px) add_phase(kernel, py, px);
  }
}

void PhaseGradient::add_phase(const float* kernel, int py, int px) {
  const int c = conv_.in.c, f = conv_.out.c, stride = conv_.stride;
  Phase phase;
  phase.first_y = ((py - conv_.pad_top) % stride + stride) % stride;
  for (int x = 0; x < conv_.in.w; ++x) {
    if ((x + conv_.pad_left) % stride == px) phase.columns |= RowBits{1} << x;
  }
  phase.down = WindowsAt(py, conv_).count;
  phase.across = WindowsAt(px, conv_).count;
  // The first window sees the input by its last tap.
  thread_local FloatBuffer buffer;
  float* turned = room_for(buffer, index(phase.down * phase.across * f * c));
  float* to = turned;
  for (int j = phase.down; j-- > 0;) {
    for (int i = phase.across; i-- > 0; to += f * c) {
      const int tap = (py + j * stride) * conv_.kernel + px + i * stride;
      transpose(to, c, kernel + tap * c * f, f, c, f);
    }
  }
  phase.kernel = PackedMatrix(turned, c, nullptr, phase.down * phase.across * f, c);
  phases_.push_back(std::move(phase));
}

void PhaseGradient::run(float* d_in, const float* d_out, const RowBits* wanted, const RowBits* seen,
                        const LaneBits* live, int images) const {
  thread_local std::vector<float*> results, fields;
  thread_local std::vector<const float*> windows;  // [down, results]
  thread_local std::vector<const LaneBits*> results_live;
  thread_local FloatBuffer rows;  // of gradients that only become fields
  const int most = images * conv_.in.h * conv_.in.w, c = conv_.in.c;
  results.resize(index(most));
  fields.resize(index(most));
  results_live.resize(index(most));
  windows.resize(index(most * conv_.kernel));
  float* row = fields_ != nullptr ? room_for(rows, index(most * c)) : nullptr;
  const int field = fields_ != nullptr ? fields_->columns() : 0;
  for (const Phase& phase : phases_) {
    int count = 0;
    for (int i = 0; i < images; ++i) {
      const LaneBits* live_of_image = live + i * before_->live_size();
      const RowBits* seen_of_image = seen + i * conv_.in.h;
      for (int y = phase.first_y; y < conv_.in.h; y += conv_.stride) {
        const float* from = d_out + i * d_out_.size() +
                            d_out_.at((y + conv_.pad_top) / conv_.stride - phase.down + 1, 0);
        for_each_bit(wanted[i * conv_.in.h + y] & phase.columns, [&](int x) {
          const int window = (x + conv_.pad_left) / conv_.stride - phase.across + 1;
          if (fields_ != nullptr) {
            fields[index(count)] = d_in + ((i * conv_.in.h + y) * conv_.in.w + x) * field;
            results[index(count)] = row + count * c;
          } else {
            results[index(count)] = d_in + i * d_in_.size() + d_in_.at(y, x);
          }
          windows[index(count)] = from + window * conv_.out.c;
          results_live[index(count++)] = before_->live_at(live_of_image, y, x, seen_of_image);
        });
      }
    }
    for (int i = count; i < count * phase.down; ++i) {
      windows[index(i)] = windows[index(i - count)] + d_out_.row();
    }
    multiply_rows(results.data(), windows.data(), phase.kernel, count,
                  {phase.down, phase.across * conv_.out.c});
    before_->activation.backward(results.data(), results_live.data(), count);
    if (fields_ != nullptr) fields_->find_fields(fields.data(), row, count);
  }
}

FieldGradient::FieldGradient(const FrozenConv& conv, const float* kernel)
    : conv_(conv.conv), in_(conv.in) {
  const int f = conv_.out.c, stretch = conv_.kernel * conv_.in.c, size = conv_.kernel * stretch;
  columns_ = (size + kLanes - 1) / kLanes * kLanes;
  turned_.assign(index(f * columns_), 0.0F);
  transpose(turned_.data(), columns_, kernel, f, size, f);
  kernel_ = PackedMatrix(turned_.data(), columns_, nullptr, f, columns_);
}

void FieldGradient::find_fields(float* const* fields, const float* d_out, int rows) const {
  multiply_rows(fields, d_out, conv_.out.c, kernel_, rows);
}

void FieldGradient::add_fields(float* d_image, const float* fields, const RowBits* wanted) const {
  for (int y = 0; y < conv_.out.h; ++y, fields += conv_.out.w * columns_) {
    float* row = d_image + in_.at(y * conv_.stride - conv_.pad_top, -conv_.pad_left);
    for_each_bit(wanted[y], [&](int x) {
      add_patch(row + x * conv_.stride * conv_.in.c, in_.row(), fields + x * columns_, conv_.kernel,
                conv_.kernel * conv_.in.c);
    });
  }
}

}  // namespace inoculate
