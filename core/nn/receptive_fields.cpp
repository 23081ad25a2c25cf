#include "nn/receptive_fields.h"

#include <algorithm>

#include "base/parallel.h"

namespace inoculate {

FieldPlan plan_fields(const Conv2d& conv) {
  FieldPlan plan{conv.kernel * conv.kernel, conv.in.h * conv.in.w, {}, {}, {}};
  for (int oy = 0; oy < conv.out.h; ++oy) {
    for (int ox = 0; ox < conv.out.w; ++ox) {
      for (int ky = 0; ky < conv.kernel; ++ky) {
        for (int kx = 0; kx < conv.kernel; ++kx) {
          const int y = oy * conv.stride + ky - conv.pad_top;
          const int x = ox * conv.stride + kx - conv.pad_left;
          const bool inside = y >= 0 && y < conv.in.h && x >= 0 && x < conv.in.w;
          plan.positions.push_back(inside ? y * conv.in.w + x : kNoRow);
        }
      }
    }
  }
  return plan;
}

void share_ground(FieldPlan& plan, const std::vector<int>& ground) {
  std::vector<std::vector<int>> known;
  for (int output = 0; output < plan.outputs(); ++output) {
    std::vector<int> field;
    for (int tap = 0; tap < plan.taps; ++tap) {
      const int position = plan.positions[static_cast<std::size_t>(output * plan.taps + tap)];
      field.push_back(position == kNoRow ? kNoRow : ground[static_cast<std::size_t>(position)]);
    }
    const auto same = std::find(known.begin(), known.end(), field);
    plan.ground.push_back(static_cast<int>(same - known.begin()));
    if (same != known.end()) continue;
    plan.ground_fields.insert(plan.ground_fields.end(), field.begin(), field.end());
    known.push_back(std::move(field));
  }
}

void find_fields(ReceptiveFields& fields, const FieldPlan& plan, const SharedRows& in) {
  const int n = in.images(), outputs = plan.outputs(), taps = plan.taps, shared = plan.shared();
  SharedRows& out = fields.out;
  out.shared = shared;
  out.row_of.resize(static_cast<std::size_t>(n * outputs));
  // First which positions are blank and how many are not, image by image; then the rows of those.
  thread_local std::vector<int> buffer;
  buffer.assign(static_cast<std::size_t>(n * (shared + 1)), 0);
  int* counts = buffer.data();  // [N, shared rows and own ones]
  const int parts = part_count(n);
  const auto for_each_image = [&](auto&& body) {
    parallel_for(parts, [&](int part) {
      const int end = part_begin(n, parts, part + 1);
      for (int i = part_begin(n, parts, part); i < end; ++i) body(i);
    });
  };
  for_each_image([&](int i) {
    const int* in_row = in.row_of.data() + i * plan.inputs;
    const int* positions = plan.positions.data();
    for (int output = 0; output < outputs; ++output, positions += taps) {
      const bool blank = shared > 0 && std::all_of(positions, positions + taps, [&](int position) {
                           return position == kNoRow || in_row[position] < in.shared;
                         });
      const int row = blank ? plan.ground[static_cast<std::size_t>(output)] : shared;
      out.row_of[static_cast<std::size_t>(i * outputs + output)] = row;
      ++counts[i * (shared + 1) + row];
    }
  });
  out.count.assign(static_cast<std::size_t>(shared), 0);
  out.first_row.assign(1, shared);
  for (int i = 0; i < n; ++i, counts += shared + 1) {
    for (int row = 0; row < shared; ++row) out.count[static_cast<std::size_t>(row)] += counts[row];
    out.first_row.push_back(out.first_row.back() + counts[shared]);
  }
  const auto size = static_cast<std::size_t>(out.rows() * taps);
  if (fields.inputs.size() < size) fields.inputs.resize(size);
  std::copy(plan.ground_fields.begin(), plan.ground_fields.end(), fields.inputs.begin());
  for_each_image([&](int i) {
    const int* in_row = in.row_of.data() + i * plan.inputs;
    const int* positions = plan.positions.data();
    int row = out.first_row[static_cast<std::size_t>(i)];
    int* field = fields.inputs.data() + row * taps;
    int* row_of = out.row_of.data() + i * outputs;
    for (int output = 0; output < outputs; ++output, positions += taps) {
      if (row_of[output] < shared) continue;
      row_of[output] = row++;
      for (int tap = 0; tap < taps; ++tap) {
        *field++ = positions[tap] == kNoRow ? kNoRow : in_row[positions[tap]];
      }
    }
  });
}

}  // namespace inoculate
