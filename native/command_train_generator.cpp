// inoculate train-generator: a variational autoencoder to purify images by, or a generator of
// adversaries.
#include <algorithm>
#include <iostream>
#include <memory>
#include <optional>

#include "attack/generated.h"
#include "attack/stored.h"
#include "base/error.h"
#include "generate/advgan.h"
#include "generate/vae.h"
#include "native/classifier.h"
#include "native/commands.h"
#include "native/data_warnings.h"
#include "native/file_options.h"
#include "native/files.h"
#include "native/interrupt.h"
#include "native/mnist.h"
#include "native/output.h"
#include "native/png.h"
#include "native/progress.h"
#include "native/rescue.h"
#include "native/shell.h"
#include "native/text.h"
#include "pictures/image_rows.h"

namespace inoculate {
namespace {

struct Options {
  std::string kind = "vae";
  std::string data;
  GeneratorTraining training;
  int latent = 20;
  std::string against;
  AdvganOptions advgan;
  std::string out;
  std::string sheet;

  bool is_vae() const { return kind == "vae"; }
};

// Runs a training with progress on stderr; `names` say what its figures are.
template <class Train>
Generator run(const Options& options, const std::array<const char*, 2>& names, Train&& train) {
  Progress progress(std::cerr, stderr_style());
  bool begun = false;
  const std::optional<Generator> made = train([&](const GeneratorProgress& p) {
    if (!begun) progress.begin("epoch " + std::to_string(p.epoch) + "/" + std::to_string(p.epochs));
    begun = !p.epoch_ended();
    progress.step(p.step, p.steps);
    if (p.epoch_ended()) {
      progress.done(std::string(names[0]) + " " + fixed(p.means[0], 3) + ", " + names[1] + " " +
                    fixed(p.means[1], 3));
    }
    return !InterruptGuard::interrupted();
  });
  progress.pause();
  if (!made) throw Interrupted("interrupted; nothing was written");
  Generator generator = *made;
  generator.name = options.out;
  return generator;
}

CommandLine making_command(const Options& options, std::uint64_t seed) {
  CommandLine line("inoculate", "train-generator");
  line.option("--kind", options.kind);
  if (options.is_vae()) line.option("--latent", std::to_string(options.latent));
  if (!options.is_vae()) {
    line.option("--against", options.against)
        .option("--epsilon", exact(options.advgan.epsilon))
        .option("--margin", exact(options.advgan.margin))
        .option("--realism", exact(options.advgan.realism));
  }
  return line.option("--epochs", std::to_string(options.training.epochs))
      .option("--batch-size", std::to_string(options.training.batch_size))
      .option("--learning-rate", exact(options.training.learning_rate))
      .option("--seed", std::to_string(seed));
}

void save(const Options& options, const Generator& generator, std::uint64_t seed) {
  const std::string command = making_command(options, seed).text();
  const Kept kept = write_or_rescue(
      options.out, write_safetensors(generator_file(generator, {{"trained_by", command}})));
  if (kept.trouble.empty()) return;
  throw Error(kept.trouble + (kept.path.empty()
                                  ? "; when that is mended, make it again by: " + command
                                  : "; the generator is kept in " + kept.path.string()));
}

std::vector<GreyImage> grey_images(ConstMatrixRef images, const Shape& shape) {
  std::vector<GreyImage> grey;
  for (Eigen::Index i = 0; i < images.rows(); ++i) {
    const Matrix pixels = images.row(i);
    grey.push_back(
        {shape.w, shape.h, to_levels(pixels.data(), static_cast<std::size_t>(shape.size()))});
  }
  return grey;
}

void save_sheet(const Options& options, const Generator& vae, ConstMatrixRef images,
                std::uint64_t seed) {
  constexpr int kColumns = 10, kSampleRows = 5;
  constexpr std::uint64_t kSampleStream = 4;
  const Shape& shape = vae.sizes.image;
  const Matrix some = images.topRows(std::min<Eigen::Index>(kColumns, images.rows()));
  std::vector<ImageRow> rows{{"Test images", grey_images(some, shape)},
                             {"Reconstructed", grey_images(reconstructed(vae, some), shape)}};
  Rng rng(seed, kSampleStream);
  for (int row = 0; row < kSampleRows; ++row) {
    rows.push_back({row == 0 ? "Sampled" : "", grey_images(sampled(vae, kColumns, rng), shape)});
  }
  write_file_atomically(
      options.sheet,
      write_png(draw_image_rows("What a variational autoencoder makes", rows,
                                "Sampled: images of latent vectors drawn from their prior. " +
                                    making_command(options, seed).text())));
}

void tell_vae(const Options& options, const Generator& vae, const LabelledImages& test,
              bool as_json) {
  const Matrix difference = reconstructed(vae, test.images) - test.images;
  const Eigen::VectorXd squared = difference.cast<double>().rowwise().squaredNorm();
  const double mean_squared = squared.mean() / static_cast<double>(test.images.cols());
  const double mean_l2 = squared.cwiseSqrt().mean();
  if (as_json) {
    print_object({{"out", options.out},
                  {"kind", options.kind},
                  {"n", test.labels.size()},
                  {"mean_squared_error", mean_squared},
                  {"mean_l2", mean_l2}});
    return;
  }
  std::cout << "reconstruction of " << test.labels.size()
            << " test images: mean squared error of a pixel " << fixed(mean_squared, 5)
            << ", L2 distance " << fixed(mean_l2, 3) << " in the mean\ngenerator  " << options.out
            << '\n';
}

void tell_advgan(const Options& options, const Generator& made, const Classifier& model,
                 const LabelledImages& test, bool as_json) {
  ThreatModel threat;
  threat.epsilon = made.epsilon;
  const Labels read = most_likely(model.logits(test.images));
  const AttackResult result =
      generated({model, test.images, test.labels, threat, {}}, {made.generator, made.name});
  int right = 0, fooled = 0;
  for (std::size_t i = 0; i < read.size(); ++i) {
    if (read[i] != test.labels[i]) continue;
    ++right;
    fooled += result.success[i];
  }
  if (as_json) {
    print_object({{"out", options.out},
                  {"kind", options.kind},
                  {"n", test.labels.size()},
                  {"epsilon", made.epsilon},
                  {"read_rightly", right},
                  {"fooled", fooled}});
    return;
  }
  std::cout << "of " << right << " test images that the model reads rightly it fools " << fooled;
  if (right > 0) std::cout << ": " << share_text(fooled, right);
  std::cout << "\ngenerator  " << options.out << '\n';
}

// What options of the other kind were given.
void require_heeded(Command command, const Options& options) {
  const std::vector<const char*> others =
      options.is_vae() ? std::vector{"--against", "--epsilon", "--margin", "--realism"}
                       : std::vector{"--latent", "--sheet"};
  for (const char* name : others) {
    if (command.get_option(name).given()) {
      throw UsageError(std::string(name) + " means nothing to --kind " + options.kind);
    }
  }
  if (!options.is_vae() && options.against.empty()) {
    throw UsageError("--against is required for --kind advgan: the model to be fooled");
  }
}

void train(const Options& options, const CommonOptions& common) {
  const InterruptGuard guard;  // up to the end, so that what is finished is written
  const auto folder = find_data(options.data);
  std::vector<FileOption> inputs = data_inputs(folder, {Split::kTrain, Split::kTest});
  inputs.push_back({"--against", options.against});
  require_ending(options.out, ".safetensors");
  check_files({{"--out", options.out}, {"--sheet", options.sheet}}, inputs);
  std::unique_ptr<Classifier> model;
  DataForm form;
  if (!options.is_vae()) {
    model = load_classifier(options.against);
    if (model->spec().gives != Knowledge::kGradients) {
      throw Error(options.against + ": gives no gradients, by which a generator learns");
    }
    form = {model->spec().input, model->spec().classes};
  }
  const Dataset images = load_split(folder, Split::kTrain, form);
  const LabelledImages test = all_images(load_split(folder, Split::kTest, form));
  warn_of_training_data(images);
  const ExampleSource source = examples_of(images);
  GeneratorTraining training = options.training;
  training.seed = common.seed;
  if (options.is_vae()) {
    const Generator vae =
        run(options, {"reconstruction", "divergence"}, [&](const OnGeneratorStep& on_step) {
          return train_vae(vae_sizes(images.shape, options.latent), source, training, on_step);
        });
    save(options, vae, common.seed);
    if (!options.sheet.empty()) save_sheet(options, vae, test.images, common.seed);
    tell_vae(options, vae, test, common.json);
    return;
  }
  const Generator made =
      run(options, {"misread", "discriminator"}, [&](const OnGeneratorStep& on_step) {
        return train_advgan(advgan_sizes(images.shape), *model, source, options.advgan, training,
                            on_step);
      });
  save(options, made, common.seed);
  tell_advgan(options, made, *model, test, common.json);
}

}  // namespace

void add_train_generator(Command app, CommonOptions& common) {
  auto options = std::make_shared<Options>();
  Command command = app.add_subcommand(
      "train-generator", "Train a network that makes images (vae) or perturbations (advgan)");
  command
      .add_option("--kind", options->kind,
                  "vae: a variational autoencoder, for --purify; advgan: a generator of "
                  "adversaries, for attack generator")
      .one_of({"vae", "advgan"})
      .show_default();
  add_data_option(command, options->data);
  command.add_option("--epochs", options->training.epochs, "Passes over the training images")
      .within(1, 100000)
      .show_default();
  command.add_option("--batch-size", options->training.batch_size, "Images of one optimiser step")
      .within(1, 65536)
      .show_default();
  command.add_option("--learning-rate", options->training.learning_rate, "Adam's step size")
      .number_within(1e-9, 1e3)
      .show_default();
  command.add_option("--latent", options->latent, "vae: numbers of the latent vector")
      .within(1, 1000)
      .show_default();
  command.add_option("--against", options->against,
                     std::string("advgan: the model to be fooled. ") + kModelFiles);
  command
      .add_option("--epsilon", options->advgan.epsilon,
                  "advgan: largest change of a pixel, in pixels of 0..1")
      .number_within(1e-6, 1)
      .show_default();
  command
      .add_option("--margin", options->advgan.margin,
                  "advgan: by how much a wrong class's logit is to be the largest")
      .number_within(0, 1000)
      .show_default();
  command
      .add_option("--realism", options->advgan.realism,
                  "advgan: weight of the discriminator's judgement")
      .number_within(0, 1000)
      .show_default();
  command.add_option("--out", options->out, "Where to write the generator (.safetensors)")
      .required();
  command.add_option("--sheet", options->sheet,
                     "vae: draw reconstructions and samples to this PNG");
  add_common_options(command, common);
  command.callback([command, options, &common] {
    require_heeded(command, *options);
    train(*options, common);
  });
}

}  // namespace inoculate
