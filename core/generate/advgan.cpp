#include "generate/advgan.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "attack/gradients.h"
#include "attack/margin.h"
#include "nn/adam.h"
#include "nn/graph/build.h"
#include "nn/graph/graph_network.h"

namespace inoculate {
namespace {

// A network with what Adam needs.
struct Trained {
  GraphNetwork network;
  GraphNetwork::Memory memory = {};
  FloatBuffer gradients;
  AdamState adam;

  explicit Trained(Graph graph)
      : network(std::move(graph)),
        gradients(network.parameters().size()),
        adam(network.parameters().size()) {}

  Eigen::Map<const Matrix> forward(const Matrix& inputs) {
    return {network.forward(inputs.data(), static_cast<int>(inputs.rows()), {}, memory),
            inputs.rows(), network.output_size()};
  }
  void step(float learning_rate) {
    adam_step(network.parameters(), gradients, adam, learning_rate);
  }
};

Graph discriminator_graph(int pixels, Rng& rng) {
  GraphBuilder graph({pixels});
  const int hidden = graph.leaky_relu(graph.dense(0, 256, rng), 0.2F);
  return graph.take(graph.dense(hidden, 1, rng));
}

// The cross-entropy of logits [N, 1] that should all say the same, summed; sets its gradient, times
// `scale`.
double judge(Matrix& d_logits, const Eigen::Map<const Matrix>& logits, bool real, float scale) {
  d_logits.resize(logits.rows(), 1);
  double loss = 0;
  for (Eigen::Index i = 0; i < logits.rows(); ++i) {
    const float logit = real ? logits(i, 0) : -logits(i, 0);
    const float small = std::exp(-std::abs(logit));
    loss += static_cast<double>(std::max(-logit, 0.0F) + std::log1p(small));
    const float missing = (logit < 0 ? 1 : small) / (1 + small);
    d_logits(i, 0) = (real ? -missing : missing) * scale;
  }
  return loss;
}

// The discriminator's step: images are real, adversaries are not. Returns its loss, summed.
double teach_discriminator(Trained& discriminator, const Matrix& images, const Matrix& adversaries,
                           float learning_rate) {
  const Eigen::Index n = images.rows();
  Matrix both(2 * n, images.cols()), d_real, d_made;
  both << images, adversaries;
  const Eigen::Map<const Matrix> logits = discriminator.forward(both);
  const float scale = 0.5F / static_cast<float>(n);
  const double loss = judge(d_real, {logits.data(), n, 1}, true, scale) +
                      judge(d_made, {logits.data() + n, n, 1}, false, scale);
  Matrix d_logits(2 * n, 1);
  d_logits << d_real, d_made;
  discriminator.network.backward(nullptr, discriminator.gradients, d_logits.data(),
                                 discriminator.memory);
  discriminator.step(learning_rate);
  return loss / 2;
}

// The gradient of a pixel's change from that of the adversary's pixel: clipping keeps it only where
// a step of descent leads back into the range.
float through_clip(float gradient, float pixel) {
  return (pixel <= 0 && gradient > 0) || (pixel >= 1 && gradient < 0) ? 0 : gradient;
}

}  // namespace

GeneratorSizes advgan_sizes(const Shape& image) {
  return {GeneratorKind::kAdvgan, image, {}, 0, {512, 512}};
}

std::optional<Generator> train_advgan(const GeneratorSizes& sizes, const Classifier& classifier,
                                      const ExampleSource& source, const AdvganOptions& options,
                                      const GeneratorTraining& training,
                                      const OnGeneratorStep& on_step) {
  constexpr std::uint64_t kWeightStream = 0, kDiscriminatorStream = 3;
  Rng weight_rng(training.seed, kWeightStream);
  Rng discriminator_rng(training.seed, kDiscriminatorStream);
  Generator made = first_generator(sizes, weight_rng);
  made.epsilon = options.epsilon;
  Trained generator(made.generator);
  Trained discriminator(discriminator_graph(sizes.image.size(), discriminator_rng));
  const int classes = classifier.spec().classes;

  const auto step = [&](const Matrix& images, const Labels& labels) -> GeneratorFigures {
    const Matrix adversaries =
        (images + options.epsilon * generator.forward(images)).cwiseMax(0.0F).cwiseMin(1.0F);
    const double discriminated =
        teach_discriminator(discriminator, images, adversaries, training.learning_rate);

    const float share = 1 / static_cast<float>(images.rows());
    Matrix d_adversaries, logits, d_logits;
    const auto margin_objective = [&](float* d, const float* z, int begin, int n) {
      for (int i = 0; i < n; ++i, d += classes, z += classes) {
        const int label = labels[static_cast<std::size_t>(begin + i)];
        const bool open = margin({}, z, classes, label, d) > -options.margin;
        for (int k = 0; k < classes; ++k) d[k] *= open ? share : 0;
      }
    };
    objective_gradients(d_adversaries, &logits, classifier, adversaries, margin_objective);
    judge(d_logits, discriminator.forward(adversaries), true, options.realism * share);
    Matrix d_seen(images.rows(), images.cols());
    discriminator.network.backward(d_seen.data(), {}, d_logits.data(), discriminator.memory);
    const Matrix d_changes =
        options.epsilon * (d_adversaries + d_seen).binaryExpr(adversaries, &through_clip);
    generator.network.backward(nullptr, generator.gradients, d_changes.data(), generator.memory);
    generator.step(training.learning_rate);

    const Labels read = most_likely(logits);
    int misread = 0;
    for (std::size_t i = 0; i < read.size(); ++i) misread += read[i] != labels[i];
    return {static_cast<double>(misread), discriminated};
  };
  if (!for_each_batch(source, training, step, on_step)) return {};
  made.generator = generator.network.graph();
  return made;
}

}  // namespace inoculate
