// Projections onto several bounds at once, held against what proves a point to be the nearest.
#include "attack/box_projection.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <vector>

#include "attack/perturbation.h"
#include "catch.h"
#include "golden_files.h"
#include "random_data.h"

using namespace inoculate;

namespace {

using Values = std::vector<float>;

/// How far pixel j of an image may move in the direction of `sign`.
double room(const Values& image, std::size_t j, bool up, const std::optional<ValueRange>& range) {
  if (!range) return HUGE_VAL;
  return static_cast<double>(up ? range->high - image[j] : image[j] - range->low);
}

/// The largest that slope . (z - image) can be of all z in the ball and the range: the ball's size
/// is spent where the slope is steepest.
double farthest(const std::vector<double>& slope, const Values& image, double epsilon,
                const std::optional<ValueRange>& range) {
  std::vector<std::size_t> order(slope.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return std::abs(slope[a]) > std::abs(slope[b]); });
  double left = epsilon, sum = 0;
  for (const std::size_t j : order) {
    if (slope[j] == 0) break;
    const double move = std::min(left, room(image, j, slope[j] > 0, range));
    sum += std::abs(slope[j]) * move;
    left -= move;
  }
  return sum;
}

/// A point is the nearest of a convex set if the set lies wholly behind it, seen from outside.
void check_nearest(const Values& from, const Values& image, float epsilon,
                   const std::optional<ValueRange>& range) {
  const int size = static_cast<int>(image.size());
  Values x = from;
  project_onto_l1_ball(x.data(), image.data(), size, epsilon, range);
  CHECK(distance(x.data(), image.data(), size, Norm::kL1) <= epsilon * (1 + 1e-6F) + 1e-6F);
  std::vector<double> slope(image.size());
  double here = 0;
  for (std::size_t j = 0; j < image.size(); ++j) {
    if (range) {
      CHECK(x[j] >= range->low);
      CHECK(x[j] <= range->high);
    }
    slope[j] = static_cast<double>(from[j]) - static_cast<double>(x[j]);
    here += slope[j] * (static_cast<double>(x[j]) - static_cast<double>(image[j]));
  }
  CHECK(farthest(slope, image, static_cast<double>(epsilon), range) ==
        Approx(here).margin(1e-5 * size));
}

/// The length of move_to_plane()'s moves by halving an interval: `weights` times a factor each, but
/// no more than there is room for.
std::vector<double> slow_moves(const std::vector<double>& rooms, const std::vector<double>& slopes,
                               const std::vector<double>& weights, double rise) {
  double low = 0, high = 1e9;
  std::vector<double> moves(rooms.size());
  for (int round = 0; round < 300; ++round) {
    const double factor = (low + high) / 2;
    double sum = 0;
    for (std::size_t j = 0; j < rooms.size(); ++j) {
      moves[j] = std::min(factor * weights[j], rooms[j]);
      sum += slopes[j] * moves[j];
    }
    (sum < rise ? low : high) = factor;
  }
  return moves;
}

/// Values of a small JSON array.
Values values_of(const nlohmann::json& list) { return list.get<Values>(); }

}  // namespace

TEST_CASE("the L1 projection is the nearest point of the ball and the range") {
  RandomData data(1);
  for (int round = 0; round < 300; ++round) {
    const int size = 1 + data.below(40);
    Values image = data.numbers(size, 0, 1), from = image;
    for (std::size_t j = 0; j < image.size(); ++j) {
      if (data.below(3) == 0) image[j] = static_cast<float>(data.below(2));  // no room on one side
      from[j] = image[j] + data.number(-1, 1) * (data.below(4) == 0 ? 0.0F : 1.5F);
      if (data.below(5) == 0) from[j] = image[j] + 0.25F;  // several alike
    }
    const float epsilon =
        data.below(10) == 0 ? 0.0F : data.number(0, 0.4F * static_cast<float>(size));
    CAPTURE(round, size, epsilon);
    check_nearest(from, image, epsilon, ValueRange{});
    check_nearest(from, image, epsilon, std::nullopt);
  }
}

TEST_CASE("the L1 projection leaves what is within, and only clips to the range without a bound") {
  RandomData data(2);
  const Values image = data.numbers(30, 0, 1), from = data.numbers(30, -0.5F, 1.5F);
  Values x = from, clipped = from;
  project_onto_l1_ball(x.data(), image.data(), 30, std::numeric_limits<float>::infinity(),
                       ValueRange{});
  clip(clipped.data(), 30, ValueRange{});
  CHECK(x == clipped);
  project_onto_l1_ball(x.data(), image.data(), 30, 0, ValueRange{});
  CHECK(x == image);
}

TEST_CASE("what the L1 projection does not move stays exactly as it was in the image") {
  RandomData data(3);
  const Values image = data.numbers(200, 0, 1);
  Values x = image;
  for (float& value : x) value += data.number(-0.1F, 0.1F);
  project_onto_l1_ball(x.data(), image.data(), 200, 0.5F, ValueRange{});
  const float changed = distance(x.data(), image.data(), 200, Norm::kL0);
  CHECK(changed > 0);
  CHECK(changed < 60);
}

TEST_CASE("moves to a plane are the shortest that reach it within the range") {
  RandomData data(4);
  int unreachable = 0;
  for (int round = 0; round < 300; ++round) {
    const int size = 1 + data.below(30);
    const Values x = data.numbers(size, 0, 1);
    Values normal = data.numbers(size);
    for (float& slope : normal) slope = data.below(5) == 0 ? 0.0F : slope;
    const double rise = static_cast<double>(data.number(-0.3F, 0.3F) * static_cast<float>(size));
    const bool bounded = data.below(3) > 0;
    const std::optional<ValueRange> range =
        bounded ? std::optional<ValueRange>(ValueRange{}) : std::nullopt;
    std::vector<double> rooms, slopes;
    for (std::size_t j = 0; j < x.size(); ++j) {
      slopes.push_back(std::abs(static_cast<double>(normal[j])));
      rooms.push_back(normal[j] == 0 ? 0 : room(x, j, (normal[j] > 0) == (rise > 0), range));
    }
    double most = 0, steepest = 0;
    for (std::size_t j = 0; j < x.size(); ++j) {
      if (slopes[j] > 0) most += slopes[j] * rooms[j];
      steepest = std::max(steepest, slopes[j]);
    }
    if (steepest == 0) continue;
    CAPTURE(round, size, rise, bounded);
    unreachable += most < std::abs(rise);
    Values move(x.size());
    for (const Norm norm : {Norm::kLinf, Norm::kL2, Norm::kL1}) {
      CAPTURE(static_cast<int>(norm));
      move_to_plane(move.data(), x.data(), normal.data(), rise, size, norm, range);
      double risen = 0;
      for (std::size_t j = 0; j < x.size(); ++j) {
        risen += static_cast<double>(normal[j]) * static_cast<double>(move[j]);
        CHECK(std::abs(move[j]) <= rooms[j] + 1e-6);
        CHECK(static_cast<double>(move[j]) * static_cast<double>(normal[j]) * rise >= 0);
      }
      CHECK(std::abs(risen) == Approx(std::min(std::abs(rise), most)).margin(1e-5));
      if (norm != Norm::kL1) {
        const std::vector<double> even(x.size(), 1.0);
        const auto expected =
            slow_moves(rooms, slopes, norm == Norm::kLinf ? even : slopes, std::abs(rise));
        for (std::size_t j = 0; j < x.size(); ++j) {
          CHECK(std::abs(static_cast<double>(move[j])) == Approx(expected[j]).margin(1e-5));
        }
        continue;
      }
      // A value moves only when all steeper ones have gone as far as they may.
      for (std::size_t j = 0; j < x.size(); ++j) {
        for (std::size_t k = 0; move[j] != 0 && k < x.size(); ++k) {
          if (slopes[k] > slopes[j]) {
            CHECK(std::abs(static_cast<double>(move[k])) == Approx(rooms[k]).margin(1e-6));
          }
        }
      }
    }
  }
  CHECK(unreachable > 20);
}

TEST_CASE("a plane without a slope is nowhere, and one at hand needs no move") {
  const Values x{0.5F, 0.25F}, flat{0, 0}, steep{1, -2};
  Values move{9, 9};
  for (const Norm norm : {Norm::kLinf, Norm::kL2, Norm::kL1}) {
    move_to_plane(move.data(), x.data(), flat.data(), 1, 2, norm, ValueRange{});
    CHECK(move == Values{0, 0});
    move_to_plane(move.data(), x.data(), flat.data(), 1, 2, norm, std::nullopt);
    CHECK(move == Values{0, 0});
    move_to_plane(move.data(), x.data(), steep.data(), 0, 2, norm, ValueRange{});
    CHECK(move == Values{0, 0});
  }
}

TEST_CASE("projections are those of AutoAttack's authors") {
  const auto golden = golden_json("autoattack.json");
  for (const auto& one : golden.at("l1_ball")) {
    const Values image = values_of(one.at("image")), expected = values_of(one.at("to"));
    Values x = values_of(one.at("from"));
    project_onto_l1_ball(x.data(), image.data(), static_cast<int>(x.size()),
                         one.at("epsilon").get<float>(), ValueRange{});
    for (std::size_t j = 0; j < x.size(); ++j) CHECK(x[j] == Approx(expected[j]).margin(2e-6));
  }
  for (const auto& [name, norm] :
       {std::pair{"linf", Norm::kLinf}, std::pair{"l2", Norm::kL2}, std::pair{"l1", Norm::kL1}}) {
    for (const auto& one : golden.at("planes").at(name)) {
      CAPTURE(name, one.dump());
      const Values x = values_of(one.at("x")), normal = values_of(one.at("normal"));
      const Values expected = values_of(one.at("move"));
      Values move(x.size());
      move_to_plane(move.data(), x.data(), normal.data(), one.at("rise").get<double>(),
                    static_cast<int>(x.size()), norm, ValueRange{});
      for (std::size_t j = 0; j < x.size(); ++j) {
        CHECK(move[j] == Approx(expected[j]).margin(2e-6));
      }
    }
  }
}
