#include "generate/vae.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/parallel.h"
#include "model/graph_function.h"
#include "nn/adam.h"

namespace inoculate {
namespace {

Graph without_last(Graph graph) {
  graph.output = graph.nodes.back().inputs[0];
  graph.nodes.pop_back();
  return graph;
}

// Operators without numbers make no difference to where the numbers lie.
void set_numbers(Graph& graph, const Graph& from) {
  graph.weights = from.weights;
  graph.values = from.values;
}

void fill_normal(Matrix& matrix, Rng& rng) {
  for (Eigen::Index i = 0; i < matrix.size(); ++i) {
    matrix.data()[i] = static_cast<float>(rng.normal());
  }
}

double sum(const std::vector<double>& parts) {
  return std::accumulate(parts.begin(), parts.end(), 0.0);
}

}  // namespace

GeneratorSizes vae_sizes(const Shape& image, int latent) {
  return {GeneratorKind::kVae, image, {500}, latent, {500, 500}};
}

VaeNetworks::VaeNetworks(const Generator& vae)
    : encoder(vae.encoder), decoder(without_last(vae.generator)) {}

VaeLoss vae_loss(VaeNetworks& networks, const Matrix& images, const Matrix& noise,
                 std::span<float> d_encoder, std::span<float> d_decoder) {
  const auto n = static_cast<int>(images.rows());
  const Eigen::Index latent = noise.cols(), pixels = images.cols();
  const float share = 1 / static_cast<float>(n);
  const Eigen::Map<const Matrix> code(
      networks.encoder.forward(images.data(), n, {}, networks.encoder_memory), n, 2 * latent);
  const auto mean = code.leftCols(latent).array(), log_variance = code.rightCols(latent).array();
  const Matrix deviation = (0.5F * log_variance).exp();
  const Matrix z = mean + deviation.array() * noise.array();
  const float* logits = networks.decoder.forward(z.data(), n, {}, networks.decoder_memory);

  Matrix d_logits(n, pixels);
  std::vector<double> reconstruction(static_cast<std::size_t>(n));
  parallel_for(n, [&](int i) {
    const float *row = logits + i * pixels, *image = images.row(i).data();
    float* d = d_logits.row(i).data();
    double loss = 0;
    for (Eigen::Index j = 0; j < pixels; ++j) {
      const float small = std::exp(-std::abs(row[j]));
      loss += static_cast<double>(std::max(row[j], 0.0F) - row[j] * image[j] + std::log1p(small));
      const float probability = (row[j] < 0 ? small : 1) / (1 + small);
      d[j] = (probability - image[j]) * share;
    }
    reconstruction[static_cast<std::size_t>(i)] = loss;
  });

  Matrix d_z(n, latent), d_code(n, 2 * latent);
  networks.decoder.backward(d_z.data(), d_decoder, d_logits.data(), networks.decoder_memory);
  const Matrix variance = deviation.array().square();
  d_code.leftCols(latent) = d_z.array() + share * mean;
  d_code.rightCols(latent) =
      0.5F * (d_z.array() * deviation.array() * noise.array() + share * (variance.array() - 1));
  networks.encoder.backward(nullptr, d_encoder, d_code.data(), networks.encoder_memory);
  const double divergence =
      0.5 * (mean.square() + variance.array() - log_variance - 1).cast<double>().sum();
  return {sum(reconstruction), divergence};
}

std::optional<Generator> train_vae(const GeneratorSizes& sizes, const ExampleSource& source,
                                   const GeneratorTraining& training,
                                   const OnGeneratorStep& on_step) {
  constexpr std::uint64_t kWeightStream = 0, kNoiseStream = 2;
  Rng weight_rng(training.seed, kWeightStream), noise_rng(training.seed, kNoiseStream);
  Generator vae = first_generator(sizes, weight_rng);
  VaeNetworks networks(vae);
  const std::size_t of_encoder = networks.encoder.parameters().size();
  const std::size_t of_decoder = networks.decoder.parameters().size();
  FloatBuffer d_encoder(of_encoder), d_decoder(of_decoder);
  AdamState encoder_adam(of_encoder), decoder_adam(of_decoder);
  Matrix noise;
  const auto step = [&](const Matrix& images, const Labels&) -> GeneratorFigures {
    noise.resize(images.rows(), sizes.latent);
    fill_normal(noise, noise_rng);
    const VaeLoss loss = vae_loss(networks, images, noise, d_encoder, d_decoder);
    adam_step(networks.encoder.parameters(), d_encoder, encoder_adam, training.learning_rate);
    adam_step(networks.decoder.parameters(), d_decoder, decoder_adam, training.learning_rate);
    return {loss.reconstruction, loss.divergence};
  };
  if (!for_each_batch(source, training, step, on_step)) return {};
  set_numbers(vae.encoder, networks.encoder.graph());
  set_numbers(vae.generator, networks.decoder.graph());
  return vae;
}

Matrix reconstructed(const Generator& vae, ConstMatrixRef images) {
  const Matrix code = GraphFunction(vae.encoder, vae.name)(images);
  return GraphFunction(vae.generator, vae.name)(code.leftCols(vae.sizes.latent));
}

Matrix sampled(const Generator& vae, int n, Rng& rng) {
  Matrix z(n, vae.sizes.latent);
  fill_normal(z, rng);
  return GraphFunction(vae.generator, vae.name)(z);
}

}  // namespace inoculate
