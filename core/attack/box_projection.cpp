#include "attack/box_projection.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace inoculate {
namespace {

constexpr double kUnbounded = std::numeric_limits<double>::infinity();

// How far a pixel may move up or down before it leaves the range.
double room(float pixel, bool up, const std::optional<ValueRange>& range) {
  if (!range) return kUnbounded;
  const double way = up ? static_cast<double>(range->high) - static_cast<double>(pixel)
                        : static_cast<double>(pixel) - static_cast<double>(range->low);
  return std::max(way, 0.0);
}

// Where the slope of a piecewise linear function changes, and by how much.
struct Bend {
  double at;
  int change;
};

using Lengths = std::vector<double>;

// Moves that rise by `rise` along slopes of these sizes: in L-inf by the same length each, in L2 by
// one in proportion to the slope; what has less room goes as far as there is.
Lengths evenly(const Lengths& rooms, const float* normal, double rise, Norm norm) {
  const std::size_t size = rooms.size();
  Lengths weights(size, 1.0), lengths(size);
  if (norm == Norm::kL2) {
    std::transform(normal, normal + size, weights.begin(), [](float g) { return std::abs(g); });
  }
  // The rise grows with the factor, ever more slowly as one value after the other is out of room.
  // So the factor that would do if no other ran out is never too large, and a few rounds find the
  // one that does.
  double factor = 0;
  for (double last = -1; factor > last;) {
    last = factor;
    double missing = rise, growth = 0;
    for (std::size_t j = 0; j < size; ++j) {
      const double slope = std::abs(static_cast<double>(normal[j]));
      if (factor * weights[j] >= rooms[j]) {
        missing -= slope * rooms[j];
      } else {
        growth += slope * weights[j];
      }
    }
    factor = growth > 0 ? std::max(missing / growth, factor) : kUnbounded;
  }
  for (std::size_t j = 0; j < size; ++j) {
    lengths[j] = rooms[j] > 0 ? std::min(factor * weights[j], rooms[j]) : 0;
  }
  return lengths;
}

// Moves that rise by `rise`: all that the steepest slope has room for, then the next.
Lengths steepest_first(const Lengths& rooms, const float* normal, double rise) {
  const auto slope = [&](int j) { return std::abs(static_cast<double>(normal[j])); };
  std::vector<int> order;
  for (std::size_t j = 0; j < rooms.size(); ++j) {
    if (rooms[j] > 0) order.push_back(static_cast<int>(j));
  }
  std::sort(order.begin(), order.end(), [&](int a, int b) { return slope(a) > slope(b); });
  Lengths lengths(rooms.size());
  for (const int j : order) {
    const double all = rooms[static_cast<std::size_t>(j)], rest = rise / slope(j);
    lengths[static_cast<std::size_t>(j)] = std::min(rest, all);
    if (rest <= all) break;
    rise -= all * slope(j);
  }
  return lengths;
}

}  // namespace

void project_onto_l1_ball(float* x, const float* image, int size, float epsilon,
                          const std::optional<ValueRange>& range) {
  // Every pixel keeps the direction of its change. Of the change's size all pixels lose the same
  // threshold, and none is left with less than 0 or more than its room. So the sum of the sizes
  // falls with the threshold along straight lines, which meet where a pixel leaves its room's end
  // and where nothing is left of its change.
  const auto change_of = [&](int j) {
    return static_cast<double>(x[j]) - static_cast<double>(image[j]);
  };
  double sum = 0, threshold = 0;
  int slope = 0;
  std::vector<Bend> bends;
  for (int j = 0; j < size; ++j) {
    const double change = change_of(j), most = room(image[j], change > 0, range);
    const double length = std::abs(change);
    if (length == 0 || most == 0) continue;
    sum += std::min(length, most);
    if (length > most) {
      bends.push_back({length - most, -1});
    } else {
      --slope;
    }
    bends.push_back({length, 1});
  }
  if (sum > static_cast<double>(epsilon)) {
    std::sort(bends.begin(), bends.end(), [](const Bend& a, const Bend& b) { return a.at < b.at; });
    for (const Bend& bend : bends) {
      const double next = sum + slope * (bend.at - threshold);
      if (next <= static_cast<double>(epsilon)) break;
      sum = next;
      threshold = bend.at;
      slope += bend.change;
    }
    if (slope < 0) threshold += (sum - static_cast<double>(epsilon)) / -slope;
  }
  for (int j = 0; j < size; ++j) {
    const double change = change_of(j), most = room(image[j], change > 0, range);
    const double length = std::clamp(std::abs(change) - threshold, 0.0, most);
    x[j] = static_cast<float>(static_cast<double>(image[j]) + std::copysign(length, change));
    if (range) x[j] = std::clamp(x[j], range->low, range->high);
  }
}

void move_to_plane(float* move, const float* x, const float* normal, double rise, int size,
                   Norm norm, const std::optional<ValueRange>& range) {
  // Every value moves the way that the slope says, by at most its room. `lengths` are those moves.
  const double sign = rise < 0 ? -1 : 1;
  const auto slope = [&](int j) { return sign * static_cast<double>(normal[j]); };
  std::vector<double> rooms(static_cast<std::size_t>(size));
  for (int j = 0; j < size; ++j) {
    rooms[static_cast<std::size_t>(j)] = slope(j) == 0 ? 0 : room(x[j], slope(j) > 0, range);
  }
  const std::vector<double> lengths = norm == Norm::kL1
                                          ? steepest_first(rooms, normal, std::abs(rise))
                                          : evenly(rooms, normal, std::abs(rise), norm);
  for (int j = 0; j < size; ++j) {
    move[j] = static_cast<float>(std::copysign(lengths[static_cast<std::size_t>(j)], slope(j)));
  }
}

}  // namespace inoculate
