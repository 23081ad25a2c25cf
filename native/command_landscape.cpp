// inoculate landscape: the loss around a network's weights, between two networks, around an image.
#include <algorithm>
#include <iostream>
#include <memory>
#include <optional>

#include "base/error.h"
#include "native/classifier.h"
#include "native/commands.h"
#include "native/file_options.h"
#include "native/files.h"
#include "native/image_options.h"
#include "native/landscape_run.h"
#include "native/output.h"
#include "native/png.h"
#include "native/preprocess_options.h"
#include "native/robustness_run.h"
#include "native/text.h"
#include "native/threat_options.h"

namespace inoculate {
namespace {

struct Options {
  std::vector<std::string> models;
  PreprocessOptions preprocess;
  ImageOptions images;
  std::string around = "weights";
  std::string between;
  int grid = 51;
  std::optional<double> range;
  std::optional<double> epsilon;
  std::string out;
};

// A grid with a middle, where the network or the image itself stands.
std::string refuse_even(const std::string& text) {
  const char last = text.empty() ? '0' : text.back();
  return (last - '0') % 2 == 0 ? "must be odd, so that the middle is a point of its own" : "";
}

void write_outputs(const Options& options, const Bytes& csv, const Canvas& picture) {
  if (options.out.empty()) return;
  write_file_atomically(options.out + ".csv", csv);
  write_file_atomically(options.out + ".png", write_png(picture));
}

// The same images for all: those of the first model.
void require_same_images(const ModelSpec& first, const ModelSpec& other) {
  if (first.input == other.input && first.classes == other.classes) return;
  throw Error(other.name + ": takes other images, or has other classes, than " + first.name +
              "; only models of the same images can stand side by side");
}

std::string images_text(int n) { return std::to_string(n) + (n == 1 ? " image" : " images"); }

// The least and the largest loss that is finite, and what the middle has.
Json summary(const std::string& name, const std::vector<double>& losses) {
  const auto [least, largest] = std::minmax_element(losses.begin(), losses.end());
  return {{"model", name},
          {"loss", losses[losses.size() / 2]},
          {"least_loss", *least},
          {"largest_loss", *largest}};
}

void print_summary(const Json& models) {
  std::vector<std::vector<std::string>> rows{{"model", "loss in the middle", "least", "largest"}};
  for (const Json& model : models) {
    rows.push_back({model.at("model").get<std::string>(), fixed(model.at("loss").get<double>(), 4),
                    fixed(model.at("least_loss").get<double>(), 4),
                    fixed(model.at("largest_loss").get<double>(), 4)});
  }
  print_table(std::cout, rows);
}

void around_weights(const Options& options, const CommonOptions& common, Progress& progress) {
  const ModelNotes said = notes_of(options.preprocess);
  std::vector<LandscapeModel> models;
  PictureRule rule;
  const std::vector<std::string> names = distinct_names(options.models);
  for (std::size_t i = 0; i < options.models.size(); ++i) {
    ModelNotes notes = said;
    models.push_back(load_landscape_model(options.models[i], &notes));
    models.back().name = names[i];
    if (i == 0) rule = notes.pictures();
    require_same_images(models[0].model->spec(), models[i].model->spec());
  }
  const LabelledImages images = load_labelled_images(options.images, models[0].model->spec(), rule);
  const WeightLandscapes result =
      weight_landscapes(models, images, options.grid, options.range, common.seed, progress);
  write_outputs(options, landscape_csv(result, names),
                landscape_picture(result, names,
                                  "Cross-entropy on " + images_text(result.n) +
                                      "; directions scaled filter by filter (Li et al. 2018), "
                                      "biases and normalisation left alone; seed " +
                                      std::to_string(common.seed)));
  Json json{{"around", "weights"}, {"n", result.n}, {"grid", result.side}, {"range", result.range}};
  for (std::size_t m = 0; m < names.size(); ++m) {
    std::vector<double> losses;
    for (const LossPoint& point : result.points[m]) losses.push_back(point.loss);
    json["models"].push_back(summary(names[m], losses));
    json["models"].back()["accuracy"] = result.points[m][losses.size() / 2].accuracy;
  }
  if (common.json) {
    print_object(json);
    return;
  }
  std::cout << result.side << " x " << result.side << " points from -" << number(result.range)
            << " to " << number(result.range) << ", " << images_text(result.n) << "\n\n";
  print_summary(json.at("models"));
}

void around_image(const Options& options, const CommonOptions& common, Progress& progress) {
  const ModelNotes said = notes_of(options.preprocess);
  std::vector<std::unique_ptr<Classifier>> models;
  std::vector<const Classifier*> pointers;
  PictureRule rule;
  for (const std::string& path : options.models) {
    ModelNotes notes = said;
    models.push_back(load_classifier(path, &notes));
    pointers.push_back(models.back().get());
    if (models.size() == 1) rule = notes.pictures();
    require_same_images(models[0]->spec(), models.back()->spec());
  }
  const ModelSpec& spec = models[0]->spec();
  ImageOptions one = options.images;
  one.count = {1, one.pictures.empty() ? std::optional<int>(1) : std::nullopt};
  const auto [data, image_names, prepared] = load_images(one, spec, rule);
  const int label =
      data.labels.empty() ? most_likely(models[0]->logits(data.images))[0] : data.labels[0];
  constexpr double kUsualEpsilon = 0.1;
  const double epsilon = options.epsilon.value_or(kUsualEpsilon);
  const double range = options.range.value_or(2 * epsilon);
  if (range == 0) throw UsageError("--epsilon 0 leaves no room to look at; give --range");
  const ImageLandscapes result = image_landscapes(pointers, data.images, label, options.grid, range,
                                                  epsilon, common.seed, progress);
  const std::vector<std::string> names = distinct_names(options.models);
  const std::string of =
      image_names[0] + (data.labels.empty() ? ", read as " : ", a ") + class_name(spec, label);
  write_outputs(options, landscape_csv(result, names, spec),
                landscape_picture(result, names, spec,
                                  of + "; the square on its tip holds what lies within epsilon " +
                                      number(epsilon) + " in L-inf; pixels clipped; seed " +
                                      std::to_string(common.seed)));
  Json json{{"around", "image"},   {"image", image_names[0]}, {"label", label},
            {"grid", result.side}, {"range", range},          {"epsilon", epsilon}};
  for (std::size_t m = 0; m < names.size(); ++m) {
    std::vector<double> losses;
    int within = 0, wrong = 0;
    for (std::size_t i = 0; i < result.points[m].size(); ++i) {
      const ImagePoint& point = result.points[m][i];
      losses.push_back(point.loss);
      const int at = static_cast<int>(i);
      const double away = std::abs(grid_coordinate(at % result.side, result.side, range)) +
                          std::abs(grid_coordinate(at / result.side, result.side, range));
      if (away > epsilon * (1 + 1e-9)) continue;
      ++within;
      wrong += point.label != label ? 1 : 0;
    }
    json["models"].push_back(summary(names[m], losses));
    json["models"].back()["points_within_epsilon"] = within;
    json["models"].back()["read_otherwise"] = wrong;
  }
  if (common.json) {
    print_object(json);
    return;
  }
  std::cout << of << "; " << result.side << " x " << result.side << " points from -"
            << number(range) << " to " << number(range) << "\n\n";
  print_summary(json.at("models"));
  for (const Json& model : json.at("models")) {
    std::cout << model.at("model").get<std::string>() << ": of "
              << model.at("points_within_epsilon").get<int>() << " points within epsilon "
              << number(epsilon) << ' ' << model.at("read_otherwise").get<int>()
              << " are read as another class\n";
  }
}

void on_the_line(const Options& options, const CommonOptions& common, Progress& progress) {
  const ModelNotes said = notes_of(options.preprocess);
  ModelNotes notes = said, other_notes = said;
  const LandscapeModel from = load_landscape_model(options.models[0], &notes);
  const LandscapeModel to = load_landscape_model(options.between, &other_notes);
  require_same_images(from.model->spec(), to.model->spec());
  const LabelledImages images =
      load_labelled_images(options.images, from.model->spec(), notes.pictures());
  const std::vector<LossPoint> points = losses_between(from, to, images, options.grid, progress);
  const std::vector<std::string> names = distinct_names({options.models[0], options.between});
  write_outputs(options, line_csv(points), line_picture(points, names[0], names[1]));
  const auto worst =
      std::max_element(points.begin(), points.end(),
                       [](const LossPoint& a, const LossPoint& b) { return a.loss < b.loss; });
  const double at =
      static_cast<double>(worst - points.begin()) / static_cast<double>(points.size() - 1);
  const Json json{{"between", names},
                  {"n", images.labels.size()},
                  {"loss", {points.front().loss, points.back().loss}},
                  {"accuracy", {points.front().accuracy, points.back().accuracy}},
                  {"largest_loss", worst->loss},
                  {"largest_loss_at", at},
                  {"accuracy_there", worst->accuracy}};
  if (common.json) {
    print_object(json);
    return;
  }
  std::cout << "loss " << fixed(points.front().loss, 4) << " (" << names[0] << ") to "
            << fixed(points.back().loss, 4) << " (" << names[1] << "), on "
            << images_text(static_cast<int>(images.labels.size())) << "\nlargest on the line "
            << fixed(worst->loss, 4) << " at " << number(at) << ", accuracy there "
            << percent(worst->accuracy) << '\n';
}

void landscape(const Options& options, const CommonOptions& common) {
  refuse_dash(options.out);
  if (!options.between.empty() && options.models.size() > 1) {
    throw UsageError("--between draws the line from one model; give one --model");
  }
  const bool weights = options.around == "weights";
  if (weights && !options.images.pictures.empty()) {
    throw UsageError("--picture is for --around image: a landscape of weights needs labels");
  }
  if (weights && options.epsilon) {
    throw UsageError("--epsilon is for --around image; weights have --range");
  }
  if (options.epsilon) require_linf_size("--epsilon", static_cast<float>(*options.epsilon));
  std::vector<FileOption> inputs = image_inputs(options.images), outputs;
  for (const std::string& path : options.models) {
    add_model_inputs(inputs, "--model", path, options.preprocess);
  }
  add_model_inputs(inputs, "--between", options.between, options.preprocess);
  for (const char* ending : {".csv", ".png"}) {
    if (!options.out.empty()) outputs.push_back({"--out", options.out + ending});
  }
  check_files(outputs, inputs);
  Progress progress(std::cerr, stderr_style());
  if (!options.between.empty()) {
    on_the_line(options, common, progress);
  } else if (weights) {
    around_weights(options, common, progress);
  } else {
    around_image(options, common, progress);
  }
}

}  // namespace

void add_landscape(Command app, CommonOptions& common) {
  auto options = std::make_shared<Options>();
  Command command = app.add_subcommand(
      "landscape", "The loss around a network's weights, between two networks, or around an image");
  command
      .add_option("--model", options->models,
                  std::string(kModelFiles) + "; several stand side by side, on one scale")
      .required()
      .expected(1, 4);
  Option around =
      command
          .add_option("--around", options->around,
                      "weights: over two random directions scaled filter by filter; image: over "
                      "the gradient's sign and random signs")
          .one_of({"weights", "image"})
          .show_default();
  command
      .add_option("--between", options->between,
                  "On the line from the model to this one, of the same architecture, instead")
      .excludes(around);
  command.add_option("--grid", options->grid, "Points along each direction, an odd number")
      .within(3, 1001)
      .check(refuse_even)
      .show_default();
  command
      .add_option("--range", options->range,
                  "How far to go in each direction: in lengths of the weights, where without it "
                  "the loss reaches that of guessing, or in pixels of 0..1, twice --epsilon")
      .number_within(1e-9, 1000);
  command
      .add_option("--epsilon", options->epsilon,
                  "The square to draw around an image, in pixels of 0..1; 0.1 if not given")
      .number_within(0, 1000);
  options->images.count.usual = 1000;
  add_image_options(command, options->images);
  Option picture =
      command.add_option("--picture", options->images.pictures,
                         "A picture to look around in, instead of the first of those images");
  picture.expected(1);
  for (const char* name : {"--data", "--split", "--start", "--count", "--images"}) {
    picture.excludes(command.get_option(name));
  }
  add_preprocess_options(command, options->preprocess);
  command.add_option("--out", options->out, "Write the landscape to this name with .csv and .png");
  add_common_options(command, common);
  command.callback([options, &common] { landscape(*options, common); });
}

}  // namespace inoculate
