#include "nn/receptive_fields.h"

#include <algorithm>
#include <set>
#include <vector>

#include "catch.h"
#include "random_data.h"

using namespace inoculate;

namespace {

constexpr int kOutside = -1;

/// The input positions of every output, from the definition; kOutside in the padding.
std::vector<int> positions_of(const Conv2d& c, int oy, int ox) {
  std::vector<int> positions;
  for (int ky = 0; ky < c.kernel; ++ky) {
    for (int kx = 0; kx < c.kernel; ++kx) {
      const int y = oy * c.stride - c.pad_top + ky, x = ox * c.stride - c.pad_left + kx;
      const bool inside = 0 <= y && y < c.in.h && 0 <= x && x < c.in.w;
      positions.push_back(inside ? y * c.in.w + x : kOutside);
    }
  }
  return positions;
}

}  // namespace

TEST_CASE("every row of fields reads what its positions read") {
  RandomData random(1);
  for (const auto& [shape, kernel, stride] : {std::tuple{Shape{28, 28, 1}, 3, 2},
                                              {Shape{9, 7, 2}, 3, 1},
                                              {Shape{5, 6, 1}, 5, 3},
                                              {Shape{6, 5, 3}, 2, 2},
                                              {Shape{4, 4, 1}, 1, 1}}) {
    CAPTURE(shape.h, shape.w, kernel, stride);
    const int n = 9;
    const Conv2d first = conv2d_same(shape, 4, kernel, stride),
                 second = conv2d_same(first.out, 3, 3, 2);
    const auto images = random.drawings(n, shape);
    SharedRows drawn;
    give_each_drawn_position_a_row(drawn, images.data(), n, shape);
    FieldPlan plan = plan_fields(first), next_plan = plan_fields(second);
    share_ground(plan, std::vector<int>(static_cast<std::size_t>(plan.inputs), kNoRow));
    share_ground(next_plan, plan.ground);
    ReceptiveFields fields, next;
    find_fields(fields, plan, drawn);
    find_fields(next, next_plan, fields.out);

    const auto check = [&](const ReceptiveFields& f, const SharedRows& in, const Conv2d& c) {
      REQUIRE(f.out.images() == n);
      std::vector<int> count(static_cast<std::size_t>(f.out.shared));
      std::set<int> own;
      const int outputs = c.out.h * c.out.w, inputs = c.in.h * c.in.w;
      int wrong = 0;
      for (int i = 0; i < n; ++i) {
        for (int o = 0; o < outputs; ++o) {
          const int row = f.out.row_of[static_cast<std::size_t>(i * outputs + o)];
          std::vector<int> expected;
          for (const int p : positions_of(c, o / c.out.w, o % c.out.w)) {
            const int input =
                p == kOutside ? kNoRow : in.row_of[static_cast<std::size_t>(i * inputs + p)];
            expected.push_back(input);
          }
          const auto field = f.inputs.begin() + row * c.kernel * c.kernel;
          wrong += !std::equal(expected.begin(), expected.end(), field);
          const bool blank = std::all_of(expected.begin(), expected.end(),
                                         [&](int input) { return input < in.shared; });
          wrong += blank != (row < f.out.shared);
          if (blank) {
            ++count[static_cast<std::size_t>(row)];
          } else {
            wrong += !own.insert(row).second;  // nobody else's
            wrong += row < f.out.first_row[static_cast<std::size_t>(i)] ||
                     row >= f.out.first_row[static_cast<std::size_t>(i + 1)];
          }
        }
      }
      CHECK(wrong == 0);
      CHECK(f.out.count == count);
      CHECK(f.out.rows() == f.out.shared + static_cast<int>(own.size()));
    };
    check(fields, drawn, first);
    check(next, fields.out, second);
  }
}

TEST_CASE("where no ground is shared every position has a row of its own") {
  const Conv2d conv = conv2d_same({6, 6, 1}, 2, 3, 1);
  const std::vector<float> blank(2 * 36);
  SharedRows drawn;
  give_each_drawn_position_a_row(drawn, blank.data(), 2, conv.in);
  CHECK(std::all_of(drawn.row_of.begin(), drawn.row_of.end(), [](int r) { return r == kNoRow; }));
  ReceptiveFields fields;
  find_fields(fields, plan_fields(conv), drawn);
  CHECK(fields.out.shared == 0);
  CHECK(fields.out.rows() == 72);
}
