// Graphs built by code, against plain loops in double precision.
#include <cmath>

#include "catch.h"
#include "model/graph_function.h"
#include "nn/graph/build.h"
#include "random_data.h"

using namespace inoculate;

namespace {

using Doubles = std::vector<double>;

// in [in] times kernel [in, out], and a bias.
Doubles dense(const Doubles& in, const std::vector<float>& kernel, const std::vector<float>& bias) {
  Doubles out(bias.begin(), bias.end());
  for (std::size_t i = 0; i < in.size(); ++i) {
    for (std::size_t j = 0; j < out.size(); ++j) {
      out[j] += in[i] * static_cast<double>(kernel[i * out.size() + j]);
    }
  }
  return out;
}

template <class F>
Doubles mapped(Doubles values, F&& function) {
  for (double& value : values) value = function(value);
  return values;
}

}  // namespace

TEST_CASE("a graph built by code gives what its operators say, one after the other") {
  RandomData random(1);
  const auto k1 = random.numbers(12 * 7), b1 = random.numbers(7);
  const auto k2 = random.numbers(7 * 9), b2 = random.numbers(9);
  const auto k3 = random.numbers(9 * 5), b3 = random.numbers(5);
  const auto k4 = random.numbers(5 * 3), b4 = random.numbers(3);
  GraphBuilder graph({2, 3, 2});
  int last = graph.leaky_relu(graph.dense(graph.flatten(0), k1, b1), 0.1F);
  CHECK(graph.shape(last) == Extents{7});
  last = graph.relu(graph.dense(last, k2, b2));
  last = graph.tanh(graph.dense(last, k3, b3));
  last = graph.sigmoid(graph.dense(last, k4, b4));
  const Graph built = graph.take(last);
  CHECK(built.nodes[2].name == "dense1");
  CHECK(built.nodes[4].name == "dense2");

  const Matrix images = random.images(5, 12);
  const Matrix given = GraphFunction(built, "built")(images);
  REQUIRE(given.cols() == 3);
  for (Eigen::Index i = 0; i < images.rows(); ++i) {
    Doubles x;
    for (Eigen::Index j = 0; j < 12; ++j) x.push_back(static_cast<double>(images(i, j)));
    x = mapped(dense(x, k1, b1), [](double v) { return v < 0 ? 0.1 * v : v; });
    x = mapped(dense(x, k2, b2), [](double v) { return std::max(v, 0.0); });
    x = mapped(dense(x, k3, b3), [](double v) { return std::tanh(v); });
    x = mapped(dense(x, k4, b4), [](double v) { return 1 / (1 + std::exp(-v)); });
    for (Eigen::Index j = 0; j < 3; ++j) {
      CHECK(static_cast<double>(given(i, j)) ==
            Approx(x[static_cast<std::size_t>(j)]).margin(1e-6));
    }
  }
}

TEST_CASE("first numbers are drawn as Glorot and He have them, and follow from the seed") {
  constexpr int kIn = 300, kOut = 200;
  const auto numbers = [](Initial initial, std::uint64_t seed) {
    Rng rng(seed);
    GraphBuilder graph({kIn});
    const Graph built = graph.take(graph.dense(0, kOut, rng, initial));
    REQUIRE(built.weights.size() == 2);
    for (int i = 0; i < kOut; ++i) REQUIRE(built.weight(1)[i] == 0);
    return std::vector<float>(built.weight(0), built.weight(0) + kIn * kOut);
  };
  const auto moments = [](const std::vector<float>& values) {
    double mean = 0, square = 0;
    for (const float value : values) {
      mean += static_cast<double>(value) / (kIn * kOut);
      square += static_cast<double>(value) * static_cast<double>(value) / (kIn * kOut);
    }
    return std::pair(mean, square);
  };
  const double limit = std::sqrt(6.0 / (kIn + kOut));
  const auto glorot = numbers(Initial::kGlorot, 1);
  CHECK(static_cast<double>(*std::max_element(glorot.begin(), glorot.end())) <= limit);
  CHECK(static_cast<double>(*std::max_element(glorot.begin(), glorot.end())) > 0.99 * limit);
  CHECK(moments(glorot).first == Approx(0).margin(0.01 * limit));
  CHECK(moments(glorot).second == Approx(limit * limit / 3).epsilon(0.02));
  const auto he = numbers(Initial::kHe, 1);
  CHECK(moments(he).second == Approx(2.0 / kIn).epsilon(0.03));
  CHECK(numbers(Initial::kHe, 1) == he);
  CHECK(numbers(Initial::kHe, 2) != he);
}
