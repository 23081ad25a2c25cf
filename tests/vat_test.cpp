// Virtual adversarial training: the direction that the power method finds, the gradient of the
// loss, and what its passes leave alone; and how labels are shared out.
#include "train/vat.h"

#include <cmath>
#include <functional>
#include <set>

#include "catch.h"
#include "compare.h"
#include "model/network_graph.h"
#include "nn/architecture.h"
#include "onnx_builder.h"
#include "random_data.h"
#include "refusal_of.h"
#include "threads.h"
#include "train/semi_supervised.h"

using namespace inoculate;

namespace {

using Vector = Eigen::VectorXd;

Vector softmax_of(const Vector& logits) {
  const Vector e = (logits.array() - logits.maxCoeff()).exp();
  return e / e.sum();
}

Eigen::MatrixXd logits_of(GraphNetwork& network, const Matrix& images, std::uint64_t masks) {
  GraphNetwork::Memory memory;
  const float* logits = network.forward(images.data(), static_cast<int>(images.rows()),
                                        {.update_statistics = false, .masks = masks}, memory);
  return Eigen::Map<const Matrix>(logits, images.rows(), network.output_size()).cast<double>();
}

double divergence(const Eigen::MatrixXd& a, const Eigen::MatrixXd& b) {
  double sum = 0;
  for (Eigen::Index i = 0; i < a.rows(); ++i) {
    const Vector p = softmax_of(a.row(i).transpose()), q = softmax_of(b.row(i).transpose());
    for (Eigen::Index k = 0; k < p.size(); ++k) sum += p[k] * std::log(p[k] / q[k]);
  }
  return sum / static_cast<double>(a.rows());
}

double entropy(const Eigen::MatrixXd& a) {
  double sum = 0;
  for (Eigen::Index i = 0; i < a.rows(); ++i) {
    const Vector p = softmax_of(a.row(i).transpose());
    for (Eigen::Index k = 0; k < p.size(); ++k) sum -= p[k] * std::log(p[k]);
  }
  return sum / static_cast<double>(a.rows());
}

// Two layers with a smooth function between them, batch normalisation and dropout.
Graph small_graph() {
  OnnxBuilder net({6});
  const auto dense = [&](const std::string& x, std::int64_t in, std::int64_t out) {
    return net.add("Gemm", {x, net.weight({in, out}), net.weight({out})});
  };
  const std::string x =
      net.add("BatchNormalization", {dense("image", 6, 8), net.weight({8}, 0.5F), net.weight({8}),
                                     net.weight({8}), net.weight({8}, 0.5F)});
  dense(net.add("Dropout", {net.add("Tanh", {x}), net.constant(floats({}, {0.25F}))}), 8, 4);
  return net.graph();
}

}  // namespace

TEST_CASE("vat: one step of the power method, of a network that is linear") {
  OnnxBuilder net({5});
  net.add("Gemm", {"image", net.weight({5, 3}), net.weight({3})});
  GraphNetwork network(net.graph());
  Eigen::Map<const Matrix> kernel(network.parameters().data(), 5, 3);
  const Eigen::MatrixXd w = kernel.cast<double>();
  const Matrix images = RandomData(1).images(7, 5);
  const Eigen::MatrixXd logits = logits_of(network, images, 0);
  for (const int iterations : {1, 2, 30}) {
    VatOptions options;
    options.iterations = iterations;
    options.epsilon = 0.7F;
    options.xi = 0.01F;
    Rng rng(9), same(9);
    const Matrix r = Vat(network).perturbations(images, options, 0, rng);
    for (Eigen::Index i = 0; i < images.rows(); ++i) {
      // Of KL(p || p(x + r)) by r, the second derivatives are W (diag(p) - p p^T) W^T.
      const Vector p = softmax_of(logits.row(i).transpose());
      const Eigen::MatrixXd inner = Eigen::MatrixXd(p.asDiagonal()) - p * p.transpose();
      Vector d(5);
      for (double& value : d) value = same.normal();
      for (int step = 0; step < iterations; ++step)
        d = (w * inner * w.transpose() * d).normalized();
      const Vector found = r.row(i).transpose().cast<double>();
      CHECK(found.norm() == Approx(0.7).epsilon(1e-5));
      CHECK(std::abs(found.normalized().dot(d)) > 0.9995);
    }
  }
}

TEST_CASE("vat: the gradient of the loss, the perturbation and p(x) being constants") {
  GraphNetwork network(small_graph());
  RandomData random(2);
  const Matrix images = random.images(5, 6);
  for (const bool with_entropy : {false, true}) {
    VatOptions options;
    options.weight = 0.8F;
    options.minimise_entropy = with_entropy;
    const std::vector<float> statistics(network.statistics().begin(), network.statistics().end());
    Rng rng(3), same(3);
    FloatBuffer d(network.parameters().size(), 2.0F);  // to which it adds
    const VatLoss loss = Vat(network).add_gradient(d, images, options, 77, rng);
    CHECK(std::equal(statistics.begin(), statistics.end(), network.statistics().begin()));
    const Matrix moved = images + Vat(network).perturbations(images, options, 77, same);
    const Eigen::MatrixXd answers = logits_of(network, images, 77);
    CHECK(loss.divergence == Approx(divergence(answers, logits_of(network, moved, 77))));
    CHECK(loss.entropy == Approx(with_entropy ? entropy(answers) : 0.0));
    const auto loss_now = [&] {
      return 0.8 * divergence(answers, logits_of(network, moved, 77)) +
             (with_entropy ? entropy(logits_of(network, images, 77)) : 0);
    };
    std::vector<double> expected;
    for (std::size_t i = 0; i < d.size(); ++i) {
      const float kept = network.parameters()[i];
      network.parameters()[i] = kept + 2e-3F;
      const double up = loss_now();
      network.parameters()[i] = kept - 2e-3F;
      const double down = loss_now();
      network.parameters()[i] = kept;
      expected.push_back((up - down) / 4e-3 + 2);
    }
    CHECK(largest_difference(d, expected) < 2e-3 * largest_magnitude(expected));
  }
}

TEST_CASE("vat: both passes have the same dropout masks") {
  GraphNetwork network(small_graph());
  const Matrix images = RandomData(4).images(5, 6);
  VatOptions options;
  options.epsilon = 1e-4F;
  Rng rng(1);
  FloatBuffer d(network.parameters().size());
  CHECK(Vat(network).add_gradient(d, images, options, 5, rng).divergence < 1e-6);
}

TEST_CASE("vat: labels are shared out evenly, and nobody else sees the others") {
  Labels labels;
  for (int i = 0; i < 600; ++i) labels.push_back(i % 3);
  const LabelSplit split = split_labels(labels, 3, 30, 50, 4);
  CHECK(split.validation.size() == 50);
  CHECK(split.unlabelled.size() == 550);
  std::vector<int> count(3);
  for (const std::int32_t i : split.labelled) ++count[static_cast<std::size_t>(i % 3)];
  CHECK(count == std::vector<int>{10, 10, 10});
  std::set<std::int32_t> all(split.unlabelled.begin(), split.unlabelled.end());
  for (const std::int32_t i : split.labelled) CHECK(all.contains(i));
  for (const std::int32_t i : split.validation) CHECK(all.insert(i).second);
  CHECK(all.size() == 600);
  CHECK(split_labels(labels, 3, 30, 50, 4).labelled == split.labelled);
  CHECK(split_labels(labels, 3, 30, 50, 5).labelled != split.labelled);
  CHECK(refusal_of([&] { split_labels(labels, 3, 31, 50, 4); }).find("multiple") !=
        std::string::npos);
  CHECK(refusal_of([&] { split_labels(labels, 3, 30, 571, 4); }).find("too few") !=
        std::string::npos);
  CHECK(refusal_of([&] { split_labels(labels, 3, 603, 1, 4); }).find("too few") !=
        std::string::npos);
}

TEST_CASE("vat: training learns from what has no label, the same on any number of threads") {
  // Two classes in two dimensions of 784, of which four images have a label.
  Dataset dataset;
  RandomData random(6);
  for (int i = 0; i < 400; ++i) {
    for (int p = 0; p < 784; ++p) {
      const int level = p == 300 + 200 * (i % 2) ? 200 : 20;
      dataset.pixels.push_back(static_cast<std::uint8_t>(level + random.below(40)));
    }
    dataset.labels.push_back(i % 2);
  }
  const LabelSplit split = split_labels(dataset.labels, 2, 4, 10, 1);
  const auto trained = [&](bool vat) {
    Network network(
        Architecture{"two",
                     {28, 28, 1},
                     {DenseSpec{"a", 16}, BatchNormSpec{"b"}, ReluSpec{}, DenseSpec{"c", 2}}});
    Rng rng(1);
    network.initialize(rng);
    GraphNetwork graph = graph_network_of(network);
    SemiSupervisedOptions options;
    options.updates = 60;
    if (!vat) options.vat.reset();
    int steps = 0;
    CHECK(train_semi_supervised(graph, dataset, split, options, [&](const SemiSupervisedStep& s) {
      CHECK(s.updates == ++steps);
      CHECK((s.vat.divergence > 0) == vat);
      return true;
    }));
    set_weights(network, graph);
    CHECK(largest_difference(network.parameters(), graph.parameters()) == 0);
    return std::vector<float>(graph.parameters().begin(), graph.parameters().end());
  };
  const WithThreads one(1);
  const std::vector<float> with = trained(true);
  CHECK(trained(false) != with);
  const WithThreads two(2);
  CHECK(trained(true) == with);
}

TEST_CASE("vat: a network of ours and its graph give the same") {
  for (const std::string& name : architecture_names()) {
    INFO(name);
    Network network(*find_architecture(name));
    Rng rng(2);
    network.initialize(rng);
    GraphNetwork graph = graph_network_of(network);
    const Matrix images = RandomData(8).images(4, network.input_size());
    Rng dropout(1);
    Cache cache;
    const float* expected = network.forward_training(images.data(), 4, dropout, cache);
    if (name == "simple_cnn") continue;  // drops
    GraphNetwork::Memory memory;
    const float* logits = graph.forward(images.data(), 4, {}, memory);
    CHECK(relative_difference(std::vector<float>(logits, logits + 40),
                              std::vector<float>(expected, expected + 40)) < 1e-5);
  }
}
