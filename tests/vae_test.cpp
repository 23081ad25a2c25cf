// The loss of a variational autoencoder and its gradient, against plain loops in double precision
// and their numerical derivatives; and that training learns.
#include "generate/vae.h"

#include <cmath>

#include "catch.h"
#include "generators.h"
#include "model/graph_function.h"
#include "random_data.h"
#include "threads.h"

using namespace inoculate;

namespace {

using Doubles = std::vector<double>;

Doubles parameters_of(const GraphNetwork& network) {
  return {network.parameters().begin(), network.parameters().end()};
}

// Dense layers with LeakyReLU of 0.1 between them; `parameters` are kernels [in, out] and biases.
// Networks lay them out with gaps, which are skipped as the graph says.
Doubles layers(Doubles x, const Graph& graph, const Doubles& parameters) {
  for (std::size_t layer = 0; layer + 1 < graph.weights.size(); layer += 2) {
    const Weight &kernel = graph.weights[layer], &bias = graph.weights[layer + 1];
    Doubles out(bias.size);
    for (std::size_t j = 0; j < out.size(); ++j) {
      out[j] = parameters[bias.offset + j];
      for (std::size_t i = 0; i < x.size(); ++i) {
        out[j] += x[i] * parameters[kernel.offset + i * out.size() + j];
      }
      if (layer + 2 < graph.weights.size() && out[j] < 0) out[j] *= 0.1;
    }
    x = std::move(out);
  }
  return x;
}

struct Case {
  Generator vae = random_generator(tiny_vae_sizes());
  VaeNetworks networks{vae};
  Matrix images, noise;

  explicit Case(int n) {
    RandomData random(2);
    images = random.images(n, kTinyImage.size());
    noise = Eigen::Map<const Matrix>(random.numbers(n * 3, -2, 2).data(), n, 3);
  }

  // The mean of both parts.
  std::pair<double, double> naive(const Doubles& encoder, const Doubles& decoder) const {
    double reconstruction = 0, divergence = 0;
    for (Eigen::Index i = 0; i < images.rows(); ++i) {
      Doubles x;
      for (Eigen::Index j = 0; j < images.cols(); ++j) x.push_back(double(images(i, j)));
      const Doubles code = layers(x, networks.encoder.graph(), encoder);
      Doubles z;
      for (std::size_t k = 0; k < 3; ++k) {
        const double mean = code[k], variance = std::exp(code[3 + k]);
        z.push_back(mean + std::sqrt(variance) * double(noise(i, Eigen::Index(k))));
        divergence += (mean * mean + variance - std::log(variance) - 1) / 2;
      }
      const Doubles logits = layers(z, networks.decoder.graph(), decoder);
      for (std::size_t j = 0; j < x.size(); ++j) {
        const double p = 1 / (1 + std::exp(-logits[j]));
        reconstruction -= x[j] * std::log(p) + (1 - x[j]) * std::log(1 - p);
      }
    }
    const auto n = static_cast<double>(images.rows());
    return {reconstruction / n, divergence / n};
  }
};

void check_gradient(const FloatBuffer& gradient, const GraphNetwork& network, Doubles parameters,
                    const std::function<double(const Doubles&)>& loss) {
  constexpr double kMove = 1e-6;
  for (const Weight& weight : network.graph().weights) {
    for (std::size_t i = weight.offset; i < weight.offset + weight.size; ++i) {
      const double at = parameters[i];
      parameters[i] = at + kMove;
      const double above = loss(parameters);
      parameters[i] = at - kMove;
      const double below = loss(parameters);
      parameters[i] = at;
      const double expected = (above - below) / (2 * kMove);
      if (std::abs(double(gradient[i]) - expected) > 1e-5 + 1e-4 * std::abs(expected)) {
        FAIL("parameter " << i << ": " << gradient[i] << ", not " << expected);
      }
    }
  }
}

// Bright or dark columns: two kinds of image, with a little noise.
Matrix stripes(int n) {
  RandomData random(5);
  Matrix images(n, kTinyImage.size());
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < kTinyImage.size(); ++j) {
      images(i, j) = (j % 3 == i % 2 ? 0.9F : 0.1F) + random.number(-0.1F, 0.1F);
    }
  }
  return images;
}

GeneratorTraining short_training(int epochs) {
  GeneratorTraining training;
  training.epochs = epochs;
  training.batch_size = 20;
  training.learning_rate = 0.01F;
  return training;
}

}  // namespace

TEST_CASE("the loss of a VAE and its gradients are those of plain loops") {
  Case c(5);
  FloatBuffer d_encoder(c.networks.encoder.parameters().size());
  FloatBuffer d_decoder(c.networks.decoder.parameters().size());
  const VaeLoss loss = vae_loss(c.networks, c.images, c.noise, d_encoder, d_decoder);
  const Doubles encoder = parameters_of(c.networks.encoder);
  const Doubles decoder = parameters_of(c.networks.decoder);
  const auto [reconstruction, divergence] = c.naive(encoder, decoder);
  CHECK(loss.reconstruction / 5 == Approx(reconstruction).epsilon(1e-5));
  CHECK(loss.divergence / 5 == Approx(divergence).epsilon(1e-5));
  const auto sum = [](const std::pair<double, double>& parts) {
    return parts.first + parts.second;
  };
  check_gradient(d_encoder, c.networks.encoder, encoder,
                 [&](const Doubles& moved) { return sum(c.naive(moved, decoder)); });
  check_gradient(d_decoder, c.networks.decoder, decoder,
                 [&](const Doubles& moved) { return sum(c.naive(encoder, moved)); });
}

TEST_CASE("a VAE learns what its images look like, by its seed and on any number of threads") {
  const Matrix images = stripes(200);
  const Labels labels(200);
  const auto train = [&](std::uint64_t seed) {
    GeneratorTraining training = short_training(40);
    training.seed = seed;
    return *train_vae(tiny_vae_sizes(), examples_of(images, labels), training);
  };
  const Generator vae = train(1);
  const Matrix blank = Matrix::Constant(200, kTinyImage.size(), images.mean());
  const float error = (reconstructed(vae, images) - images).squaredNorm();
  CHECK(error < 0.3F * (blank - images).squaredNorm());
  // What is sampled looks like one kind or the other: a column stands out.
  Rng rng(1);
  const Matrix samples = sampled(vae, 50, rng);
  CHECK(samples.minCoeff() >= 0);
  CHECK(samples.maxCoeff() <= 1);
  int striped = 0;
  for (Eigen::Index i = 0; i < samples.rows(); ++i) {
    const auto nearest = (images.rowwise() - samples.row(i)).rowwise().squaredNorm().minCoeff();
    striped += nearest < 0.5F;
  }
  CHECK(striped >= 40);

  const WithThreads one(1);
  const auto same = [](const Generator& a, const Generator& b) {
    const auto left = generator_file(a, {}).tensors, right = generator_file(b, {}).tensors;
    return std::equal(
        left.begin(), left.end(), right.begin(), right.end(),
        [](const NamedTensor& x, const NamedTensor& y) { return x.values == y.values; });
  };
  CHECK(same(train(1), vae));
  CHECK_FALSE(same(train(2), vae));
}

TEST_CASE("the training of a VAE tells how far it is, and gives nothing when it is ended") {
  const Matrix images = stripes(50);
  const Labels labels(50);
  std::vector<GeneratorProgress> seen;
  const auto train = [&](int until) {
    return train_vae(tiny_vae_sizes(), examples_of(images, labels), short_training(2),
                     [&](const GeneratorProgress& p) {
                       seen.push_back(p);
                       return static_cast<int>(seen.size()) < until;
                     });
  };
  CHECK(train(100).has_value());
  REQUIRE(seen.size() == 6);
  CHECK(seen[2].epoch_ended());
  CHECK(seen[3].epoch == 2);
  CHECK(seen[5].epochs == 2);
  CHECK(seen[0].means[0] > 0);
  seen.clear();
  CHECK_FALSE(train(3).has_value());
  CHECK(seen.size() == 3);
}
