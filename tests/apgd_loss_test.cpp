// The losses that APGD climbs, against their formulas in double precision.
#include "attack/apgd_loss.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "catch.h"
#include "random_data.h"

using namespace inoculate;

namespace {

/// Croce & Hein 2020, equation 6.
double ratio(const std::vector<float>& z, std::size_t label, std::size_t target) {
  std::vector<double> sorted(z.begin(), z.end());
  std::sort(sorted.rbegin(), sorted.rend());
  const double gap = static_cast<double>(z[label]) - static_cast<double>(z[target]);
  return -gap / (sorted[0] - (sorted[2] + sorted[3]) / 2);
}

}  // namespace

TEST_CASE("the targeted ratio of logits and its gradient are the formula's, of any classes") {
  RandomData data(1);
  for (const int classes : {4, 10, 300, 1000}) {
    std::vector<float> z = data.numbers(classes, -5, 5), d(z.size());
    const auto loss = [&](int label, int target) {
      return apgd_loss(d.data(), ApgdLoss::kTargetedDlr, {}, z.data(), classes, label, target);
    };
    for (int round = 0; round < 5; ++round) {
      const int label = data.below(classes),
                target = (label + 1 + data.below(classes - 1)) % classes;
      CAPTURE(classes, label, target);
      const auto from = static_cast<std::size_t>(label), to = static_cast<std::size_t>(target);
      CHECK(static_cast<double>(loss(label, target)) == Approx(ratio(z, from, to)).epsilon(1e-4));
      const std::vector<float> gradient = d;
      int slopes = 0;
      for (std::size_t k = 0; k < z.size(); ++k) {
        slopes += gradient[k] != 0;
        if (k % 37 != 0 && gradient[k] == 0) continue;
        const float was = z[k], step = 1e-3F;
        z[k] = was + step;
        const double above = ratio(z, from, to);
        z[k] = was - step;
        const double below = ratio(z, from, to);
        z[k] = was;
        // Where two logits change places there is no slope.
        const double here = ratio(z, from, to), width = static_cast<double>(step);
        if (std::abs((above - here) - (here - below)) > 0.01 * width) continue;
        CHECK(static_cast<double>(gradient[k]) ==
              Approx((above - below) / (2 * width)).margin(2e-3).epsilon(0.01));
      }
      CHECK(slopes >= 3);
      CHECK(slopes <= 5);
    }
  }
}
