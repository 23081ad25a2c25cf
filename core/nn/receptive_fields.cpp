#include "nn/receptive_fields.h"

#include <algorithm>

#include "base/parallel.h"

namespace inoculate {

namespace {

// Raises each of `last` to the row at its position, if that is larger. That nothing overlaps is
// what a compiler needs to know before it takes several at a time.
void raise_to_rows(int* __restrict last, const int* __restrict rows,
                   const int* __restrict positions, int size) {
  for (int i = 0; i < size; ++i) last[i] = std::max(last[i], row_at(rows, positions[i]));
}

void rows_at(int* __restrict out, const int* __restrict rows, const int* __restrict positions,
             int size) {
  for (int i = 0; i < size; ++i) out[i] = row_at(rows, positions[i]);
}

}  // namespace

FieldPlan plan_fields(const Conv2d& conv) {
  FieldPlan plan{conv.kernel * conv.kernel, conv.in.h * conv.in.w, {}, {}, {}, {}};
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
  for (int tap = 0; tap < plan.taps; ++tap) {
    for (int output = 0; output < plan.outputs(); ++output) {
      plan.by_tap.push_back(plan.positions[static_cast<std::size_t>(output * plan.taps + tap)]);
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
    int* row_of = out.row_of.data() + i * outputs;
    // The last row that a field has, as shared ones come first; then the row of the output.
    std::fill_n(row_of, outputs, kNoRow);
    for (int tap = 0; tap < taps; ++tap) {
      raise_to_rows(row_of, in_row, plan.by_tap.data() + tap * outputs, outputs);
    }
    int* count = counts + i * (shared + 1);
    for (int output = 0; output < outputs; ++output) {
      const bool blank = shared > 0 && row_of[output] < in.shared;
      row_of[output] = blank ? plan.ground[static_cast<std::size_t>(output)] : shared;
      ++count[row_of[output]];
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
    int row = out.first_row[static_cast<std::size_t>(i)];
    int* field = fields.inputs.data() + row * taps;
    int* row_of = out.row_of.data() + i * outputs;
    // Outputs of their own come in runs, whose fields are one list.
    for (int output = 0; output < outputs;) {
      if (row_of[output] < shared) {
        ++output;
        continue;
      }
      const int* positions = plan.positions.data() + output * taps;
      int run = 0;
      for (; output < outputs && row_of[output] >= shared; ++output, run += taps) {
        row_of[output] = row++;
      }
      rows_at(field, in_row, positions, run);
      field += run;
    }
  });
}

}  // namespace inoculate
