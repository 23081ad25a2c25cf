// Linear bounds, carried from an output back to the pixels: CROWN (Zhang et al. 2018; for graphs of
// any form Xu et al., "Automatic Perturbation Analysis for Scalable Certified Robustness and
// Beyond", 2020). What is stated is what certify/bounds.h says.
#pragma once

#include <optional>
#include <vector>

#include "certify/ball.h"
#include "certify/bound_graph.h"
#include "certify/bounds.h"
#include "certify/lines.h"

namespace inoculate {

/// Where the bounds of what functions are given come from.
enum class Intermediate {
  kIntervals,  ///< interval bounds: CROWN-IBP (Zhang et al. 2020), one pass back
  kCrown,      ///< passes back of their own, where these can tell more
};

/// The bounds of one image's ball.
class CrownBounds {
 public:
  /// Refers to graph and ball, which must stay. With kIntervals in L2 the first linear operators
  /// are bounded by the lengths of their rows.
  CrownBounds(const BoundGraph& graph, const Ball& ball, Intermediate intermediate);
  /// From the interval bounds of many images, of which this is number `image`; they must stay too.
  /// Unless `through_functions`, no lower bounds are asked for that are.
  CrownBounds(const BoundGraph& graph, const Ball& ball, const GraphBounds& intervals,
              Eigen::Index image, bool through_functions);
  CrownBounds(const CrownBounds&) = delete;
  CrownBounds& operator=(const CrownBounds&) = delete;

  /// Lower bounds of rows [rows, size] times the value of `node`. Unless `through_functions`, they
  /// are carried back through linear operators alone, up to the intervals before them.
  Eigen::VectorXd lower_bounds(int node, const RealMatrix& rows, bool through_functions) const;

 private:
  // Coefficients [rows, positions of the region * C] of a node's value.
  struct Coefficients {
    Region region;
    RealMatrix of;
  };
  using Pending = std::vector<std::optional<Coefficients>>;
  // What the coefficients have met on their way back, for each row; and the magnitudes of all of
  // it, from which follows what rounding may have lost.
  struct Sums {
    Eigen::VectorXd value, size;
    double terms = 64;

    explicit Sums(Eigen::Index rows)
        : value(Eigen::VectorXd::Zero(rows)), size(Eigen::VectorXd::Zero(rows)) {}
    void add(const Eigen::VectorXd& more, const Eigen::VectorXd& sizes, Eigen::Index count) {
      value += more;
      size += sizes;
      terms += static_cast<double>(count);
    }
    // Products with numbers [k].
    void add_products(const RealMatrix& rows, const Eigen::RowVectorXd& numbers) {
      add(rows * numbers.transpose(), rows.cwiseAbs() * numbers.cwiseAbs().transpose(),
          numbers.size());
    }
    // Products of `positive` with `low` and of `negative` with `high`, [rows, k] with [k] each.
    void add_products(const RealMatrix& positive, const Eigen::RowVectorXd& low,
                      const RealMatrix& negative, const Eigen::RowVectorXd& high) {
      add_products(positive, low);
      add_products(negative, high);
    }
  };

  Eigen::VectorXd lower_bounds(int node, Coefficients rows, bool through_functions) const;
  void refine(int node, bool all);
  std::vector<int> worth_refining(int node, bool all) const;
  void find_lines(int node);
  const double* row(const RealMatrix& bounds) const { return bounds.row(image_).data(); }
  // The same, with zeros where a larger region has more.
  static Coefficients expanded(const Coefficients& part, const Shape& grid, const Region& to);
  static Coefficients expanded(const Coefficients& part, const Shape& grid) {
    return expanded(part, grid, whole(grid));
  }
  static void add(Pending& pending, int node, const Shape& grid, Coefficients more);
  // One step back (crown_back.cpp): to what the operator is given.
  void back_through(int node, const Coefficients& from, Sums& sums, Pending& pending) const;
  void back_through(const SparseForm& form, int node, const Coefficients& from, Sums& sums,
                    Pending& pending) const;
  void back_through(const ConvForm& form, int node, const Coefficients& from, Sums& sums,
                    Pending& pending) const;
  void back_through(const PointwiseForm& form, int node, const Coefficients& from, Sums& sums,
                    Pending& pending) const;
  void back_through(const ExtremumForm& form, int node, const Coefficients& from, Sums& sums,
                    Pending& pending) const;

  const BoundGraph& graph_;
  const Ball& ball_;
  GraphBounds own_;
  const GraphBounds& known_;
  Eigen::Index image_ = 0;                 // its row there
  std::vector<std::vector<Lines>> lines_;  // by node, of each number of a PointwiseForm
  std::vector<std::vector<int>> readers_;  // by node: nonlinear ones
};

}  // namespace inoculate
