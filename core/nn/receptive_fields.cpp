#include "nn/receptive_fields.h"

#include <algorithm>

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
  out.count.assign(static_cast<std::size_t>(shared), 0);
  out.row_of.resize(static_cast<std::size_t>(n * outputs));
  out.first_row.clear();
  const auto most = static_cast<std::size_t>((shared + n * outputs) * taps);
  if (fields.inputs.size() < most) fields.inputs.resize(most);
  std::copy(plan.ground_fields.begin(), plan.ground_fields.end(), fields.inputs.begin());
  int* field = fields.inputs.data() + shared * taps;
  int row = shared;
  for (int i = 0; i < n; ++i) {
    out.first_row.push_back(row);
    const int* in_row = in.row_of.data() + i * plan.inputs;
    const int* positions = plan.positions.data();
    for (int output = 0; output < outputs; ++output, positions += taps) {
      int last = kNoRow;  // of the rows it reads; where that is shared, all are
      for (int tap = 0; tap < taps; ++tap) {
        field[tap] = positions[tap] == kNoRow ? kNoRow : in_row[positions[tap]];
        last = std::max(last, field[tap]);
      }
      int& row_of = out.row_of[static_cast<std::size_t>(i * outputs + output)];
      if (last < in.shared && shared > 0) {
        row_of = plan.ground[static_cast<std::size_t>(output)];
        ++out.count[static_cast<std::size_t>(row_of)];
      } else {
        row_of = row++;
        field += taps;
      }
    }
  }
  out.first_row.push_back(row);
}

}  // namespace inoculate
